#include "checks/delivery/release_time.h"

#include <algorithm>

namespace seaworthy::checks {

Released ReleasedAt(const Context& context) {
  const WorkloadRecord& record = context.record();
  Timestamp released;
  if (const DeliveryEvidence* last = context.Delivery()) released = last->time;
  if (record.workload->workload_class == WorkloadClass::kDeployment) {
    for (const Workload* set : context.ReplicaSets()) {
      if (!record.current_revision.empty() &&
          set->meta.labels.Get("pod-template-hash") == record.current_revision.view())
        released = std::max(released, set->meta.created);
    }
  }
  if (released.set()) return {released, false};
  for (const Pod* pod : context.CurrentPods()) {
    if (!released.set() || pod->meta.created < released) released = pod->meta.created;
  }
  if (released.set()) return {released, true};
  return {record.workload->meta.created, true};
}

}  // namespace seaworthy::checks
