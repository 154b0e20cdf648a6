#include "checks/common/control_plane.h"

#include <string_view>

#include "checks/common/managed_signs.h"

namespace seaworthy::checks {
namespace {

bool Shows(const Node& node, const ManagedSign& sign) {
  if (!sign.version.empty() && node.kubelet_version.view().find(sign.version) != std::string_view::npos) return true;
  if (!sign.label.ends_with('/')) return node.meta.labels.Has(sign.label);
  for (const KeyValue& label : node.meta.labels) {
    if (label.key.view().starts_with(sign.label)) return true;
  }
  return false;
}

}  // namespace

ControlPlane FindControlPlane(const Context& context) {
  ControlPlane plane;
  for (const NodeRecord* record : context.Nodes()) {
    if (record->node == nullptr) continue;
    const Node& node = *record->node;
    if (node.meta.labels.Has("node-role.kubernetes.io/control-plane") ||
        node.meta.labels.Has("node-role.kubernetes.io/master"))
      plane.nodes.push_back(&node);
    for (const ManagedSign& sign : kManagedSigns) {
      if (!plane.managed_by.empty()) break;
      if (Shows(node, sign)) plane.managed_by = sign.provider;
    }
  }
  return plane;
}

}  // namespace seaworthy::checks
