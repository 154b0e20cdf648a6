// A text without the blanks at its ends.
#pragma once

#include <cstddef>
#include <string_view>

namespace seaworthy::support {

inline constexpr std::string_view kSpaces = " ";
inline constexpr std::string_view kSpacesAndTabs = " \t";  // "optional whitespace" of HTTP headers (RFC 9110, 5.6.3)
inline constexpr std::string_view kBlanks = " \t\r\n";

// A part of `text`, which it must not outlive.
inline std::string_view Trim(std::string_view text, std::string_view blanks) {
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

}  // namespace seaworthy::support
