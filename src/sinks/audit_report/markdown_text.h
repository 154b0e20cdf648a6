// Text that strangers wrote, as part of a comment in GitHub's Markdown: it formats nothing, links nothing, mentions
// nobody.
#pragma once

#include <string>
#include <string_view>

namespace seaworthy::sinks::audit_report {

// For running text and for cells of tables; one line.
std::string EscapeMarkdown(std::string_view text);

// For a <summary>, which is HTML and no Markdown; but mentions and addresses are still found in it.
std::string EscapeInSummary(std::string_view text);

// A block of code that no content can end.
std::string MarkdownCode(std::string_view language, std::string_view text);

}  // namespace seaworthy::sinks::audit_report
