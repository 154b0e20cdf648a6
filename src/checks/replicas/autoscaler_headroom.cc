#include <string>

#include "checks/all_checks.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (ScaledToZero(context.workload())) return kScaledToZero;
  if (!Usable(context, Kind::kHorizontalPodAutoscaler)) return "";  // Run says why it is not known
  return context.Autoscalers().empty() ? "no HorizontalPodAutoscaler targets it" : "";
}

// "TooManyReplicas": it wants more than it may. At its minimum the condition is True as well.
bool WantsMore(const HorizontalPodAutoscaler& autoscaler) {
  const Condition* limited = FindCondition(autoscaler.conditions, "ScalingLimited");
  return limited != nullptr && limited->is_true() && limited->reason != "TooFewReplicas" &&
         autoscaler.current_replicas.has_value() && *autoscaler.current_replicas >= autoscaler.max_replicas;
}

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = Missing(context, Kind::kHorizontalPodAutoscaler)) return *std::move(missing);
  const HorizontalPodAutoscaler* fixed = nullptr;
  for (const HorizontalPodAutoscaler* autoscaler : context.Autoscalers()) {
    // Not since the condition's own time: that stays when only its reason changes, from the minimum to the maximum.
    if (autoscaler->min_replicas.value_or(1) < autoscaler->max_replicas && WantsMore(*autoscaler)) {
      return Outcome::Fail("HorizontalPodAutoscaler " + autoscaler->meta.name.str() + " runs at its maxReplicas " +
                           std::to_string(autoscaler->max_replicas) + " and wants more");
    }
    if (fixed == nullptr && autoscaler->min_replicas.value_or(1) >= autoscaler->max_replicas) fixed = autoscaler;
  }
  if (fixed != nullptr) {
    const std::int64_t minimum = fixed->min_replicas.value_or(1);
    return Outcome::Warn("HorizontalPodAutoscaler " + fixed->meta.name.str() + " has nothing to choose: minReplicas " +
                         (minimum > fixed->max_replicas
                              ? std::to_string(minimum) + " is above maxReplicas " + std::to_string(fixed->max_replicas)
                              : "and maxReplicas are " + std::to_string(minimum)))
        .Settled();
  }
  return Outcome::Pass(context.offline() ? "whether it reaches its maximum is seen in a cluster only" : "");
}

}  // namespace

constinit const Check kAutoscalerHeadroom = {
    .id = "autoscaler-headroom",
    .title = "The autoscaler has room to scale up",
    .section = Section::kReplicas,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = kReplicated,
    .holds = true,
    .hold_minutes = 30,
    .rule =
        "Fails when a HorizontalPodAutoscaler of the workload has run at maxReplicas and reported that it is limited "
        "(ScalingLimited) for 30 minutes. Warns when minReplicas and maxReplicas are the same. In a scan the two "
        "numbers alone are judged. Not applicable without an autoscaler and at 0 replicas.",
    .why =
        "At its maximum an autoscaler does nothing more: with the next requests the service is too small, and no limit "
        "says so.",
    .fix =
        "Raise maxReplicas, after a look at what stands behind (connections of the database, quota, nodes), or make a "
        "replica do more.",
    .source = "E. Replicas and serving: at least 2 replicas of everything, databases too",
    .traps =
        "ScalingLimited is True at the minimum too, which is nothing to complain about, and its time does not move "
        "between the two: the 30 minutes are counted from when it was seen. A maximum that is reached without wanting "
        "more passes.",
    .reads = {Kind::kHorizontalPodAutoscaler},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
