#include <algorithm>
#include <cstdint>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"pausedHours", 24, "how long a Deployment may stay paused"},
    {"stalledMinutes", 10,
     "how long a StatefulSet's or DaemonSet's rollout may go without a pod that comes, goes or gets ready"},
};

Outcome NotReported() {
  return Outcome::Unknown(UnknownCause::kNotObserved, "its controller has not reported a status yet");
}

void KeepOldest(Timestamp& since, Timestamp candidate) {
  if (candidate.set() && (!since.set() || candidate < since)) since = candidate;
}

Outcome JudgeDeployment(const Context& context) {
  const Workload& workload = context.workload();
  const auto& conditions = workload.status.conditions;
  if (conditions.empty() && !workload.status.observed_generation.has_value()) return NotReported();
  Findings findings(context);
  Timestamp since, recheck;
  const Condition* progressing = FindCondition(conditions, "Progressing");
  if (progressing != nullptr && progressing->is_false()) {
    findings.Add(Verdict::kFail, {}, "the rollout has stopped: " + progressing->reason.str());
    KeepOldest(since, progressing->since);
  }
  if (const Condition* failure = FindCondition(conditions, "ReplicaFailure");
      failure != nullptr && failure->is_true()) {
    findings.Add(Verdict::kFail, {}, "pods cannot be created: ReplicaFailure, " + failure->reason.str());
    KeepOldest(since, failure->since);
  }
  if (workload.paused) {
    const auto limit = static_cast<std::int64_t>(context.Param("pausedHours") * 3600);
    // The controller turns Progressing to this when it sees the pause, unless the rollout had failed before.
    if (progressing != nullptr && progressing->reason == "DeploymentPaused" && progressing->since.set()) {
      const Timestamp end{progressing->since.seconds + limit};
      if (context.now_seconds() >= end.seconds) {
        findings.Add(Verdict::kFail, "spec.paused",
                     "paused for more than " + std::to_string(limit / 3600) + " hours: no change of it is rolled out");
        KeepOldest(since, progressing->since);
      } else {
        recheck = end;
      }
    } else if (findings.empty()) {
      return Outcome::Unknown(UnknownCause::kNotObserved, "paused, and its status does not say since when");
    }
  }
  return std::move(findings).Finish(Outcome::Pass()).Since(since).RecheckAt(recheck);
}

// The last time that a pod came, went or changed its readiness: what a rollout that moves leaves behind. Unset without
// pods.
Timestamp LastMove(const Context& context) {
  Timestamp last;
  for (const Pod* pod : context.Pods()) {
    last = std::max({last, pod->meta.created, pod->meta.deleted});
    if (const Condition* ready = FindCondition(pod->conditions, "Ready")) last = std::max(last, ready->since);
  }
  return last;
}

// Behind since the last move, if that is long enough ago.
Outcome JudgeStalled(const Context& context, std::string what) {
  const auto limit = static_cast<std::int64_t>(context.Param("stalledMinutes") * 60);
  const Timestamp last = LastMove(context);
  if (!last.set())
    return Outcome::Unknown(UnknownCause::kNotObserved, what + ", and there is no pod that tells since when");
  const Timestamp end{last.seconds + limit};
  if (context.now_seconds() < end.seconds) return Outcome::Pass().RecheckAt(end);
  if (context.workload().strategy == StrategyType::kOnDelete) what += " (OnDelete: they wait to be deleted)";
  return Outcome::Fail(what + ", and nothing has moved for " + std::to_string(limit / 60) + " minutes").Since(last);
}

Outcome JudgeStatefulSet(const Context& context) {
  const Workload& workload = context.workload();
  const WorkloadStatus& status = workload.status;
  if (status.update_revision.empty()) return NotReported();
  if (status.current_revision == status.update_revision) return Outcome::Pass();
  // Pods under the partition stay behind on purpose.
  const std::int64_t expected =
      std::max<std::int64_t>(workload.replicas.value_or(1) - workload.partition.value_or(0), 0);
  if (status.updated.value_or(0) >= expected) return Outcome::Pass();
  if (auto missing = Missing(context, Kind::kPod)) return *std::move(missing);
  return JudgeStalled(context, "pods are left on the old revision");
}

Outcome JudgeDaemonSet(const Context& context) {
  const WorkloadStatus& status = context.workload().status;
  if (!status.observed_generation.has_value() && !status.replicas.has_value()) return NotReported();
  if (status.updated.value_or(0) >= status.replicas.value_or(0)) return Outcome::Pass();
  if (auto missing = Missing(context, Kind::kPod)) return *std::move(missing);
  // A node that is down keeps its old pod; that is not the rollout's fault. Pods that are missing are
  // replicas-available's.
  const Text& revision = context.record().current_revision;
  bool outdated = revision.empty();
  for (const Pod* pod : context.Pods()) {
    if (outdated) break;
    if (pod->template_hash_label == revision || pod->meta.deleted.set() || pod->IsTerminal()) continue;
    const NodeRecord* node = context.FindNode(pod->node);
    outdated = node == nullptr || node->node == nullptr || node->node->IsReady();
  }
  if (!outdated) return Outcome::Pass("only nodes that are not Ready still have pods of an old revision");
  return JudgeStalled(context, "pods are left on the old revision");
}

Outcome Run(const Context& context) {
  if (context.offline()) return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows how a rollout went");
  switch (context.workload().workload_class) {
    case WorkloadClass::kStatefulSet: return JudgeStatefulSet(context);
    case WorkloadClass::kDaemonSet: return JudgeDaemonSet(context);
    default: return JudgeDeployment(context);
  }
}

}  // namespace

constinit const Check kRolloutComplete = {
    .id = "rollout-complete",
    .title = "The last rollout came to its end",
    .section = Section::kDelivery,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kDeployment, WorkloadClass::kStatefulSet, WorkloadClass::kDaemonSet},
    .penalty_only = true,
    .rule =
        "Deployment: Progressing False (ProgressDeadlineExceeded, ReplicaSetCreateError), ReplicaFailure, or "
        "paused for more than 24 hours fails. StatefulSet: updateRevision differs from currentRevision, fewer "
        "pods than replicas less partition are updated, and no pod came, went or changed its readiness for 10 "
        "minutes. DaemonSet: fewer pods updated than desired, likewise, pods on nodes that are not Ready left "
        "out. A rollout that moves passes. Unknown in a scan, or before the controller has reported. Judged at "
        "once, not after 10 minutes.",
    .why =
        "A release that hangs half-way leaves two versions running for good, or the old one while everybody "
        "believes that the new one is out.",
    .fix =
        "See kubectl rollout status and the events of the new pods. A StatefulSet whose first new pod never gets "
        "ready does not go back by itself: after the template is mended that pod has to be deleted by hand.",
    .source = "Q. Delivery: deployment strategies, canary, blue/green",
    .traps =
        "A StatefulSet's partition keeps pods back on purpose, and OnDelete never sets currentRevision: the "
        "number of updated pods counts. Node failures do not make a DaemonSet's rollout fail.",
    .reads = {Kind::kPod, Kind::kNode},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
