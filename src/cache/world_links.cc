// One pair of Link and Unlink per kind, and what a change of each touches.
#include <algorithm>
#include <utility>

#include "cache/world_impl.h"

namespace seaworthy::cache {
namespace {

template <typename T>
void SwapContent(Object& object, Object& old) {
  std::swap(static_cast<T&>(object), static_cast<T&>(old));
}

// Objects that stand in a list of their namespace and nowhere else.
template <typename Fn>
void WithList(NamespaceRecord& ns, const Object& object, Fn fn) {
  switch (object.kind) {
    case Kind::kPersistentVolumeClaim: fn(ns.claims, static_cast<const PersistentVolumeClaim*>(&object)); break;
    case Kind::kServiceAccount: fn(ns.service_accounts, static_cast<const ServiceAccount*>(&object)); break;
    case Kind::kRoleBinding: fn(ns.role_bindings, static_cast<const RoleBinding*>(&object)); break;
    case Kind::kLimitRange: fn(ns.limit_ranges, static_cast<const LimitRange*>(&object)); break;
    case Kind::kResourceQuota: fn(ns.quotas, static_cast<const ResourceQuota*>(&object)); break;
    default: break;
  }
}

// What the scheduler asks of a node. A change of the rest (images, conditions other than Ready) concerns only the pods that are on it.
bool SameForScheduling(const Node& a, const Node& b) {
  return a.unschedulable == b.unschedulable && a.IsReady() == b.IsReady() && a.taints == b.taints && a.allocatable == b.allocatable &&
         a.allocatable_pods == b.allocatable_pods && a.meta.labels == b.meta.labels;
}

bool SameNode(const Node& a, const Node& b) {
  return SameForScheduling(a, b) && a.conditions == b.conditions && a.images == b.images && a.kubelet_version == b.kubelet_version &&
         a.meta.deleted == b.meta.deleted && a.meta.annotations == b.meta.annotations;
}

}  // namespace

void World::Link(Object& object) {
  if (!object.meta.namespace_.empty() || (Info(object.kind).namespaced && mode_ == Mode::kOffline)) {
    ++Ns(object.meta.namespace_).users;
  }
  switch (object.kind) {
    case Kind::kDeployment:
    case Kind::kStatefulSet:
    case Kind::kDaemonSet:
    case Kind::kCronJob:
    case Kind::kReplicaSet:
    case Kind::kJob: LinkWorkload(static_cast<Workload&>(object)); break;
    case Kind::kPod: LinkPod(static_cast<Pod&>(object)); break;
    case Kind::kNode: LinkNode(static_cast<Node&>(object)); break;
    case Kind::kService: LinkService(static_cast<Service&>(object)); break;
    case Kind::kEndpointSlice: LinkSlice(static_cast<EndpointSlice&>(object)); break;
    case Kind::kIngress: LinkIngress(static_cast<Ingress&>(object)); break;
    case Kind::kNetworkPolicy: LinkPolicy(static_cast<NetworkPolicy&>(object)); break;
    case Kind::kPodDisruptionBudget: LinkBudget(static_cast<PodDisruptionBudget&>(object)); break;
    case Kind::kHorizontalPodAutoscaler: LinkAutoscaler(static_cast<HorizontalPodAutoscaler&>(object)); break;
    default: LinkPlain(object); break;
  }
}

void World::Unlink(Object& object) {
  switch (object.kind) {
    case Kind::kDeployment:
    case Kind::kStatefulSet:
    case Kind::kDaemonSet:
    case Kind::kCronJob:
    case Kind::kReplicaSet:
    case Kind::kJob: UnlinkWorkload(static_cast<Workload&>(object)); break;
    case Kind::kPod: UnlinkPod(static_cast<Pod&>(object)); break;
    case Kind::kNode: UnlinkNode(static_cast<Node&>(object)); break;
    case Kind::kService: UnlinkService(static_cast<Service&>(object)); break;
    case Kind::kEndpointSlice: UnlinkSlice(static_cast<EndpointSlice&>(object)); break;
    case Kind::kIngress: UnlinkIngress(static_cast<Ingress&>(object)); break;
    case Kind::kNetworkPolicy: UnlinkPolicy(static_cast<NetworkPolicy&>(object)); break;
    case Kind::kPodDisruptionBudget: UnlinkBudget(static_cast<PodDisruptionBudget&>(object)); break;
    case Kind::kHorizontalPodAutoscaler: UnlinkAutoscaler(static_cast<HorizontalPodAutoscaler&>(object)); break;
    default: UnlinkPlain(object); break;
  }
  if (!object.meta.namespace_.empty() || (Info(object.kind).namespaced && mode_ == Mode::kOffline)) {
    NamespaceEntry& ns = Ns(object.meta.namespace_);
    --ns.users;
    ReleaseNsIfUnused(ns);
  }
}

void World::Change(Object& object, Object& old) {
  switch (object.kind) {
    case Kind::kDeployment:
    case Kind::kStatefulSet:
    case Kind::kDaemonSet:
    case Kind::kCronJob:
    case Kind::kReplicaSet:
    case Kind::kJob:
      SwapContent<Workload>(object, old);
      ChangeWorkload(static_cast<Workload&>(object), static_cast<Workload&>(old));
      return;
    case Kind::kPod:
      SwapContent<Pod>(object, old);
      ChangePod(static_cast<Pod&>(object), static_cast<Pod&>(old));
      return;
    case Kind::kNode:
      SwapContent<Node>(object, old);
      ChangeNode(static_cast<Node&>(object), static_cast<Node&>(old));
      return;
    case Kind::kService:
      UnlinkService(static_cast<Service&>(object));
      SwapContent<Service>(object, old);
      LinkService(static_cast<Service&>(object));
      return;
    case Kind::kEndpointSlice:
      UnlinkSlice(static_cast<EndpointSlice&>(object));
      SwapContent<EndpointSlice>(object, old);
      LinkSlice(static_cast<EndpointSlice&>(object));
      return;
    case Kind::kIngress:
      UnlinkIngress(static_cast<Ingress&>(object));
      SwapContent<Ingress>(object, old);
      LinkIngress(static_cast<Ingress&>(object));
      return;
    case Kind::kNetworkPolicy:
      UnlinkPolicy(static_cast<NetworkPolicy&>(object));
      SwapContent<NetworkPolicy>(object, old);
      LinkPolicy(static_cast<NetworkPolicy&>(object));
      return;
    case Kind::kPodDisruptionBudget: {
      auto& budget = static_cast<PodDisruptionBudget&>(object);
      auto& before = static_cast<PodDisruptionBudget&>(old);
      if (budget.selector == before.selector) {  // most changes are of the status: the same pods are meant
        SwapContent<PodDisruptionBudget>(object, old);
        NamespaceEntry& ns = Ns(object.meta.namespace_);
        const BudgetRecord& record = *ns.budget_by_name[object.meta.name];
        TouchSubject(record.subject, {Kind::kPodDisruptionBudget}, true);
        TouchWorkloads(record.workloads, {Kind::kPodDisruptionBudget});
        return;
      }
      LeaveBudget(budget);
      SwapContent<PodDisruptionBudget>(object, old);
      JoinBudget(budget);
      return;
    }
    case Kind::kHorizontalPodAutoscaler:
      UnlinkAutoscaler(static_cast<HorizontalPodAutoscaler&>(object));
      SwapContent<HorizontalPodAutoscaler>(object, old);
      LinkAutoscaler(static_cast<HorizontalPodAutoscaler&>(object));
      return;
    case Kind::kNamespace: SwapContent<Namespace>(object, old); break;
    case Kind::kPersistentVolumeClaim: SwapContent<PersistentVolumeClaim>(object, old); break;
    case Kind::kPersistentVolume: SwapContent<PersistentVolume>(object, old); break;
    case Kind::kStorageClass: SwapContent<StorageClass>(object, old); break;
    case Kind::kServiceAccount: SwapContent<ServiceAccount>(object, old); break;
    case Kind::kRoleBinding:
    case Kind::kClusterRoleBinding: SwapContent<RoleBinding>(object, old); break;
    case Kind::kLimitRange: SwapContent<LimitRange>(object, old); break;
    case Kind::kResourceQuota: SwapContent<ResourceQuota>(object, old); break;
    case Kind::kPriorityClass: SwapContent<PriorityClass>(object, old); break;
    case Kind::kWorkloadAudit:
    case Kind::kNamespaceAudit:
    case Kind::kClusterAudit: SwapContent<AuditObject>(object, old); break;
    case Kind::kCount: break;
  }
  TouchPlain(object);
}

// ---------------------------------------------------------------- pods and nodes

void World::LinkPod(Pod& pod) {
  pod.workload = nullptr;
  if (const OwnerRef* owner = pod.meta.Controller()) {
    pods_by_owner_[{owner->kind, pod.meta.namespace_, owner->name}].push_back(&pod);
  }
  if (!pod.node.empty() && !pod.IsTerminal()) {
    NodeRecord& node = NodeNamed(pod.node);
    Insert<const Pod>(node.pods, &pod);
    if (node.node != nullptr) TouchSubject(node.subject, {Kind::kPod});
  }
  Resolve(pod);
  // Namespace checks ask which pods a Service selects.
  TouchSubject(Ns(pod.meta.namespace_).subject, {Kind::kPod});
  TouchCluster({Kind::kPod});
}

void World::UnlinkPod(Pod& pod) {
  if (const OwnerRef* owner = pod.meta.Controller()) {
    const auto found = pods_by_owner_.find({owner->kind, pod.meta.namespace_, owner->name});
    if (found != pods_by_owner_.end()) {
      std::erase(found->second, &pod);
      if (found->second.empty()) pods_by_owner_.erase(found);
    }
  }
  if (!pod.node.empty() && !pod.IsTerminal()) {
    NodeRecord& node = NodeNamed(pod.node);
    Erase<const Pod>(node.pods, &pod);
    if (node.node != nullptr) TouchSubject(node.subject, {Kind::kPod});
    ReleaseNodeIfUnused(node);
  }
  Detach(pod);
  TouchSubject(Ns(pod.meta.namespace_).subject, {Kind::kPod});
  TouchCluster({Kind::kPod});
}

void World::ChangePod(Pod& pod, Pod& old) {
  pod.workload = std::exchange(old.workload, nullptr);
  const bool moved = pod.node != old.node || pod.IsTerminal() != old.IsTerminal();
  const bool reowned = pod.meta.owners != old.meta.owners;
  if (moved || reowned) {
    // Rare (binding to a node, the end of the pod, adoption): take it out as it was and put it in as it is.
    std::swap(static_cast<Pod&>(pod), static_cast<Pod&>(old));
    std::swap(pod.workload, old.workload);
    UnlinkPod(pod);
    std::swap(static_cast<Pod&>(pod), static_cast<Pod&>(old));
    LinkPod(pod);
    return;
  }
  if (pod.workload != nullptr) {
    NoteRestarts(*pod.workload, pod, old);
    if (pod.workload->synthetic != nullptr) RefreshSynthetic(*pod.workload);
    RefreshRevision(*pod.workload);
    TouchSubject(pod.workload->subject, {Kind::kPod}, true);
  }
  if (pod.workload == nullptr || pod.meta.labels != old.meta.labels || pod.spec != old.spec || pod.meta.deleted != old.meta.deleted) {
    TouchSubject(Ns(pod.meta.namespace_).subject, {Kind::kPod});
  }
  if (!pod.node.empty()) {
    const NodeRecord& node = NodeNamed(pod.node);
    if (node.node != nullptr) TouchSubject(node.subject, {Kind::kPod});
  }
  TouchCluster({Kind::kPod});
}

void World::LinkNode(Node& node) {
  NodeRecord& record = NodeNamed(node.meta.name);
  record.node = &node;
  SubjectRef ref;
  ref.node = &record;
  record.subject = NewSubject(ref);
  InsertSorted(node_list_, &record, [](const NodeRecord* a, const NodeRecord* b) { return a->name < b->name; });
  eligible_.clear();
  touches_.push_back({Touch::Scope::kWorkloads, 0, {Kind::kNode}, false});
  TouchCluster({Kind::kNode});
}

void World::UnlinkNode(Node& node) {
  NodeRecord& record = NodeNamed(node.meta.name);
  EraseSorted(node_list_, &record, [](const NodeRecord* a, const NodeRecord* b) { return a->name < b->name; });
  DropSubject(record.subject);
  record.node = nullptr;
  ReleaseNodeIfUnused(record);
  eligible_.clear();
  touches_.push_back({Touch::Scope::kWorkloads, 0, {Kind::kNode}, false});
  TouchCluster({Kind::kNode});
}

void World::ChangeNode(Node& node, const Node& old) {
  if (SameNode(node, old)) return;  // a heartbeat
  const NodeRecord& record = NodeNamed(node.meta.name);
  TouchSubject(record.subject, {Kind::kNode}, true);
  TouchCluster({Kind::kNode});
  if (!SameForScheduling(node, old)) {
    eligible_.clear();
    touches_.push_back({Touch::Scope::kWorkloads, 0, {Kind::kNode}, false});
    return;
  }
  for (const Pod* pod : record.pods) {
    if (pod->workload != nullptr) TouchSubject(pod->workload->subject, {Kind::kNode});
  }
}

// ---------------------------------------------------------------- objects with a selector

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
  for (WorkloadRecord* workload : ns.workloads) {
    if (service.type == "ExternalName" || !Selects(service.selector, *workload)) continue;
    record->workloads.push_back(workload);
    AddSelecting(workload->services, &service);
    TouchSubject(workload->subject, {Kind::kService});
  }
  TouchSubject(ns.subject, {Kind::kService});
  TouchCluster({Kind::kService});
}

void World::UnlinkService(Service& service) {
  NamespaceEntry& ns = Ns(service.meta.namespace_);
  const auto found = ns.service_by_name.find(service.meta.name);
  EraseSorted(ns.services, found->second.get(), ByServiceName());
  const std::vector<WorkloadRecord*> selected = std::move(found->second->workloads);
  ns.service_by_name.erase(found);
  for (WorkloadRecord* workload : selected) {
    DropSelecting(*workload, workload->services, &service);
    TouchSubject(workload->subject, {Kind::kService});
  }
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
  InsertSorted(ns.budgets, record.get(), ByBudgetName());
  JoinBudget(budget);
  TouchSubject(ns.subject, {Kind::kPodDisruptionBudget});
}

void World::UnlinkBudget(PodDisruptionBudget& budget) {
  NamespaceEntry& ns = Ns(budget.meta.namespace_);
  LeaveBudget(budget);
  const auto found = ns.budget_by_name.find(budget.meta.name);
  EraseSorted(ns.budgets, found->second.get(), ByBudgetName());
  DropSubject(found->second->subject);
  ns.budget_by_name.erase(found);
  TouchSubject(ns.subject, {Kind::kPodDisruptionBudget});
}

void World::JoinBudget(PodDisruptionBudget& budget) {
  NamespaceEntry& ns = Ns(budget.meta.namespace_);
  BudgetRecord& record = *ns.budget_by_name[budget.meta.name];
  for (WorkloadRecord* workload : ns.workloads) {
    if (!Selects(budget.selector, *workload)) continue;
    record.workloads.push_back(workload);
    AddSelecting(workload->budgets, &budget);
    TouchSubject(workload->subject, {Kind::kPodDisruptionBudget});
  }
  TouchSubject(record.subject, {Kind::kPodDisruptionBudget}, true);
}

void World::LeaveBudget(PodDisruptionBudget& budget) {
  NamespaceEntry& ns = Ns(budget.meta.namespace_);
  BudgetRecord& record = *ns.budget_by_name[budget.meta.name];
  const std::vector<WorkloadRecord*> selected = std::exchange(record.workloads, {});
  for (WorkloadRecord* workload : selected) {
    DropSelecting(*workload, workload->budgets, &budget);
    TouchSubject(workload->subject, {Kind::kPodDisruptionBudget});
  }
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
  }
  TouchSubject(ns.subject, {Kind::kHorizontalPodAutoscaler});
}

void World::LinkSlice(EndpointSlice& slice) {
  NamespaceEntry& ns = Ns(slice.meta.namespace_);
  std::vector<const EndpointSlice*>& slices = ns.slices_by_service[slice.service];
  Insert<const EndpointSlice>(slices, &slice);
  if (const auto service = ns.service_by_name.find(slice.service); service != ns.service_by_name.end()) {
    service->second->slices = slices;
    TouchWorkloads(service->second->workloads, {Kind::kEndpointSlice});
  }
  TouchSubject(ns.subject, {Kind::kEndpointSlice});
}

void World::UnlinkSlice(EndpointSlice& slice) {
  NamespaceEntry& ns = Ns(slice.meta.namespace_);
  std::vector<const EndpointSlice*>& slices = ns.slices_by_service[slice.service];
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

// ---------------------------------------------------------------- the rest

void World::LinkPlain(Object& object) {
  switch (object.kind) {
    case Kind::kNamespace: Ns(object.meta.name).object = static_cast<const Namespace*>(&object); break;
    case Kind::kStorageClass: Insert<const StorageClass>(storage_classes_, static_cast<const StorageClass*>(&object)); break;
    case Kind::kClusterRoleBinding: Insert<const RoleBinding>(cluster_role_bindings_, static_cast<const RoleBinding*>(&object)); break;
    case Kind::kPersistentVolume:
    case Kind::kPriorityClass:
    case Kind::kWorkloadAudit:
    case Kind::kNamespaceAudit:
    case Kind::kClusterAudit: break;
    default:
      WithList(Ns(object.meta.namespace_), object, [](auto& list, auto* item) { InsertSorted(list, item, ByKey()); });
      break;
  }
  TouchPlain(object);
}

void World::UnlinkPlain(Object& object) {
  switch (object.kind) {
    case Kind::kNamespace: {
      NamespaceEntry& ns = Ns(object.meta.name);
      ns.object = nullptr;
      TouchPlain(object);
      ReleaseNsIfUnused(ns);
      return;
    }
    case Kind::kStorageClass: Erase<const StorageClass>(storage_classes_, static_cast<const StorageClass*>(&object)); break;
    case Kind::kClusterRoleBinding: Erase<const RoleBinding>(cluster_role_bindings_, static_cast<const RoleBinding*>(&object)); break;
    case Kind::kPersistentVolume:
    case Kind::kPriorityClass:
    case Kind::kWorkloadAudit:
    case Kind::kNamespaceAudit:
    case Kind::kClusterAudit: break;
    default:
      WithList(Ns(object.meta.namespace_), object, [](auto& list, auto* item) { EraseSorted(list, item, ByKey()); });
      break;
  }
  TouchPlain(object);
}

void World::TouchPlain(const Object& object) {
  KindSet kinds;
  kinds.Add(object.kind);
  switch (object.kind) {
    case Kind::kWorkloadAudit:
    case Kind::kNamespaceAudit:
    case Kind::kClusterAudit: return;  // our own writes are no reason to look again
    case Kind::kPersistentVolume:
    case Kind::kStorageClass:
    case Kind::kClusterRoleBinding:
    case Kind::kPriorityClass: touches_.push_back({Touch::Scope::kWorkloads, 0, kinds, false}); break;
    case Kind::kNamespace: {
      const NamespaceEntry& ns = Ns(object.meta.name);
      TouchNamespaceWorkloads(ns, kinds);
      TouchSubject(ns.subject, kinds, true);
      break;
    }
    default: {
      const NamespaceEntry& ns = Ns(object.meta.namespace_);
      TouchNamespaceWorkloads(ns, kinds);
      TouchSubject(ns.subject, kinds);
      break;
    }
  }
  TouchCluster(kinds);
}

}  // namespace seaworthy::cache
