// Making text that strangers wrote safe for where it goes: Prometheus' format, JSON, HTML, a terminal.
//
// Every function takes any bytes; what is not UTF-8 becomes U+FFFD, one for each byte that fits nowhere. Pure,
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace seaworthy::support {

// Reads the character that `text` begins with. REQUIRES: !text.empty()
struct Utf8Char {
  char32_t code = 0;
  std::uint8_t size = 1;  // bytes
  bool valid =
      false;  // false: one byte that belongs to no character (also overlong forms, surrogates, beyond U+10FFFF)
};
Utf8Char DecodeUtf8(std::string_view text);
void AppendUtf8(char32_t code, std::string& out);
bool IsUtf8(std::string_view text);

// Characters that change what a terminal or a log viewer shows: C0 and C1 controls, DEL, line and paragraph separator,
// marks that turn the direction of text, and the byte order mark.
bool IsControl(char32_t code);

// The value of a label, without the quotes around it.
void EscapePrometheusLabel(std::string_view text, std::string& out);
std::string EscapePrometheusLabel(std::string_view text);

// A JSON string, without the quotes around it; everything that IsControl is a \u escape.
void EscapeJson(std::string_view text, std::string& out);
std::string EscapeJson(std::string_view text);

// For element content and for attribute values in quotes.
void EscapeHtml(std::string_view text, std::string& out);
std::string EscapeHtml(std::string_view text);

// What is safe to print on a terminal: control characters are left out, except for line feed and tab if `keep_lines`.
std::string StripTerminal(std::string_view text, bool keep_lines = false);

// At most `bytes` long, never ending inside a character; a text that is cut ends in "..." if there is room for it.
std::string_view CutUtf8(std::string_view text, std::size_t bytes);
std::string CutUtf8WithDots(std::string_view text, std::size_t bytes);

}  // namespace seaworthy::support
