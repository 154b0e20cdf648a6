// Pods that do not get to run.
#pragma once

#include "seaworthy/objects.h"

namespace seaworthy::checks {

// Since when the pod is not ready: its condition's time, else its start's.
Timestamp NotReadySince(const Pod& pod);

// Whether the kubelet has started none of its containers yet: volumes, network and sandbox come first, and while one of
// them is in the way the status says ContainerCreating or PodInitializing of all, and not why (kubelet_pods.go
// convertStatusToAPIStatus).
bool IsBeingCreated(const Pod& pod);

}  // namespace seaworthy::checks
