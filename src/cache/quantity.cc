#include "cache/quantity.h"

#include <array>
#include <cstddef>
#include <limits>

namespace seaworthy::cache {
namespace {

__extension__ typedef unsigned __int128 Wide;

struct Suffix {
  bool binary = false;
  int exponent = 0;  // of 10, or of 2
};

// apimachinery pkg/api/resource/suffix.go newSuffixer.
struct NamedSuffix {
  std::string_view name;
  Suffix suffix;
};
constexpr std::array<NamedSuffix, 16> kSuffixes = {{
    {"", {false, 0}},
    {"m", {false, -3}},
    {"Mi", {true, 20}},
    {"Gi", {true, 30}},
    {"Ki", {true, 10}},
    {"Ti", {true, 40}},
    {"Pi", {true, 50}},
    {"Ei", {true, 60}},
    {"n", {false, -9}},
    {"u", {false, -6}},
    {"k", {false, 3}},
    {"M", {false, 6}},
    {"G", {false, 9}},
    {"T", {false, 12}},
    {"P", {false, 15}},
    {"E", {false, 18}},
}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<Suffix> ParseSuffix(std::string_view text) {
  for (const NamedSuffix& named : kSuffixes) {
    if (named.name == text) return named.suffix;
  }
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  text.remove_prefix(1);
  const bool negative = text[0] == '-';
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  int exponent = 0;
  for (char c : text) {
    if (!IsDigit(c)) return std::nullopt;
    // Beyond a few thousand the value is 0, tiny or too large whatever the digits are.
    if (exponent < 10'000) exponent = exponent * 10 + (c - '0');
  }
  return Suffix{false, negative ? -exponent : exponent};
}

struct Parsed {
  bool negative = false;
  std::string_view whole;     // without leading zeros
  std::string_view fraction;  // without trailing zeros
  Suffix suffix;
};

// quantity.go parseQuantityString.
std::optional<Parsed> Parse(std::string_view text) {
  Parsed parsed;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    parsed.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  std::size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) ++digits;
  parsed.whole = text.substr(0, digits);
  text.remove_prefix(digits);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    std::size_t places = 0;
    while (places < text.size() && IsDigit(text[places])) ++places;
    parsed.fraction = text.substr(0, places);
    text.remove_prefix(places);
  }
  if (parsed.whole.empty() && parsed.fraction.empty()) return std::nullopt;
  const auto suffix = ParseSuffix(text);
  if (!suffix) return std::nullopt;
  parsed.suffix = *suffix;
  while (!parsed.whole.empty() && parsed.whole.front() == '0') parsed.whole.remove_prefix(1);
  while (!parsed.fraction.empty() && parsed.fraction.back() == '0') parsed.fraction.remove_suffix(1);
  return parsed;
}

constexpr Wide kMax = static_cast<Wide>(std::numeric_limits<std::int64_t>::max());

// floor(whole.fraction * 10^exponent), and whether anything was cut off.
struct Floor {
  Wide value = 0;
  bool exact = true;
};
std::optional<Floor> Decimal(const Parsed& parsed, int exponent) {
  Floor floor;
  // The digits left of the point, once it has moved by `exponent`, are the value.
  const auto kept = static_cast<std::int64_t>(parsed.whole.size()) + exponent;
  const std::size_t all = parsed.whole.size() + parsed.fraction.size();
  for (std::int64_t i = 0; i < kept; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const char digit = at < parsed.whole.size() ? parsed.whole[at]
                       : at < all               ? parsed.fraction[at - parsed.whole.size()]
                                                : '0';
    floor.value = floor.value * 10 + static_cast<Wide>(digit - '0');
    if (floor.value > kMax) return std::nullopt;
    if (floor.value == 0 && at >= all) break;  // 0e9999
  }
  for (std::size_t at = kept > 0 ? static_cast<std::size_t>(kept) : 0; at < all && floor.exact; ++at) {
    floor.exact = (at < parsed.whole.size() ? parsed.whole[at] : parsed.fraction[at - parsed.whole.size()]) == '0';
  }
  return floor;
}

// The same for a power of two.
std::optional<Floor> Binary(const Parsed& parsed, int exponent, unsigned scale) {
  Wide whole = 0;
  for (char c : parsed.whole) {
    whole = whole * 10 + static_cast<Wide>(c - '0');
    if (whole > kMax) return std::nullopt;
  }
  if (whole > kMax / scale || whole * scale > kMax >> exponent) return std::nullopt;
  // The fraction is multiplied as on paper, from its last digit: what is carried past the point is whole. It stays
  // below ten times the factor, 1000 * 2^60 at most.
  const Wide factor = static_cast<Wide>(scale) << exponent;
  Floor floor;
  Wide carried = 0;
  for (auto digit = parsed.fraction.rbegin(); digit != parsed.fraction.rend(); ++digit) {
    carried += static_cast<Wide>(*digit - '0') * factor;
    floor.exact = floor.exact && carried % 10 == 0;
    carried /= 10;
  }
  floor.value = whole * factor + carried;
  return floor;
}

std::optional<std::int64_t> Scaled(std::string_view text, int places) {
  const auto parsed = Parse(text);
  if (!parsed) return std::nullopt;
  const unsigned scale = places == 3 ? 1000 : 1;
  const auto floor = parsed->suffix.binary ? Binary(*parsed, parsed->suffix.exponent, scale)
                                           : Decimal(*parsed, parsed->suffix.exponent + places);
  if (!floor) return std::nullopt;
  // "if you want some resources, you should get some resources": upstream rounds up, too.
  const Wide value = floor->value + (floor->exact ? 0 : 1);
  if (value > kMax) return std::nullopt;
  const auto magnitude = static_cast<std::int64_t>(value);
  return parsed->negative ? -magnitude : magnitude;
}

}  // namespace

std::optional<std::int64_t> QuantityValue(std::string_view text) { return Scaled(text, 0); }

std::optional<std::int64_t> QuantityMilliValue(std::string_view text) { return Scaled(text, 3); }

}  // namespace seaworthy::cache
