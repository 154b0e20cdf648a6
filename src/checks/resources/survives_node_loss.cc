#include <string>

#include "checks/all_checks.h"
#include "checks/common/node_autoscaler.h"
#include "checks/common/node_loss.h"

namespace seaworthy::checks {
namespace {

std::string_view Want(NodeLoss::Short short_of) {
  switch (short_of) {
    case NodeLoss::Short::kNode: return "its selectors and tolerations allow no other node";
    case NodeLoss::Short::kCpu: return "no other node has the CPU";
    case NodeLoss::Short::kMemory: return "no other node has the memory";
    case NodeLoss::Short::kPods: return "no other node takes more pods";
    case NodeLoss::Short::kTogether:
    case NodeLoss::Short::kNothing: break;
  }
  return "no other node has all that it requests";
}

// The number moves with every pod; the words seldom do.
std::string_view HowMany(const NodeLoss& loss) {
  if (loss.not_absorbed == loss.workers) return "any worker node";
  return loss.not_absorbed * 2 > loss.workers ? "most worker nodes" : "some worker nodes";
}

std::string OwnerOf(const Context& context, const Pod& pod) {
  std::string name = pod.meta.namespace_.str() + "/";
  if (const WorkloadRecord* record = context.WorkloadOf(pod))
    return record->workload->kind_name.str() + " " + name + record->workload->meta.name.str();
  return "pod " + name + pod.meta.name.str();
}

Outcome Run(const Context& context) {
  (void)context.State(Kind::kPod);  // read through the nodes
  const NodeLoss loss = SimulateNodeLoss(context.Nodes());
  if (loss.unreadable != nullptr) {
    return Outcome::Unknown(UnknownCause::kUnreadable, "the requests of " + OwnerOf(context, *loss.unreadable) +
                                                           " are not quantities that can be read");
  }
  if (loss.workers == 0) return Outcome::Na("there is no worker node");
  if (loss.workers == 1)
    return Outcome::Fail("there is one worker node: everything goes when it does; want at least two");
  if (loss.exhausted) {
    return Outcome::Unknown(UnknownCause::kUnreadable,
                            "too many different node selectors for the nodes there are: the simulation was given up");
  }
  if (loss.not_absorbed == 0) return Outcome::Pass();
  std::string message = "if " + std::string(HowMany(loss)) +
                        " were lost, not all of its pods would fit on the others: on " + loss.node->name.str() + " " +
                        OwnerOf(context, *loss.pod) + ", " + std::string(Want(loss.short_of));
  if (const std::string& autoscaler = NodeAutoscalerSeen(context); !autoscaler.empty()) {
    return Outcome::Warn(message + "; until a node autoscaler has added one (" + autoscaler + ")");
  }
  return Outcome::Fail(std::move(message));
}

}  // namespace

constinit const Check kSurvivesNodeLoss = {
    .id = "survives-node-loss",
    .title = "The pods of any one node fit on the others",
    .section = Section::kResources,
    .severity = Severity::kHigh,
    .subject = SubjectType::kCluster,
    .rule =
        "For each worker node in turn, the requests of the pods that would have to move are placed on what the other "
        "nodes have free, largest first, each where it first fits its node selector, required node affinity and "
        "tolerations. Passes when all fit for every node; fails when they do not for one, or when there is only one "
        "worker; warns instead where an autoscaler of nodes is seen (with one worker it fails all the same). Not "
        "applicable without worker nodes, unknown in a scan.",
    .why =
        "Nodes are lost to hardware, kernels and upgrades. Without room on the others their pods stay Pending, and "
        "which of them do is chance or priority.",
    .fix =
        "Add a node to the pool that is short, or lower requests that are never used (requests-match-usage). Give "
        "what matters most a PriorityClass.",
    .source = "F. Resources: nodes not over-committed, resources finite",
    .traps =
        "DaemonSets' and static pods do not move, terminating ones neither, all others do. Nodes tainted as control "
        "plane and virtual nodes are no workers. Cordoned and NotReady nodes take nothing. A pod goes only to nodes "
        "of the operating system it runs on. Volumes' zones, host ports, anti-affinity and disruption budgets are not "
        "looked at. First-fit is a heuristic: a verdict of no room may miss a cleverer packing.",
    .reads = {Kind::kNode, Kind::kPod, Kind::kDeployment, Kind::kStatefulSet},
    .needs = {Kind::kNode, Kind::kPod},
    .run = Run,
};

}  // namespace seaworthy::checks
