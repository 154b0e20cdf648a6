// The findings of a scan as SARIF 2.1.0, which code scanning of GitHub, GitLab and Azure DevOps, and editors, read.
//
// A result's fingerprint is made of the check and of what it is about, not of file and line: a finding stays the same
// one when lines move.
#pragma once

#include "sinks/audit_report/report_options.h"

namespace seaworthy::sinks::audit_report {

void WriteSarif(const ReportSource& source, const ReportOptions& options, const Write& write);

}  // namespace seaworthy::sinks::audit_report
