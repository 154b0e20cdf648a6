// Kubernetes quantities ("100m", "1.5Gi", "2e3"): apimachinery's resource.Quantity, reduced to what an audit asks for,
// its integer value.
//
// Never allocates, never recurses, reads any bytes. Two differences to upstream: what it caps at 2^63-1 ("9Ei") is
// refused here, as such a number is a mistake and not an amount, and so is a suffix without a number, which it reads as
// 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace seaworthy::cache {

// Quantity.Value(): in units, rounded away from zero. nullopt for what does not parse or does not fit.
std::optional<std::int64_t> QuantityValue(std::string_view text);

// Quantity.MilliValue(): in thousandths, rounded away from zero.
std::optional<std::int64_t> QuantityMilliValue(std::string_view text);

}  // namespace seaworthy::cache
