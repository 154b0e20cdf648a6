#include "checks/delivery/release_time.h"

#include <algorithm>

namespace seaworthy::checks {

Timestamp ReleasedAt(const Context& context) {
  const WorkloadRecord& record = context.record();
  Timestamp released;
  if (record.workload->workload_class == WorkloadClass::kDeployment) {
    for (const Workload* set : context.ReplicaSets()) {
      if (!record.current_revision.empty() && set->meta.labels.Get("pod-template-hash") == record.current_revision.view())
        released = set->meta.created;
    }
  } else {
    for (const Pod* pod : context.CurrentPods()) {
      if (!released.set() || pod->meta.created < released) released = pod->meta.created;
    }
  }
  if (const DeliveryEvidence* last = context.Delivery()) released = std::max(released, last->time);
  return released.set() ? released : record.workload->meta.created;
}

}  // namespace seaworthy::checks
