#include "checks/common/node_autoscaler.h"

#include <optional>

#include "checks/common/image_reference.h"
#include "checks/common/node_autoscaler_signs.h"
#include "checks/common/replicas.h"
#include "checks/common/roles.h"

namespace seaworthy::checks {

bool IsNodeAutoscaler(const Workload& workload) {
  if (workload.spec == nullptr || ScaledToZero(workload)) return false;
  if (workload.workload_class != WorkloadClass::kDeployment && workload.workload_class != WorkloadClass::kStatefulSet)
    return false;
  for (const Container& container : workload.spec->containers) {
    if (container.role != ContainerRole::kMain) continue;
    const std::optional<ImageReference> reference = ParseImageReference(container.image);
    if (!reference) continue;
    for (std::string_view image : kAutoscalerImages) {
      if (RepositoryEndsIn(reference->repository, image)) return true;
    }
  }
  return false;
}

std::string NodeAutoscalerSeen(const Context& context) {
  for (const NodeRecord* record : context.Nodes()) {
    if (record->node == nullptr) continue;
    const Node& node = *record->node;
    for (const NodeSign& sign : kAutoscaledNodeLabels) {
      const Text* value = node.meta.labels.Find(sign.label);
      if (value != nullptr && (sign.value.empty() || *value == sign.value))
        return "nodes have label " + std::string(sign.label);
    }
  }
  // The workloads of all namespaces are read through their namespaces: the kinds have to be noted by hand.
  (void)context.Live(Kind::kDeployment);
  (void)context.Live(Kind::kStatefulSet);
  for (const NamespaceRecord* ns : context.Namespaces()) {
    for (const WorkloadRecord* record : ns->workloads) {
      if (IsNodeAutoscaler(*record->workload)) {
        return record->workload->kind_name.str() + " " + ns->name.str() + "/" + record->workload->meta.name.str() +
               " runs";
      }
    }
  }
  return {};
}

}  // namespace seaworthy::checks
