#include "checks/common/node_pools.h"

#include <algorithm>
#include <iterator>

#include "checks/common/pool_labels.h"
#include "checks/common/scheduling.h"

namespace seaworthy::checks {
namespace {

// Of every worker alike: it tells nothing apart.
constexpr std::string_view kPlainRole = "node-role.kubernetes.io/worker";

bool NamesPool(std::string_view key) {
  if (key == kPlainRole) return false;
  return std::any_of(std::begin(kPoolLabels), std::end(kPoolLabels), [&](std::string_view known) {
    return known.ends_with('/') ? key.starts_with(known) : key == known;
  });
}

// Taints of a passing state are the node controller's.
bool IsLasting(const Taint& taint) {
  const std::string_view key = taint.key;
  return !key.starts_with("node.kubernetes.io/") && !key.starts_with("node.cloudprovider.kubernetes.io/") &&
         !key.starts_with("karpenter.sh/") && !key.starts_with("ToBeDeletedBy") &&
         !key.starts_with("DeletionCandidateOf");
}

std::string KeyOf(const Node& node) {
  std::vector<std::string> parts;
  for (const KeyValue& label : node.meta.labels) {
    if (NamesPool(label.key)) parts.push_back(label.key.str() + (label.value.empty() ? "" : "=" + label.value.str()));
  }
  std::vector<std::string> taints;
  for (const Taint& taint : node.taints) {
    if (IsLasting(taint))
      taints.push_back("taint " + taint.key.str() + (taint.value.empty() ? "" : "=" + taint.value.str()) + ":" +
                       taint.effect.str());
  }
  std::sort(taints.begin(), taints.end());
  parts.insert(parts.end(), taints.begin(), taints.end());
  std::string key;
  for (const std::string& part : parts) key += (key.empty() ? "" : ", ") + part;
  return key;
}

}  // namespace

WorkerNodes::WorkerNodes(const Snapshot& snapshot) {
  for (const NodeRecord* record : snapshot.Nodes()) {
    if (record->node != nullptr && !IsVirtual(*record->node) && !IsControlPlane(*record->node))
      nodes_.push_back(record);
  }
}

bool WorkerNodes::Excludes(const PodSpec& spec) const {
  const auto [known, fresh] = excludes_.try_emplace(SchedulingKey(spec));
  if (fresh) {
    known->second = std::any_of(nodes_.begin(), nodes_.end(),
                                [&](const NodeRecord* record) { return !SelectorsAllow(spec, *record->node); });
  }
  return known->second;
}

std::map<std::string, std::vector<const NodeRecord*>> PoolsOf(const WorkerNodes& workers) {
  std::map<std::string, std::vector<const NodeRecord*>> pools;
  for (const NodeRecord* record : workers) pools[KeyOf(*record->node)].push_back(record);
  return pools;
}

std::string PoolName(const std::string& key) {
  constexpr std::size_t kMost = 120;
  if (key.empty()) return "the nodes without a pool's label or taint";
  return "pool " + (key.size() <= kMost ? key : key.substr(0, kMost) + "...");
}

}  // namespace seaworthy::checks
