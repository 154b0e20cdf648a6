#include <set>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/replicas.h"

namespace seaworthy::checks {
namespace {

constexpr std::string_view kZone = "topology.kubernetes.io/zone";

std::string_view Applies(const Context& context) {
  if (ScaledToZero(context.workload())) return kScaledToZero;
  return EffectiveReplicas(context).maximum >= 2 ? "" : "it runs with a single replica: there is nothing to spread";
}

Outcome Run(const Context& context) {
  if (context.Eligible().zones < 2) return Outcome::Na("the nodes that may run its pods are of fewer than 2 zones");
  std::set<Text> zones;
  std::size_t placed = 0;
  for (const Pod* pod : context.CurrentPods()) {
    if (pod->node.empty()) continue;
    const NodeRecord* record = context.FindNode(pod->node);
    const Text* zone = record == nullptr ? nullptr : record->node->meta.labels.Find(kZone);
    if (zone == nullptr)
      return Outcome::Unknown(UnknownCause::kNotObserved, "a pod of it runs on a node whose zone is not known");
    ++placed;
    zones.insert(*zone);
  }
  if (placed < 2) return Outcome::Na("fewer than 2 of its pods have a node");
  if (zones.size() > 1) return Outcome::Pass();
  return Outcome::Fail("all its pods run in zone " + zones.begin()->str() +
                       ", and its selectors and tolerations allow nodes of other zones");
}

}  // namespace

constinit const Check kSpreadAcrossZones = {
    .id = "spread-across-zones",
    .title = "Replicas run in different zones",
    .section = Section::kDisruption,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = kReplicated,
    .holds = true,
    .rule =
        "Fails when for 10 minutes all pods of the current revision have run in one zone (label "
        "topology.kubernetes.io/zone of their nodes) although Ready nodes of another may run them by nodeSelector, "
        "required affinity and taints. Not applicable at 0 replicas, with fewer than 2 pods or fewer than 2 such "
        "zones; unknown in a scan.",
    .why =
        "Zones fail as a whole: power, network, the cloud's control plane. Two replicas in one zone are one replica "
        "then.",
    .fix =
        "Add a topologySpreadConstraint on topology.kubernetes.io/zone and restart the workload: the scheduler does "
        "not move pods that run.",
    .source = "H. Spread and disruption: spread by affinity",
    .traps =
        "Clusters of one zone, and workloads that only one zone may run, are not blamed. Volumes bind a pod to their "
        "zone: with all claims in one, the volumes have to move first.",
    .reads = {Kind::kPod, Kind::kNode, Kind::kHorizontalPodAutoscaler, Kind::kScaledObject},
    .needs = {Kind::kPod, Kind::kNode},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
