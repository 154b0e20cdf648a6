// int(), uint(), double(), string(), bytes(), bool(): with Go's ideas of how numbers are written. An error never quotes
// the value.
#include <charconv>
#include <cmath>
#include <limits>

#include "support/cel/functions.h"

namespace seaworthy::support::cel {
namespace {

constexpr std::string_view kConversion = "type conversion error", kRange = "a number out of range";

// Go's ParseInt and ParseUint at base 10: a sign is allowed (for ParseUint none), underscores are not.
template <typename T>
std::optional<T> ParseWhole(std::string_view text) {
  if (text.starts_with('+') && std::numeric_limits<T>::is_signed) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> ParseReal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.starts_with('-') || text.starts_with('+')) return std::nullopt;
  double value = 0;
  // "nan(chars)" and hexadecimal forms are from_chars' own; ParseFloat's hexadecimal ones need an exponent and nobody
  // writes them.
  if (text.find_first_of("(xXpP_") != std::string_view::npos) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return negative ? -value : value;
}

// Go's %g: the shortest digits that read back, with an exponent where that is below -4 or above 5.
std::string RealText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  char text[400];
  const auto scientific = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  const std::string_view shown(text, static_cast<std::size_t>(scientific.ptr - text));
  int exponent = 0;
  std::string_view digits = shown.substr(shown.find('e') + 1);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (exponent < -4 || exponent > 5) return std::string(shown);
  const auto fixed = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
  return {text, fixed.ptr};
}

bool IsUtf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t size = first < 0x80                    ? 1
                             : first >= 0xC2 && first < 0xE0 ? 2
                             : (first & 0xF0) == 0xE0        ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
    if (size == 0 || at + size > text.size()) return false;
    for (std::size_t i = 1; i < size; ++i) {
      if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return false;
    }
    if (size > 2) {
      const auto second = static_cast<unsigned char>(text[at + 1]);
      if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) || (first == 0xF0 && second < 0x90) ||
          (first == 0xF4 && second >= 0x90))
        return false;
    }
    at += size;
  }
  return true;
}

Value ToInt(const Call& call) {
  const Value& of = call.args[0];
  switch (of.type) {
    case Type::kInt: return of;
    case Type::kUint:
      if (of.unsigned_number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return Value::Error(kRange);
      return Value::Int(static_cast<std::int64_t>(of.unsigned_number));
    case Type::kDouble:
      if (!(of.real > -9223372036854775808.0 && of.real < 9223372036854775808.0)) return Value::Error(kRange);
      return Value::Int(static_cast<std::int64_t>(of.real));
    case Type::kString: {
      const auto value = ParseWhole<std::int64_t>(of.text());
      return value ? Value::Int(*value) : Value::Error(kConversion);
    }
    case Type::kTimestamp: return Value::Int(of.time.seconds);
    case Type::kDuration: return Value::Int(of.number);
    default: return Value::Error(kNoOverload);
  }
}

Value ToUint(const Call& call) {
  const Value& of = call.args[0];
  switch (of.type) {
    case Type::kUint: return of;
    case Type::kInt: return of.number < 0 ? Value::Error(kRange) : Value::Uint(static_cast<std::uint64_t>(of.number));
    case Type::kDouble:
      if (!(of.real >= 0 && of.real < 18446744073709551616.0)) return Value::Error(kRange);
      return Value::Uint(static_cast<std::uint64_t>(of.real));
    case Type::kString: {
      if (of.text().starts_with('-')) return Value::Error(kConversion);
      const auto value = ParseWhole<std::uint64_t>(of.text());
      return value ? Value::Uint(*value) : Value::Error(kConversion);
    }
    default: return Value::Error(kNoOverload);
  }
}

Value ToDouble(const Call& call) {
  const Value& of = call.args[0];
  switch (of.type) {
    case Type::kDouble: return of;
    case Type::kInt: return Value::Double(static_cast<double>(of.number));
    case Type::kUint: return Value::Double(static_cast<double>(of.unsigned_number));
    case Type::kString: {
      const auto value = ParseReal(of.text());
      return value ? Value::Double(*value) : Value::Error(kConversion);
    }
    default: return Value::Error(kNoOverload);
  }
}

Value ToString(const Call& call) {
  const Value& of = call.args[0];
  switch (of.type) {
    case Type::kString: return of;
    case Type::kBool: return Value::String(of.boolean ? "true" : "false");
    case Type::kInt: return call.arena.String(std::to_string(of.number));
    case Type::kUint: return call.arena.String(std::to_string(of.unsigned_number));
    case Type::kDouble: return call.arena.String(RealText(of.real));
    case Type::kBytes:
      return IsUtf8(of.text()) ? Value::String(of.text())
                               : Value::Error("invalid UTF-8 in bytes, cannot convert to string");
    case Type::kTimestamp: return call.arena.String(TimestampText(of.time));
    case Type::kDuration: return call.arena.String(DurationText(of.number));
    case Type::kIp: return call.arena.String(IpText(*of.ip));
    case Type::kCidr: return call.arena.String(IpText(*of.ip) + "/" + std::to_string(of.ip->bits));
    default: return Value::Error(kNoOverload);
  }
}

Value ToBool(const Call& call) {
  const Value& of = call.args[0];
  if (of.is(Type::kBool)) return of;
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (of.text() == yes) return Value::Bool(true);
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (of.text() == no) return Value::Bool(false);
  }
  return Value::Error(kConversion);
}

}  // namespace

void AddConversions(FunctionTable& table) {
  for (const std::string_view from : {"int", "uint", "double", "string", "timestamp", "duration"}) {
    table.Add("int", "(" + std::string(from) + ") -> int", ToInt);
  }
  for (const std::string_view from : {"int", "uint", "double", "string"}) {
    table.Add("uint", "(" + std::string(from) + ") -> uint", ToUint);
    table.Add("double", "(" + std::string(from) + ") -> double", ToDouble);
  }
  for (const std::string_view from :
       {"string", "bool", "int", "uint", "double", "bytes", "timestamp", "duration", "ip", "cidr"}) {
    table.Add("string", "(" + std::string(from) + ") -> string", ToString);
  }
  table.Add("bytes", "(bytes) -> bytes", [](const Call& call) { return call.args[0]; });
  table.Add("bytes", "(string) -> bytes",
            [](const Call& call) { return Value::Text(Type::kBytes, call.args[0].text()); });
  table.Add("bool", "(bool) -> bool", ToBool);
  table.Add("bool", "(string) -> bool", ToBool);
  table.Add("duration", "(duration) -> duration", [](const Call& call) { return call.args[0]; });
  table.Add("duration", "(string) -> duration", [](const Call& call) { return ParseDuration(call.args[0].text()); });
  table.Add("timestamp", "(timestamp) -> timestamp", [](const Call& call) { return call.args[0]; });
  table.Add("timestamp", "(int) -> timestamp",
            [](const Call& call) { return CheckedTimestamp({call.args[0].number, 0}); });
  table.Add("timestamp", "(string) -> timestamp", [](const Call& call) { return ParseTimestamp(call.args[0].text()); });
}

}  // namespace seaworthy::support::cel
