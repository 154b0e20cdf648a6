// Which nodes are alike: a pool is what one chooses by a label or a taint.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "seaworthy/snapshot.h"

namespace seaworthy::checks {

// Nodes that pods of applications run on: no control plane, no virtual nodes, and those whose object is known.
std::vector<const NodeRecord*> WorkerNodes(std::span<NodeRecord* const> nodes);

// Worker nodes by equal taints and equal pool labels, in the order of these; "" is the key of nodes with neither.
std::map<std::string, std::vector<const NodeRecord*>> PoolsOf(std::span<NodeRecord* const> nodes);

// "pool karpenter.sh/nodepool=general", "the nodes without a pool's label or taint": for messages.
std::string PoolName(const std::string& key);

}  // namespace seaworthy::checks
