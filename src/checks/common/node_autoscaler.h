// Whether something adds nodes to this cluster when pods do not fit: then "does not fit" is a matter of minutes, not of
// a missing node.
#pragma once

#include <string>

#include "seaworthy/check.h"

namespace seaworthy::checks {

// What was seen of it, for messages: "nodes have label karpenter.sh/nodepool", "Deployment
// kube-system/cluster-autoscaler runs"; empty when nothing was. Autoscalers that run outside the cluster and mark no
// node (some managed ones) are not seen. Kinds: kNode, kDeployment, kStatefulSet, of the whole cluster.
const std::string& NodeAutoscalerSeen(const Context& context);

// Is the workload one? For Check::bears_on_all.
bool IsNodeAutoscaler(const Workload& workload);

}  // namespace seaworthy::checks
