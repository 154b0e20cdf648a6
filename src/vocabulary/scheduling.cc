#include "seaworthy/scheduling.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace seaworthy {
namespace {

std::optional<std::int64_t> Integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// component-helpers nodeaffinity: an absent key satisfies NotIn and DoesNotExist only.
bool Satisfies(const NodeSelectorRequirement& requirement, const Text* value) {
  using Op = NodeSelectorRequirement::Op;
  const auto listed = [&] {
    return std::any_of(requirement.values.begin(), requirement.values.end(),
                       [&](const Text& wanted) { return wanted == *value; });
  };
  switch (requirement.op) {
    case Op::kIn: return value != nullptr && listed();
    case Op::kNotIn: return value == nullptr || !listed();
    case Op::kExists: return value != nullptr;
    case Op::kDoesNotExist: return value == nullptr;
    case Op::kGt:
    case Op::kLt: {
      if (value == nullptr || requirement.values.size() != 1) return false;
      const auto have = Integer(*value);
      const auto bound = Integer(requirement.values.front());
      if (!have || !bound) return false;
      return requirement.op == Op::kGt ? *have > *bound : *have < *bound;
    }
    case Op::kInvalid: return false;
  }
  return false;
}

bool Satisfies(const NodeSelectorTerm& term, const Node& node) {
  if (term.labels.empty() && term.fields.empty()) return false;
  for (const NodeSelectorRequirement& requirement : term.labels) {
    if (!Satisfies(requirement, node.meta.labels.Find(requirement.key))) return false;
  }
  for (const NodeSelectorRequirement& requirement : term.fields) {
    const Text* value = requirement.key == "metadata.name" ? &node.meta.name : nullptr;
    if (!Satisfies(requirement, value)) return false;
  }
  return true;
}

bool IsPassing(const Taint& taint) {
  return std::string_view(taint.key).starts_with("node.kubernetes.io/") ||
         taint.key == "node.cloudprovider.kubernetes.io/uninitialized";
}

bool Tolerates(const Toleration& toleration, const Taint& taint) {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) return false;
  if (toleration.key.empty()) return toleration.exists;
  if (toleration.key != taint.key) return false;
  return toleration.exists || toleration.value == taint.value;
}

std::uint64_t Mix(std::uint64_t hash, std::uint64_t value) {
  return (hash ^ value) * 0x9e3779b97f4a7c15ULL + (hash >> 29);
}

std::uint64_t KeyOf(const List<NodeSelectorRequirement>& requirements, std::uint64_t hash) {
  for (const NodeSelectorRequirement& requirement : requirements) {
    hash = Mix(Mix(hash, requirement.key.hash()), static_cast<std::uint64_t>(requirement.op) + 1);
    for (const Text& value : requirement.values) hash = Mix(hash, value.hash());
  }
  return Mix(hash, 0x7e57);
}

}  // namespace

bool SelectorsAllow(const PodSpec& spec, const Node& node) {
  for (const KeyValue& wanted : spec.node_selector) {
    const Text* value = node.meta.labels.Find(wanted.key);
    if (value == nullptr || *value != wanted.value) return false;
  }
  if (!spec.has_required_node_affinity) return true;
  return std::any_of(spec.node_affinity.begin(), spec.node_affinity.end(),
                     [&](const NodeSelectorTerm& term) { return Satisfies(term, node); });
}

bool TaintsAllow(const PodSpec& spec, const Node& node) {
  for (const Taint& taint : node.taints) {
    if (taint.effect == "PreferNoSchedule" || IsPassing(taint)) continue;
    if (std::none_of(spec.tolerations.begin(), spec.tolerations.end(),
                     [&](const Toleration& t) { return Tolerates(t, taint); }))
      return false;
  }
  return true;
}

OptInt PriorityOf(const Snapshot& snapshot, const PodSpec& spec) {
  if (!spec.priority_class.empty()) {
    const PriorityClass* named = snapshot.FindPriorityClass(spec.priority_class);
    return named == nullptr ? OptInt() : OptInt(named->value);
  }
  // Of several defaults admission takes the lowest (plugin/pkg/admission/priority).
  OptInt lowest;
  for (const PriorityClass* one : snapshot.PriorityClasses()) {
    if (one->global_default && (!lowest.has_value() || one->value < *lowest)) lowest = one->value;
  }
  return lowest.value_or(0);
}

std::uint64_t SchedulingKey(const PodSpec& spec) {
  std::uint64_t hash = spec.has_required_node_affinity ? 3 : 5;
  for (const KeyValue& wanted : spec.node_selector) hash = Mix(Mix(hash, wanted.key.hash()), wanted.value.hash());
  hash = Mix(hash, 0xaff);
  for (const NodeSelectorTerm& term : spec.node_affinity) hash = KeyOf(term.fields, KeyOf(term.labels, hash));
  hash = Mix(hash, 0x701);
  for (const Toleration& toleration : spec.tolerations) {
    hash = Mix(Mix(hash, toleration.key.hash()), toleration.value.hash());
    hash = Mix(Mix(hash, toleration.effect.hash()), toleration.exists ? 1 : 2);
  }
  return hash;
}

}  // namespace seaworthy
