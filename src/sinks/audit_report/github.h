// Annotations of GitHub Actions, which appear beside the lines of a pull request: "::error
// file=web.yaml,line=42,title=...::...".
//
// GitHub shows ten errors and ten warnings a step and drops the rest in silence. So the gravest ten of each are
// written, and a notice says how many there are besides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/audit_report/report_options.h"

namespace seaworthy::sinks::audit_report {

inline constexpr std::size_t kMostAnnotations = 10;  // a step shows, of each level

struct Annotation {
  std::string_view level;  // "error", "warning", "notice"
  std::string file;        // empty: about no file
  std::uint32_t line = 0;
  std::string title, message;
};
// The command for the runner, with its line feed. Escaped as GitHub's own toolkit does it: %, CR and LF everywhere, ':'
// and ',' in properties.
std::string AnnotationCommand(const Annotation& annotation);

void WriteGithub(const ReportSource& source, const ReportOptions& options, const Write& write);

}  // namespace seaworthy::sinks::audit_report
