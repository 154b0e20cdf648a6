#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/replicas.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (ScaledToZero(context.workload())) return kScaledToZero;
  return EffectiveReplicas(context).maximum >= 2 ? "" : "it runs with a single replica: there is nothing to spread";
}

// When there came to be `count` eligible nodes, by what they say of themselves.
Timestamp SinceEligible(const std::vector<const NodeRecord*>& nodes, std::size_t count) {
  std::vector<Timestamp> times;
  for (const NodeRecord* record : nodes) {
    if (record->node == nullptr) continue;
    const Condition* ready = FindCondition(record->node->conditions, "Ready");
    times.push_back(ready != nullptr && ready->since.set() ? ready->since : record->node->meta.created);
  }
  if (times.size() < count) return {};
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(count - 1), times.end());
  return times[count - 1];
}

Outcome Run(const Context& context) {
  std::map<Text, std::int64_t> counts;
  std::int64_t total = 0;
  Timestamp newest;
  for (const Pod* pod : context.CurrentPods()) {
    if (pod->node.empty()) continue;
    ++counts[pod->node];
    ++total;
    newest = std::max({newest, pod->meta.created, pod->started});
  }
  if (total < 2) return Outcome::Na("fewer than 2 of its pods have a node");
  const auto& eligible = context.Eligible().nodes;
  if (eligible.size() < 2) return Outcome::Na("fewer than 2 nodes may run its pods");
  auto fullest = counts.begin();
  for (auto it = counts.begin(); it != counts.end(); ++it) {
    if (it->second > fullest->second) fullest = it;
  }
  // Whatever replaces a pod is a newer pod: since the newest one came, the picture has been this one.
  if (counts.size() == 1) {
    return Outcome::Fail("all its pods run on node " + fullest->first.str() +
                         ", and its selectors and tolerations allow other nodes")
        .Since(std::max(newest, SinceEligible(eligible, 2)));
  }
  if (eligible.size() >= 3) {
    std::int64_t lowest = fullest->second;
    for (const NodeRecord* node : eligible) {
      const auto found = counts.find(node->name);
      lowest = std::min(lowest, found == counts.end() ? 0 : found->second);
    }
    if (fullest->second - lowest > 1 && fullest->second * 2 > total) {
      return Outcome::Warn("more than half of its pods run on node " + fullest->first.str() +
                           ", and its selectors and tolerations allow other nodes")
          .Since(std::max(newest, SinceEligible(eligible, 3)));
    }
  }
  return Outcome::Pass().Since(newest);
}

}  // namespace

constinit const Check kSpreadAcrossNodes = {
    .id = "spread-across-nodes",
    .title = "Replicas run on different nodes",
    .section = Section::kDisruption,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = kReplicated,
    .holds = true,
    .rule =
        "Counts the pods of the current revision by node. All on one node fails; more than half on one of at "
        "least 3 eligible nodes, with a difference of more than 1 between the fullest and the emptiest, warns. "
        "Eligible are the Ready nodes that nodeSelector, required affinity and taints allow, cordoned ones too. "
        "Unknown without pods and nodes (a scan). Not applicable at 0 replicas, with fewer than 2 pods or fewer "
        "than 2 eligible nodes.",
    .why =
        "One node's failure or drain takes the replicas that it holds: if it holds all of them, it takes the "
        "service.",
    .fix =
        "Add a topologySpreadConstraint on kubernetes.io/hostname, then restart the workload (kubectl rollout "
        "restart): the scheduler does not move pods that already run. A descheduler does it continuously.",
    .source = "H. Spread and disruption: spread by affinity",
    .traps =
        "Whether the other nodes have room for them, or are cordoned, is not asked: whatever keeps the replicas "
        "together, one node's failure takes them all. A cluster with one node, or a workload that only one node may "
        "run, is not blamed. Two nodes with an uneven count are not either: losing one leaves replicas on the other.",
    .reads = {Kind::kPod, Kind::kNode, Kind::kHorizontalPodAutoscaler, Kind::kScaledObject},
    .needs = {Kind::kPod, Kind::kNode},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
