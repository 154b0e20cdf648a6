#include "checks/common/alerts.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "checks/common/scraping.h"

namespace seaworthy::checks {
namespace {

// Labels whose value is a namespace: Prometheus' own, those of other exporters and of Istio's metrics.
constexpr std::string_view kNamespaceLabels[] = {"namespace",
                                                 "exported_namespace",
                                                 "kubernetes_namespace",
                                                 "k8s_namespace_name",
                                                 "k8s.namespace.name",
                                                 "destination_service_namespace",
                                                 "destination_workload_namespace"};
// Labels whose value is a workload, its Service or an application: kube-state-metrics', the operator's, cAdvisor's,
// Istio's and OpenTelemetry's.
constexpr std::string_view kWorkloadLabels[] = {"deployment",
                                                "statefulset",
                                                "daemonset",
                                                "cronjob",
                                                "workload",
                                                "job",
                                                "exported_job",
                                                "service",
                                                "exported_service",
                                                "app",
                                                "application",
                                                "service_name",
                                                "owner_name",
                                                "created_by_name",
                                                "scaletargetref_name",
                                                "horizontalpodautoscaler",
                                                "label_app",
                                                "app_kubernetes_io_name",
                                                "label_app_kubernetes_io_name",
                                                "app_kubernetes_io_instance",
                                                "destination_workload",
                                                "destination_service_name",
                                                "destination_app",
                                                "name"};
// Labels whose value is a pod of it.
constexpr std::string_view kPodLabels[] = {"pod", "pod_name", "exported_pod", "kubernetes_pod_name", "k8s_pod_name"};

template <typename List>
bool Contains(const List& list, std::string_view value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

bool MatchesPattern(std::string_view pattern, std::string_view value) {
  const bool open_end = pattern.ends_with('*'), open_begin = pattern.starts_with('*');
  if (open_end) pattern.remove_suffix(1);
  if (open_begin && !pattern.empty()) pattern.remove_prefix(1);
  if (open_begin && open_end) return value.find(pattern) != std::string_view::npos;
  return open_begin ? value.ends_with(pattern) : value.starts_with(pattern);
}

// The names that rules may call it by.
std::vector<Text> NamesOf(const Context& context) {
  const Workload& workload = context.workload();
  std::vector<Text> names = {workload.meta.name};
  const auto add = [&](const Text& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const Service* service : context.Services().items) add(service->meta.name);
  for (const char* label : {"app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "k8s-app"}) {
    if (const Text* value = workload.template_labels.Find(label)) add(*value);
  }
  return names;
}

// Rules of the cluster's own monitoring ask for a namespace by pattern ("kube-.*"): they count for whom they match.
bool NamesNamespace(const AlertMention& mention, std::string_view ns) {
  if (!Contains(kNamespaceLabels, mention.label)) return false;
  const std::string_view value = mention.value;
  return value.starts_with('*') || value.ends_with('*') ? MatchesPattern(value, ns) : value == ns;
}

// Whether the rule asks for namespaces, and this one is none of them.
bool IsAboutOthers(const AlertMention& mention, std::string_view ns) {
  bool others = false;
  for (const Extension::Fact* fact : mention.rules->All("spec.groups[].rules[].expr{matchers}")) {
    if (fact->outer != mention.group || fact->inner != mention.rule) continue;
    const std::string_view text = fact->value;
    const std::size_t equals = text.find('=');
    if (!Contains(kNamespaceLabels, text.substr(0, equals))) continue;
    const std::string_view value = text.substr(equals + 1);
    if (value.starts_with('*') || value.ends_with('*') ? MatchesPattern(value, ns) : value == ns) return false;
    others = true;
  }
  return others;
}

}  // namespace

bool AlertAbout::HasRunbook() const {
  return std::any_of(mention->rules->facts.begin(), mention->rules->facts.end(), [&](const Extension::Fact& fact) {
    return fact.outer == mention->group && fact.inner == mention->rule &&
           fact.path == "spec.groups[].rules[].annotations.runbook_url?";
  });
}

std::string AlertAbout::ToString() const {
  std::string_view alert;
  for (const Extension::Fact& fact : mention->rules->facts) {
    if (fact.outer == mention->group && fact.inner == mention->rule && fact.path == "spec.groups[].rules[].alert")
      alert = fact.value;
  }
  return (alert.empty() ? std::string("an alert") : "alert " + std::string(alert)) + " of " + NameOf(*mention->rules);
}

std::vector<AlertAbout> AlertsAbout(const Context& context) {
  const std::string_view ns = context.workload().meta.namespace_;
  const std::vector<Text> names = NamesOf(context);
  std::vector<AlertAbout> found;
  const auto add = [&](const AlertMention& mention, bool by_namespace) {
    const auto known = std::find_if(found.begin(), found.end(), [&](const AlertAbout& one) {
      return one.mention->rules == mention.rules && one.mention->group == mention.group &&
             one.mention->rule == mention.rule;
    });
    if (known == found.end()) {
      found.push_back({&mention, by_namespace, true});
    } else if (!by_namespace) {
      known->by_namespace = false;
    }
  };
  for (const Text& name : names) {
    for (const AlertMention& mention : context.AlertsNaming(name)) {
      const std::string_view value = mention.value;
      const std::size_t slash = value.rfind('/');
      // The job of a PodMonitor is "namespace/name".
      const bool matches =
          Contains(kWorkloadLabels, mention.label) &&
          (slash == std::string_view::npos || (mention.label == "job" && value.substr(0, slash) == ns));
      if (matches && !IsAboutOthers(mention, ns)) add(mention, false);
    }
  }
  for (const Extension* monitor : context.PodMonitors().items) {
    for (const AlertMention& mention : context.AlertsNaming(monitor->meta.name)) {
      if (mention.label == "job" &&
          mention.value.view() == monitor->meta.namespace_.str() + "/" + monitor->meta.name.str())
        add(mention, false);
    }
  }
  const std::string pods = context.workload().meta.name.str() + "-";
  for (const AlertMention& mention : context.AlertPatterns()) {
    const std::string_view value = mention.value;
    const bool named = Contains(kPodLabels, mention.label)
                           ? MatchesPattern(value, pods) || MatchesPattern(value, context.workload().meta.name)
                           : Contains(kWorkloadLabels, mention.label) &&
                                 std::any_of(names.begin(), names.end(),
                                             [&](const Text& name) { return MatchesPattern(value, name); });
    if (named && !IsAboutOthers(mention, ns)) add(mention, false);
    if (NamesNamespace(mention, ns)) add(mention, true);
  }
  for (const AlertMention& mention : context.AlertsNaming(context.workload().meta.namespace_)) {
    if (NamesNamespace(mention, ns)) add(mention, true);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const AlertAbout& a, const AlertAbout& b) { return a.by_namespace < b.by_namespace; });
  // Asked once for each object: many rules stand in one.
  std::map<const Extension*, Chosen> chosen;
  for (AlertAbout& one : found) {
    const Extension& rules = *one.mention->rules;
    const auto known = chosen.find(&rules);
    const Chosen by = known != chosen.end() ? known->second
                                            : chosen.emplace(&rules, ChosenByPrometheus(context, rules)).first->second;
    one.chosen = by != Chosen::kNo;
    one.not_seen = SelectionNotSeen(by);
  }
  return found;
}

}  // namespace seaworthy::checks
