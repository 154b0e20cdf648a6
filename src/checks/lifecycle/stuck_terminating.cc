#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/findings.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"minutes", 10,
     "how long a pod may stay after its grace period, and a workload after its deletion and that period"},
    {"namespaceMinutes", 60, "how long a namespace may terminate"},
};
constexpr std::size_t kShown = 3;
constexpr std::int64_t kDefaultGrace = 30;  // core/v1 defaults.go

std::string HeldBy(const List<Text>& finalizers) {
  if (finalizers.empty()) return {};
  std::string text = finalizers.size() == 1 ? "finalizer " : "finalizers ";
  for (std::size_t i = 0; i < std::min(finalizers.size(), kShown); ++i)
    text += (i == 0 ? "" : ", ") + finalizers[i].str();
  return finalizers.size() > kShown ? text + " and others" : text;
}

// What keeps the pod, as far as objects tell.
std::string Reason(const Context& context, const Pod& pod) {
  if (std::string held = HeldBy(pod.meta.finalizers); !held.empty()) return ", held by " + held;
  const NodeRecord* node = context.FindNode(pod.node);
  if (node == nullptr && context.Live(Kind::kNode) && !pod.node.empty())
    return ", its node " + pod.node.str() + " is gone";
  if (node != nullptr && !node->node->IsReady()) return ", its node " + pod.node.str() + " is not Ready";
  return ", no finalizer holds it";
}

Outcome Run(const Context& context) {
  const auto minutes = static_cast<std::int64_t>(context.Param("minutes"));
  const auto of_namespace = static_cast<std::int64_t>(context.Param("namespaceMinutes"));
  Findings findings(context);
  Timestamp since, recheck;
  const auto late = [&](Timestamp deleted, std::int64_t after_minutes) {
    if (!deleted.set()) return false;
    const Timestamp end{deleted.seconds + after_minutes * 60};
    if (context.now_seconds() < end.seconds) {
      if (!recheck.set() || end < recheck) recheck = end;
      return false;
    }
    if (!since.set() || end < since) since = end;
    return true;
  };
  const Workload& workload = context.workload();
  // What is deleted in the foreground stays until its last pod has gone, which may use its grace period.
  Timestamp pods_end = workload.meta.deleted;
  if (pods_end.set()) pods_end.seconds += context.spec().termination_grace.value_or(kDefaultGrace);
  if (late(pods_end, minutes)) {
    const std::string held = HeldBy(workload.meta.finalizers);
    findings.Add(Verdict::kFail, "metadata.finalizers",
                 "the " + workload.kind_name.str() + " was deleted and is still there more than " +
                     std::to_string(minutes) + " minutes after its pods' grace period" +
                     (held.empty() ? "" : ", held by " + held));
  }
  std::size_t stuck = 0;
  for (const Pod* pod : context.Pods()) {
    // deletionTimestamp is the end of the grace period, not its begin (metav1.ObjectMeta).
    if (!late(pod->meta.deleted, minutes) || ++stuck > kShown) continue;
    findings.Add(Verdict::kFail, {},
                 "pod " + pod->meta.name.str() + " is still there more than " + std::to_string(minutes) +
                     " minutes after its grace period" + Reason(context, *pod));
  }
  if (stuck > kShown) findings.Add(Verdict::kFail, {}, "more pods likewise");
  const Namespace* ns = context.Namespace().object;
  if (ns != nullptr && late(ns->meta.deleted, of_namespace)) {
    const std::string held = HeldBy(ns->meta.finalizers);
    findings.Add(Verdict::kFail, {},
                 "its namespace has been terminating for more than " + std::to_string(of_namespace) + " minutes" +
                     (held.empty() ? "" : ", held by " + held));
  }
  return std::move(findings).Finish(Outcome::Pass()).Since(since).RecheckAt(recheck);
}

}  // namespace

constinit const Check kStuckTerminating = {
    .id = "stuck-terminating",
    .title = "What was deleted goes away",
    .section = Section::kLifecycle,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Fails when a pod is still there 10 minutes after the end of its grace period, the workload itself 10 minutes "
        "after its deletion and the pods' grace period, or its namespace after an hour; finalizers are named, and a "
        "node that is gone or not Ready. Unknown in a scan. Judged at once, not after another 10 minutes.",
    .why =
        "A pod that cannot go keeps its volume, its name in a StatefulSet and its address: the replacement waits, and "
        "a drain never ends.",
    .fix =
        "See which controller owns the finalizer and why it does not finish; remove the finalizer by hand only when "
        "what it guards is known to be gone. Where the node is lost, taint it with node.kubernetes.io/out-of-service "
        "or delete it, then the pod is let go.",
    .source = "K. Lifecycle: lifecycle hooks for safe shutdown",
    .traps = "A long grace period is no fault: deletionTimestamp is its end, and the clock starts there.",
    .reads = {Kind::kPod, Kind::kNode, Kind::kNamespace},
    .needs = {Kind::kPod},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
