#include <string>
#include <utility>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/vulnerability_reports.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  Findings findings(context);
  bool any_os = false, any_unknown = false;
  for (const ScannedImage& scanned : ScannedImages(context)) {
    if (scanned.report == nullptr) {
      any_unknown = true;
      findings.Add(Verdict::kUnknown, context.workload(), *scanned.image.container, "image",
                   NotScanned(scanned) + scanned.image.Suffix());
      continue;
    }
    const std::string_view family = scanned.report->First("report.os.family");
    if (family.empty()) continue;
    any_os = true;
    if (scanned.report->First("report.os.eosl") != "true") continue;
    findings.Add(Verdict::kFail, context.workload(), *scanned.image.container, "image",
                 "its base, " + std::string(family) + " " + std::string(scanned.report->First("report.os.name")) +
                     ", is past its end of service life" + scanned.image.Suffix());
  }
  if (!any_os && !any_unknown) return Outcome::Na("the scanner found no distribution in its images");
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kNotObserved;
  return outcome;
}

}  // namespace

constinit const Check kImageBaseSupported = {
    .id = "image-base-supported",
    .title = "Images stand on a distribution that is still maintained",
    .section = Section::kImages,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "Fails where the VulnerabilityReport of an image that runs says that its operating system is past its end of "
        "service life. Not applicable where the scanner found no distribution in any of the images; unknown where an "
        "image has no report, and in a scan.",
    .why =
        "Nobody mends a distribution past its end: new vulnerabilities get no fix, and the scanner does not even list "
        "them.",
    .fix =
        "Build the image on a supported release of its base, and let a bot propose the next one (Renovate, "
        "Dependabot).",
    .source = "B. Images: packages and base up to date",
    .traps =
        "Images without a distribution (distroless by static binaries, scratch) have none that could end. The age of a "
        "pod or of the image says nothing about the base.",
    .reads = {Kind::kVulnerabilityReport, Kind::kPod, Kind::kReplicaSet, Kind::kJob},
    .needs = {Kind::kVulnerabilityReport},
    .run = Run,
};

}  // namespace seaworthy::checks
