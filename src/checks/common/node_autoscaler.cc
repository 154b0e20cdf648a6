#include "checks/common/node_autoscaler.h"

#include <optional>

#include "checks/common/image_reference.h"
#include "checks/common/node_autoscaler_signs.h"
#include "checks/common/replicas.h"
#include "checks/common/roles.h"

namespace seaworthy::checks {
namespace {

struct NodeAutoscaler {
  static constexpr KindSet kRestsOn = {Kind::kNode, Kind::kDeployment, Kind::kStatefulSet};
  explicit NodeAutoscaler(const Snapshot& snapshot) : seen(OnNodes(snapshot)) {
    if (seen.empty()) seen = AmongWorkloads(snapshot);
  }
  std::string seen;  // in words; empty: nothing was

 private:
  static std::string OnNodes(const Snapshot& snapshot) {
    for (const NodeRecord* record : snapshot.Nodes()) {
      if (record->node == nullptr) continue;
      for (const NodeSign& sign : kAutoscaledNodeLabels) {
        const Text* value = record->node->meta.labels.Find(sign.label);
        if (value != nullptr && (sign.value.empty() || *value == sign.value))
          return "nodes have label " + std::string(sign.label);
      }
    }
    return {};
  }
  static std::string AmongWorkloads(const Snapshot& snapshot) {
    for (const NamespaceRecord* ns : snapshot.Namespaces()) {
      for (const WorkloadRecord* record : ns->workloads) {
        if (IsNodeAutoscaler(*record->workload)) {
          return record->workload->kind_name.str() + " " + ns->name.str() + "/" + record->workload->meta.name.str() +
                 " runs";
        }
      }
    }
    return {};
  }
};

}  // namespace

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

const std::string& NodeAutoscalerSeen(const Context& context) { return context.Fact<NodeAutoscaler>().seen; }

}  // namespace seaworthy::checks
