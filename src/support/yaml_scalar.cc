#include "support/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <system_error>

namespace seaworthy::support {
namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

// What the first byte says about a plain scalar.
enum class Hint : char { kText, kWord, kNumber, kPoint };

constexpr std::array<Hint, 256> MakeHints() {
  std::array<Hint, 256> hints{};
  for (const char c : {'y', 'Y', 'n', 'N', 't', 'T', 'f', 'F', 'o', 'O', '~'})
    hints[static_cast<unsigned char>(c)] = Hint::kWord;
  for (char c = '0'; c <= '9'; ++c) hints[static_cast<unsigned char>(c)] = Hint::kNumber;
  hints['+'] = hints['-'] = Hint::kNumber;
  hints['.'] = Hint::kPoint;
  return hints;
}
constexpr std::array<Hint, 256> kHints = MakeHints();

struct Word {
  std::string_view text;
  NodeType type;
  bool value;
};
constexpr std::array kWords = {
    Word{"y", NodeType::kBool, true},      Word{"Y", NodeType::kBool, true},      Word{"yes", NodeType::kBool, true},
    Word{"Yes", NodeType::kBool, true},    Word{"YES", NodeType::kBool, true},    Word{"true", NodeType::kBool, true},
    Word{"True", NodeType::kBool, true},   Word{"TRUE", NodeType::kBool, true},   Word{"on", NodeType::kBool, true},
    Word{"On", NodeType::kBool, true},     Word{"ON", NodeType::kBool, true},     Word{"n", NodeType::kBool, false},
    Word{"N", NodeType::kBool, false},     Word{"no", NodeType::kBool, false},    Word{"No", NodeType::kBool, false},
    Word{"NO", NodeType::kBool, false},    Word{"false", NodeType::kBool, false}, Word{"False", NodeType::kBool, false},
    Word{"FALSE", NodeType::kBool, false}, Word{"off", NodeType::kBool, false},   Word{"Off", NodeType::kBool, false},
    Word{"OFF", NodeType::kBool, false},   Word{"~", NodeType::kNull, false},     Word{"null", NodeType::kNull, false},
    Word{"Null", NodeType::kNull, false},  Word{"NULL", NodeType::kNull, false},
};
constexpr std::size_t kLongestWord = 5;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::size_t CountDigits(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), IsDigit) - text.begin());
}

// strconv.ParseInt(text, 0, 64), then ParseUint: sign, 0x, 0o, 0b, or a leading 0 for octal.
bool ParseInteger(std::string_view text, std::string& out) {
  const bool negative = text.starts_with('-');
  const bool sign = negative || text.starts_with('+');
  if (sign) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    text.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (code != std::errc() || end != text.data() + text.size()) return false;
  constexpr std::uint64_t kMax = static_cast<std::uint64_t>(INT64_MAX);
  if (value > (negative ? kMax + 1 : sign ? kMax : UINT64_MAX)) return false;
  out = negative && value != 0 ? "-" : "";
  out += std::to_string(value);
  return true;
}

// ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$
bool LooksLikeFloat(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  const std::size_t whole = CountDigits(text);
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::size_t fraction = CountDigits(text);
    if (whole == 0 && fraction == 0) return false;
    text.remove_prefix(fraction);
  } else if (whole == 0) {
    return false;
  }
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && CountDigits(text) == text.size();
}

// Nothing for what overflows: that stays a string, as in go-yaml.
std::optional<double> ParseFloat(std::string_view text) {
  if (!LooksLikeFloat(text)) return std::nullopt;
  if (text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc::result_out_of_range) {
    value = std::strtod(std::string(text).c_str(), nullptr);  // tells too small (0) from too large
    if (!std::isfinite(value)) return std::nullopt;
  }
  return value;
}

template <typename Float>
std::string ToChars(Float value, std::chars_format format) {
  char buffer[400];
  const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, value, format);
  return code == std::errc() ? std::string(buffer, end) : std::string("0");
}

// As Go's encoding/json writes a float64.
std::string JsonFloat(double value) {
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  const double size = std::fabs(value);
  constexpr double kExact = 1e15;  // below, the shortest digits are all digits
  if (size >= 1e-6 && size < kExact) return ToChars(value, std::chars_format::fixed);
  std::string text = ToChars(value, std::chars_format::scientific);
  if (size >= kExact && size < 1e21) {
    // Go pads the shortest digits with zeros, to_chars would write the digits of the nearest double.
    const std::size_t e = text.find('e');
    std::size_t whole = static_cast<std::size_t>(std::atoi(text.c_str() + e + 1)) + 1 + (value < 0 ? 1 : 0);
    text.erase(e);
    std::erase(text, '.');
    if (text.size() <= whole) return text.append(whole - text.size(), '0');
    return text.insert(whole, 1, '.');
  }
  const std::size_t n = text.size();
  if (n >= 4 && text[n - 4] == 'e' && text[n - 3] == '-' && text[n - 2] == '0') text.erase(n - 2, 1);  // e-09 -> e-9
  return text;
}

// As sigs.k8s.io/yaml writes a float that is a key: FormatFloat(value, 'g', -1, 32).
std::string KeyFloat(double value) {
  const float narrow = static_cast<float>(value);
  if (std::isinf(narrow)) return narrow > 0 ? ".inf" : "-.inf";
  if (narrow == 0) return std::signbit(narrow) ? "-0" : "0";
  std::string text = ToChars(narrow, std::chars_format::scientific);
  const int exponent = std::atoi(text.c_str() + text.find('e') + 1);
  return exponent < -4 || exponent >= 6 ? text : ToChars(narrow, std::chars_format::fixed);
}

// base64, standard alphabet, line breaks ignored; nullopt when it is none.
std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0, padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int digit = c >= 'A' && c <= 'Z'   ? c - 'A'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 26
                      : IsDigit(c)           ? c - '0' + 52
                      : c == '+'             ? 62
                      : c == '/'             ? 63
                                             : -1;
    if (digit < 0 || padding != 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    ++count;
    if (count % 4 != 1) out += static_cast<char>(bits >> (6 - 2 * ((count + 3) % 4)) & 0xff);
  }
  if (count % 4 == 1 || (count + padding) % 4 != 0 || padding > 2) return std::nullopt;
  return out;
}

enum class Kind { kNull, kBool, kInt, kFloat, kText, kNonFinite };

struct Resolved {
  Kind kind = Kind::kText;
  bool boolean = false;
  double real = 0;
};

bool IsNonFinite(std::string_view text) {
  for (const std::string_view word :
       {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"}) {
    if (text == word) return true;
  }
  return false;
}

// kInt: the literal is in `out`.
Resolved Resolve(std::string_view value, std::string& out) {
  if (value.empty()) return {Kind::kNull};
  switch (kHints[static_cast<unsigned char>(value[0])]) {
    case Hint::kText: return {};
    case Hint::kWord:
      if (value.size() > kLongestWord) return {};
      for (const Word& word : kWords) {
        if (word.text == value) return {word.type == NodeType::kNull ? Kind::kNull : Kind::kBool, word.value};
      }
      return {};
    case Hint::kPoint: {
      if (IsNonFinite(value)) return {Kind::kNonFinite};
      if (const std::optional<double> real = ParseFloat(value)) return {Kind::kFloat, false, *real};
      return {};
    }
    case Hint::kNumber: break;
  }
  // The usual number, and the usual text that begins like one (an address, a version, a date).
  const std::size_t digits = CountDigits(value);
  if (digits == value.size() && digits <= 18 && (value[0] != '0' || digits == 1)) {
    out = value;
    return {Kind::kInt};
  }
  if (IsNonFinite(value)) return {Kind::kNonFinite};
  std::string plain(value);
  std::erase(plain, '_');
  if (ParseInteger(plain, out)) return {Kind::kInt};
  if (const std::optional<double> real = ParseFloat(plain)) return {Kind::kFloat, false, *real};
  return {};
}

YamlScalar Unreadable(std::string why, std::string& storage) {
  storage = std::move(why);
  return {NodeType::kAbsent, false, storage};
}

bool Fits(std::string_view type, Kind kind) {
  if (type == "int") return kind == Kind::kInt;
  if (type == "float") return kind == Kind::kFloat || kind == Kind::kInt || kind == Kind::kNonFinite;
  if (type == "bool") return kind == Kind::kBool;
  if (type == "null") return kind == Kind::kNull;
  return true;
}

YamlScalar ResolveAs(std::string_view value, std::string_view tag, bool plain, bool is_key, std::string& storage) {
  if (tag.empty() && !plain) return {NodeType::kString, false, value};
  std::string_view type;
  if (!tag.empty()) {
    // Tags that are not of YAML itself (!Ref of CloudFormation) change nothing, and leave a string.
    if (!tag.starts_with(kTagPrefix)) return {NodeType::kString, false, value};
    type = tag.substr(kTagPrefix.size());
    if (type == "binary") {
      std::optional<std::string> bytes = DecodeBase64(value);
      if (!bytes) return Unreadable("!!binary without valid base64", storage);
      storage = std::move(*bytes);
      return {NodeType::kString, false, storage};
    }
    if (type != "int" && type != "float" && type != "bool" && type != "null") return {NodeType::kString, false, value};
  }
  const Resolved resolved = Resolve(value, storage);
  if (!Fits(type, resolved.kind)) return Unreadable("the value is no !!" + std::string(type), storage);
  switch (resolved.kind) {
    case Kind::kNull:
      if (is_key) return Unreadable("null as a key", storage);
      return {NodeType::kNull, false, {}};
    case Kind::kBool:
      if (is_key) return {NodeType::kString, false, resolved.boolean ? "true" : "false"};
      return {NodeType::kBool, resolved.boolean, {}};
    case Kind::kNonFinite:
      if (is_key) return {NodeType::kString, false, value};
      return Unreadable("infinity and not-a-number have no form in JSON; quote them", storage);
    case Kind::kFloat: storage = is_key ? KeyFloat(resolved.real) : JsonFloat(resolved.real); break;
    case Kind::kInt: break;
    case Kind::kText: return {NodeType::kString, false, value};
  }
  return {is_key ? NodeType::kString : NodeType::kNumber, false, storage};
}

}  // namespace

YamlScalar ResolveYamlScalar(std::string_view value, std::string_view tag, bool plain, std::string& storage) {
  return ResolveAs(value, tag, plain, false, storage);
}

YamlScalar ResolveYamlKey(std::string_view value, std::string_view tag, bool plain, std::string& storage) {
  return ResolveAs(value, tag, plain, true, storage);
}

}  // namespace seaworthy::support
