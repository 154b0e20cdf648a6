#include <string>

#include "checks/all_checks.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (context.tier() != Tier::kCritical) return "asked of tier critical only";
  const Workload& workload = context.workload();
  if (workload.workload_class == WorkloadClass::kOther && workload.kind_name != "Rollout")
    return "its own controller decides how it is released";
  return "";
}

bool HasSteps(const Extension& rollout) {
  return rollout.Has("spec.strategy.canary?") || rollout.Has("spec.strategy.blueGreen?");
}

// The Rollout itself, or one that takes its template from this Deployment (workloadRef).
bool ByRollout(const Context& context) {
  const Workload& workload = context.workload();
  for (const Object* object : context.Here(Kind::kRollout)) {
    const Extension& rollout = Context::AsExtension(*object);
    const bool itself = workload.kind_name == "Rollout" && rollout.meta.name == workload.meta.name;
    const bool named = rollout.First("spec.workloadRef.kind") == workload.kind_name.view() &&
                       rollout.First("spec.workloadRef.name") == workload.meta.name.view();
    if ((itself || named) && HasSteps(rollout)) return true;
  }
  return false;
}

bool ByCanary(const Context& context) {
  const Workload& workload = context.workload();
  for (const Object* object : context.Here(Kind::kCanary)) {
    const Extension& canary = Context::AsExtension(*object);
    const std::string target(canary.First("spec.targetRef.name"));
    if (canary.First("spec.targetRef.kind") != workload.kind_name.view()) continue;
    if (workload.meta.name == target || workload.meta.name == target + "-primary") return true;
  }
  return false;
}

Outcome Run(const Context& context) {
  if (ByRollout(context) || ByCanary(context)) return Outcome::Pass();
  const bool rollouts = context.Live(Kind::kRollout), canaries = context.Live(Kind::kCanary);
  if (rollouts || canaries) {
    return Outcome::Warn(std::string("no ") +
                         (rollouts && canaries ? "Rollout or Canary"
                          : rollouts           ? "Rollout"
                                               : "Canary") +
                         " releases it step by step");
  }
  if (context.State(Kind::kRollout) == SourceState::kAbsent && context.State(Kind::kCanary) == SourceState::kAbsent) {
    return Outcome::Unknown(UnknownCause::kAbsent,
                            "neither Argo Rollouts nor Flagger is in the cluster; of other tools nothing is known");
  }
  const Kind asked = context.State(Kind::kRollout) == SourceState::kAbsent ? Kind::kCanary : Kind::kRollout;
  return *Missing(context, asked);
}

}  // namespace

constinit const Check kProgressiveDelivery = {
    .id = "progressive-delivery",
    .title = "What is critical is released step by step",
    .section = Section::kDelivery,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kDeployment, WorkloadClass::kStatefulSet, WorkloadClass::kDaemonSet,
                   WorkloadClass::kReplicaSet, WorkloadClass::kOther},
    .rule =
        "Asked of tier critical. Passes where an Argo Rollout with a canary or blueGreen strategy runs it (or takes "
        "its template by workloadRef), or a Flagger Canary targets it. Warns where one of these tools is in the "
        "cluster and does not release it. Unknown without either, and in a scan that has neither among its files. "
        "Shown, not scored.",
    .why =
        "A rolling update gives a bad release to everybody within a minute. A canary gives it to a few, measures, and "
        "takes it back by itself.",
    .fix = "Make the Deployment an Argo Rollout, or add a Flagger Canary for it, with a metric that decides.",
    .source = "Q. Delivery: deployment strategies, canary, blue/green",
    .traps =
        "A plain RollingUpdate is right for most workloads: this is information. Canaries by hand, by a mesh or by a "
        "pipeline are not seen.",
    .reads = {Kind::kRollout, Kind::kCanary},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
