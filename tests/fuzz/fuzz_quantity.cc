// Quantities: whatever is read agrees with floating point as far as that goes, and both readings with each other.
#include <cmath>

#include "cache/quantity.h"
#include "fuzz/fuzz.h"

namespace seaworthy {
namespace {

std::int64_t RoundedUp(std::int64_t milli) { return milli / 1000 + (milli % 1000 > 0 ? 1 : milli % 1000 < 0 ? -1 : 0); }

// The amount, roughly; NaN where this plain reading is not enough.
long double Roughly(const std::string& text) {
  const std::size_t digits = text.find_first_not_of("+-0123456789.");
  const std::string number = text.substr(0, digits), suffix = digits == std::string::npos ? "" : text.substr(digits);
  const long double value = std::strtold(number.c_str(), nullptr);
  constexpr std::string_view kDecimal = "num kMGTPE", kBinary = "KMGTPE";
  if (suffix.empty()) return value;
  if (suffix.size() == 2 && suffix[1] == 'i')
    return std::ldexp(value, 10 * (static_cast<int>(kBinary.find(suffix[0])) + 1));
  if (suffix.size() == 1) return value * std::pow(10.0L, 3 * (static_cast<int>(kDecimal.find(suffix[0])) - 3));
  return value * std::pow(10.0L, std::strtold(suffix.c_str() + 1, nullptr));
}

}  // namespace
}  // namespace seaworthy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  const std::string text(fuzz::Text(data, size));
  const std::optional<std::int64_t> value = cache::QuantityValue(text), milli = cache::QuantityMilliValue(text);
  if (milli) fuzz::Require(value == RoundedUp(*milli), "thousandths and units agree", text);
  if (!value || size > 40) return 0;  // longer ones: leading zeros without end, where a long double has no more digits
  const long double rough = Roughly(text);
  if (std::isnan(rough)) return 0;  // zero times ten to the power of something enormous
  // Rounding goes away from zero, by less than one.
  fuzz::Require(std::fabs(static_cast<long double>(*value) - rough) <= 1 + std::fabs(rough) * 1e-15L,
                "about what floating point says", text);
  return 0;
}
