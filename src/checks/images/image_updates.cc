#include <cstdint>
#include <string>
#include <utility>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/vulnerability_reports.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"days", 90, "how long ago the oldest vulnerability with a fix may have been published, in days"}};

Outcome Run(const Context& context) {
  Findings findings(context);
  Timestamp recheck;
  const auto days = static_cast<std::int64_t>(context.Param("days"));
  for (const ScannedImage& scanned : ScannedImages(context)) {
    if (scanned.report == nullptr) {
      findings.Add(Verdict::kUnknown, context.workload(), *scanned.image.container, "image",
                   NotScanned(scanned) + scanned.image.Suffix());
      continue;
    }
    const OptInt oldest = SumOf(*scanned.report, "summary.fixable.oldest");
    if (!oldest.has_value()) continue;
    const std::int64_t overdue = *oldest + days * kDay;
    if (overdue <= context.now_seconds()) {
      findings.Add(Verdict::kWarn, context.workload(), *scanned.image.container, "image",
                   "vulnerability " + std::string(scanned.report->First("summary.fixable.oldest.id")) +
                       " has a fix and was published more than " + std::to_string(days) + " days ago" +
                       scanned.image.Suffix());
    } else if (!recheck.set() || overdue < recheck.seconds) {
      recheck.seconds = overdue;
    }
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kNotObserved;
  return std::move(outcome).RecheckAt(recheck);
}

}  // namespace

constinit const Check kImageUpdates = {
    .id = "image-updates",
    .title = "Packages in images are kept up to date",
    .section = Section::kImages,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .rule =
        "Warns where the oldest vulnerability with a fix, of whatever severity, in an image that runs was published "
        "more than 90 days ago, as its VulnerabilityReport has it. Unknown where an image has no report, and in a "
        "scan.",
    .why =
        "An image that nobody has rebuilt for a quarter will not be rebuilt in an hour on the day on which it has to "
        "be.",
    .fix =
        "Rebuild images on a schedule, with the base's and the packages' current versions, and deploy what comes of "
        "it.",
    .source = "B. Images: packages and base up to date",
    .traps =
        "The age of pods and images says nothing: an old image may have nothing to fix, a new one may stand on an old "
        "base. Vulnerabilities without a fix, and without a date, are left out.",
    .reads = {Kind::kVulnerabilityReport, Kind::kPod, Kind::kReplicaSet, Kind::kJob},
    .needs = {Kind::kVulnerabilityReport},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
