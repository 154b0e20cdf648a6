// The files of page/, embedded: page.cc is made of them by cmake/embed.cmake.
#pragma once

#include <string_view>

namespace seaworthy::sinks::audit_report {

extern const std::string_view kPageHtml, kPageCss, kPageJs;

}  // namespace seaworthy::sinks::audit_report
