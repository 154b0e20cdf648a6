#include "score/motion.h"

#include <algorithm>
#include <limits>

namespace seaworthy::score {
namespace {

constexpr std::int64_t kSettle = 600;

// The controller's word: between the beginning of a rollout and its end, which is when all replicas are available
// (deployment/util DeploymentComplete) or the deadline has passed. A finished one does not begin again when pods fail
// later.
bool Progressing(const Workload& workload) {
  const Condition* progressing = FindCondition(workload.status.conditions, "Progressing");
  return progressing != nullptr && progressing->is_true() && progressing->reason != "NewReplicaSetAvailable";
}

bool RollingOut(const Workload& workload) {
  const WorkloadStatus& status = workload.status;
  if (status.observed_generation.has_value() && *status.observed_generation < workload.meta.generation) return true;
  switch (workload.workload_class) {
    case WorkloadClass::kDeployment: {
      // As `kubectl rollout status` decides it (polymorphichelpers DeploymentStatusViewer), but for the replicas that
      // are not available: that is what is to be judged once the controller calls the rollout finished.
      const std::int64_t desired = workload.replicas.value_or(1);
      return Progressing(workload) || status.updated.value_or(0) < desired ||
             status.replicas.value_or(0) > status.updated.value_or(0);
    }
    case WorkloadClass::kStatefulSet:
      return status.update_revision != status.current_revision ||
             status.replicas.value_or(0) != workload.replicas.value_or(1);
    case WorkloadClass::kDaemonSet: return status.updated.value_or(0) < status.replicas.value_or(0);
    default: return false;
  }
}

std::int64_t Limit(const Workload& workload) {
  const std::int64_t deadline = workload.progress_deadline.value_or(kSettle);
  // The largest int32 is how people write "no deadline" (deployment/util HasProgressDeadline): it would put judgement
  // off for ever.
  return deadline >= std::numeric_limits<std::int32_t>::max() ? kSettle : std::max(kSettle, deadline);
}

}  // namespace

Motion MotionOf(const WorkloadRecord& record, std::int64_t now_seconds) {
  const Workload& workload = *record.workload;
  Motion motion;
  const std::int64_t created = workload.meta.created.seconds;
  // A creation in the future is another machine's clock; a complaint waits for 10 minutes anyway.
  if (created != 0 && created <= now_seconds && now_seconds < created + kSettle) motion.young_until = created + kSettle;
  motion.rolling = RollingOut(workload);
  if (!motion.rolling) return motion;
  motion.limit_seconds = Limit(workload);
  for (const Workload* set : record.replica_sets) {
    if (!record.current_revision.empty() && set->meta.labels.Get("pod-template-hash") == record.current_revision.view())
      motion.since = set->meta.created;
  }
  return motion;
}

}  // namespace seaworthy::score
