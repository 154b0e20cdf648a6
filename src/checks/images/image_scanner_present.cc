#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/sources.h"
#include "checks/common/vulnerability_reports.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"days", 7, "how old the newest report may be, in days"}};

Outcome Run(const Context& context) {
  if (context.State(Kind::kVulnerabilityReport) == SourceState::kAbsent) {
    return Outcome::Unknown(UnknownCause::kAbsent,
                            "no scanner keeps VulnerabilityReports here (Trivy Operator is not installed); attest one "
                            "that scans elsewhere, in the registry for instance");
  }
  if (std::optional<Outcome> missing = Missing(context, Kind::kVulnerabilityReport)) return *std::move(missing);
  std::int64_t newest = 0;
  for (const Object* object : context.Everywhere(Kind::kVulnerabilityReport))
    newest = std::max(newest, SumOf(Context::AsExtension(*object), "summary.updated").value_or(0));
  if (newest == 0)
    return Outcome::Fail("there is not a single VulnerabilityReport: the scanner does not run").Absence();
  const auto days = static_cast<std::int64_t>(context.Param("days"));
  const std::int64_t stale = newest + days * kDay;
  if (stale <= context.now_seconds())
    return Outcome::Fail("the newest VulnerabilityReport is older than " + std::to_string(days) +
                         " days: the scanner has stopped");
  return Outcome::Pass().RecheckAt({stale});
}

}  // namespace

constinit const Check kImageScannerPresent = {
    .id = "image-scanner-present",
    .title = "A scanner looks at the images that run",
    .section = Section::kImages,
    .severity = Severity::kMedium,
    .subject = SubjectType::kCluster,
    .attestable = true,
    .max_days = 180,
    .rule =
        "Passes when a VulnerabilityReport (Trivy Operator) is not older than 7 days, fails when the kind is installed "
        "and the newest is older or there is none. Unknown where the kind is not installed or cannot be read, and in a "
        "scan.",
    .why =
        "Vulnerabilities are found in images long after these were built and scanned: only what is scanned again is "
        "known.",
    .fix =
        "Install Trivy Operator with a report TTL of a day, or attest the scanner of the registry with a "
        "ClusterAttestation.",
    .source = "B. Images: images scanned",
    .aged = "The article names Clair.",
    .traps =
        "Registries and services outside scan as well and leave no object: hence unknown, not a fail. Which images are "
        "missing is image-vulnerabilities'.",
    .reads = {Kind::kVulnerabilityReport},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
