#include "checks/common/node_pools.h"

#include <string>

#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"nodes", 5, "worker nodes below which one pool is enough"}};

Outcome Run(const Context& context) {
  const WorkerNodes& workers = context.Fact<WorkerNodes>();
  if (static_cast<double>(workers.size()) < context.Param("nodes"))
    return Outcome::Na("there are too few worker nodes to divide");
  if (PoolsOf(workers).size() > 1) return Outcome::Pass();
  return Outcome::Fail("all worker nodes are of one pool: no label or taint keeps anything apart");
}

}  // namespace

constinit const Check kNodePools = {
    .id = "node-pools",
    .title = "Nodes are divided into pools",
    .section = Section::kPlacement,
    .severity = Severity::kLow,
    .subject = SubjectType::kCluster,
    .rule =
        "Passes when the worker nodes are of at least two pools, which differ in a taint or in a label by which pools "
        "are told apart (those of the clouds and installers, node-role, pool, dedicated, workload). Fails when all are "
        "alike. Not applicable with fewer than 5 worker nodes; unknown in a scan.",
    .why =
        "Without pools there is nothing that critical or heavy workloads could be kept to, and every upgrade concerns "
        "all of them at once.",
    .fix = "Make a second pool for what is heavy or critical, and label and taint its nodes.",
    .source = "G. Separating workloads: critical systems apart from heavy ones",
    .traps = "Zones, machine types and operating systems are no pools. Control planes and virtual nodes are left out.",
    .reads = {Kind::kNode},
    .needs = {Kind::kNode},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
