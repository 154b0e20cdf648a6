#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"
#include "checks/common/time_text.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"days", 90, "how long an observation holds"}};
constexpr std::int64_t kDay = 86400;
constexpr std::string_view kSingleton = "seaworthy.dev/singleton";

std::string_view Applies(const Context& context) {
  return ScaledToZero(context.workload()) ? kScaledToZero : std::string_view();
}

std::string During(const RolloutEvidence& rollout) {
  return rollout.revision.empty() ? "during a rollout" : "during revision " + rollout.revision.str();
}

Outcome Judge(const Context& context, const RolloutEvidence& rollout) {
  const Timestamp seen = rollout.ended.set() ? rollout.ended : rollout.lowest_at;
  const Timestamp expires{seen.seconds + static_cast<std::int64_t>(context.Param("days")) * kDay};
  if (context.now_seconds() >= expires.seconds) {
    return Outcome::Unknown(UnknownCause::kNotObserved, "the last rollout that was watched was on " +
                                                            DateTimeText(seen) + ": too long ago to tell");
  }
  const std::string what = rollout.endpoints ? "ready endpoints" : "ready pods";
  if (!rollout.Fell()) {
    return Outcome::Pass(what + " never fell under " + std::to_string(rollout.lowest) + " " + During(rollout) +
                         ", which ended on " + DateTimeText(rollout.ended))
        .RecheckAt(expires);
  }
  std::string message = what + " fell to " + std::to_string(rollout.lowest) + " on " + DateTimeText(rollout.lowest_at) +
                        " " + During(rollout) + ", wanted at least " + std::to_string(rollout.Floor()) + " (" +
                        std::to_string(rollout.at_start) + " ready when it began";
  if (context.workload().workload_class != WorkloadClass::kOther)
    message += ", " + std::to_string(rollout.desired) + " desired, " + std::to_string(rollout.unavailable) +
               " may be gone at a time";
  message += ")";
  const bool singleton = !context.workload().meta.annotations.Get(kSingleton).empty();
  Outcome outcome = singleton ? Outcome::Warn(std::move(message)) : Outcome::Fail(std::move(message));
  return std::move(outcome).RecheckAt(expires);
}

Outcome Run(const Context& context) {
  if (context.offline()) return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows how a rollout goes");
  if (const AvailabilityEvidence* seen = context.Availability()) {
    if (seen->current && seen->current->Fell()) return Judge(context, *seen->current);
    if (seen->last) return Judge(context, *seen->last);
  }
  for (const Kind kind : {Kind::kPod, Kind::kService}) {
    if (!Usable(context, kind)) return *Missing(context, kind);
  }
  if (context.Serving()) {
    if (auto missing = Missing(context, Kind::kEndpointSlice)) return *std::move(missing);
  }
  return Outcome::Unknown(UnknownCause::kNotObserved,
                          "no rollout has been watched from its begin to its end yet: the next release decides");
}

}  // namespace

constinit const Check kRolloutKeptAvailable = {
    .id = "rollout-kept-available",
    .title = "Enough pods kept serving while it was rolled out",
    .section = Section::kReplicas,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = kReplicated,
    .rule =
        "Observed. While the pod template's last change was rolled out, the ready, non-terminating endpoints of each "
        "Service that selects the workload (without one, its ready pods) never fell under the number that was ready "
        "when it began, or is desired if that is less, minus maxUnavailable, and never under 1. What fell fails, with "
        "the lowest count and its time; seaworthy.dev/singleton makes it a warning. Unknown until a rollout has been "
        "watched from begin to end, 90 days after the last one, and in a scan. Not applicable at 0 replicas.",
    .why =
        "A release that takes the service down for half a minute is an outage each time, and one that makes people "
        "afraid of releasing.",
    .fix =
        "Run 2 replicas or more with RollingUpdate and maxUnavailable 0 (surge instead), a readiness probe that passes "
        "only when the pod can serve, and a preStop hook that delays the stop of old ones.",
    .source = "E. Replicas and serving: stays available when a pod is recreated or deployed",
    .traps =
        "Ready endpoints are no successful requests. Not judged: the first rollout, one out of an outage, one during "
        "which the number of replicas changed, a node was lost or a pod evicted, and one of which the watch missed "
        "something: what was seen before then stays. Controllers other than Kubernetes' own have to leave one pod.",
    .reads = {Kind::kPod, Kind::kService, Kind::kEndpointSlice},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
