#include "testing/world_text.h"

#include <type_traits>

namespace seaworthy::testing {
namespace {

std::string NameOf(const Object* object) { return object->meta.namespace_.str() + "/" + object->meta.name.str(); }
std::string NameOf(const WorkloadRecord* record) {
  return record->workload->kind_name.str() + "/" + NameOf(static_cast<const Object*>(record->workload));
}
std::string NameOf(const NodeRecord* record) { return record->name.str(); }

template <typename List>
std::string ListText(std::string_view title, const List& list) {
  std::string text = " " + std::string(title) + "=[";
  for (const auto* item : list) {
    if constexpr (std::is_base_of_v<Object, std::remove_cvref_t<decltype(*item)>>) {
      text += NameOf(static_cast<const Object*>(item)) + " ";
    } else {
      text += NameOf(item) + " ";
    }
  }
  return text + "]";
}

template <typename T>
std::string SelectingText(std::string_view title, const SelectingList<T>& list) {
  return ListText(title, list.items) + (list.truncated ? "+" : "");
}

std::string LabelsText(const Labels& labels) {
  std::string text;
  for (const KeyValue& pair : labels) text += pair.key.str() + "=" + pair.value.str() + ",";
  return text;
}

std::string AlertsText(std::string_view title, std::span<const AlertMention> mentions) {
  std::string text;
  for (const AlertMention& mention : mentions) {
    text += NameOf(static_cast<const Object*>(mention.rules)) + ":" + std::to_string(mention.group) + ":" +
            std::to_string(mention.rule) + ":" + mention.label.str() + "=" + mention.value.str() + " ";
  }
  return text.empty() ? text : " " + std::string(title) + "=[" + text + "]";
}

std::string WorkloadText(const Snapshot& snapshot, const WorkloadRecord& record) {
  const Workload& workload = *record.workload;
  std::string text =
      "  " + NameOf(&record) + " " + workload.api_version.str() +
      " generation=" + std::to_string(workload.meta.generation) + " uid=" + std::to_string(workload.meta.uid.high) +
      " created=" + std::to_string(workload.meta.created.seconds) + " revision=" + record.current_revision.str() +
      " labels=" + LabelsText(workload.template_labels) +
      " replicas=" + std::to_string(workload.replicas.value_or(-1)) +
      " ready=" + std::to_string(workload.status.ready.value_or(-1)) + " spec=" + std::to_string(workload.spec->hash) +
      " class=" + std::string(ClassName(workload.workload_class));
  text += ListText("pods", record.pods) + ListText("sets", record.replica_sets) + ListText("jobs", record.jobs);
  text += SelectingText("services", record.services) + SelectingText("budgets", record.budgets) +
          SelectingText("policies", record.policies);
  text += ListText("autoscalers", record.autoscalers) + ListText("dependants", record.dependants) +
          ListText("scalers", record.scaled_objects) + ListText("alike", snapshot.Alike(record));
  text += SelectingText("monitors", record.pod_monitors);
  text += ListText("eligible", snapshot.Eligible(*workload.spec).nodes) +
          std::to_string(snapshot.Eligible(*workload.spec).zones);
  text += AlertsText("alerts", snapshot.AlertsNaming(workload.meta.name));
  const std::string_view unreadable =
      snapshot.Unreadable({.workload = &record, .ns = nullptr, .budget = nullptr, .node = nullptr});
  if (!unreadable.empty()) text += " unreadable=" + std::string(unreadable);
  return text + "\n";
}

std::string NamespaceText(const Snapshot& snapshot, const NamespaceRecord& ns) {
  std::string text =
      ns.name.str() + (ns.object == nullptr ? " (no object)" : " labels=" + LabelsText(ns.object->meta.labels));
  text += ListText("workloads", ns.workloads) + ListText("bare", ns.bare_pods) + ListText("policies", ns.policies) +
          ListText("ingresses", ns.ingresses);
  text += ListText("autoscalers", ns.autoscalers) + ListText("claims", ns.claims) +
          ListText("accounts", ns.service_accounts);
  text += ListText("bindings", ns.role_bindings) + ListText("ranges", ns.limit_ranges) + ListText("quotas", ns.quotas);
  text += ListText("pages", ns.maintenance_pages) + "\n";
  for (const Ingress* ingress : ns.ingresses) {
    for (const IngressBackend& backend : ingress->backends)
      text += ListText(backend.host, snapshot.ProbesOf(backend.host));
  }
  text += AlertsText("alerts", snapshot.AlertsNaming(ns.name)) + "\n";
  for (const auto& [about, reports] : ns.reports)
    text += "  Reports of " + about.first.str() + "/" + about.second.str() + ListText("", reports) + "\n";
  for (const WorkloadRecord* record : ns.workloads) text += WorkloadText(snapshot, *record);
  for (const ServiceRecord* service : ns.services) {
    text += "  Service " + NameOf(service->service) + ListText("workloads", service->workloads) +
            ListText("slices", service->slices) + ListText("ingresses", service->ingresses) +
            ListText("routes", service->routes) + SelectingText("monitors", service->monitors) + "\n";
  }
  for (const BudgetRecord* budget : ns.budgets)
    text += "  Budget " + NameOf(budget->budget) + ListText("workloads", budget->workloads) + "\n";
  return text;
}

}  // namespace

std::string WorldText(const Snapshot& snapshot) {
  std::string text;
  for (const KindInfo& info : KindTable()) text += std::to_string(static_cast<int>(snapshot.State(info.kind)));
  text += "\n";
  for (const NamespaceRecord* ns : snapshot.Namespaces()) text += NamespaceText(snapshot, *ns);
  for (const NodeRecord* node : snapshot.Nodes())
    text += "Node " + node->name.str() + ListText("pods", node->pods) + ListText("ended", node->ended) + "\n";
  text += ListText("priorities", snapshot.PriorityClasses()) + ListText("classes", snapshot.StorageClasses()) +
          ListText("bindings", snapshot.ClusterRoleBindings()) + ListText("daemonsets", snapshot.DaemonSets()) +
          AlertsText("patterns", snapshot.AlertPatterns()) + "\n";
  return text;
}

}  // namespace seaworthy::testing
