// Which nodes are alike: a pool is what one chooses by a label or a taint.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "seaworthy/snapshot.h"

namespace seaworthy::checks {

// Nodes that pods of applications run on: no control plane, no virtual nodes, and those whose object is known. A fact
// of the cluster (cluster_facts.h).
class WorkerNodes {
 public:
  static constexpr KindSet kRestsOn = {Kind::kNode};
  explicit WorkerNodes(const Snapshot& snapshot);

  std::size_t size() const { return nodes_.size(); }
  auto begin() const { return nodes_.begin(); }
  auto end() const { return nodes_.end(); }
  // Node selector and required node affinity keep pods of the spec from at least one of them.
  bool Excludes(const PodSpec& spec) const;

 private:
  std::vector<const NodeRecord*> nodes_;
  mutable std::unordered_map<std::uint64_t, bool> excludes_;  // by SchedulingKey
};

// Worker nodes by equal taints and equal pool labels, in the order of these; "" is the key of nodes with neither.
std::map<std::string, std::vector<const NodeRecord*>> PoolsOf(const WorkerNodes& workers);

// "pool karpenter.sh/nodepool=general", "the nodes without a pool's label or taint": for messages.
std::string PoolName(const std::string& key);

}  // namespace seaworthy::checks
