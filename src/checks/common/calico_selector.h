// Calico's selector language, as its policies select endpoints and namespaces (projectcalico's libcalico-go,
// lib/selector).
#pragma once

#include <functional>
#include <optional>
#include <string_view>

namespace seaworthy::checks {

// The value of a label; nullopt: the endpoint has none of that key.
using LabelLookup = std::function<std::optional<std::string_view>(std::string_view)>;

// Whether the selector matches; nullopt where it cannot be read. An empty one and all() match everything, global()
// nothing that is in a namespace.
std::optional<bool> MatchesCalico(std::string_view selector, const LabelLookup& label);

}  // namespace seaworthy::checks
