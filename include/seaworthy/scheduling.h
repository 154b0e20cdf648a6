// Which nodes a pod may run on, by the scheduler's rules (NodeAffinity, TaintToleration, NodeUnschedulable plugins).
#pragma once

#include <cstdint>

#include "seaworthy/objects.h"
#include "seaworthy/pod_spec.h"
#include "seaworthy/snapshot.h"

namespace seaworthy {

// nodeSelector and required node affinity (terms ORed, requirements within a term ANDed; a term without requirements
// matches nothing).
bool SelectorsAllow(const PodSpec& spec, const Node& node);
// Every NoSchedule and NoExecute taint is tolerated. The taints that the node lifecycle controller adds for a passing
// state (not-ready, unreachable, unschedulable, pressure) are left out: they say nothing about where a pod belongs.
bool TaintsAllow(const PodSpec& spec, const Node& node);
// Both: the node is one of those that the pod is meant for.
inline bool MayRunOn(const PodSpec& spec, const Node& node) {
  return SelectorsAllow(spec, node) && TaintsAllow(spec, node);
}
// Of what MayRunOn reads of a spec: equal keys, equal nodes.
std::uint64_t SchedulingKey(const PodSpec& spec);

// The highest priority that people may define; above it are Kubernetes' own classes (apis/scheduling
// HighestUserDefinablePriority).
inline constexpr std::int64_t kHighestUserPriority = 1'000'000'000;
// The priority that admission gives to new pods: of the class that the template names, else of the cluster's default
// one, else 0. Unset: the class is not known.
OptInt PriorityOf(const Snapshot& snapshot, const PodSpec& spec);

}  // namespace seaworthy
