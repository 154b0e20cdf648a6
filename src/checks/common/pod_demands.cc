#include "checks/common/pod_demands.h"

#include <algorithm>
#include <utility>

#include "seaworthy/scheduling.h"

namespace seaworthy::checks {

std::int64_t CutAmount(std::int64_t amount) { return std::clamp<std::int64_t>(amount, 0, kMostAmount); }

std::uint32_t PodDemands::ExtendedIndex(const Text& name) {
  for (std::size_t i = 0; i < extended_names_.size(); ++i) {
    if (extended_names_[i] == name) return static_cast<std::uint32_t>(i);
  }
  extended_names_.push_back(name);
  return static_cast<std::uint32_t>(extended_names_.size() - 1);
}

Amounts PodDemands::AmountsOf(const PodSpec& spec, bool& invalid) {
  const PodRequest request = EffectiveRequest(spec);
  invalid = request.invalid;
  Amounts amounts;
  amounts.cpu = CutAmount(request.cpu_milli);
  amounts.memory = CutAmount(request.memory_bytes);
  amounts.ephemeral = CutAmount(request.ephemeral_bytes);
  for (const ResourceAmounts::Extended& extended : request.extended) {
    if (extended.amount > 0) amounts.extended.emplace_back(ExtendedIndex(extended.name), CutAmount(extended.amount));
  }
  std::sort(amounts.extended.begin(), amounts.extended.end());
  return amounts;
}

std::uint32_t PodDemands::ClassOf(const PodSpec& spec, const Amounts& amounts) {
  std::vector<std::uint32_t> extended;
  for (const auto& [index, amount] : amounts.extended) extended.push_back(index);
  std::size_t hash = SchedulingKey(spec) ^ spec.os.hash();
  for (std::uint32_t index : extended) hash = (hash ^ index) * 0x9e3779b97f4a7c15ULL;
  std::vector<std::uint32_t>& same_hash = class_ids_[hash];
  for (std::uint32_t id : same_hash) {
    const PodSpec& other = *classes_[id].spec;
    if (other.os == spec.os && other.node_selector == spec.node_selector &&
        other.has_required_node_affinity == spec.has_required_node_affinity &&
        other.node_affinity == spec.node_affinity && other.tolerations == spec.tolerations &&
        classes_[id].extended == extended) {
      return id;
    }
  }
  PlacementClass placement;
  placement.spec = &spec;
  placement.extended = std::move(extended);
  classes_.push_back(std::move(placement));
  same_hash.push_back(static_cast<std::uint32_t>(classes_.size() - 1));
  return same_hash.back();
}

std::uint32_t PodDemands::IdOf(const PodSpec& spec) {
  const auto [found, inserted] = ids_.try_emplace(&spec, static_cast<std::uint32_t>(demands_.size()));
  if (inserted) {
    PodDemand demand;
    demand.amounts = AmountsOf(spec, demand.invalid);
    demands_.push_back(std::move(demand));
  }
  return found->second;
}

void PodDemands::Place(std::uint32_t id, const PodSpec& spec) {
  demands_[id].placement = ClassOf(spec, demands_[id].amounts);
  demands_[id].placed = true;
}

}  // namespace seaworthy::checks
