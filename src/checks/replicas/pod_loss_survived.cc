#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/replicas.h"
#include "checks/common/time_text.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"days", 30, "how long an observation holds"}};
constexpr std::int64_t kDay = 86400;
constexpr std::string_view kSingleton = "seaworthy.dev/singleton";

std::string_view Applies(const Context& context) {
  return ScaledToZero(context.workload()) ? kScaledToZero : std::string_view();
}

bool InTime(const PodLoss& loss) {
  return loss.replaced.set() && loss.replaced.seconds - loss.lost.seconds <= loss.allowed_seconds;
}
bool Survived(const PodLoss& loss) { return loss.others > 0 && InTime(loss); }

Outcome Judge(const PodLoss& loss) {
  const std::string when = "a ready pod went away on " + DateTimeText(loss.lost);
  if (loss.others == 0) return Outcome::Fail(when + " and no other was ready");
  if (InTime(loss)) {
    return Outcome::Pass(when + ", at least " + std::to_string(loss.others) +
                         " stayed ready, and it was replaced within " +
                         SpanText(loss.replaced.seconds - loss.lost.seconds));
  }
  return Outcome::Fail(when + " and was not replaced within " + SpanText(loss.allowed_seconds));
}

Outcome Run(const Context& context) {
  if (context.offline())
    return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows what happens when a pod goes away");
  const std::int64_t now = context.now_seconds();
  const std::int64_t span = static_cast<std::int64_t>(context.Param("days")) * kDay;
  const AvailabilityEvidence* seen = context.Availability();
  const PodLoss* newest = nullptr;
  int judged = 0, survived = 0;
  Timestamp recheck;
  const auto look_at = [&](std::int64_t when) {
    if (when > now && (!recheck.set() || when < recheck.seconds)) recheck.seconds = when;
  };
  if (seen != nullptr) {
    for (const PodLoss& loss : seen->losses) {
      if (now >= loss.lost.seconds + span) continue;
      look_at(loss.lost.seconds + span);
      look_at(loss.lost.seconds + PodLoss::kSettleSeconds);
      if (loss.sure && !loss.replaced.set()) look_at(loss.lost.seconds + loss.allowed_seconds + 1);
      if (!loss.Decided(now)) continue;
      newest = &loss;
      ++judged;
      survived += Survived(loss) ? 1 : 0;
    }
  }
  if (newest == nullptr) {
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            "no ready pod has been seen to go away outside rollouts: delete one, or attest a drill")
        .RecheckAt(recheck);
  }
  Outcome outcome = Judge(*newest);
  if (outcome.verdict == Verdict::kFail && !context.workload().meta.annotations.Get(kSingleton).empty())
    outcome.verdict = Verdict::kWarn;
  if (judged > 1)
    outcome.message += " (of the last " + std::to_string(judged) + ", " + std::to_string(survived) + " were survived)";
  return std::move(outcome).RecheckAt(recheck);
}

}  // namespace

constinit const Check kPodLossSurvived = {
    .id = "pod-loss-survived",
    .title = "It survived the loss of a pod",
    .section = Section::kReplicas,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = kReplicated,
    .attestable = true,
    .max_days = 180,
    .rule =
        "Observed. When a ready pod was deleted, evicted or ended outside rollouts and scale-downs, another stayed "
        "ready throughout, and as many were ready again within 5 minutes or three times their usual start, whichever "
        "is longer. The newest of the last ten within 30 days decides; seaworthy.dev/singleton makes a failure a "
        "warning. Unknown until one is seen, unless somebody attests a drill, and in a scan. Not applicable at 0 "
        "replicas.",
    .why =
        "Drains, evictions and node updates take pods away every week. Whether that is noticed by users is better "
        "found out from one of them than from the next outage.",
    .fix =
        "Run 2 replicas or more on different nodes, with a budget, and see why new pods take long to get ready: image "
        "size, start-up work, missing capacity. Then delete a pod and look again.",
    .source = "E. Replicas and serving: stays available when a pod is recreated or deployed",
    .traps =
        "A pod that is unready and comes back did not go away, nor did one that was not ready. What nobody watched is "
        "not judged. Controllers other than Kubernetes' own may want fewer pods, so that a pod which is not replaced "
        "says nothing there.",
    .reads = {Kind::kPod},
    .needs = {Kind::kPod},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
