#include <algorithm>
#include <cstdint>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  return ScaledToZero(context.workload()) ? kScaledToZero : std::string_view();
}

// Pods of a DaemonSet that are not ready because their node is not: the node's trouble, which node-ready tells.
std::int64_t ExcusedPods(const Context& context) {
  if (!Usable(context, Kind::kPod) || !Usable(context, Kind::kNode)) return 0;
  return std::count_if(context.Pods().begin(), context.Pods().end(), [&](const Pod* pod) {
    if (pod->node.empty() || pod->IsTerminal() || pod->IsReady()) return false;
    const NodeRecord* record = context.FindNode(pod->node);
    return record == nullptr || record->node == nullptr || !record->node->IsReady() || record->node->unschedulable;
  });
}

Outcome NoneAvailable(const Workload& workload, std::string message) {
  Outcome outcome = Outcome::Fail(std::move(message)).At("status");
  outcome.severity = Severity::kCritical;
  const Condition* available = FindCondition(workload.status.conditions, "Available");
  if (available != nullptr && available->is_false()) outcome.since = available->since;
  return outcome;
}

Outcome JudgeDaemonSet(const Context& context) {
  const Workload& workload = context.workload();
  const std::int64_t desired = workload.status.replicas.value_or(0);
  if (desired == 0) return Outcome::Na("it is to run on no node");
  const std::int64_t reported = workload.status.unavailable.value_or(0);
  if (reported == 0) return Outcome::Pass();
  const std::int64_t excused = std::min(reported, ExcusedPods(context));
  const std::int64_t unavailable = reported - excused;
  if (unavailable == 0) return Outcome::Pass();
  if (workload.status.available.value_or(0) == 0) return NoneAvailable(workload, "none of its pods is available");
  const double share = context.Param("daemonSetPercent") / 100;
  if (unavailable <= 1 || static_cast<double>(unavailable) <= share * static_cast<double>(desired - excused))
    return Outcome::Pass();
  const auto percent = static_cast<std::int64_t>(context.Param("daemonSetPercent"));
  return Outcome::Fail("its pods are unavailable on more than " + std::to_string(percent) +
                       " % of the nodes, and on more than one, NotReady and cordoned nodes left out")
      .At("status.numberUnavailable");
}

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  if (context.offline())
    return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows it: the status of the workload");
  const bool own_controller =
      workload.workload_class == WorkloadClass::kOther;  // then the status is counted from the pods
  if (!own_controller && !workload.status.observed_generation.has_value() && !workload.status.available.has_value()) {
    return Outcome::Unknown(UnknownCause::kNotObserved, "its controller has not written a status yet");
  }
  if (workload.workload_class == WorkloadClass::kDaemonSet) return JudgeDaemonSet(context);
  const std::int64_t desired = workload.replicas.value_or(1);
  const std::int64_t available = workload.status.available.value_or(0);  // left out when it is 0
  if (available >= desired) return Outcome::Pass();
  if (available == 0) return NoneAvailable(workload, "no replica is available");
  // The numbers themselves move while the finding stays.
  return Outcome::Fail("fewer replicas are available than desired").At("status.availableReplicas");
}

constexpr Param kParams[] = {
    {"daemonSetPercent", 5, "share of a DaemonSet's pods that may be unavailable, and one always"}};

}  // namespace

constinit const Check kReplicasAvailable = {
    .id = "replicas-available",
    .title = "As many replicas are available as desired",
    .section = Section::kReplicas,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = kLongRunning,
    .holds = true,
    .rule =
        "Passes when the status shows as many available replicas as desired. Fails when fewer have been available for "
        "10 minutes outside rollouts and scale changes, as critical when there is none. A DaemonSet fails when more "
        "than one and more than 5 % of its pods are unavailable, those on NotReady and cordoned nodes left out. Not "
        "applicable at 0 replicas; unknown in a scan, and before a controller wrote a status.",
    .why =
        "The capacity and the spare that were planned are not there: the next lost pod may be the last one, and "
        "nobody notices while the remaining ones still answer.",
    .fix =
        "Look at the pods that are missing: kubectl describe says whether they cannot be scheduled, started or do not "
        "become ready.",
    .source = "E. Replicas and serving: at least 2 replicas of everything, databases too",
    .traps =
        "Rollouts, scale changes and the workload's first ten minutes are not judged. Nodes that are down or cordoned "
        "do not count against a DaemonSet. Of pods that another controller owns, those that are ready are counted: for "
        "an Argo Rollout against its spec.replicas, for others against the pods there are.",
    .reads = {Kind::kPod, Kind::kNode},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
