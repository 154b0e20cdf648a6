// Reads an AuditReport in JSON back, as far as a comparison of two needs it.
//
// The text may be anybody's: it is read strictly and piece by piece (a workload at a time), so that what is kept is
// bounded by the text, and what is wrong is said with its line. Members that are not known are passed over: the format
// may grow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check.h"
#include "seaworthy/result.h"

namespace seaworthy::sinks::audit_report {

struct KnownFinding {
  std::string check;
  Verdict verdict = Verdict::kNa;
  Severity severity = Severity::kInfo;
  std::string message, file;  // of failing and warning ones; file: where it is another than the subject's
  std::uint32_t line = 0;
};

struct KnownSubject {
  std::string ref;  // "shop/Deployment/web": by it subjects of two reports are the same one
  bool workload = false;
  std::optional<int> score;
  std::string grade;
  std::string file;
  std::uint32_t line = 0;
  std::vector<KnownFinding> findings;  // by check
};

struct KnownReport {
  std::string generated_by, checklist_hash, grade;
  std::optional<int> score;
  std::size_t workloads = 0;
  std::size_t errors = 0;              // input that could not be read: the report is not whole
  std::vector<KnownSubject> subjects;  // by ref
  std::vector<std::string> checks;     // all that occur, sorted
};

Result<KnownReport> ReadReport(std::string_view text);

}  // namespace seaworthy::sinks::audit_report
