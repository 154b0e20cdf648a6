// The AuditReport as one self-contained page: what `scan -o html` gives and the operator serves at /. Its template,
// style and script stand in page/ and are embedded when this is built.
//
// The page asks for nothing outside itself, and its Content-Security-Policy names its style and script by their hashes,
// so that whatever names and messages hold, nothing else runs.
#pragma once

#include <string>

#include "sinks/audit_report/report_options.h"

namespace seaworthy::sinks::audit_report {

void WriteHtml(const ReportSource& source, const ReportOptions& options, const Write& write);

// What the page says in its <meta>, for the header of a response.
const std::string& PagePolicy();

}  // namespace seaworthy::sinks::audit_report
