#include "checks/common/replicas.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace seaworthy::checks {

namespace {

// KEDA's defaults (ScaledObject spec: minReplicaCount, maxReplicaCount).
constexpr std::int64_t kKedaMinimum = 0, kKedaMaximum = 100;

void ApplyScaledObject(const Extension& object, ReplicaBounds& bounds) {
  const std::string name = "ScaledObject/" + object.meta.name.str();
  std::int64_t minimum = object.IntAt("spec.minReplicaCount").value_or(kKedaMinimum);
  std::int64_t maximum = object.IntAt("spec.maxReplicaCount").value_or(kKedaMaximum);
  std::string source = name + " minReplicaCount";
  // Without events it goes below the minimum, to the idle count.
  if (const OptInt idle = object.IntAt("spec.idleReplicaCount"); idle.has_value() && *idle < minimum) {
    minimum = *idle;
    source = name + " idleReplicaCount";
  }
  const std::string_view paused = object.meta.annotations.Get("autoscaling.keda.sh/paused-replicas");
  std::int64_t fixed = 0;
  if (const auto [end, error] = std::from_chars(paused.data(), paused.data() + paused.size(), fixed);
      !paused.empty() && error == std::errc() && end == paused.data() + paused.size()) {
    minimum = maximum = fixed;
    source = name + " paused-replicas";
  }
  // Two of them on one target fight; the lower minimum is what may happen.
  if (bounds.scaled_object == nullptr || minimum < bounds.minimum) {
    bounds.minimum = minimum;
    bounds.source = std::move(source);
    bounds.maximum = bounds.scaled_object == nullptr ? maximum : std::max(bounds.maximum, maximum);
    bounds.scaled_object = &object;
  }
  bounds.maximum = std::max(bounds.maximum, maximum);
}

}  // namespace

ReplicaBounds EffectiveReplicas(const WorkloadRecord& record) {
  const Workload& workload = *record.workload;
  ReplicaBounds bounds;
  bounds.minimum = bounds.maximum = workload.replicas.value_or(1);
  bounds.source = "spec.replicas";
  // Two autoscalers on one target fight; the lower minimum is what may happen.
  for (const HorizontalPodAutoscaler* autoscaler : record.autoscalers) {
    const std::int64_t minimum = autoscaler->min_replicas.value_or(1);
    // What spec.replicas says holds until the first of them looks.
    bounds.maximum =
        bounds.autoscaler == nullptr ? autoscaler->max_replicas : std::max(bounds.maximum, autoscaler->max_replicas);
    if (bounds.autoscaler == nullptr || minimum < bounds.minimum) {
      bounds.autoscaler = autoscaler;
      bounds.minimum = minimum;
      bounds.source = "HorizontalPodAutoscaler/" + autoscaler->meta.name.str() + " minReplicas";
    }
  }
  for (const Extension* object : record.scaled_objects) {
    // A paused one without a number stays where it is.
    if (object->meta.annotations.Get("autoscaling.keda.sh/paused") == "true" &&
        !object->meta.annotations.Has("autoscaling.keda.sh/paused-replicas"))
      continue;
    ApplyScaledObject(*object, bounds);
  }
  bounds.maximum = std::max(bounds.maximum, bounds.minimum);
  return bounds;
}

const ReplicaBounds& EffectiveReplicas(const Context& context) {
  return context.Once<ReplicaBounds>([&] {
    static_cast<void>(context.Autoscalers());  // both note what is read
    static_cast<void>(context.ScaledObjects());
    return EffectiveReplicas(context.record());
  });
}

bool ScaledToZero(const Workload& workload) { return workload.replicas.has_value() && *workload.replicas == 0; }

}  // namespace seaworthy::checks
