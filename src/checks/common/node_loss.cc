#include "checks/common/node_loss.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checks/common/free_capacity.h"
#include "checks/common/pod_demands.h"
#include "checks/common/scheduling.h"

namespace seaworthy::checks {
namespace {

// More label keys than this in selectors, or more values of one key, and the pods that use the rest are matched node by
// node.
constexpr std::size_t kMaxGroupingKeys = 32;
constexpr std::size_t kMaxGroupingValues = 64;
// Kubelet's default for a node that does not say.
constexpr std::int64_t kDefaultPods = 110;
// About a second on a slow core: matching a selector with a node counts 16, a step in a tree 1.
constexpr std::int64_t kMaxWork = 300'000'000;
constexpr std::int64_t kMatchWork = 16;

bool Moves(const Pod& pod) {
  if (pod.mirror || pod.meta.deleted.set()) return false;
  const OwnerRef* owner = pod.meta.Controller();
  return owner == nullptr || (owner->kind != "DaemonSet" && owner->kind != "Node");
}

bool TakesPods(const Node& node) { return node.IsReady() && !node.unschedulable; }

class Simulation {
 public:
  explicit Simulation(std::span<NodeRecord* const> nodes) : nodes_(nodes) {}
  NodeLoss Run();

 private:
  bool ReadDemands(NodeLoss& result);
  void ChooseGroupingKeys();
  void GroupNodes();
  void Resolve(PlacementClass& placement);
  void ResolveByNode(PlacementClass& placement);
  bool OffersExtended(const Node& node, const std::vector<std::uint32_t>& extended) const;
  bool Place(std::uint32_t demand, std::uint32_t lost);
  NodeLoss::Short Shortage(std::uint32_t demand, std::uint32_t lost);
  bool SameOsAs(std::uint32_t node, std::uint32_t lost) const {
    const Text& os = nodes_[lost]->node->os;
    return os.empty() || nodes_[node]->node->os.empty() || nodes_[node]->node->os == os;
  }

  std::span<NodeRecord* const> nodes_;
  PodDemands demands_;
  std::vector<Text> grouping_keys_;
  std::unordered_map<Text, std::unordered_map<Text, std::vector<std::uint32_t>>>
      postings_;  // of keys that do not group
  std::unordered_map<Text, std::uint32_t> node_ids_;
  FreeCapacity free_;
  std::vector<std::uint32_t> group_leader_;                      // group -> its first node
  std::vector<std::pair<std::uint32_t, std::uint32_t>> placed_;  // node, demand: to be taken back
  std::int64_t work_ = 0;
};

// Walks nodes and pods in their order of names, so that every id is the same in every run.
bool Simulation::ReadDemands(NodeLoss& result) {
  for (const NodeRecord* record : nodes_) {
    for (const Pod* pod : record->pods) {
      if (pod->spec == nullptr) continue;
      const std::uint32_t demand = demands_.IdOf(*pod->spec);
      if (demands_[demand].invalid) {
        result.unreadable = pod;
        return false;
      }
      if (!demands_[demand].placed && Moves(*pod)) demands_.Place(demand, *pod->spec);
    }
  }
  return true;
}

// A key groups nodes where few values tell them apart; hostnames do not.
void Simulation::ChooseGroupingKeys() {
  std::vector<Text> asked;
  const auto ask = [&asked](const Text& key) {
    if (asked.size() <= kMaxGroupingKeys && std::find(asked.begin(), asked.end(), key) == asked.end())
      asked.push_back(key);
  };
  for (const PlacementClass& placement : demands_.classes()) {
    for (const KeyValue& pair : placement.spec->node_selector) ask(pair.key);
    for (const NodeSelectorTerm& term : placement.spec->node_affinity) {
      for (const NodeSelectorRequirement& requirement : term.labels) ask(requirement.key);
    }
  }
  for (std::size_t i = 0; i < std::min(asked.size(), kMaxGroupingKeys); ++i) {
    auto& values = postings_[asked[i]];
    for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
      if (const Text* value = nodes_[n]->node->meta.labels.Find(asked[i])) values[*value].push_back(n);
    }
    if (values.size() > kMaxGroupingValues) continue;
    grouping_keys_.push_back(asked[i]);
    postings_.erase(asked[i]);
  }
  const auto groups = [this](const Text& key) {
    return std::find(grouping_keys_.begin(), grouping_keys_.end(), key) != grouping_keys_.end();
  };
  for (PlacementClass& placement : demands_.classes()) {
    for (const KeyValue& pair : placement.spec->node_selector) placement.by_node |= !groups(pair.key);
    for (const NodeSelectorTerm& term : placement.spec->node_affinity) {
      placement.by_node |= !term.fields.empty();
      for (const NodeSelectorRequirement& requirement : term.labels) placement.by_node |= !groups(requirement.key);
    }
  }
}

bool Simulation::OffersExtended(const Node& node, const std::vector<std::uint32_t>& extended) const {
  return std::all_of(extended.begin(), extended.end(), [&](std::uint32_t index) {
    return std::any_of(node.allocatable.extended.begin(), node.allocatable.extended.end(),
                       [&](const ResourceAmounts::Extended& offer) {
                         return offer.name == demands_.extended_names()[index] && offer.amount > 0;
                       });
  });
}

void Simulation::GroupNodes() {
  struct Signature {
    const Node* node;
    std::vector<Text> values;
    std::vector<bool> extended;
  };
  std::vector<Signature> signatures;
  std::unordered_map<std::size_t, std::vector<std::uint32_t>> by_hash;
  std::vector<std::uint32_t> group_of(nodes_.size(), FreeCapacity::kNoGroup);
  for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
    const Node& node = *nodes_[n]->node;
    node_ids_.emplace(node.meta.name, n);
    if (!TakesPods(node)) continue;
    Signature own{&node, {}, {}};
    std::size_t hash = node.os.hash();
    const auto mix = [&hash](std::size_t value) { hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL; };
    for (const Text& key : grouping_keys_) {
      const Text* value = node.meta.labels.Find(key);
      own.values.push_back(value == nullptr ? Text() : *value);
      // An empty value is not an absent label: Exists tells them apart.
      own.extended.push_back(value != nullptr);
      mix(own.values.back().hash() + own.extended.back());
    }
    for (std::uint32_t e = 0; e < demands_.extended_names().size(); ++e) {
      own.extended.push_back(OffersExtended(node, {e}));
      mix(own.extended.back());
    }
    for (const Taint& taint : node.taints) mix(taint.key.hash() * 31 + taint.value.hash());
    std::vector<std::uint32_t>& same_hash = by_hash[hash];
    const auto known = std::find_if(same_hash.begin(), same_hash.end(), [&](std::uint32_t id) {
      const Signature& other = signatures[id];
      return other.node->os == node.os && other.values == own.values && other.extended == own.extended &&
             other.node->taints == node.taints;
    });
    if (known != same_hash.end()) {
      group_of[n] = *known;
      continue;
    }
    group_of[n] = static_cast<std::uint32_t>(signatures.size());
    same_hash.push_back(group_of[n]);
    group_leader_.push_back(n);
    signatures.push_back(std::move(own));
  }

  std::vector<Amounts> free(nodes_.size());
  for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
    const Node& node = *nodes_[n]->node;
    Amounts& amounts = free[n];
    amounts.cpu = CutAmount(node.allocatable.cpu_milli.value_or(0));
    amounts.memory = CutAmount(node.allocatable.memory_bytes.value_or(0));
    amounts.pods = CutAmount(node.allocatable_pods.value_or(kDefaultPods));
    // A node that does not publish it does not ration it.
    amounts.ephemeral = CutAmount(node.allocatable.ephemeral_bytes.value_or(kMostAmount));
    for (std::uint32_t e = 0; e < demands_.extended_names().size(); ++e) {
      std::int64_t offered = 0;
      for (const ResourceAmounts::Extended& offer : node.allocatable.extended) {
        if (offer.name == demands_.extended_names()[e]) offered = offer.amount;
      }
      amounts.extended.emplace_back(e, CutAmount(offered));
    }
    for (const Pod* pod : nodes_[n]->pods) {
      if (pod->spec == nullptr) continue;
      amounts.Subtract(demands_[demands_.KnownIdOf(*pod->spec)].amounts);
    }
  }
  free_.Build(std::move(free), group_of, static_cast<std::uint32_t>(signatures.size()));
}

void Simulation::Resolve(PlacementClass& placement) {
  placement.resolved = true;
  if (placement.by_node) {
    ResolveByNode(placement);
    return;
  }
  for (std::uint32_t g = 0; g < group_leader_.size(); ++g) {
    const Node& leader = *nodes_[group_leader_[g]]->node;
    work_ += kMatchWork;
    if (OffersExtended(leader, placement.extended) && SameOs(*placement.spec, leader) &&
        MayRunOn(*placement.spec, leader))
      placement.groups.push_back(g);
  }
}

void Simulation::ResolveByNode(PlacementClass& placement) {
  const auto consider = [&](std::uint32_t n) {
    work_ += kMatchWork;
    const Node& node = *nodes_[n]->node;
    if (TakesPods(node) && OffersExtended(node, placement.extended) && SameOs(*placement.spec, node) &&
        MayRunOn(*placement.spec, node)) {
      placement.candidates.push_back(n);
    }
  };
  // Pods that are pinned to a node, each a class of its own: straight from the index.
  for (const KeyValue& pair : placement.spec->node_selector) {
    const auto values = postings_.find(pair.key);
    if (values == postings_.end()) continue;
    if (const auto nodes = values->second.find(pair.value); nodes != values->second.end()) {
      for (std::uint32_t n : nodes->second) consider(n);
    }
    return;
  }
  if (placement.spec->node_affinity.size() == 1) {
    const NodeSelectorTerm& term = placement.spec->node_affinity.front();
    const auto in = [](const NodeSelectorRequirement& r) {
      return r.op == NodeSelectorRequirement::Op::kIn && r.values.size() == 1;
    };
    for (const NodeSelectorRequirement& requirement : term.fields) {
      if (!in(requirement)) continue;
      if (const auto n = node_ids_.find(requirement.values.front()); n != node_ids_.end()) consider(n->second);
      return;
    }
    for (const NodeSelectorRequirement& requirement : term.labels) {
      const auto values = postings_.find(requirement.key);
      if (!in(requirement) || values == postings_.end()) continue;
      if (const auto nodes = values->second.find(requirement.values.front()); nodes != values->second.end()) {
        for (std::uint32_t n : nodes->second) consider(n);
      }
      return;
    }
  }
  for (std::uint32_t n = 0; n < nodes_.size(); ++n) consider(n);
}

bool Simulation::Place(std::uint32_t demand, std::uint32_t lost) {
  const Amounts& amounts = demands_[demand].amounts;
  PlacementClass& placement = demands_.classes()[demands_[demand].placement];
  if (!placement.resolved) Resolve(placement);
  std::uint32_t target = FreeCapacity::kNoNode;
  for (std::uint32_t n : placement.candidates) {
    ++work_;
    if (n != lost && SameOsAs(n, lost) && free_.Fits(n, amounts)) {
      target = n;
      break;
    }
  }
  for (std::uint32_t g : placement.groups) {
    if (!SameOsAs(group_leader_[g], lost)) continue;
    target = free_.FindFirst(g, amounts, work_);
    if (target != FreeCapacity::kNoNode) break;
  }
  if (target == FreeCapacity::kNoNode) return false;
  free_.Take(target, amounts);
  placed_.emplace_back(target, demand);
  return true;
}

NodeLoss::Short Simulation::Shortage(std::uint32_t demand, std::uint32_t lost) {
  const Amounts& amounts = demands_[demand].amounts;
  const PlacementClass& placement = demands_.classes()[demands_[demand].placement];
  std::vector<std::uint32_t> nodes;
  for (std::uint32_t n : placement.candidates) {
    if (n != lost && SameOsAs(n, lost)) nodes.push_back(n);
  }
  for (std::uint32_t g : placement.groups) {
    if (!SameOsAs(group_leader_[g], lost)) continue;
    for (std::uint32_t n : free_.Members(g)) {
      if (n != lost) nodes.push_back(n);
    }
  }
  if (nodes.empty()) return NodeLoss::Short::kNode;
  const auto none = [&](auto fits) {
    return std::none_of(nodes.begin(), nodes.end(), [&](std::uint32_t n) { return fits(free_.At(n)); });
  };
  if (none([&](const Amounts& free) { return free.memory >= amounts.memory; })) return NodeLoss::Short::kMemory;
  if (none([&](const Amounts& free) { return free.cpu >= amounts.cpu; })) return NodeLoss::Short::kCpu;
  if (none([](const Amounts& free) { return free.pods >= 1; })) return NodeLoss::Short::kPods;
  return NodeLoss::Short::kTogether;
}

NodeLoss Simulation::Run() {
  NodeLoss result;
  if (!ReadDemands(result)) return result;
  ChooseGroupingKeys();
  GroupNodes();

  // Largest first needs one measure for two resources: the sum of their shares of what an average node has.
  double cpu = 1, memory = 1;
  for (const NodeRecord* record : nodes_) {
    cpu += static_cast<double>(record->node->allocatable.cpu_milli.value_or(0));
    memory += static_cast<double>(record->node->allocatable.memory_bytes.value_or(0));
  }
  std::vector<double> sizes;
  sizes.reserve(demands_.size());
  for (std::uint32_t demand = 0; demand < demands_.size(); ++demand) {
    const Amounts& amounts = demands_[demand].amounts;
    sizes.push_back(static_cast<double>(amounts.cpu) / cpu + static_cast<double>(amounts.memory) / memory);
  }

  std::vector<std::pair<std::uint32_t, const Pod*>> moving;
  for (std::uint32_t lost = 0; lost < nodes_.size(); ++lost) {
    const Node& node = *nodes_[lost]->node;
    if (IsVirtual(node) || IsControlPlane(node)) continue;
    ++result.workers;
    moving.clear();
    for (const Pod* pod : nodes_[lost]->pods) {
      if (pod->spec != nullptr && Moves(*pod)) moving.emplace_back(demands_.KnownIdOf(*pod->spec), pod);
    }
    // Stable: pods of one size keep their order of names.
    std::stable_sort(moving.begin(), moving.end(),
                     [&](const auto& a, const auto& b) { return sizes[a.first] > sizes[b.first]; });
    free_.Remove(lost);
    for (const auto& [demand, pod] : moving) {
      if (Place(demand, lost)) continue;
      if (++result.not_absorbed == 1) {
        result.node = nodes_[lost];
        result.pod = pod;
        result.short_of = Shortage(demand, lost);
      }
      break;
    }
    for (const auto& [target, demand] : placed_) free_.Return(target, demands_[demand].amounts);
    placed_.clear();
    free_.Restore(lost);
    if (work_ > kMaxWork) {
      result.exhausted = true;
      break;
    }
  }
  return result;
}

}  // namespace

NodeLoss SimulateNodeLoss(std::span<NodeRecord* const> nodes) {
  std::vector<NodeRecord*> known;
  known.reserve(nodes.size());
  for (NodeRecord* record : nodes) {
    if (record->node != nullptr) known.push_back(record);
  }
  return Simulation(known).Run();
}

}  // namespace seaworthy::checks
