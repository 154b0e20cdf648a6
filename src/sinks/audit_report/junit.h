// The report of a scan as JUnit's XML, for the test tabs of CI systems: a suite per workload (and namespace, budget,
// node, cluster), a case per check that applies. Only `fail` is a failure, as for the exit code, and not where it is
// milder than `least` (info); that, and what warns, says so in the case's output. What could not be told and what
// somebody waived is skipped.
#pragma once

#include "sinks/audit_report/report_options.h"

namespace seaworthy::sinks::audit_report {

void WriteJunit(const ReportSource& source, const ReportOptions& options, const Write& write);

}  // namespace seaworthy::sinks::audit_report
