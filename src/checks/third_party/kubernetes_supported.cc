#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/kubernetes_version.h"
#include "checks/third_party/kubernetes_releases.h"

namespace seaworthy::checks {
namespace {

// The first second after the last day of support.
std::int64_t EndOf(const KubernetesRelease& release) {
  const std::chrono::sys_days day(std::chrono::year(release.year) / release.month / release.day);
  return (day.time_since_epoch().count() + 1) * std::int64_t{86'400};
}

Outcome Run(const Context& context) {
  const std::string_view text = ServerVersion(context);
  const std::optional<KubernetesVersion> version = ParseKubernetesVersion(text);
  if (!version) {
    return Outcome::Unknown(
        text.empty() ? UnknownCause::kNotObserved : UnknownCause::kUnreadable,
        "the API server's version is " + (text.empty() ? "not known" : "no version: " + std::string(text)));
  }
  const std::string name = "Kubernetes " + version->Minor();
  const auto* first = std::begin(kKubernetesReleases);
  if (version->major == 1 && version->minor < first->minor)
    return Outcome::Fail(name + " has been out of support for years; want a minor that still gets fixes");
  const auto* release = std::find_if(first, std::end(kKubernetesReleases), [&](const KubernetesRelease& one) {
    return version->major == 1 && one.minor == version->minor;
  });
  if (release == std::end(kKubernetesReleases)) {
    // It came out later, so it is supported as long as the newest that is known, at least.
    const std::int64_t sure_until = EndOf(*std::prev(std::end(kKubernetesReleases)));
    if (context.now_seconds() < sure_until)
      return Outcome::Pass(name + " is younger than what is known here of releases").RecheckAt({sure_until});
    return Outcome::Unknown(
        UnknownCause::kNotObserved,
        name + " is younger than what is known here of releases, and that is long ago: run a newer Seaworthy");
  }
  char date[16];
  std::snprintf(date, sizeof date, "%04d-%02d-%02d", release->year, release->month, release->day);
  const std::int64_t end = EndOf(*release);
  if (context.now_seconds() < end) return Outcome::Pass(name + " is supported until " + date).RecheckAt({end});
  return Outcome::Fail(name + " went out of support on " + date + "; want a minor that still gets fixes");
}

}  // namespace

constinit const Check kKubernetesSupported = {
    .id = "kubernetes-supported",
    .title = "The cluster runs a Kubernetes that still gets fixes",
    .section = Section::kThirdParty,
    .severity = Severity::kMedium,
    .subject = SubjectType::kCluster,
    .rule =
        "Fails when the API server's minor version is past its end of life upstream, by the dates of "
        "kubernetes.io/releases that are built in. A minor that is younger than the table passes until the newest one "
        "in it is past its end, and is unknown from then on. Unknown in a scan and where the version is not known.",
    .why =
        "After its end of life a minor gets no security fixes, and each one that is skipped makes the next upgrade "
        "longer: control planes go one minor at a time.",
    .fix = "Upgrade one minor after the other; deprecated-api says which manifests stand in the way.",
    .source = "O. Third-party components and versions",
    .traps =
        "Providers sell longer support (EKS extended support, GKE's extended channel): the date is upstream's. Waive "
        "it until the contract ends.",
    .reads = {Kind::kServerVersion},
    .needs = {Kind::kServerVersion},
    .run = Run,
};

}  // namespace seaworthy::checks
