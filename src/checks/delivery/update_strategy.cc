#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/paths.h"
#include "checks/common/replicas.h"
#include "seaworthy/rolling_update.h"

namespace seaworthy::checks {
namespace {

bool IsDaemonSet(const Context& context) { return context.workload().workload_class == WorkloadClass::kDaemonSet; }

std::string_view Applies(const Context& context) {
  const Workload& workload = context.workload();
  switch (workload.workload_class) {
    case WorkloadClass::kDeployment:
    case WorkloadClass::kStatefulSet:
    case WorkloadClass::kDaemonSet: break;
    case WorkloadClass::kOther: return "its own controller decides how it rolls";
    default: return "its kind has no update strategy";
  }
  if (workload.meta.Controller() != nullptr) return "its owner, an operator, decides how it rolls";
  if (IsDaemonSet(context)) {
    const OptInt& desired = workload.status.replicas;
    return desired.has_value() && *desired < 2 ? "it runs on fewer than 2 nodes" : "";
  }
  return EffectiveReplicas(context).minimum >= 2 ? "" : "it may run with a single replica";
}

std::string_view StrategyField(const Context& context) {
  return context.workload().workload_class == WorkloadClass::kDeployment ? "spec.strategy" : "spec.updateStrategy";
}

Outcome Unreadable(const Context& context) {
  return Outcome::Unknown(UnknownCause::kUnreadable, "maxUnavailable or maxSurge is neither a number nor a percentage")
      .At(std::string(StrategyField(context)) + ".rollingUpdate");
}

Outcome AllMayGo(const Context& context, const std::string& of_how_many) {
  return Outcome::Fail("maxUnavailable " + context.workload().max_unavailable.ToString() + of_how_many +
                       ": a rollout may take all pods away at once")
      .At(std::string(StrategyField(context)) + ".rollingUpdate.maxUnavailable");
}

// How many pods a DaemonSet has shows in a cluster only. What is wrong on every number of nodes, or on none, needs no
// cluster.
Outcome JudgeDaemonSet(const Context& context) {
  const Workload& workload = context.workload();
  if (const OptInt& desired = workload.status.replicas; desired.has_value()) {
    const Fenceposts posts = ResolveFenceposts(workload, *desired);
    if (posts.invalid) return Unreadable(context);
    return posts.unavailable >= *desired ? AllMayGo(context, " of the pods desired now") : Outcome::Pass();
  }
  const IntOrPercent& unavailable = workload.max_unavailable;
  if (unavailable.form == IntOrPercent::Form::kInvalid || workload.max_surge.form == IntOrPercent::Form::kInvalid)
    return Unreadable(context);
  const bool percent = unavailable.form == IntOrPercent::Form::kPercent;
  if (percent && unavailable.value >= 100) return AllMayGo(context, "");
  // Rounded up, half of 2 is 1 and half of more is less than all.
  if (!unavailable.set() || unavailable.value <= (percent ? 50 : 1)) return Outcome::Pass();
  return Outcome::Unknown(
      context.offline() ? UnknownCause::kOffline : UnknownCause::kNotObserved,
      "whether maxUnavailable " + unavailable.ToString() + " is all of its pods depends on the number of nodes");
}

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  const std::string field(StrategyField(context));
  switch (workload.strategy) {
    case StrategyType::kRecreate:
      return Outcome::Fail("strategy Recreate: every rollout stops all pods before the first new one starts")
          .At(field + ".type");
    case StrategyType::kOnDelete:
      return Outcome::Warn("updateStrategy OnDelete: a new template reaches no pod until somebody deletes it")
          .At(field + ".type");
    case StrategyType::kOther:
      return Outcome::Unknown(UnknownCause::kUnreadable, "an update strategy that Kubernetes does not know")
          .At(field + ".type");
    case StrategyType::kUnset:
    case StrategyType::kRollingUpdate: break;
  }
  if (IsDaemonSet(context)) return JudgeDaemonSet(context);
  const ReplicaBounds& bounds = EffectiveReplicas(context);
  const Fenceposts posts = ResolveFenceposts(workload, bounds.minimum);
  if (posts.invalid) return Unreadable(context);
  if (posts.unavailable >= bounds.minimum)
    return AllMayGo(context, " of " + bounds.source + " " + std::to_string(bounds.minimum));
  if (workload.workload_class == WorkloadClass::kStatefulSet && workload.partition.value_or(0) > 0) {
    return Outcome::Warn("partition " + std::to_string(*workload.partition) +
                         ": pods with a lower number stay on the old revision")
        .At(field + ".rollingUpdate.partition");
  }
  return Outcome::Pass();
}

// Recreate, OnDelete and a partition may be meant; a number may not.
std::string MakePatch(const Context& context) {
  const Outcome outcome = Run(context);
  if (outcome.verdict != Verdict::kFail || context.workload().strategy == StrategyType::kRecreate) return {};
  const bool deployment = context.workload().workload_class == WorkloadClass::kDeployment;
  return Patch(context.workload())
      .Spec(std::string(deployment ? "\"strategy\"" : "\"updateStrategy\"") +
            ":{\"rollingUpdate\":{\"maxUnavailable\":1}}")
      .Build();
}

}  // namespace

constinit const Check kUpdateStrategy = {
    .id = "update-strategy",
    .title = "A rollout leaves some pods running",
    .section = Section::kDelivery,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = kLongRunning,
    .penalty_only = true,
    .rule =
        "With an effective minimum (autoscaler's, else spec.replicas) of 2 or more: Recreate fails; "
        "maxUnavailable that resolves to all of that minimum fails. Resolved as the controllers do: Deployment "
        "surge up, unavailable down, both 0 gives unavailable 1; StatefulSet down and at least 1; DaemonSet up, "
        "of its desired pods. OnDelete and a StatefulSet's partition above 0 warn. Unknown where a DaemonSet's "
        "number of pods decides and is not known. Not applicable with a single replica, to kinds without a "
        "strategy, and to workloads that an operator owns.",
    .why =
        "Replicas are of no use in the one planned event that happens to every application: its release. With all "
        "of them gone at once each rollout is an outage.",
    .fix =
        "Use RollingUpdate with maxUnavailable 0 or 1 and a surge; for an application that cannot run in two "
        "versions side by side, say so with one replica or separate the part that cannot.",
    .source = "Q. Delivery: deployment strategies, canary, blue/green",
    .traps =
        "The defaults (RollingUpdate, 25 %) are right, so their absence is no finding. Recreate with one replica "
        "is right for a ReadWriteOnce volume. A partition is right while a canary is watched: it warns because "
        "it tends to be forgotten.",
    .reads = {Kind::kHorizontalPodAutoscaler, Kind::kScaledObject},
    .applies = Applies,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
