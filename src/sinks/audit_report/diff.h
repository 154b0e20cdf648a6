// What got worse and what got better from one report to another.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sinks/audit_report/report_options.h"
#include "sinks/audit_report/report_reader.h"

namespace seaworthy::sinks::audit_report {

// Of one check on one subject. Pointers into the two reports.
struct Change {
  const KnownSubject* subject = nullptr;  // of the new report; of the old one where it is gone from there
  const KnownFinding* finding = nullptr;  // likewise
  Verdict from = Verdict::kNa, to = Verdict::kNa;
  bool is_new_subject = false;
};

struct ScoreChange {
  const KnownSubject* before = nullptr;
  const KnownSubject* after = nullptr;
};

struct Diff {
  const KnownReport* before = nullptr;
  const KnownReport* after = nullptr;
  // Fails or warns and did not, or less so, or less gravely; and whatever fails on a subject that is new.
  std::vector<Change> regressions;  // the gravest first
  // Fails or warns no more, or less: passes, does not apply any more, or warns where it failed.
  std::vector<Change> mended;
  // Failed or warned, and now somebody answers for it: a waiver, an attestation.
  std::vector<Change> answered;
  // Failed or warned, and now nobody can tell, or the check is gone.
  std::vector<Change> unseen;
  // Fails or warns by a check that the old report does not know at all: a newer Seaworthy or another policy, no change
  // of the workload.
  std::vector<Change> fresh;
  std::vector<const KnownSubject*> added, gone;  // workloads
  std::vector<ScoreChange> scores;               // of workloads in both, the greatest loss first
};

// The reports must outlive the answer.
Diff Compare(const KnownReport& before, const KnownReport& after);

// Regressions of that severity or above.
std::size_t CountRegressions(const Diff& diff, Severity least);

struct DiffOptions {
  std::string generated_by;
  bool colour = false;
  std::string before_name, after_name;  // as the caller called them
};
void WriteDiffText(const Diff& diff, const DiffOptions& options, const Write& write);
void WriteDiffJson(const Diff& diff, const DiffOptions& options, const Write& write);
void WriteDiffMarkdown(const Diff& diff, const DiffOptions& options, const Write& write);
void WriteDiffGithub(const Diff& diff, const DiffOptions& options, const Write& write);

}  // namespace seaworthy::sinks::audit_report
