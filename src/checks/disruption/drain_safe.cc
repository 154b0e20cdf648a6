#include <iterator>
#include <string>

#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

// Annotations of pods that keep an autoscaler from taking their node away. Source: Karpenter's documentation
// ("Disruption", pod-level controls; the older names of v1alpha5) and the FAQ of cluster-autoscaler.
struct Holder {
  std::string_view key, value;
};
constexpr Holder kHolders[] = {
    {"karpenter.sh/do-not-disrupt", "true"},
    {"karpenter.sh/do-not-evict", "true"},
    {"cluster-autoscaler.kubernetes.io/safe-to-evict", "false"},
};

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  for (const Holder& holder : kHolders) {
    if (workload.template_annotations.Get(holder.key) != holder.value) continue;
    return Outcome::Warn("its pods hold their node: annotation " + std::string(holder.key) + " is " +
                         std::string(holder.value))
        .At(workload.workload_class == WorkloadClass::kPod ? "metadata.annotations"
                                                           : "spec.template.metadata.annotations");
  }
  return Outcome::Pass();
}

}  // namespace

constinit const Check kDrainSafe = {
    .id = "drain-safe",
    .title = "Pods do not hold their node",
    .section = Section::kDisruption,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .applies_to = kLongRunning,
    .rule =
        "Warns when the pod template says karpenter.sh/do-not-disrupt (or do-not-evict) true or "
        "cluster-autoscaler.kubernetes.io/safe-to-evict false; shown, not scored.",
    .why =
        "An autoscaler leaves such a node alone: it is neither consolidated nor replaced when its image is old, and "
        "the cluster's upgrade waits for it.",
    .fix =
        "Let a PodDisruptionBudget say how many pods may go at a time instead, and end work within the grace period.",
    .source = "H. Spread and disruption: sensible disruption budget",
    .traps =
        "Work that must not be interrupted runs to its end by such an annotation: Jobs of a CronJob are not asked.",
    .run = Run,
};

}  // namespace seaworthy::checks
