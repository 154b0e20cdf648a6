#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (ScaledToZero(context.workload())) return kScaledToZero;
  if (!Usable(context, Kind::kPodDisruptionBudget)) return "";
  return context.Budgets().items.empty() ? "no PodDisruptionBudget selects its pods" : "";
}

// Kinds for which the disruption controller finds no replica count: percentages and maxUnavailable cannot be resolved.
bool HasNoScale(const Workload& workload) {
  switch (workload.workload_class) {
    case WorkloadClass::kDaemonSet:
    case WorkloadClass::kCronJob:
    case WorkloadClass::kPod: return true;
    default: return false;
  }
}

// One budget's verdict. `settled` where the specs alone decide; `since` for the rest.
struct Judgement {
  Verdict verdict = Verdict::kPass;
  std::string what;
  bool settled = true;
  Timestamp since;
};

Judgement Bad(Verdict verdict, std::string what) { return {verdict, std::move(what), true, {}}; }

// The status describes this spec and has counted pods.
bool HasFreshStatus(const PodDisruptionBudget& budget) {
  return budget.has_status && budget.expected_pods > 0 &&
         (!budget.observed_generation.has_value() || *budget.observed_generation == budget.meta.generation);
}

// What the fields say by themselves; pass: nothing.
Judgement JudgeFields(const Context& context, const PodDisruptionBudget& budget) {
  const IntOrPercent& minimum = budget.min_available;
  const IntOrPercent& maximum = budget.max_unavailable;
  if (minimum.form == IntOrPercent::Form::kInvalid)
    return Bad(Verdict::kUnknown, "minAvailable is neither a number nor a percentage");
  if (maximum.form == IntOrPercent::Form::kInvalid)
    return Bad(Verdict::kUnknown, "maxUnavailable is neither a number nor a percentage");
  if (minimum.set() && maximum.set())
    return Bad(Verdict::kFail, "sets both minAvailable and maxUnavailable, which the API server refuses");
  // The controller then expects no pod at all and allows nothing.
  if (!minimum.set() && !maximum.set())
    return Bad(Verdict::kFail, "sets neither minAvailable nor maxUnavailable: blocks drains");
  if (maximum.set() && maximum.value <= 0)
    return Bad(Verdict::kFail, "maxUnavailable " + maximum.ToString() + ": blocks drains");
  if (maximum.form == IntOrPercent::Form::kPercent && maximum.value >= 100) {
    return Bad(Verdict::kFail,
               "maxUnavailable " + maximum.ToString() + ": all pods may be evicted at once, it protects nothing");
  }
  if (minimum.form == IntOrPercent::Form::kPercent && minimum.value >= 100) {
    return Bad(Verdict::kFail, "minAvailable " + minimum.ToString() + ": blocks drains");
  }
  if (minimum.set() && minimum.value <= 0) {
    return Bad(Verdict::kFail,
               "minAvailable " + minimum.ToString() + ": all pods may be evicted at once, it protects nothing");
  }
  if (HasNoScale(context.workload()) && minimum.form != IntOrPercent::Form::kNumber) {
    const std::string set =
        minimum.set() ? "minAvailable " + minimum.ToString() : "maxUnavailable " + maximum.ToString();
    return Bad(Verdict::kFail, set + " cannot be resolved for a " + context.workload().kind_name.str() +
                                   ", which has no scale: only an integer minAvailable works, evictions are refused");
  }
  return {};
}

// `need` of at least `replicas` have to stay: what may be evicted when all are there? `source` names the replicas with
// their number.
Judgement JudgeBlocked(const Context& context, const PodDisruptionBudget& budget, std::int64_t replicas,
                       const std::string& source) {
  const std::int64_t need = budget.min_available.Of(replicas, /*round_up=*/true);
  if (need < replicas) return {};
  const std::string set = "minAvailable " + budget.min_available.ToString() + " with " + source;
  if (!HasFreshStatus(budget)) return {Verdict::kFail, set + ": blocks drains", context.offline(), {}};
  const Condition* allowed = FindCondition(budget.conditions, "DisruptionAllowed");
  const Timestamp since = allowed == nullptr ? Timestamp() : allowed->since;
  // While pods are unhealthy nothing is allowed anyway; what counts is what the healthy state would allow.
  if (budget.disruptions_allowed > 0 || budget.expected_pods > budget.desired_healthy) {
    return {Verdict::kWarn, set + ": blocks drains whenever it is scaled down to that", false, since};
  }
  return {Verdict::kFail, set + ": blocks drains", false, since};
}

Judgement JudgeShared(const Context& context, const PodDisruptionBudget& budget) {
  if (!HasFreshStatus(budget)) {
    return {Verdict::kUnknown,
            "covers several workloads and has no status from which to tell what it allows",
            context.offline(),
            {}};
  }
  if (budget.disruptions_allowed > 0 || budget.expected_pods > budget.desired_healthy)
    return {Verdict::kPass, {}, false, {}};
  const Condition* allowed = FindCondition(budget.conditions, "DisruptionAllowed");
  return {Verdict::kFail, "allows no disruption although all pods that it covers are healthy: blocks drains", false,
          allowed == nullptr ? Timestamp() : allowed->since};
}

Judgement Judge(const Context& context, const PodDisruptionBudget& budget) {
  if (Judgement judgement = JudgeFields(context, budget); judgement.verdict != Verdict::kPass) return judgement;
  const Condition* allowed = FindCondition(budget.conditions, "DisruptionAllowed");
  if (allowed != nullptr && allowed->is_false() && allowed->reason == "SyncFailed") {
    return {Verdict::kFail, "the disruption controller cannot resolve it (SyncFailed): evictions are refused", false,
            allowed->since};
  }
  const auto selected = context.SelectedBy(budget);
  const auto running = std::count_if(selected.begin(), selected.end(),
                                     [](const WorkloadRecord* r) { return !ScaledToZero(*r->workload); });
  if (running > 1) return JudgeShared(context, budget);

  if (context.workload().workload_class == WorkloadClass::kDaemonSet) {
    const OptInt& nodes = context.workload().status.replicas;
    if (nodes.has_value() && *nodes > 0)
      return JudgeBlocked(context, budget, *nodes, "desired pods " + std::to_string(*nodes));
    return {Verdict::kUnknown, "how many pods the DaemonSet has shows in a cluster only", context.offline(), {}};
  }
  if (context.workload().workload_class == WorkloadClass::kOther && context.record().rollout == nullptr) {
    // Its own idea of scale is not known; the controller's is in the status.
    return budget.min_available.set() ? JudgeShared(context, budget) : Judgement{};
  }
  // A CronJob's run and a Pod have no spec.replicas; only an integer minAvailable has come so far.
  if (HasNoScale(context.workload())) return JudgeBlocked(context, budget, 1, "a single pod");
  const ReplicaBounds& bounds = EffectiveReplicas(context);
  const std::int64_t replicas = std::max<std::int64_t>(bounds.minimum, 1);
  if (budget.min_available.set()) {
    return JudgeBlocked(context, budget, replicas, bounds.source + " " + std::to_string(replicas));
  }
  // Of one replica, the only one may go, or no node could be drained.
  if (replicas >= 2 && budget.max_unavailable.Of(replicas, /*round_up=*/true) >= replicas) {
    return Bad(Verdict::kFail, "maxUnavailable " + budget.max_unavailable.ToString() + " with " + bounds.source + " " +
                                   std::to_string(replicas) + ": all pods may be evicted at once, it protects nothing");
  }
  return {};
}

Outcome Run(const Context& context) {
  if (auto missing = Missing(context, Kind::kPodDisruptionBudget)) return *std::move(missing);
  Findings findings(context);
  // Of each verdict: whether all findings rest on specs alone, and the oldest start of those that do not.
  bool settled[static_cast<std::size_t>(Verdict::kCount)];
  std::fill(std::begin(settled), std::end(settled), true);
  Timestamp since[static_cast<std::size_t>(Verdict::kCount)];
  for (const PodDisruptionBudget* budget : context.Budgets().items) {
    const Judgement judgement = Judge(context, *budget);
    const auto index = static_cast<std::size_t>(judgement.verdict);
    settled[index] = settled[index] && judgement.settled;
    if (judgement.since.set() && (!since[index].set() || judgement.since < since[index]))
      since[index] = judgement.since;
    if (judgement.verdict == Verdict::kPass) continue;
    findings.Add(judgement.verdict, {}, "PodDisruptionBudget " + budget->meta.name.str() + ": " + judgement.what);
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kPass && context.Budgets().truncated) {
    return Outcome::Unknown(UnknownCause::kUnreadable, "too many PodDisruptionBudgets select its pods");
  }
  const auto index = static_cast<std::size_t>(outcome.verdict);
  outcome.settled = settled[index];
  outcome.since = since[index];
  if (outcome.verdict == Verdict::kUnknown) {
    bool unreadable = false;
    for (const PodDisruptionBudget* budget : context.Budgets().items) {
      unreadable |= budget->min_available.form == IntOrPercent::Form::kInvalid ||
                    budget->max_unavailable.form == IntOrPercent::Form::kInvalid;
    }
    if (!unreadable) outcome.cause = context.offline() ? UnknownCause::kOffline : UnknownCause::kNotObserved;
  }
  return outcome;
}

}  // namespace

constinit const Check kPdbSensible = {
    .id = "pdb-sensible",
    .title = "The PodDisruptionBudget protects pods and still lets nodes drain",
    .section = Section::kDisruption,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .holds = true,
    .rule =
        "Fails as \"blocks drains\": maxUnavailable 0, minAvailable 100%, neither of the two set, or minAvailable "
        "that resolves to the whole effective minimum (autoscaler's, else spec.replicas) while the status allows "
        "no disruption with all pods healthy, or there is no status. Warns where the whole minimum is asked for "
        "and more replicas run now. Fails as \"protects nothing\": maxUnavailable 100%, minAvailable 0, or "
        "maxUnavailable that resolves to all of a minimum of 2 or more. Fails on SyncFailed, on both fields set, "
        "and on anything but an integer minAvailable for kinds without a scale (DaemonSet, CronJob, a Pod). "
        "Percentages round up, both kinds of them, as the disruption controller does it. Of a budget shared by "
        "several workloads the status decides, unknown without. Not applicable without a budget or at 0 replicas.",
    .why =
        "A budget that never allows an eviction stops node upgrades and drains until somebody forces them, and "
        "then nothing is protected; one that allows all pods at once is no protection to begin with.",
    .fix =
        "Use maxUnavailable: 1: it stays right whatever the number of replicas. A workload with one replica needs "
        "a second one, or no budget.",
    .source = "H. Spread and disruption: sensible disruption budget",
    .traps =
        "No disruption allowed while pods are unhealthy or a rollout runs is the budget at work: it counts only "
        "when all are healthy, and after 10 minutes. minAvailable: 50% of one replica rounds up to 1 and blocks; "
        "maxUnavailable: 10% of 5 rounds up to 1 and does not. maxUnavailable: 1 on a single replica is right. A "
        "status of an older generation is not believed.",
    .reads = {Kind::kPodDisruptionBudget, Kind::kHorizontalPodAutoscaler, Kind::kScaledObject},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
