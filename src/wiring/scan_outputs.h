// Where the reports of a scan go: "-o text", "-o json=report.json", any number of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/audit_report/json.h"
#include "sinks/audit_report/text.h"

namespace seaworthy::wiring {

struct ScanOutput {
  enum class Format { kText, kJson };
  Format format = Format::kText;
  std::string file;  // empty: standard output
};

// Reads FORMAT and FORMAT=FILE; none is text. nullopt: what is wrong was said on standard error.
std::optional<std::vector<ScanOutput>> ParseScanOutputs(const std::vector<std::string>& texts);

struct ScanReport {
  const ReportSource* source = nullptr;
  std::vector<std::string> files;
  std::vector<sinks::audit_report::InputError> errors;
  Severity least = Severity::kLow;  // what the text shows
  std::function<std::uint32_t(const SourceRef&, std::string_view path)> line_of;
};

// Writes all of them, whatever becomes of the others. kExitOk, or what was said on standard error: kExitUsage for a
// file that cannot be opened, kExitInternal for one that takes no more. A reader of standard output that has gone (`|
// head`) has seen what it wanted and is no failure. REQUIRES: SIGPIPE is ignored.
int WriteScanOutputs(const std::vector<ScanOutput>& outputs, const ScanReport& report);

}  // namespace seaworthy::wiring
