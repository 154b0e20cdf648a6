// The report of a scan as a comment on a pull request: totals, the worst workloads, what to mend next, findings to
// unfold.
#pragma once

#include <cstddef>

#include "sinks/audit_report/report_options.h"

namespace seaworthy::sinks::audit_report {

// GitHub takes comments of 65,536 characters; what does not fit is counted. Bytes are the safe side of that.
inline constexpr std::size_t kCommentBytes = 60'000;

void WriteMarkdown(const ReportSource& source, const ReportOptions& options, const Write& write);

}  // namespace seaworthy::sinks::audit_report
