#include "checks/common/starting_pods.h"

#include <algorithm>

namespace seaworthy::checks {

Timestamp NotReadySince(const Pod& pod) {
  const Condition* ready = FindCondition(pod.conditions, "Ready");
  if (ready != nullptr && !ready->is_true() && ready->since.set()) return ready->since;
  return pod.started.set() ? pod.started : pod.meta.created;
}

bool IsBeingCreated(const Pod& pod) {
  return !pod.containers.empty() && pod.phase == "Pending" &&
         std::all_of(pod.containers.begin(), pod.containers.end(), [](const ContainerStatus& status) {
           return !status.running &&
                  (status.waiting_reason == "ContainerCreating" || status.waiting_reason == "PodInitializing");
         });
}

}  // namespace seaworthy::checks
