#include <string>

#include "checks/all_checks.h"
#include "checks/common/control_plane.h"

namespace seaworthy::checks {
namespace {

// k3s may keep its state in a database elsewhere: then its servers hold no etcd, and two are enough.
bool StateIsElsewhere(const ControlPlane& plane) {
  for (const Node* node : plane.nodes) {
    if (node->kubelet_version.view().find("+k3s") == std::string_view::npos) return false;
    if (node->meta.labels.Has("node-role.kubernetes.io/etcd")) return false;
  }
  return true;
}

Outcome Run(const Context& context) {
  const ControlPlane plane = FindControlPlane(context);
  if (plane.managed()) return Outcome::Na("the control plane is managed by somebody else (" + plane.managed_by + ")");
  if (plane.nodes.empty()) {
    return Outcome::Unknown(
        UnknownCause::kNotObserved,
        "no node has label node-role.kubernetes.io/control-plane, and nothing shows a managed control plane");
  }
  if (plane.nodes.size() >= 3 || (plane.nodes.size() == 2 && StateIsElsewhere(plane))) return Outcome::Pass();
  if (plane.nodes.size() == 2)
    return Outcome::Warn("there are 2 control-plane nodes: with etcd on both, losing either stops writes; want 3");
  return Outcome::Fail("there is 1 control-plane node; want 3");
}

}  // namespace

constinit const Check kControlPlaneRedundant = {
    .id = "control-plane-redundant",
    .title = "The control plane survives the loss of a node",
    .section = Section::kPlatform,
    .severity = Severity::kMedium,
    .subject = SubjectType::kCluster,
    .rule =
        "Counts the nodes labelled node-role.kubernetes.io/control-plane (or master): passes with three or more, warns "
        "with two, fails with one. k3s servers without etcd pass with two. Not applicable where a provider manages the "
        "control plane, which nodes show by their labels or versions; unknown where neither shows, and in a scan.",
    .why =
        "With one control-plane node its loss stops everything that changes: no rescheduling, no scaling, no deploys, "
        "while nodes fail on. Of two etcd members both are needed, so two are worse than one.",
    .fix = "Run three control-plane nodes, in different zones where there are any, behind a load balancer.",
    .source = "Kubernetes: Production environment, control plane",
    .traps =
        "An external etcd is not to be seen: with kubeadm's external topology two nodes may be enough; waive it. "
        "Whether a node is ready is node-ready's to say.",
    .reads = {Kind::kNode},
    .needs = {Kind::kNode},
    .run = Run,
};

}  // namespace seaworthy::checks
