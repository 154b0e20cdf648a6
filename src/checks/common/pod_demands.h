// What pods take of a node, and which of them may run on the same nodes: worked out once for each spec, as pods of one
// template share theirs. Data for node_loss.cc. Ids are given in the order of asking, so asking in the order of names
// gives the same ids in every run.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "checks/common/free_capacity.h"
#include "seaworthy/pod_spec.h"

namespace seaworthy::checks {

// Between 0 and more than any node has. Amounts come from strangers: cut to this, sums over a node's pods cannot
// overflow.
inline constexpr std::int64_t kMostAmount = std::int64_t{1} << 48;
std::int64_t CutAmount(std::int64_t amount);

// Pods that may run on the same nodes.
struct PlacementClass {
  const PodSpec* spec = nullptr;        // a representative
  std::vector<std::uint32_t> extended;  // indexes of the extended resources that a node has to offer
  bool by_node = false;                 // a key that does not group the nodes decides: matched node by node
  bool resolved = false;
  std::vector<std::uint32_t> groups;      // that it may run on
  std::vector<std::uint32_t> candidates;  // by_node: the nodes themselves
};

struct PodDemand {
  Amounts amounts;
  std::uint32_t placement = 0;
  bool placed = false;   // `placement` is set
  bool invalid = false;  // a quantity that does not parse
};

class PodDemands {
 public:
  // The spec has to stay where it is.
  std::uint32_t IdOf(const PodSpec& spec);
  // REQUIRES: IdOf was asked for this spec.
  std::uint32_t KnownIdOf(const PodSpec& spec) const { return ids_.find(&spec)->second; }
  // Gives the demand its placement class.
  void Place(std::uint32_t id, const PodSpec& spec);

  const PodDemand& operator[](std::uint32_t id) const { return demands_[id]; }
  std::size_t size() const { return demands_.size(); }
  std::vector<PlacementClass>& classes() { return classes_; }
  const std::vector<Text>& extended_names() const { return extended_names_; }

 private:
  std::uint32_t ExtendedIndex(const Text& name);
  Amounts AmountsOf(const PodSpec& spec, bool& invalid);
  std::uint32_t ClassOf(const PodSpec& spec, const Amounts& amounts);

  std::unordered_map<const PodSpec*, std::uint32_t> ids_;  // looked up only, never walked
  std::vector<PodDemand> demands_;
  std::vector<PlacementClass> classes_;
  std::unordered_map<std::size_t, std::vector<std::uint32_t>> class_ids_;
  std::vector<Text> extended_names_;
};

}  // namespace seaworthy::checks
