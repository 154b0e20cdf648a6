#include <optional>
#include <string>
#include <utility>

#include "checks/all_checks.h"
#include "checks/common/kubernetes_version.h"
#include "checks/common/scheduling.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"minorsApart", 1, "minors that kubelets may differ from each other"},
                             {"minorsBehind", 3, "minors that a kubelet may be behind the API server"}};

struct Seen {
  KubernetesVersion version;
  const Node* node;
};

std::string Text(const Seen& seen) { return seen.version.Minor() + " (" + seen.node->meta.name.str() + ")"; }

Outcome Run(const Context& context) {
  std::optional<Seen> oldest, newest;
  for (const NodeRecord* record : context.Nodes()) {
    if (record->node == nullptr || IsVirtual(*record->node)) continue;
    const std::optional<KubernetesVersion> version = ParseKubernetesVersion(record->node->kubelet_version);
    if (!version) continue;
    // Patches do not matter: of several nodes of one minor the first by name is named.
    const auto minor = [](const KubernetesVersion& of) { return std::pair(of.major, of.minor); };
    if (!oldest || minor(*version) < minor(oldest->version)) oldest = Seen{*version, record->node};
    if (!newest || minor(*version) > minor(newest->version)) newest = Seen{*version, record->node};
  }
  if (!oldest)
    return Outcome::Unknown(UnknownCause::kNotObserved, "no kubelet has reported a version that can be read");
  const auto apart = static_cast<int>(context.Param("minorsApart")),
             behind = static_cast<int>(context.Param("minorsBehind"));
  if (newest->version.major != oldest->version.major || newest->version.minor - oldest->version.minor > apart) {
    return Outcome::Fail("kubelets are from " + Text(*oldest) + " to " + Text(*newest) + "; want them within " +
                         std::to_string(apart) + (apart == 1 ? " minor" : " minors") + " of each other");
  }
  const std::optional<KubernetesVersion> server = ParseKubernetesVersion(ServerVersion(context));
  if (!server) return Outcome::Pass("kubelets are within a minor of each other; the API server's version is not known");
  if (newest->version.major == server->major && newest->version.minor > server->minor) {
    return Outcome::Fail("kubelet " + Text(*newest) + " is newer than the API server, " + server->Minor() +
                         ", which nothing supports");
  }
  if (oldest->version.major != server->major || server->minor - oldest->version.minor > behind) {
    return Outcome::Fail("kubelet " + Text(*oldest) + " is more than " + std::to_string(behind) +
                         " minors behind the API server, " + server->Minor());
  }
  return Outcome::Pass();
}

}  // namespace

constinit const Check kNodeVersionSkew = {
    .id = "node-version-skew",
    .title = "Kubelets are of about one version, and not too far behind the API server",
    .section = Section::kPlatform,
    .severity = Severity::kMedium,
    .subject = SubjectType::kCluster,
    .rule =
        "Fails when kubelets are more than one minor version apart, when one is more than three minors behind the API "
        "server, or when one is newer than it. Where the API server's version is not known the first alone decides. "
        "Unknown in a scan.",
    .why =
        "An upgrade that stopped halfway leaves pods that behave differently by node, and the next upgrade of the "
        "control plane breaks the oldest kubelets: beyond three minors nobody has tested them.",
    .fix = "Finish the upgrade of the node pools: drain and replace the oldest nodes first.",
    .source = "Kubernetes: Version Skew Policy",
    .traps = "One minor apart is what an upgrade looks like while it goes on. Virtual nodes have no kubelet.",
    .reads = {Kind::kNode, Kind::kServerVersion},
    .needs = {Kind::kNode},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
