// 64 bits as 16 hexadecimal digits, as they stand in JSON, whose readers lose digits of so large a number.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

namespace seaworthy::support {

inline std::string Hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

// 0 for what is no such number.
inline std::uint64_t ParseHex(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return code == std::errc() && end == text.data() + text.size() ? value : 0;
}

}  // namespace seaworthy::support
