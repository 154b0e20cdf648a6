// The role of a workload, where checks judge otherwise by it (CHECKLIST "Role").
#pragma once

#include <optional>
#include <string>

#include "checks/common/node_agent_images.h"
#include "seaworthy/check.h"

namespace seaworthy::checks {

struct NodeAgent {
  NodeAgentKind kind = NodeAgentKind::kCollector;
  const Container* container = nullptr;  // whose image says so; null: its label does

  // "node-exporter, an exporter of the node", "by its label seaworthy.dev/role": for messages.
  std::string ToString() const;
};

// A DaemonSet one of whose main containers runs a recognised collector, exporter, CNI, CSI or device image, or that is
// labelled seaworthy.dev/role: node-agent where the policy lets labels say so (spec.allow.roles). Init containers and
// sidecars do not make an agent, nor does a collector or exporter that is not the first of them: any DaemonSet may
// carry a log shipper. nullopt for everything else, so a Deployment
// that borrows such an image is judged as the application it is.
std::optional<NodeAgent> AsNodeAgent(const Context& context);

// `repository` ends in `entry`, whole path elements compared: ("quay.io/cilium/cilium", "cilium/cilium"). So does
// Rancher's mirror of it
// ("rancher/mirrored-cilium-cilium").
bool RepositoryEndsIn(std::string_view repository, std::string_view entry);

}  // namespace seaworthy::checks
