// A small world of reports, built by hand: enough of every verdict, severity and subject to see each series and each
// field.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/report.h"

namespace seaworthy::sinks::testing {

inline constexpr Check kReadinessProbe = {.id = "readiness-probe",
                                          .section = Section::kHealth,
                                          .severity = Severity::kHigh,
                                          .subject = SubjectType::kWorkload};
inline constexpr Check kNotPrivileged = {.id = "not-privileged",
                                         .section = Section::kSecurity,
                                         .severity = Severity::kCritical,
                                         .subject = SubjectType::kWorkload};
inline constexpr Check kGracePeriod = {.id = "grace-period",
                                       .section = Section::kLifecycle,
                                       .severity = Severity::kMedium,
                                       .subject = SubjectType::kWorkload};
inline constexpr Check kImageDigest = {
    .id = "image-digest", .section = Section::kImages, .severity = Severity::kInfo, .subject = SubjectType::kWorkload};
inline constexpr Check kPdb = {
    .id = "pdb", .section = Section::kDisruption, .severity = Severity::kHigh, .subject = SubjectType::kWorkload};
inline constexpr Check kPdbSensible = {.id = "pdb-sensible",
                                       .section = Section::kDisruption,
                                       .severity = Severity::kHigh,
                                       .subject = SubjectType::kWorkload};
inline constexpr Check kLoadTest = {.id = "load-test",
                                    .section = Section::kConfiguration,
                                    .severity = Severity::kMedium,
                                    .subject = SubjectType::kWorkload};
inline constexpr Check kNamespaceQuota = {.id = "namespace-quota",
                                          .section = Section::kResources,
                                          .severity = Severity::kLow,
                                          .subject = SubjectType::kNamespace};
inline constexpr Check kPdbOrphan = {
    .id = "pdb-orphan", .section = Section::kDisruption, .severity = Severity::kLow, .subject = SubjectType::kBudget};
inline constexpr Check kNodeReady = {
    .id = "node-ready", .section = Section::kPlatform, .severity = Severity::kHigh, .subject = SubjectType::kNode};
inline constexpr Check kClusterDns = {
    .id = "cluster-dns", .section = Section::kPlatform, .severity = Severity::kHigh, .subject = SubjectType::kCluster};

inline Finding Found(const Check& check, Verdict verdict, std::string_view message = {}) {
  Finding finding;
  finding.check = &check;
  finding.verdict = verdict;
  finding.severity = check.severity;
  finding.message = message;
  return finding;
}
inline Finding Unknown(const Check& check, UnknownCause cause, std::string_view message = {}) {
  Finding finding = Found(check, Verdict::kUnknown, message);
  finding.cause = cause;
  return finding;
}

// Counts and the worst are filled in from the findings. What the views point to must outlive the report.
inline WorkloadReport Workload(std::uint32_t subject, std::string_view ns, std::string_view kind, std::string_view name,
                               std::vector<Finding> findings, double score) {
  WorkloadReport report;
  report.subject = subject;
  report.namespace_ = ns;
  report.kind = kind;
  report.api_version = kind == "CronJob" ? "batch/v1" : "apps/v1";
  report.name = name;
  report.uid = Uid{0x0102030405060708, 0x8000000000000000 + subject};
  report.generation = 3;
  report.summary.score = score;
  report.summary.coverage = 0.745;
  report.summary.grade = score >= 90 ? 'A' : score >= 80 ? 'B' : score >= 70 ? 'C' : score >= 60 ? 'D' : 'F';
  report.findings = std::move(findings);
  for (const Finding& finding : report.findings) {
    ++report.counts[static_cast<std::size_t>(finding.verdict)][static_cast<std::size_t>(finding.severity)];
    if (finding.verdict == Verdict::kFail && report.worst == nullptr) report.worst = finding.check;
  }
  report.ready = report.worst == nullptr ? Ready::kTrue : Ready::kFalse;
  report.ready_reason = report.worst == nullptr ? "ChecksPassed" : "HighCheckFailing";
  return report;
}

inline WorkloadReport Web(std::uint32_t subject = 1) {
  Finding probe = Found(kReadinessProbe, Verdict::kFail, "container app: no readinessProbe");
  probe.container = "app";
  probe.path = "spec.template.spec.containers[name=app].readinessProbe";
  probe.since = Timestamp{1'795'000'000};
  WorkloadReport report =
      Workload(subject, "shop", "Deployment", "web",
               {probe, Found(kNotPrivileged, Verdict::kPass), Found(kGracePeriod, Verdict::kWarn, "5 s"),
                Found(kImageDigest, Verdict::kNa, "no image"), Unknown(kPdb, UnknownCause::kDenied, "no permission"),
                Unknown(kPdbSensible, UnknownCause::kDenied, "no permission"), Found(kLoadTest, Verdict::kAttested)},
               71.9);
  report.owner = "team-shop";
  report.part_of = "storefront";
  return report;
}

inline WorkloadReport Nightly(std::uint32_t subject = 2) {
  WorkloadReport report = Workload(subject, "shop", "CronJob", "nightly", {Found(kNotPrivileged, Verdict::kPass)}, 100);
  report.tier = Tier::kAuxiliary;
  return report;
}

inline NamespaceReport Shop(std::uint32_t subject = 10) {
  NamespaceReport report;
  report.subject = subject;
  report.name = "shop";
  report.roll_up.summary.score = 78.2;
  report.roll_up.summary.grade = 'C';
  report.roll_up.summary.coverage = 0.7;
  report.roll_up.workloads = 2;
  report.roll_up.scored = 2;
  report.roll_up.ready = 1;
  report.roll_up.lowest = LowestScore{71, "shop/Deployment/web"};
  report.findings = {Found(kNamespaceQuota, Verdict::kFail, "neither ResourceQuota nor LimitRange")};
  report.budgets = {{"old", {Found(kPdbOrphan, Verdict::kFail, "selects no template")}},
                    {"web", {Found(kPdbOrphan, Verdict::kPass)}}};
  return report;
}

inline NodeReport BadNode(std::uint32_t subject = 20) {
  NodeReport report;
  report.subject = subject;
  report.name = "n1";
  report.findings = {Found(kNodeReady, Verdict::kFail, "NotReady")};
  return report;
}

inline ClusterReport TheCluster() {
  ClusterReport report;
  report.roll_up.summary.score = 81;
  report.roll_up.summary.grade = 'B';
  report.roll_up.summary.coverage = 1;
  report.roll_up.workloads = 57;
  report.roll_up.ready = 41;
  report.roll_up.lowest = LowestScore{31, "shop/Deployment/web"};
  report.sections[static_cast<std::size_t>(Section::kHealth)] = 88.5;
  report.sections[static_cast<std::size_t>(Section::kSecurity)] = 64;
  report.findings = {Found(kClusterDns, Verdict::kWarn, "one replica")};
  report.checklist_hash = "0123abcd";
  return report;
}

}  // namespace seaworthy::sinks::testing
