#include "support/escape.h"

#include <array>
#include <cstdint>

#include "support/plain_bytes.h"

namespace seaworthy::support {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Calls on_char(code, bytes) for each character; bytes that are not UTF-8 come as U+FFFD.
template <typename OnChar>
void ForEachChar(std::string_view text, OnChar on_char) {
  while (!text.empty()) {
    const Utf8Char next = DecodeUtf8(text);
    on_char(next.valid ? next.code : kReplacement,
            next.valid ? text.substr(0, next.size) : std::string_view("\xEF\xBF\xBD"));
    text.remove_prefix(next.size);
  }
}

// Which bytes need no look: printable ASCII without `special`.
using PlainTable = std::array<bool, 256>;
constexpr PlainTable MakePlain(std::string_view special) {
  PlainTable plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) plain[c] = special.find(static_cast<char>(c)) == std::string_view::npos;
  return plain;
}
constexpr PlainTable kPlainInQuotes = MakePlain("\\\"");
constexpr PlainTable kPlainInHtml = MakePlain("&<>\"'`");

// Appends runs of plain text at once, and lets `on_special` write each other character.
template <typename OnSpecial>
void Escape(std::string_view text, const PlainTable& plain, std::string& out, OnSpecial on_special) {
  while (!text.empty()) {
    std::size_t size = 0;
    if (&plain == &kPlainInQuotes)
      size = static_cast<std::size_t>(SkipPlainBytes(text.data(), text.data() + text.size()) - text.data());
    while (size < text.size() && plain[static_cast<unsigned char>(text[size])]) ++size;
    out += text.substr(0, size);
    text.remove_prefix(size);
    if (text.empty()) return;
    const Utf8Char next = DecodeUtf8(text);
    on_special(next.valid ? next.code : kReplacement,
               next.valid ? text.substr(0, next.size) : std::string_view("\xEF\xBF\xBD"));
    text.remove_prefix(next.size);
  }
}

void AppendJsonUnit(char32_t unit, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[unit >> shift & 0xf];
}

template <void (*Append)(std::string_view, std::string&)>
std::string Escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  Append(text, out);
  return out;
}

}  // namespace

Utf8Char DecodeUtf8(std::string_view text) {
  const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::uint8_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return {};
  char32_t code = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (overlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, size, true};
}

void AppendUtf8(char32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Char next = DecodeUtf8(text);
    if (!next.valid) return false;
    text.remove_prefix(next.size);
  }
  return true;
}

bool IsControl(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x61c || code == 0x200e || code == 0x200f ||
         code == 0x2028 || code == 0x2029 || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
         code == 0xfeff;
}

void EscapePrometheusLabel(std::string_view text, std::string& out) {
  Escape(text, kPlainInQuotes, out, [&](char32_t code, std::string_view bytes) {
    if (code == '\\') {
      out += "\\\\";
    } else if (code == '"') {
      out += "\\\"";
    } else if (code == '\n') {
      out += "\\n";
    } else {
      out += bytes;
    }
  });
}

std::string EscapePrometheusLabel(std::string_view text) { return Escaped<EscapePrometheusLabel>(text); }

void EscapeJson(std::string_view text, std::string& out) {
  Escape(text, kPlainInQuotes, out, [&](char32_t code, std::string_view bytes) {
    switch (code) {
      case '\\': out += "\\\\"; return;
      case '"': out += "\\\""; return;
      case '\n': out += "\\n"; return;
      case '\r': out += "\\r"; return;
      case '\t': out += "\\t"; return;
      default: break;
    }
    if (IsControl(code)) {
      AppendJsonUnit(code, out);  // all of them are in the first plane
    } else {
      out += bytes;
    }
  });
}

std::string EscapeJson(std::string_view text) { return Escaped<EscapeJson>(text); }

void EscapeHtml(std::string_view text, std::string& out) {
  Escape(text, kPlainInHtml, out, [&](char32_t code, std::string_view bytes) {
    switch (code) {
      case '&': out += "&amp;"; return;
      case '<': out += "&lt;"; return;
      case '>': out += "&gt;"; return;
      case '"': out += "&quot;"; return;
      case '\'': out += "&#39;"; return;
      case '`':
        out += "&#96;";  // a quote to old browsers
        return;
      case '\n':
      case '\t': out += bytes; return;
      default: break;
    }
    if (IsControl(code)) {
      AppendUtf8(kReplacement, out);  // NUL and others are forbidden in HTML even as references
    } else {
      out += bytes;
    }
  });
}

std::string EscapeHtml(std::string_view text) { return Escaped<EscapeHtml>(text); }

std::string StripTerminal(std::string_view text, bool keep_lines) {
  std::string out;
  out.reserve(text.size());
  ForEachChar(text, [&](char32_t code, std::string_view bytes) {
    if (!IsControl(code) || (keep_lines && (code == '\n' || code == '\t'))) out += bytes;
  });
  return out;
}

std::string_view CutUtf8(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  // Back to before the character that the limit is inside of; at most three bytes, as not everything is UTF-8.
  std::size_t size = bytes;
  for (int i = 0; i < 3 && size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80; ++i) --size;
  if ((static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) size = bytes;
  return text.substr(0, size);
}

std::string CutUtf8WithDots(std::string_view text, std::size_t bytes) {
  constexpr std::string_view kDots = "...";
  if (text.size() <= bytes) return std::string(text);
  if (bytes < kDots.size()) return std::string(CutUtf8(text, bytes));
  return std::string(CutUtf8(text, bytes - kDots.size())) += kDots;
}

}  // namespace seaworthy::support
