// The AuditReport as JSON: what `scan -o json`, `scan --cluster` and /report.json give. The field names are a contract
// (DESIGN.md); additions only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/report_source.h"

namespace seaworthy::sinks::audit_report {

struct InputError {
  std::string file;
  std::uint32_t line = 0;
  std::string message;
};

struct JsonOptions {
  std::string generated_by;        // "seaworthy 0.1.0"
  std::vector<std::string> files;  // by SourceRef::file
  std::vector<InputError> errors;
  // Line of a field in a manifest; 0 where it cannot be told. Optional.
  std::function<std::uint32_t(const SourceRef&, std::string_view path)> line_of;
};

// Hands the text over in pieces of some 64 KiB, so that no output has to be in memory as a whole.
void WriteJson(const ReportSource& source, const JsonOptions& options,
               const std::function<void(std::string_view)>& write);

// "2026-11-24T12:00:00Z"
std::string FormatTime(Timestamp time);

}  // namespace seaworthy::sinks::audit_report
