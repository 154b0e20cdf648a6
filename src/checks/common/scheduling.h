// What nodes are to pods, beyond what the scheduler's rules say (seaworthy/scheduling.h).
#pragma once

#include "seaworthy/objects.h"
#include "seaworthy/scheduling.h"

namespace seaworthy::checks {

// spec.os against the node's; a pod or a node that does not say is of any. The scheduler does not look, but the kubelet
// refuses.
bool SameOs(const PodSpec& spec, const Node& node);

// Virtual kubelets and Fargate: "nodes" that are no machines, which are neither lost nor filled.
bool IsVirtual(const Node& node);
// Tainted as control plane: no place for applications. An untainted one (k3s, a laptop's single node) is a worker like
// others.
bool IsControlPlane(const Node& node);

}  // namespace seaworthy::checks
