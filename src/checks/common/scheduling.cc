#include "checks/common/scheduling.h"

#include <algorithm>

namespace seaworthy::checks {

bool SameOs(const PodSpec& spec, const Node& node) { return spec.os.empty() || node.os.empty() || spec.os == node.os; }

bool IsVirtual(const Node& node) {
  if (node.meta.labels.Get("type") == "virtual-kubelet" ||
      node.meta.labels.Get("eks.amazonaws.com/compute-type") == "fargate")
    return true;
  return std::any_of(node.taints.begin(), node.taints.end(),
                     [](const Taint& taint) { return taint.key == "virtual-kubelet.io/provider"; });
}

bool IsControlPlane(const Node& node) {
  return std::any_of(node.taints.begin(), node.taints.end(), [](const Taint& taint) {
    return taint.effect != "PreferNoSchedule" &&
           (taint.key == "node-role.kubernetes.io/control-plane" || taint.key == "node-role.kubernetes.io/master");
  });
}

}  // namespace seaworthy::checks
