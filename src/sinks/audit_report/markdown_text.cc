#include "sinks/audit_report/markdown_text.h"

#include <algorithm>
#include <cstddef>

#include "support/escape.h"

namespace seaworthy::sinks::audit_report {
namespace {

// Whether the colon at `at` makes ":name:" of what stands before it, which GitHub shows as a picture.
bool ClosesPicture(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0) {
    const char c = text[begin - 1];
    const bool part =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
    if (!part) return c == ':' && begin != at;
    --begin;
  }
  return false;
}

}  // namespace

std::string EscapeMarkdown(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_[]!|~>$";
  const std::string plain = support::StripTerminal(text);
  std::string out;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '@') {
      out += "@&#8203;";  // neither a backslash nor an entity keeps GitHub from telling the person
    } else if (c == ':') {
      out += ClosesPicture(plain, i) ? "&#8203;:" : ":";
      if (plain.compare(i, 3, "://") == 0) out += "&#8203;";  // would become a link
    } else if (c == '.' && i >= 3 && (plain.compare(i - 3, 3, "www") == 0 || plain.compare(i - 3, 3, "WWW") == 0)) {
      out += ".&#8203;";
    } else if (c == '#') {
      out += "\\#&#8203;";  // #1 and GH-1 are issues
    } else if (kSpecial.find(c) != std::string_view::npos) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string EscapeInSummary(std::string_view text) {
  std::string out;
  const std::string html = support::EscapeHtml(support::StripTerminal(text));
  for (std::size_t i = 0; i < html.size(); ++i) {
    out += html[i];
    if (html[i] == '@' || html.compare(i, 3, "://") == 0 || (html[i] == '#' && (i == 0 || html[i - 1] != '&')))
      out += "&#8203;";
  }
  return out;
}

std::string MarkdownCode(std::string_view language, std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
  return fence + std::string(language) + "\n" + support::StripTerminal(text, true) + "\n" + fence + "\n";
}

}  // namespace seaworthy::sinks::audit_report
