// Who runs the control plane, and on which nodes.
#pragma once

#include <string>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct ControlPlane {
  std::vector<const Node*> nodes;  // labelled as control plane
  std::string managed_by;          // "Amazon EKS"; empty: no sign of a provider's

  // A provider that shows its control plane's nodes lets its users run them.
  bool managed() const { return nodes.empty() && !managed_by.empty(); }
};
// From labels and kubelet versions of nodes. Kinds: kNode.
ControlPlane FindControlPlane(const Context& context);

}  // namespace seaworthy::checks
