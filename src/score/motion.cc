#include "score/motion.h"

#include <algorithm>

namespace seaworthy::score {
namespace {

constexpr std::int64_t kSettle = 600;

bool RollingOut(const Workload& workload) {
  const WorkloadStatus& status = workload.status;
  if (status.observed_generation.has_value() && *status.observed_generation < workload.meta.generation) return true;
  switch (workload.workload_class) {
    case WorkloadClass::kDeployment: {
      // As `kubectl rollout status` decides it (polymorphichelpers DeploymentStatusViewer).
      const std::int64_t desired = workload.replicas.value_or(1);
      return status.updated.value_or(0) < desired || status.replicas.value_or(0) > status.updated.value_or(0);
    }
    case WorkloadClass::kStatefulSet:
      return status.update_revision != status.current_revision || status.replicas.value_or(0) != workload.replicas.value_or(1);
    case WorkloadClass::kDaemonSet: return status.updated.value_or(0) < status.replicas.value_or(0);
    default: return false;
  }
}

}  // namespace

Motion MotionOf(const WorkloadRecord& record, std::int64_t now_seconds) {
  const Workload& workload = *record.workload;
  Motion motion;
  if (workload.meta.created.set() && now_seconds - workload.meta.created.seconds < kSettle) {
    motion.moving = true;
    motion.since = workload.meta.created;
    return motion;
  }
  if (!RollingOut(workload)) return motion;
  motion.moving = true;
  motion.limit_seconds = std::max(kSettle, workload.progress_deadline.value_or(kSettle));
  for (const Workload* set : record.replica_sets) {
    if (set->meta.labels.Get("pod-template-hash") == record.current_revision.view() && !record.current_revision.empty()) motion.since = set->meta.created;
  }
  return motion;
}

}  // namespace seaworthy::score
