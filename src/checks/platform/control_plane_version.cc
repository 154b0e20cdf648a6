#include <string>

#include "checks/all_checks.h"
#include "checks/common/kubernetes_version.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  const std::string_view version = ServerVersion(context);
  if (version.empty()) return Outcome::Unknown(UnknownCause::kNotObserved, "the API server's version is not known");
  return Outcome::Pass("the API server is " + std::string(version));
}

}  // namespace

constinit const Check kControlPlaneVersion = {
    .id = "control-plane-version",
    .title = "The API server's version",
    .section = Section::kPlatform,
    .severity = Severity::kInfo,
    .subject = SubjectType::kCluster,
    .rule = "Says what GET /version answers; for information. Unknown in a scan.",
    .why = "Reports of several clusters lie side by side, and what is wrong in one of them is often its version.",
    .fix = "Nothing: kubernetes-supported and node-version-skew judge it.",
    .source = "Kubernetes: Version Skew Policy",
    .reads = {Kind::kServerVersion},
    .needs = {Kind::kServerVersion},
    .run = Run,
};

}  // namespace seaworthy::checks
