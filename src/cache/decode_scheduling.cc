// Where a pod may run: selectors, affinity, spreading, tolerations.
#include <utility>

#include "cache/decode_fields.h"

namespace seaworthy::cache {
namespace {

NodeSelectorRequirement DecodeRequirement(const Decoding& d, const Node& node) {
  using Op = NodeSelectorRequirement::Op;
  NodeSelectorRequirement requirement;
  requirement.key = d.Str(node["key"]);
  requirement.values = d.Strings(node["values"]);
  const std::string_view op = node["operator"].text();
  requirement.op = op == "In"             ? Op::kIn
                   : op == "NotIn"        ? Op::kNotIn
                   : op == "Exists"       ? Op::kExists
                   : op == "DoesNotExist" ? Op::kDoesNotExist
                   : op == "Gt"           ? Op::kGt
                   : op == "Lt"           ? Op::kLt
                                          : Op::kInvalid;
  return requirement;
}

PodAffinityTerm DecodeAffinityTerm(const Decoding& d, const Node& node, bool required, std::int32_t weight) {
  PodAffinityTerm term;
  term.selector = DecodeSelector(d, node["labelSelector"]);
  term.match_label_keys = d.Strings(node["matchLabelKeys"]);
  term.mismatch_label_keys = d.Strings(node["mismatchLabelKeys"]);
  term.namespace_selector = DecodeSelector(d, node["namespaceSelector"]);
  term.namespaces = d.Strings(node["namespaces"]);
  term.topology_key = d.Str(node["topologyKey"]);
  term.required = required;
  term.weight = weight;
  return term;
}

List<PodAffinityTerm> DecodePodAffinity(const Decoding& d, const Node& node) {
  List<PodAffinityTerm> terms;
  for (const Node& term : node["requiredDuringSchedulingIgnoredDuringExecution"]) {
    terms.push_back(DecodeAffinityTerm(d, term, true, 0));
  }
  for (const Node& preferred : node["preferredDuringSchedulingIgnoredDuringExecution"]) {
    terms.push_back(DecodeAffinityTerm(d, preferred["podAffinityTerm"], false, Int32(preferred["weight"])));
  }
  terms.shrink_to_fit();
  return terms;
}

void DecodeNodeAffinity(const Decoding& d, const Node& required, bool of_daemon, PodSpec& pod) {
  if (!required.is_object()) return;
  pod.has_required_node_affinity = true;
  for (const Node& node : required["nodeSelectorTerms"]) {
    NodeSelectorTerm term;
    bool pinned = false;
    for (const Node& label : node["matchExpressions"]) term.labels.push_back(DecodeRequirement(d, label));
    for (const Node& field : node["matchFields"]) {
      // The pod is on the node that its controller chose: said by Pod::node, and different for each pod of a DaemonSet.
      if (of_daemon && IsNodePin(field)) {
        pinned = true;
      } else {
        term.fields.push_back(DecodeRequirement(d, field));
      }
    }
    // Terms are ORed: one that asks for nothing else asks for nothing at all.
    if (pinned && term.labels.empty() && term.fields.empty()) {
      pod.has_required_node_affinity = false;
      pod.node_affinity.clear();
      return;
    }
    pod.node_affinity.push_back(std::move(term));
  }
  pod.node_affinity.shrink_to_fit();
}

}  // namespace

void DecodeScheduling(const Decoding& d, const Node& spec, SpecOf of, PodSpec& pod) {
  pod.node_selector = d.Map(spec["nodeSelector"]);
  if (const Node& affinity = spec["affinity"]; affinity.is_object()) {
    DecodeNodeAffinity(d, affinity["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"],
                       of == SpecOf::kDaemonPod, pod);
    pod.pod_affinity = DecodePodAffinity(d, affinity["podAffinity"]);
    pod.pod_anti_affinity = DecodePodAffinity(d, affinity["podAntiAffinity"]);
  }
  for (const Node& node : spec["topologySpreadConstraints"]) {
    TopologySpread spread;
    spread.topology_key = d.Str(node["topologyKey"]);
    spread.max_skew = Int32(node["maxSkew"], 1);
    spread.hard = node["whenUnsatisfiable"].text() == "DoNotSchedule";
    spread.selector = DecodeSelector(d, node["labelSelector"]);
    spread.match_label_keys = d.Strings(node["matchLabelKeys"]);
    pod.topology_spread.push_back(std::move(spread));
  }
  for (const Node& node : spec["tolerations"]) {
    pod.tolerations.push_back(
        {d.Str(node["key"]), d.Loose(node["value"]), d.Str(node["effect"]), node["operator"].text() == "Exists"});
  }
}

}  // namespace seaworthy::cache
