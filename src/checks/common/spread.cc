#include "checks/common/spread.h"

#include <algorithm>

#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

// Set on pods by their controller and so in no template.
bool IsRevisionKey(std::string_view key) { return key == "pod-template-hash" || key == "controller-revision-hash"; }

SelfMatch NamespaceMatches(const Context& context, const PodAffinityTerm& term) {
  if (term.namespaces.empty() && !term.namespace_selector.present) return SelfMatch::kYes;
  const Text& own = context.workload().meta.namespace_;
  if (std::find(term.namespaces.begin(), term.namespaces.end(), own) != term.namespaces.end()) return SelfMatch::kYes;
  const LabelSelector& selector = term.namespace_selector;
  if (selector.present && selector.empty() && !selector.invalid) return SelfMatch::kYes;
  // A manifest without a namespace may be installed into any.
  if (own.empty()) return SelfMatch::kUnknown;
  if (!selector.present || selector.invalid) return SelfMatch::kNo;
  const Namespace* object = context.Namespace().object;
  if (object == nullptr) return SelfMatch::kUnknown;
  return selector.Matches(object->meta.labels) ? SelfMatch::kYes : SelfMatch::kNo;
}

}  // namespace

bool IsZoneKey(std::string_view topology_key) {
  constexpr std::string_view kEnd = "/zone";
  return topology_key.size() > kEnd.size() && topology_key.substr(topology_key.size() - kEnd.size()) == kEnd;
}

SelfMatch MatchesOwnPods(const Context& context, const PodAffinityTerm& term) {
  const Labels& labels = context.workload().template_labels;
  if (!term.selector.Matches(labels)) return SelfMatch::kNo;
  for (const Text& key : term.mismatch_label_keys) {
    if (IsRevisionKey(key) || labels.Has(key)) return SelfMatch::kNo;
  }
  return NamespaceMatches(context, term);
}

bool MatchesOwnPods(const Workload& workload, const TopologySpread& term) {
  return term.selector.Matches(workload.template_labels);
}

bool WithinRevision(const PodAffinityTerm& term) {
  return std::any_of(term.match_label_keys.begin(), term.match_label_keys.end(),
                     [](const Text& key) { return IsRevisionKey(key); });
}

std::string SelectorJson(const LabelSelector& selector) {
  std::string labels, expressions;
  for (const LabelSelector::Term& term : selector.terms) {
    if (term.op == LabelSelector::Op::kIn && term.values.size() == 1) {
      if (!labels.empty()) labels += ',';
      labels += JsonString(term.key) + ":" + JsonString(term.values.front());
      continue;
    }
    constexpr std::string_view kNames[] = {"In", "NotIn", "Exists", "DoesNotExist"};
    if (!expressions.empty()) expressions += ',';
    expressions +=
        "{\"key\":" + JsonString(term.key) + ",\"operator\":" + JsonString(kNames[static_cast<std::size_t>(term.op)]);
    if (!term.values.empty()) {
      expressions += ",\"values\":[";
      for (std::size_t i = 0; i < term.values.size(); ++i)
        expressions += (i == 0 ? "" : ",") + JsonString(term.values[i]);
      expressions += ']';
    }
    expressions += '}';
  }
  std::string json = "{";
  if (!labels.empty()) json += "\"matchLabels\":{" + labels + "}";
  if (!expressions.empty())
    json += (labels.empty() ? "\"matchExpressions\":[" : ",\"matchExpressions\":[") + expressions + "]";
  return json + "}";
}

}  // namespace seaworthy::checks
