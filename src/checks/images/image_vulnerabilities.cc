#include <cstdint>
#include <string>
#include <utility>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/vulnerability_reports.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"fixDays", 14, "how long after its publication a critical vulnerability with a fix may stay, in days"},
    {"reportDays", 7, "how old a report may be, in days"},
};

struct Judgement {
  Verdict verdict = Verdict::kPass;
  std::string what;
};

Judgement Judge(const Context& context, const Extension& report, Timestamp& recheck) {
  const auto days = [&](std::string_view param) { return static_cast<std::int64_t>(context.Param(param)); };
  const auto later = [&](std::int64_t when) {
    if (when > context.now_seconds() && (!recheck.set() || when < recheck.seconds)) recheck.seconds = when;
  };
  const std::int64_t fixable = SumOf(report, "summary.critical.fixable").value_or(0);
  if (const OptInt oldest = SumOf(report, "summary.critical.oldest"); fixable > 0 && oldest.has_value()) {
    const std::int64_t overdue = *oldest + days("fixDays") * kDay;
    if (overdue <= context.now_seconds())
      return {Verdict::kFail, "critical vulnerability " + std::string(report.First("summary.critical.oldest.id")) +
                                  " has a fix and was published more than " + std::to_string(days("fixDays")) +
                                  " days ago"};
    later(overdue);
  }
  const OptInt updated = SumOf(report, "summary.updated");
  const std::int64_t stale = updated.value_or(0) + days("reportDays") * kDay;
  later(stale);
  if (fixable > 0) return {Verdict::kWarn, "critical vulnerabilities with a fix"};
  const std::int64_t unfixable = SumOf(report, "summary.critical.unfixable").value_or(0);
  if (unfixable > 0 || SumOf(report, "report.summary.criticalCount").value_or(0) > fixable + unfixable)
    return {Verdict::kWarn, "critical vulnerabilities for which no fix is known"};
  if (SumOf(report, "summary.high.fixable").value_or(0) > 0) return {Verdict::kWarn, "high vulnerabilities with a fix"};
  if (stale <= context.now_seconds())
    return {Verdict::kWarn, "its VulnerabilityReport is older than " + std::to_string(days("reportDays")) + " days"};
  return {};
}

Outcome Run(const Context& context) {
  Findings findings(context);
  Timestamp recheck;
  for (const ScannedImage& scanned : ScannedImages(context)) {
    if (scanned.report == nullptr) {
      findings.Add(Verdict::kUnknown, context.workload(), *scanned.image.container, "image",
                   NotScanned(scanned) + scanned.image.Suffix());
      continue;
    }
    const Judgement judgement = Judge(context, *scanned.report, recheck);
    if (judgement.verdict != Verdict::kPass)
      findings.Add(judgement.verdict, context.workload(), *scanned.image.container, "image",
                   judgement.what + scanned.image.Suffix());
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kNotObserved;
  return std::move(outcome).RecheckAt(recheck);
}

}  // namespace

constinit const Check kImageVulnerabilities = {
    .id = "image-vulnerabilities",
    .title = "Images are scanned and have no known vulnerability that could be fixed",
    .section = Section::kImages,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .attestable = true,
    .max_days = 180,
    .rule =
        "Reads the VulnerabilityReports (Trivy Operator) about the images that run. Fails where a critical "
        "vulnerability with a fix was published more than 14 days ago. Warns for other critical ones, for high ones "
        "with a fix, and where the report is older than 7 days. Unknown where an image has no report, where the one "
        "there is is about another image, and in a scan.",
    .why =
        "Published vulnerabilities are tried on every address within days. What has a fix needs nothing but a new "
        "image.",
    .fix =
        "Rebuild the image on a current base and with current packages, and roll it out. What cannot be exploited is "
        "excepted in the scanner, with the reason; where the registry scans, attest it.",
    .source = "B. Images: images scanned",
    .aged = "The article names Clair. Scanners that keep their results as objects of the cluster have taken its place.",
    .traps =
        "A missing report is no clean bill: reports that are too large for etcd are not stored. Reports about earlier "
        "revisions do not count. The day of the fix is in no report: the vulnerability's publication stands for it. A "
        "report about a tag carries the image's id instead of the digest that runs; then the same repository and tag "
        "have to do. Init containers are not asked.",
    .reads = {Kind::kVulnerabilityReport, Kind::kPod, Kind::kReplicaSet, Kind::kJob},
    .needs = {Kind::kVulnerabilityReport},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
