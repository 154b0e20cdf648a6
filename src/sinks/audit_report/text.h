// The AuditReport for a person at a terminal: worst workloads first, what is wrong with each, what to mend next.
#pragma once

#include <functional>
#include <string_view>

#include "seaworthy/report_source.h"
#include "sinks/audit_report/json.h"

namespace seaworthy::sinks::audit_report {

struct TextOptions {
  bool colour = false;
  std::vector<std::string> files;
  std::vector<InputError> errors;
  std::size_t most_workloads = 50;  // shown in detail; the rest is counted
  Severity least = Severity::kLow;  // milder findings are left out
  // As JsonOptions::line_of.
  std::function<std::uint32_t(const SourceRef&, std::string_view path)> line_of;
};

void WriteText(const ReportSource& source, const TextOptions& options,
               const std::function<void(std::string_view)>& write);

}  // namespace seaworthy::sinks::audit_report
