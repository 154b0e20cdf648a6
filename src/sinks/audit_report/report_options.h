// What every format of a report may need to know beside the report itself.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/report_source.h"
#include "sinks/audit_report/json.h"

namespace seaworthy::sinks::audit_report {

struct ReportOptions {
  std::string generated_by;        // "seaworthy 0.1.0"
  std::string version;             // "0.1.0"
  std::vector<std::string> files;  // by SourceRef::file
  std::vector<InputError> errors;
  std::vector<const Check*> catalogue;  // every check there is, in reference order; empty: those that are met
  std::string folder;                   // that relative paths are relative to, absolute; empty: unknown
  Severity least = Severity::kLow;      // milder findings are left out where a format shows a choice only
  bool live = false;                    // of a cluster: there are no files, and `since` says something
  Timestamp at;                         // when it was made, where a format says so; unset: it does not
  // As JsonOptions::line_of.
  std::function<std::uint32_t(const SourceRef&, std::string_view path)> line_of;
};

using Write = std::function<void(std::string_view)>;

}  // namespace seaworthy::sinks::audit_report
