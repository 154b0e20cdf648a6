// Owners, workload records and what selects them.
#include <algorithm>
#include <utility>

#include "cache/world_impl.h"

namespace seaworthy::cache {
namespace {

// Groups whose controllers are decoded as objects of their own: their pods wait for the owner instead of being grouped without it.
bool IsBuiltIn(const OwnerRef& owner) {
  const std::string_view api = owner.api_version;
  return api.starts_with("apps/") || api.starts_with("batch/");
}

// A change of these is a change of what the workload is; the rest is status.
bool SameSpec(const Workload& a, const Workload& b) {
  return a.meta.generation == b.meta.generation && a.template_hash == b.template_hash && a.meta.labels == b.meta.labels &&
         a.meta.annotations == b.meta.annotations && a.replicas == b.replicas;
}

template <typename T>
void Reselect(SelectingList<T>& list, const std::vector<const T*>& all, const Labels& labels, const LabelSelector& (*selector)(const T&)) {
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
  for (const ServiceRecord* service : ns.services) services.push_back(service->service);
  std::vector<const PodDisruptionBudget*> budgets;
  for (const BudgetRecord* budget : ns.budgets) budgets.push_back(budget->budget);
  Reselect<Service>(record.services, services, labels, [](const Service& s) -> const LabelSelector& { return s.selector; });
  Reselect<PodDisruptionBudget>(record.budgets, budgets, labels,
                                [](const PodDisruptionBudget& b) -> const LabelSelector& { return b.selector; });
  Reselect<NetworkPolicy>(record.policies, ns.policies, labels,
                          [](const NetworkPolicy& p) -> const LabelSelector& { return p.pod_selector; });
}

void World::JoinSelectors(WorkloadRecord& record) {
  auto& ns = static_cast<NamespaceEntry&>(*record.ns);
  for (ServiceRecord* service : ns.services) {
    if (service->service->type == "ExternalName" || !Selects(service->service->selector, record)) continue;
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
}

void World::LeaveSelectors(WorkloadRecord& record) {
  auto& ns = static_cast<NamespaceEntry&>(*record.ns);
  for (ServiceRecord* service : ns.services) {
    if (std::erase(service->workloads, &record) > 0) TouchWorkloads(service->workloads, {Kind::kService});
  }
  for (BudgetRecord* budget : ns.budgets) {
    if (std::erase(budget->workloads, &record) == 0) continue;
    TouchWorkloads(budget->workloads, {Kind::kPodDisruptionBudget});
    TouchSubject(budget->subject, {Kind::kPodDisruptionBudget});
  }
  record.services = {};
  record.budgets = {};
  record.policies = {};
}

void World::TouchBudgetsOf(const WorkloadRecord& record, KindSet kinds) {
  for (const BudgetRecord* budget : record.ns->budgets) {
    if (std::find(budget->workloads.begin(), budget->workloads.end(), &record) == budget->workloads.end()) continue;
    TouchSubject(budget->subject, kinds);
    // Who shares a budget, and with how many pods, is part of every sharer's verdict.
    TouchWorkloads(budget->workloads, {Kind::kPodDisruptionBudget});
  }
}

WorkloadRecord* World::FindRecord(const Text& kind_name, const Text& ns, const Text& name) const {
  const auto found = records_.find({kind_name, ns, name});
  return found == records_.end() ? nullptr : found->second.get();
}

WorkloadRecord* World::NewRecord(const Workload& workload, std::unique_ptr<Workload> synthetic) {
  NamespaceEntry& ns = Ns(workload.meta.namespace_);
  auto& slot = records_[{workload.kind_name, workload.meta.namespace_, workload.meta.name}];
  slot = std::make_unique<WorkloadRecord>();
  WorkloadRecord& record = *slot;
  record.workload = &workload;
  record.synthetic = std::move(synthetic);
  record.ns = &ns;
  SubjectRef ref;
  ref.workload = &record;
  record.subject = NewSubject(ref);
  InsertSorted(ns.workloads, &record, ByWorkload());
  if (workload.workload_class == WorkloadClass::kDaemonSet) {
    InsertSorted(daemon_sets_, &record, ByWorkload());
    touches_.push_back({Touch::Scope::kWorkloads, 0, {Kind::kDaemonSet}, false});
  }
  JoinSelectors(record);
  for (const HorizontalPodAutoscaler* autoscaler : ns.autoscalers) {
    if (autoscaler->target_kind == workload.kind_name && autoscaler->target_name == workload.meta.name) {
      record.autoscalers.push_back(autoscaler);
    }
  }
  TouchSubject(ns.subject, KindSet::All());
  TouchCluster(KindSet::All());
  return &record;
}

void World::DropRecord(WorkloadRecord& record) {
  auto& ns = static_cast<NamespaceEntry&>(*record.ns);
  const Workload& workload = *record.workload;
  LeaveSelectors(record);
  EraseSorted(ns.workloads, &record, ByWorkload());
  if (workload.workload_class == WorkloadClass::kDaemonSet) {
    EraseSorted(daemon_sets_, &record, ByWorkload());
    touches_.push_back({Touch::Scope::kWorkloads, 0, {Kind::kDaemonSet}, false});
  }
  for (const Pod* pod : record.pods) const_cast<Pod*>(pod)->workload = nullptr;
  DropSubject(record.subject);
  TouchSubject(ns.subject, KindSet::All());
  TouchCluster(KindSet::All());
  const OwnerKey key{workload.kind_name, workload.meta.namespace_, workload.meta.name};
  records_.erase(key);
  ReleaseNsIfUnused(ns);
}

// ---------------------------------------------------------------- workload objects

WorkloadRecord* World::OwnerOf(const Workload& child) const {
  const OwnerRef* owner = child.meta.Controller();
  if (owner == nullptr) return nullptr;
  WorkloadRecord* record = FindRecord(owner->kind, child.meta.namespace_, owner->name);
  if (record == nullptr || record->synthetic != nullptr) return record;
  // The name may have been taken again by a younger object.
  return owner->uid.set() && record->workload->meta.uid.set() && !(owner->uid == record->workload->meta.uid) ? nullptr : record;
}

void World::LinkWorkload(Workload& workload) {
  if (IsChildKind(workload.kind) && (workload.meta.Controller() != nullptr || workload.kind == Kind::kJob)) {
    LinkChild(workload);
    return;
  }
  WorkloadRecord* record = NewRecord(workload, nullptr);
  AdoptChildren(*record);
  ResolvePodsOf({workload.kind_name, workload.meta.namespace_, workload.meta.name});
  RefreshRevision(*record);
}

void World::UnlinkWorkload(Workload& workload) {
  if (IsChildKind(workload.kind) && (workload.meta.Controller() != nullptr || workload.kind == Kind::kJob)) {
    UnlinkChild(workload);
    return;
  }
  WorkloadRecord* record = FindRecord(workload.kind_name, workload.meta.namespace_, workload.meta.name);
  if (record != nullptr) DropRecord(*record);
}

void World::ChangeWorkload(Workload& workload, Workload& old) {
  const auto is_child = [](const Workload& w) { return IsChildKind(w.kind) && (w.meta.Controller() != nullptr || w.kind == Kind::kJob); };
  const bool child = is_child(workload);
  if (child != is_child(old) || (child && workload.meta.owners != old.meta.owners)) {
    std::swap(workload, old);
    UnlinkWorkload(workload);
    std::swap(workload, old);
    LinkWorkload(workload);
    return;
  }
  if (child) {
    if (WorkloadRecord* owner = OwnerOf(workload)) {
      RefreshRevision(*owner);
      TouchSubject(owner->subject, OwnKind(workload), true);
    }
    return;
  }
  WorkloadRecord& record = *FindRecord(workload.kind_name, workload.meta.namespace_, workload.meta.name);
  if (workload.template_labels != old.template_labels) {
    LeaveSelectors(record);
    JoinSelectors(record);
  }
  NoteDelivery(record, workload, old);
  RefreshRevision(record);
  TouchSubject(record.subject, OwnKind(workload), true);
  if (SameSpec(workload, old)) return;
  NamespaceEntry& ns = static_cast<NamespaceEntry&>(*record.ns);
  TouchSubject(ns.subject, OwnKind(workload));
  TouchBudgetsOf(record, OwnKind(workload));
  TouchCluster(OwnKind(workload));
  if (workload.workload_class == WorkloadClass::kDaemonSet) {
    touches_.push_back({Touch::Scope::kWorkloads, 0, {Kind::kDaemonSet}, false});
  }
}

void World::LinkChild(Workload& child) {
  if (const OwnerRef* owner = child.meta.Controller()) {
    children_by_owner_[{owner->kind, child.meta.namespace_, owner->name}].push_back(&child);
  }
  if (WorkloadRecord* owner = OwnerOf(child)) {
    std::vector<const Workload*>& list = child.kind == Kind::kJob ? owner->jobs : owner->replica_sets;
    Insert<const Workload>(list, &child);
    RefreshRevision(*owner);
    TouchSubject(owner->subject, OwnKind(child), true);
  }
  ResolvePodsOf({child.kind_name, child.meta.namespace_, child.meta.name});
}

void World::UnlinkChild(Workload& child) {
  if (const OwnerRef* owner = child.meta.Controller()) {
    const auto found = children_by_owner_.find({owner->kind, child.meta.namespace_, owner->name});
    if (found != children_by_owner_.end()) {
      std::erase(found->second, &child);
      if (found->second.empty()) children_by_owner_.erase(found);
    }
  }
  if (WorkloadRecord* owner = OwnerOf(child)) {
    EraseSorted(child.kind == Kind::kJob ? owner->jobs : owner->replica_sets, static_cast<const Workload*>(&child), ByKey());
    RefreshRevision(*owner);
    TouchSubject(owner->subject, OwnKind(child), true);
  }
  const auto pods = pods_by_owner_.find({child.kind_name, child.meta.namespace_, child.meta.name});
  if (pods != pods_by_owner_.end()) {
    const std::vector<Pod*> orphans = pods->second;
    for (Pod* pod : orphans) Detach(*pod);
  }
}

void World::AdoptChildren(WorkloadRecord& record) {
  const Workload& workload = *record.workload;
  const auto children = children_by_owner_.find({workload.kind_name, workload.meta.namespace_, workload.meta.name});
  if (children == children_by_owner_.end()) return;
  const std::vector<Workload*> list = children->second;
  for (Workload* child : list) {
    if (OwnerOf(*child) != &record) continue;
    Insert<const Workload>(child->kind == Kind::kJob ? record.jobs : record.replica_sets, child);
    ResolvePodsOf({child->kind_name, child->meta.namespace_, child->meta.name});
  }
}

void World::RefreshRevision(WorkloadRecord& record) {
  const Workload& workload = *record.workload;
  Text revision;
  switch (workload.workload_class) {
    case WorkloadClass::kDeployment: {
      // The ReplicaSet of the Deployment's revision; before the controller has written one, the youngest.
      const Workload* current = nullptr;
      for (const Workload* set : record.replica_sets) {
        if (!workload.revision.empty() && set->revision == workload.revision) {
          current = set;
          break;
        }
        if (workload.revision.empty() && (current == nullptr || set->meta.created > current->meta.created)) current = set;
      }
      if (current != nullptr) {
        if (const Text* hash = current->meta.labels.Find("pod-template-hash")) revision = *hash;
      }
      break;
    }
    case WorkloadClass::kStatefulSet: revision = workload.status.update_revision; break;
    case WorkloadClass::kDaemonSet:
    case WorkloadClass::kOther: {
      const Pod* newest = nullptr;
      for (const Pod* pod : record.pods) {
        if (newest == nullptr || pod->meta.created > newest->meta.created) newest = pod;
      }
      if (newest != nullptr) revision = newest->template_hash_label;
      break;
    }
    default: break;
  }
  if (record.current_revision == revision) return;
  record.current_revision = std::move(revision);
  TouchSubject(record.subject, {Kind::kPod}, true);
  TouchSubject(record.ns->subject, {Kind::kPod});
}

// ---------------------------------------------------------------- pods' owners

void World::ResolvePodsOf(const OwnerKey& owner) {
  const auto found = pods_by_owner_.find(owner);
  if (found == pods_by_owner_.end()) return;
  const std::vector<Pod*> pods = found->second;
  for (Pod* pod : pods) Resolve(*pod);
}

void World::Resolve(Pod& pod) {
  const OwnerRef* owner = pod.meta.Controller();
  if (owner == nullptr) {
    if (pod.mirror) return;
    if (mode_ == Mode::kOffline) {
      // A manifest of a Pod is what somebody deploys: judged like a workload.
      if (FindRecord(pod_kind_, pod.meta.namespace_, pod.meta.name) == nullptr) NewRecord(*AsWorkload(pod), AsWorkload(pod));
      Attach(pod, FindRecord(pod_kind_, pod.meta.namespace_, pod.meta.name));
      return;
    }
    NamespaceEntry& ns = Ns(pod.meta.namespace_);
    Insert<const Pod>(ns.bare_pods, &pod);
    TouchSubject(ns.subject, {Kind::kPod});
    return;
  }
  if (owner->kind == "Node") return;
  const auto same_uid = [&](const ObjectMeta& meta) { return !owner->uid.set() || !meta.uid.set() || owner->uid == meta.uid; };
  if (owner->kind == "ReplicaSet" && IsBuiltIn(*owner)) {
    const auto* set = static_cast<const Workload*>(Find(Kind::kReplicaSet, {pod.meta.namespace_, owner->name}));
    if (set == nullptr || !same_uid(set->meta)) return Attach(pod, nullptr);
    const OwnerRef* top = set->meta.Controller();
    if (top == nullptr) return Attach(pod, FindRecord(owner->kind, pod.meta.namespace_, owner->name));
    if (IsBuiltIn(*top)) return Attach(pod, OwnerOf(*set));
    return AttachToOther(pod, *top);
  }
  if (owner->kind == "Job" && IsBuiltIn(*owner)) {
    const auto* job = static_cast<const Workload*>(Find(Kind::kJob, {pod.meta.namespace_, owner->name}));
    return Attach(pod, job == nullptr || !same_uid(job->meta) ? nullptr : OwnerOf(*job));
  }
  if (IsBuiltIn(*owner)) {
    WorkloadRecord* record = FindRecord(owner->kind, pod.meta.namespace_, owner->name);
    return Attach(pod, record != nullptr && same_uid(record->workload->meta) ? record : nullptr);
  }
  // Runner and workflow pods end by themselves: nobody's service depends on one staying.
  if (pod.spec == nullptr || !(pod.spec->restart_policy.empty() || pod.spec->restart_policy == "Always")) return Attach(pod, nullptr);
  AttachToOther(pod, *owner);
}

void World::AttachToOther(Pod& pod, const OwnerRef& owner) {
  // Another group's kind of the same name would meet ours in every list, metric and report name.
  for (const std::string_view ours : {"Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicaSet", "Job", "Pod"}) {
    if (owner.kind == ours) return Attach(pod, nullptr);
  }
  WorkloadRecord* record = FindRecord(owner.kind, pod.meta.namespace_, owner.name);
  if (record == nullptr) {
    auto synthetic = std::make_unique<Workload>(Kind::kPod);
    synthetic->workload_class = WorkloadClass::kOther;
    synthetic->kind_name = owner.kind;
    synthetic->api_version = owner.api_version;
    synthetic->meta.namespace_ = pod.meta.namespace_;
    synthetic->meta.name = owner.name;
    synthetic->meta.uid = owner.uid;
    synthetic->spec = pod.spec;
    synthetic->template_labels = pod.meta.labels;
    const Workload& workload = *synthetic;
    record = NewRecord(workload, std::move(synthetic));
  }
  Attach(pod, record);
}

void World::Attach(Pod& pod, WorkloadRecord* record) {
  if (pod.workload == record) return;
  Detach(pod);
  if (record == nullptr) return;
  pod.workload = record;
  Insert<const Pod>(record->pods, &pod);
  if (record->synthetic != nullptr) RefreshSynthetic(*record);
  RefreshRevision(*record);
  TouchSubject(record->subject, {Kind::kPod}, true);
  TouchSubject(record->ns->subject, {Kind::kPod});
}

void World::Detach(Pod& pod) {
  if (pod.workload == nullptr) {
    const auto ns = namespaces_.find(pod.meta.namespace_);
    if (ns != namespaces_.end() && EraseSorted(ns->second->bare_pods, static_cast<const Pod*>(&pod), ByKey())) {
      TouchSubject(ns->second->subject, {Kind::kPod});
    }
    return;
  }
  WorkloadRecord& record = *std::exchange(pod.workload, nullptr);
  Erase<const Pod>(record.pods, &pod);
  if (record.restarts) std::erase_if(record.restarts->series, [&](const auto& series) { return series.pod == pod.meta.uid; });
  if (record.synthetic != nullptr && record.pods.empty()) {
    DropRecord(record);
    return;
  }
  if (record.synthetic != nullptr) RefreshSynthetic(record);
  RefreshRevision(record);
  TouchSubject(record.subject, {Kind::kPod}, true);
  TouchSubject(record.ns->subject, {Kind::kPod});
}

std::unique_ptr<Workload> World::AsWorkload(const Pod& pod) const {
  auto workload = std::make_unique<Workload>(Kind::kPod);
  workload->workload_class = WorkloadClass::kPod;
  workload->kind_name = pod_kind_;
  workload->api_version = pod_api_version_;
  workload->meta.namespace_ = pod.meta.namespace_;
  workload->meta.name = pod.meta.name;
  workload->meta.uid = pod.meta.uid;
  workload->meta.created = pod.meta.created;
  workload->meta.labels = pod.meta.labels;
  workload->meta.annotations = pod.meta.annotations;
  workload->source = pod.source;
  workload->spec = pod.spec;
  workload->template_labels = pod.meta.labels;
  workload->template_annotations = pod.meta.annotations;
  workload->replicas = 1;
  return workload;
}

void World::RefreshSynthetic(WorkloadRecord& record) {
  if (record.pods.empty()) return;
  Workload& workload = *record.synthetic;
  if (workload.workload_class == WorkloadClass::kPod) return;
  // Template = newest pod; by name where the seconds are equal, so that the choice does not depend on arrival.
  const Pod* newest = record.pods.front();
  Timestamp oldest = newest->meta.created;
  std::int64_t ready = 0, live = 0;
  for (const Pod* pod : record.pods) {
    if (pod->meta.created > newest->meta.created) newest = pod;
    oldest = std::min(oldest, pod->meta.created);
    if (pod->IsTerminal() || pod->meta.deleted.set()) continue;
    ++live;
    ready += pod->IsReady() ? 1 : 0;
  }
  const bool relabelled = workload.template_labels != newest->meta.labels;
  if (relabelled) LeaveSelectors(record);
  workload.meta.labels = workload.template_labels = newest->meta.labels;
  workload.meta.annotations = workload.template_annotations = newest->meta.annotations;
  workload.meta.created = oldest;
  workload.spec = newest->spec;
  workload.replicas = live;
  workload.status.replicas = live;
  workload.status.ready = workload.status.available = ready;
  workload.status.unavailable = live - ready;
  if (relabelled) JoinSelectors(record);
  // Its pods are its object: labels, replicas and status moved with them.
  TouchSubject(record.subject, KindSet::All(), true);
  TouchBudgetsOf(record, KindSet::All());
  TouchSubject(record.ns->subject, KindSet::All());
}

}  // namespace seaworthy::cache
