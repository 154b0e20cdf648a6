#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  const PodDisruptionBudget& budget = *context.budget().budget;
  if (budget.unhealthy_eviction == "AlwaysAllow") return Outcome::Pass();
  return Outcome::Warn(
             "unhealthyPodEvictionPolicy is " +
             (budget.unhealthy_eviction.empty() ? "not set (IfHealthyBudget)" : budget.unhealthy_eviction.str()) +
             ": pods that are not ready may block a drain; want AlwaysAllow")
      .At("spec.unhealthyPodEvictionPolicy");
}

}  // namespace

constinit const Check kPdbUnhealthyEviction = {
    .id = "pdb-unhealthy-eviction",
    .title = "A budget does not protect pods that are broken anyway",
    .section = Section::kDisruption,
    .severity = Severity::kInfo,
    .subject = SubjectType::kBudget,
    .rule = "Passes with unhealthyPodEvictionPolicy: AlwaysAllow, warns otherwise; shown, not scored.",
    .why =
        "By default a pod that runs and is not ready may be evicted only while the budget is healthy. An application "
        "that crashes everywhere then blocks every drain, though nothing is left to protect.",
    .fix = "Set spec.unhealthyPodEvictionPolicy: AlwaysAllow.",
    .source = "H. Spread and disruption: sensible disruption budget",
    .traps =
        "Where a pod that is not ready may still be needed, to finish a recovery or keep a quorum, the default is "
        "right: hence only information. The field is served from Kubernetes 1.27 on.",
    .reads = {Kind::kPodDisruptionBudget},
    .run = Run,
};

}  // namespace seaworthy::checks
