#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"
#include "checks/common/findings.h"
#include "checks/common/node_autoscaler.h"
#include "checks/common/node_pools.h"
#include "checks/common/pod_demands.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"warnPercent", 150, "memory limits of more than this, of what the pool's nodes can allocate, warn"},
    {"failPercent", 200, "more than this fails"},
};

// A container without a limit may take everything; what it reserves is the least that it takes.
std::int64_t MemoryLimitOf(const PodSpec& spec) {
  if (spec.resources->limits.memory_bytes.has_value()) return CutAmount(*spec.resources->limits.memory_bytes);
  std::int64_t sum = 0;
  for (const Container& container : spec.containers) {
    if (!container.is_running_long()) continue;
    OptInt amount = container.resources->limits.memory_bytes;
    if (!amount.has_value()) amount = container.resources->requests.memory_bytes;
    sum = CutAmount(sum + CutAmount(amount.value_or(0)));
  }
  // What the pod as a whole reserves is reserved once.
  return std::max(sum, CutAmount(spec.resources->requests.memory_bytes.value_or(0)));
}

Outcome Run(const Context& context) {
  (void)context.State(Kind::kPod);  // read through the nodes
  const auto pools = PoolsOf(context.Fact<WorkerNodes>());
  if (pools.empty()) return Outcome::Na("there is no worker node");
  if (const std::string& autoscaler = NodeAutoscalerSeen(context); !autoscaler.empty())
    return Outcome::Na("a node autoscaler adds nodes (" + autoscaler + ")");
  Findings findings(context);
  for (const auto& [key, nodes] : pools) {
    double limits = 0, allocatable = 0;
    for (const NodeRecord* record : nodes) {
      allocatable += static_cast<double>(record->node->allocatable.memory_bytes.value_or(0));
      for (const Pod* pod : record->pods) {
        if (pod->spec != nullptr) limits += static_cast<double>(MemoryLimitOf(*pod->spec));
      }
    }
    for (const auto& [param, verdict] : {std::pair("failPercent", Verdict::kFail), {"warnPercent", Verdict::kWarn}}) {
      const double percent = context.Param(param);
      if (allocatable <= 0 || limits * 100 <= allocatable * percent) continue;
      findings.Add(verdict, {},
                   PoolName(key) + ": the memory limits of its pods are more than " +
                       std::to_string(static_cast<int>(percent)) + " % of what its nodes can allocate");
      break;
    }
  }
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kNodeOvercommit = {
    .id = "node-overcommit",
    .title = "Memory is not over-committed",
    .section = Section::kResources,
    .severity = Severity::kLow,
    .subject = SubjectType::kCluster,
    .holds = true,
    .rule =
        "Sums up the memory limits of the pods on the nodes of each pool (equal taints and pool labels); a container "
        "without a limit counts with its request. More than 150 % of what the pool's nodes can allocate warns, more "
        "than 200 % fails. Not applicable without worker nodes and where an autoscaler of nodes is seen; unknown in a "
        "scan.",
    .why =
        "Limits are what pods may take, requests only what they are promised. When many take what they may, the node "
        "runs out of memory and the kernel chooses whom it kills.",
    .fix =
        "Lower limits to what is used (requests-match-usage), set requests to limits for memory, or add a node to the "
        "pool.",
    .source = "F. Resources: nodes not over-committed, resources finite",
    .traps =
        "Each pool by itself: free nodes for databases do not help the web servers. CPU is not asked: it is throttled, "
        "not taken. Control planes and virtual nodes are left out, ended pods as well.",
    .reads = {Kind::kNode, Kind::kPod, Kind::kDeployment, Kind::kStatefulSet},
    .needs = {Kind::kNode, Kind::kPod},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
