// What selects workloads or names them: Services, budgets, policies, autoscalers, Ingresses; and the lists on both
// sides.
#include <algorithm>
#include <utility>

#include "cache/world_impl.h"

namespace seaworthy::cache {
namespace {

bool KeepsEndpoints(const Service& service) { return service.type != "ExternalName"; }

template <typename T>
void Reselect(SelectingList<T>& list, const std::vector<const T*>& all, const Labels& labels,
              const LabelSelector& (*selector)(const T&)) {
  list = {};
  for (const T* item : all) {
    if (!selector(*item).Matches(labels)) continue;
    if (list.items.size() == kMaxSelecting) {
      list.truncated = true;
      return;
    }
    list.items.push_back(item);
  }
}

}  // namespace

bool World::Selects(const LabelSelector& selector, const WorkloadRecord& record) {
  return selector.Matches(record.workload->template_labels);
}

bool World::NamesService(const Ingress& ingress, const Text& service) {
  if (ingress.has_default_backend && ingress.default_backend.service == service) return true;
  return std::any_of(ingress.backends.begin(), ingress.backends.end(),
                     [&](const IngressBackend& backend) { return backend.service == service; });
}

template <typename T>
void World::DropSelecting(WorkloadRecord& record, SelectingList<T>& list, const T* item) {
  EraseSorted(list.items, item, ByKey());
  if (list.truncated) RefreshSelecting(record);
}
template void World::DropSelecting(WorkloadRecord&, SelectingList<Service>&, const Service*);
template void World::DropSelecting(WorkloadRecord&, SelectingList<PodDisruptionBudget>&, const PodDisruptionBudget*);
template void World::DropSelecting(WorkloadRecord&, SelectingList<NetworkPolicy>&, const NetworkPolicy*);

void World::RefreshSelecting(WorkloadRecord& record) {
  const NamespaceRecord& ns = *record.ns;
  const Labels& labels = record.workload->template_labels;
  std::vector<const Service*> services;
  for (const ServiceRecord* service : ns.services) {
    if (KeepsEndpoints(*service->service)) services.push_back(service->service);
  }
  std::vector<const PodDisruptionBudget*> budgets;
  for (const BudgetRecord* budget : ns.budgets) budgets.push_back(budget->budget);
  Reselect<Service>(record.services, services, labels,
                    [](const Service& s) -> const LabelSelector& { return s.selector; });
  Reselect<PodDisruptionBudget>(record.budgets, budgets, labels,
                                [](const PodDisruptionBudget& b) -> const LabelSelector& { return b.selector; });
  Reselect<NetworkPolicy>(record.policies, ns.policies, labels,
                          [](const NetworkPolicy& p) -> const LabelSelector& { return p.pod_selector; });
}

void World::JoinSelectors(WorkloadRecord& record) {
  auto& ns = static_cast<NamespaceEntry&>(*record.ns);
  for (ServiceRecord* service : ns.services) {
    if (!KeepsEndpoints(*service->service) || !Selects(service->service->selector, record)) continue;
    TouchWorkloads(service->workloads, {Kind::kService});
    InsertSorted(service->workloads, &record, ByWorkload());
    AddSelecting(record.services, service->service);
  }
  for (BudgetRecord* budget : ns.budgets) {
    if (!Selects(budget->budget->selector, record)) continue;
    TouchWorkloads(budget->workloads, {Kind::kPodDisruptionBudget});
    InsertSorted(budget->workloads, &record, ByWorkload());
    AddSelecting(record.budgets, budget->budget);
    TouchSubject(budget->subject, {Kind::kPodDisruptionBudget});
  }
  for (const NetworkPolicy* policy : ns.policies) {
    if (Selects(policy->pod_selector, record)) AddSelecting(record.policies, policy);
  }
  JoinMonitors(record);
}

void World::LeaveSelectors(WorkloadRecord& record) {
  auto& ns = static_cast<NamespaceEntry&>(*record.ns);
  for (ServiceRecord* service : ns.services) {
    if (erase(service->workloads, &record) > 0) TouchWorkloads(service->workloads, {Kind::kService});
  }
  for (BudgetRecord* budget : ns.budgets) {
    if (erase(budget->workloads, &record) == 0) continue;
    TouchWorkloads(budget->workloads, {Kind::kPodDisruptionBudget});
    TouchSubject(budget->subject, {Kind::kPodDisruptionBudget});
  }
  record.services = {};
  record.budgets = {};
  record.policies = {};
  record.pod_monitors = {};
}

void World::TouchBudgetsOf(const WorkloadRecord& record, KindSet kinds) {
  for (const BudgetRecord* budget : record.ns->budgets) {
    if (std::find(budget->workloads.begin(), budget->workloads.end(), &record) == budget->workloads.end()) continue;
    TouchSubject(budget->subject, kinds);
    // Who shares a budget, and with how many pods, is part of every sharer's verdict.
    TouchWorkloads(budget->workloads, {Kind::kPodDisruptionBudget});
  }
}

void World::LinkService(Service& service) {
  NamespaceEntry& ns = Ns(service.meta.namespace_);
  auto& record = ns.service_by_name[service.meta.name];
  record = std::make_unique<ServiceRecord>();
  record->service = &service;
  InsertSorted(ns.services, record.get(), ByServiceName());
  if (const auto slices = ns.slices_by_service.find(service.meta.name); slices != ns.slices_by_service.end()) {
    record->slices = slices->second;
  }
  for (const Ingress* ingress : ns.ingresses) {
    if (NamesService(*ingress, service.meta.name)) record->ingresses.push_back(ingress);
  }
  JoinRoutes(*record);
  JoinMonitors(*record);
  for (WorkloadRecord* workload : ns.workloads) {
    if (workload->workload->service_name == service.meta.name) TouchSubject(workload->subject, {Kind::kService});
    if (!KeepsEndpoints(service) || !Selects(service.selector, *workload)) continue;
    record->workloads.push_back(workload);
    AddSelecting(workload->services, &service);
    TouchSubject(workload->subject, {Kind::kService});
  }
  TouchRoutesElsewhere(service);
  if (IsMaintenancePage(service.meta.labels)) KeepMaintenancePage(service, ns, true);
  TouchSubject(ns.subject, {Kind::kService});
  TouchCluster({Kind::kService});
}

void World::UnlinkService(Service& service) {
  NamespaceEntry& ns = Ns(service.meta.namespace_);
  const auto found = ns.service_by_name.find(service.meta.name);
  EraseSorted(ns.services, found->second.get(), ByServiceName());
  const seaworthy::List<WorkloadRecord*> selected = std::move(found->second->workloads);
  ns.service_by_name.erase(found);
  for (WorkloadRecord* workload : selected) {
    DropSelecting(*workload, workload->services, &service);
    TouchSubject(workload->subject, {Kind::kService});
  }
  for (const WorkloadRecord* workload : ns.workloads) {
    if (workload->workload->service_name == service.meta.name) TouchSubject(workload->subject, {Kind::kService});
  }
  TouchRoutesElsewhere(service);
  KeepMaintenancePage(service, ns, false);
  TouchSubject(ns.subject, {Kind::kService});
  TouchCluster({Kind::kService});
}

void World::LinkBudget(PodDisruptionBudget& budget) {
  NamespaceEntry& ns = Ns(budget.meta.namespace_);
  auto& record = ns.budget_by_name[budget.meta.name];
  record = std::make_unique<BudgetRecord>();
  record->budget = &budget;
  SubjectRef ref;
  ref.budget = record.get();
  ref.ns = &ns;
  record->subject = NewSubject(ref);
  JoinBudget(budget);
}

void World::UnlinkBudget(PodDisruptionBudget& budget) {
  NamespaceEntry& ns = Ns(budget.meta.namespace_);
  LeaveBudget(budget);
  const auto found = ns.budget_by_name.find(budget.meta.name);
  DropSubject(found->second->subject);
  ns.budget_by_name.erase(found);
}

void World::JoinBudget(PodDisruptionBudget& budget) {
  NamespaceEntry& ns = Ns(budget.meta.namespace_);
  BudgetRecord& record = *ns.budget_by_name[budget.meta.name];
  InsertSorted(ns.budgets, &record, ByBudgetName());
  for (WorkloadRecord* workload : ns.workloads) {
    if (!Selects(budget.selector, *workload)) continue;
    record.workloads.push_back(workload);
    AddSelecting(workload->budgets, &budget);
    TouchSubject(workload->subject, {Kind::kPodDisruptionBudget});
  }
  TouchSubject(record.subject, {Kind::kPodDisruptionBudget}, true);
  TouchSubject(ns.subject, {Kind::kPodDisruptionBudget});
}

// Out of the namespace's list first: a workload whose own list was truncated fills it up from there.
void World::LeaveBudget(PodDisruptionBudget& budget) {
  NamespaceEntry& ns = Ns(budget.meta.namespace_);
  BudgetRecord& record = *ns.budget_by_name[budget.meta.name];
  EraseSorted(ns.budgets, &record, ByBudgetName());
  const seaworthy::List<WorkloadRecord*> selected = std::exchange(record.workloads, {});
  for (WorkloadRecord* workload : selected) {
    DropSelecting(*workload, workload->budgets, &budget);
    TouchSubject(workload->subject, {Kind::kPodDisruptionBudget});
  }
  TouchSubject(ns.subject, {Kind::kPodDisruptionBudget});
}

void World::LinkPolicy(NetworkPolicy& policy) {
  NamespaceEntry& ns = Ns(policy.meta.namespace_);
  Insert<const NetworkPolicy>(ns.policies, &policy);
  for (WorkloadRecord* workload : ns.workloads) {
    if (Selects(policy.pod_selector, *workload)) AddSelecting(workload->policies, &policy);
  }
  // "In a namespace with any policy" is a precondition: the first and the last one concern every workload of it.
  TouchNamespaceWorkloads(ns, {Kind::kNetworkPolicy});
  TouchSubject(ns.subject, {Kind::kNetworkPolicy});
}

void World::UnlinkPolicy(NetworkPolicy& policy) {
  NamespaceEntry& ns = Ns(policy.meta.namespace_);
  Erase<const NetworkPolicy>(ns.policies, &policy);
  for (WorkloadRecord* workload : ns.workloads) {
    if (Selects(policy.pod_selector, *workload)) DropSelecting(*workload, workload->policies, &policy);
  }
  TouchNamespaceWorkloads(ns, {Kind::kNetworkPolicy});
  TouchSubject(ns.subject, {Kind::kNetworkPolicy});
}

// ---------------------------------------------------------------- objects that name others

void World::LinkAutoscaler(HorizontalPodAutoscaler& autoscaler) {
  NamespaceEntry& ns = Ns(autoscaler.meta.namespace_);
  Insert<const HorizontalPodAutoscaler>(ns.autoscalers, &autoscaler);
  if (WorkloadRecord* target = FindRecord(autoscaler.target_kind, autoscaler.meta.namespace_, autoscaler.target_name)) {
    Insert<const HorizontalPodAutoscaler>(target->autoscalers, &autoscaler);
    TouchSubject(target->subject, {Kind::kHorizontalPodAutoscaler});
    TouchBudgetsOf(*target, {Kind::kHorizontalPodAutoscaler});
    TouchDependencies(*target, {Kind::kHorizontalPodAutoscaler});
  }
  TouchSubject(ns.subject, {Kind::kHorizontalPodAutoscaler});
}

void World::UnlinkAutoscaler(HorizontalPodAutoscaler& autoscaler) {
  NamespaceEntry& ns = Ns(autoscaler.meta.namespace_);
  Erase<const HorizontalPodAutoscaler>(ns.autoscalers, &autoscaler);
  if (WorkloadRecord* target = FindRecord(autoscaler.target_kind, autoscaler.meta.namespace_, autoscaler.target_name)) {
    Erase<const HorizontalPodAutoscaler>(target->autoscalers, &autoscaler);
    TouchSubject(target->subject, {Kind::kHorizontalPodAutoscaler});
    TouchBudgetsOf(*target, {Kind::kHorizontalPodAutoscaler});
    TouchDependencies(*target, {Kind::kHorizontalPodAutoscaler});
  }
  TouchSubject(ns.subject, {Kind::kHorizontalPodAutoscaler});
}

// KEDA's webhook fills the kind in with the same default.
WorkloadRecord* World::TargetOf(const Extension& scaler) const {
  const std::string_view kind = scaler.First("spec.scaleTargetRef.kind");
  return FindRecord(pool_.Intern(kind.empty() ? "Deployment" : kind), scaler.meta.namespace_,
                    pool_.Intern(scaler.First("spec.scaleTargetRef.name")));
}

void World::LinkScaler(Extension& scaler) {
  List(scaler);
  if (WorkloadRecord* target = TargetOf(scaler)) {
    Insert<const Extension>(target->scaled_objects, &scaler);
    TouchSubject(target->subject, {Kind::kScaledObject});
    TouchBudgetsOf(*target, {Kind::kScaledObject});
    TouchDependencies(*target, {Kind::kScaledObject});
  }
  TouchSubject(Ns(scaler.meta.namespace_).subject, {Kind::kScaledObject});
}

void World::UnlinkScaler(Extension& scaler) {
  Unlist(scaler);
  if (WorkloadRecord* target = TargetOf(scaler)) {
    Erase<const Extension>(target->scaled_objects, &scaler);
    TouchSubject(target->subject, {Kind::kScaledObject});
    TouchBudgetsOf(*target, {Kind::kScaledObject});
    TouchDependencies(*target, {Kind::kScaledObject});
  }
  TouchSubject(Ns(scaler.meta.namespace_).subject, {Kind::kScaledObject});
}

namespace {

// The scanner makes the object that it scanned the report's owner; where that was lost the labels say it.
std::pair<Text, Text> AboutWhat(const Extension& report) {
  if (const OwnerRef* owner = report.meta.Controller()) return {owner->kind, owner->name};
  const Text* kind = report.meta.labels.Find("trivy-operator.resource.kind");
  const Text* name = report.meta.labels.Find("trivy-operator.resource.name");
  return {kind == nullptr ? Text() : *kind, name == nullptr ? Text() : *name};
}

}  // namespace

void World::LinkReport(Extension& report) {
  List(report);
  Insert<const Extension>(Ns(report.meta.namespace_).reports[AboutWhat(report)], &report);
  TouchReported(report);
}

void World::UnlinkReport(Extension& report) {
  Unlist(report);
  NamespaceEntry& ns = Ns(report.meta.namespace_);
  const auto found = ns.reports.find(AboutWhat(report));
  Erase<const Extension>(found->second, &report);
  if (found->second.empty()) ns.reports.erase(found);
  TouchReported(report);
}

// An owner that comes later is a change of the workload's own ReplicaSets, Jobs or pods.
void World::TouchReported(const Extension& report) {
  const auto [kind, name] = AboutWhat(report);
  const Text& ns = report.meta.namespace_;
  const WorkloadRecord* record = FindRecord(kind, ns, name);
  if (record == nullptr && (kind == "ReplicaSet" || kind == "Job")) {
    const Object* child = Find(kind == "Job" ? Kind::kJob : Kind::kReplicaSet, {ns, name});
    if (child != nullptr) record = OwnerOf(static_cast<const Workload&>(*child));
  } else if (record == nullptr && kind == "Pod") {
    const Object* pod = Find(Kind::kPod, {ns, name});
    if (pod != nullptr) record = static_cast<const seaworthy::Pod&>(*pod).workload;
  }
  if (record != nullptr) TouchSubject(record->subject, {Kind::kVulnerabilityReport});
  TouchCluster({Kind::kVulnerabilityReport});
}

void World::LinkSlice(EndpointSlice& slice) {
  NamespaceEntry& ns = Ns(slice.meta.namespace_);
  seaworthy::List<const EndpointSlice*>& slices = ns.slices_by_service[slice.service];
  Insert<const EndpointSlice>(slices, &slice);
  if (const auto service = ns.service_by_name.find(slice.service); service != ns.service_by_name.end()) {
    service->second->slices = slices;
    TouchWorkloads(service->second->workloads, {Kind::kEndpointSlice});
  }
  TouchSubject(ns.subject, {Kind::kEndpointSlice});
}

void World::UnlinkSlice(EndpointSlice& slice) {
  NamespaceEntry& ns = Ns(slice.meta.namespace_);
  seaworthy::List<const EndpointSlice*>& slices = ns.slices_by_service[slice.service];
  Erase<const EndpointSlice>(slices, &slice);
  if (const auto service = ns.service_by_name.find(slice.service); service != ns.service_by_name.end()) {
    service->second->slices = slices;
    TouchWorkloads(service->second->workloads, {Kind::kEndpointSlice});
  }
  TouchSubject(ns.subject, {Kind::kEndpointSlice});
  if (slices.empty()) ns.slices_by_service.erase(slice.service);
}

void World::LinkIngress(Ingress& ingress) {
  NamespaceEntry& ns = Ns(ingress.meta.namespace_);
  Insert<const Ingress>(ns.ingresses, &ingress);
  for (ServiceRecord* service : ns.services) {
    if (!NamesService(ingress, service->service->meta.name)) continue;
    Insert<const Ingress>(service->ingresses, &ingress);
    TouchWorkloads(service->workloads, {Kind::kIngress});
  }
  TouchSubject(ns.subject, {Kind::kIngress});
}

void World::UnlinkIngress(Ingress& ingress) {
  NamespaceEntry& ns = Ns(ingress.meta.namespace_);
  Erase<const Ingress>(ns.ingresses, &ingress);
  for (ServiceRecord* service : ns.services) {
    if (EraseSorted(service->ingresses, static_cast<const Ingress*>(&ingress), ByKey())) {
      TouchWorkloads(service->workloads, {Kind::kIngress});
    }
  }
  TouchSubject(ns.subject, {Kind::kIngress});
}

}  // namespace seaworthy::cache
