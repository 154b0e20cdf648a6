#include "checks/common/roles.h"

#include <algorithm>
#include <string_view>

#include "checks/common/image_reference.h"

namespace seaworthy::checks {
namespace {

std::string_view Repository(const Container& container) {
  const std::optional<ImageReference> reference = ParseImageReference(container.image);
  return reference.has_value() ? reference->repository : std::string_view();
}

std::string_view KindWords(NodeAgentKind kind) {
  switch (kind) {
    case NodeAgentKind::kCollector: return "a collector";
    case NodeAgentKind::kNodeExporter: return "an exporter";
    case NodeAgentKind::kNetwork: return "part of the node's network";
    case NodeAgentKind::kStorage: return "part of the node's storage";
    case NodeAgentKind::kDevice: return "a device plugin or driver";
    case NodeAgentKind::kNode: return "a keeper of the node";
  }
  return "a node agent";
}

}  // namespace

bool RepositoryEndsIn(std::string_view repository, std::string_view entry) {
  // Nearly every pair ends here: images are held against long lists.
  if (repository.empty() || entry.empty() || repository.back() != entry.back()) return false;
  if (repository.ends_with(entry) &&
      (repository.size() == entry.size() || repository[repository.size() - entry.size() - 1] == '/'))
    return true;
  // Rancher's charts run mirrors that carry the organisation in their name: rancher/mirrored-fluent-fluent-bit.
  const std::string_view name = repository.substr(repository.rfind('/') + 1);
  if (!name.starts_with("mirrored-") || name.size() <= entry.size()) return false;
  const std::string_view end = name.substr(name.size() - entry.size());
  return name[name.size() - entry.size() - 1] == '-' &&
         std::equal(end.begin(), end.end(), entry.begin(),
                    [](char a, char b) { return a == b || (a == '-' && b == '/'); });
}

std::string NodeAgent::ToString() const {
  if (container == nullptr) return "by its label seaworthy.dev/role";
  std::string_view name = Repository(*container);
  const std::size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) name = name.substr(slash + 1);
  return std::string(name) + ", " + std::string(KindWords(kind));
}

std::optional<NodeAgent> AsNodeAgent(const Context& context) {
  if (context.workload().workload_class != WorkloadClass::kDaemonSet) return std::nullopt;
  bool first = true;
  for (const Container& container : context.spec().containers) {
    if (container.role != ContainerRole::kMain) continue;
    const std::string_view repository = Repository(container);
    for (const NodeAgentImage& known : kNodeAgentImages) {
      const bool shipper = known.kind == NodeAgentKind::kCollector || known.kind == NodeAgentKind::kNodeExporter;
      if ((first || !shipper) && RepositoryEndsIn(repository, known.repository))
        return NodeAgent{known.kind, &container};
    }
    first = false;
  }
  constexpr std::string_view kRole = "seaworthy.dev/role", kNodeAgent = "node-agent";
  if (context.AllowsRoles() && (context.workload().meta.labels.Get(kRole) == kNodeAgent ||
                                context.workload().template_labels.Get(kRole) == kNodeAgent))
    return NodeAgent{NodeAgentKind::kCollector, nullptr};
  return std::nullopt;
}

}  // namespace seaworthy::checks
