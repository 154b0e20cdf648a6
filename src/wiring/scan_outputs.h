// What a scan writes: the same report in any number of formats.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/report_source.h"
#include "sinks/audit_report/json.h"
#include "wiring/outputs.h"

namespace seaworthy::wiring {

struct ScanReport {
  const ReportSource* source = nullptr;
  std::vector<std::string> files;
  std::vector<sinks::audit_report::InputError> errors;
  Severity least = Severity::kLow;  // what formats show that show a choice
  bool live = false;                // of a cluster
  std::span<const Check* const> checks;
  Timestamp at;
  std::function<std::uint32_t(const SourceRef&, std::string_view path)> line_of;
};

// See ParseOutputs and WriteOutputs.
std::optional<std::vector<Output>> ParseScanOutputs(const std::vector<std::string>& texts);
int WriteScanOutputs(const std::vector<Output>& outputs, const ScanReport& report);

}  // namespace seaworthy::wiring
