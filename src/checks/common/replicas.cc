#include "checks/common/replicas.h"

#include <algorithm>

namespace seaworthy::checks {

ReplicaBounds EffectiveReplicas(const Context& context) {
  const Workload& workload = context.workload();
  ReplicaBounds bounds;
  bounds.minimum = bounds.maximum = workload.replicas.value_or(1);
  bounds.source = "spec.replicas";
  if (context.Autoscalers().empty()) return bounds;
  // Two autoscalers on one target fight; the lower minimum is what may happen.
  for (const HorizontalPodAutoscaler* autoscaler : context.Autoscalers()) {
    const std::int64_t minimum = autoscaler->min_replicas.value_or(1);
    if (bounds.autoscaler == nullptr || minimum < bounds.minimum) {
      bounds.autoscaler = autoscaler;
      bounds.minimum = minimum;
      bounds.source = "HorizontalPodAutoscaler/" + autoscaler->meta.name.str() + " minReplicas";
    }
    bounds.maximum = std::max(bounds.maximum, autoscaler->max_replicas);
  }
  bounds.maximum = std::max(bounds.maximum, bounds.minimum);
  return bounds;
}

bool ScaledToZero(const Workload& workload) { return workload.replicas.has_value() && *workload.replicas == 0; }

}  // namespace seaworthy::checks
