// Everything that a report has findings about, one after the other and in one shape: workloads, then namespaces with
// their budgets, nodes, the cluster. What the formats have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/report_source.h"
#include "sinks/audit_report/report_options.h"

namespace seaworthy::sinks::audit_report {

struct Subject {
  SubjectType type = SubjectType::kWorkload;
  std::uint32_t id = 0;  // for ReportSource::Patch
  std::string_view namespace_, kind, name, api_version;
  const ScoreSummary* summary = nullptr;     // null: it has none of its own
  const WorkloadReport* workload = nullptr;  // of workloads only
  SourceRef source;                          // unset: no file has it
  // Where a person may begin to look: its own place, or, of a namespace or budget without one, that of the first
  // workload beside it.
  SourceRef near;
  // "shop/Deployment/web", "Namespace/shop", "shop/PodDisruptionBudget/web", "Node/n1", "Cluster"
  std::string Ref() const;
};

// Subjects and findings hold views that end with the call.
void EachSubject(const ReportSource& source,
                 const std::function<void(const Subject&, const std::vector<Finding>&)>& each);

// Failing or warning, and not milder than `least`.
inline bool IsBad(const Finding& finding, Severity least) {
  return (finding.verdict == Verdict::kFail || finding.verdict == Verdict::kWarn) && finding.severity >= least;
}
// Failing before warning, the gravest first: in which order people should hear of them.
bool GraverThan(const Finding& a, const Finding& b);

// The file of a place with '/' between its steps and without "./", relative to `options.folder` where it is below it;
// empty: there is no file that could be opened (standard input).
std::string FilePath(const ReportOptions& options, const SourceRef& place);
// Of the field that the finding names; else of the object. 0: not known.
std::uint32_t LineOf(const ReportOptions& options, const SourceRef& object, const Finding& finding);

// kubectl's command for the patch of ReportSource::Patch, for a POSIX shell.
std::string PatchCommand(const Subject& subject, std::string_view patch);

}  // namespace seaworthy::sinks::audit_report
