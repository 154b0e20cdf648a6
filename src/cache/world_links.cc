// One pair of Link and Unlink per kind, and what a change of each touches. Here: the way to each, and the kinds that
// only stand in a list.
#include <algorithm>
#include <utility>

#include "cache/world_impl.h"
#include "seaworthy/policy.h"

namespace seaworthy::cache {
namespace {

template <typename T>
void SwapContent(Object& object, Object& old) {
  std::swap(static_cast<T&>(object), static_cast<T&>(old));
}

// Prometheus objects choose among these by the labels of their namespaces.
bool ChosenByNamespace(Kind kind) {
  return kind == Kind::kServiceMonitor || kind == Kind::kPodMonitor || kind == Kind::kProbe ||
         kind == Kind::kPrometheusRule;
}

// Objects that stand in a list of their namespace and nowhere else.
template <typename Fn>
void WithList(NamespaceRecord& ns, const Object& object, Fn fn) {
  switch (object.kind) {
    case Kind::kPersistentVolumeClaim: fn(ns.claims, static_cast<const PersistentVolumeClaim*>(&object)); break;
    case Kind::kServiceAccount: fn(ns.service_accounts, static_cast<const ServiceAccount*>(&object)); break;
    case Kind::kLimitRange: fn(ns.limit_ranges, static_cast<const LimitRange*>(&object)); break;
    case Kind::kResourceQuota: fn(ns.quotas, static_cast<const ResourceQuota*>(&object)); break;
    default: break;
  }
}

bool OnlyListed(Kind kind) {
  switch (kind) {
    case Kind::kAuditPolicy:
    case Kind::kAttestation:
    case Kind::kClusterAttestation:
    case Kind::kWaiver:
    case Kind::kClusterWaiver:
    case Kind::kRollout:
    case Kind::kPodMetrics:
    case Kind::kHttpRoute: return true;
    default:
      return Info(kind).reach == Reach::kNamespace || Info(kind).reach == Reach::kCluster ||
             IsServiceMonitorKind(kind) || IsPodMonitorKind(kind);
  }
}

}  // namespace

// The name under which an object is found among the many of its kind: a backup by its schedule, a volume by its claim.
// Empty: under none.
std::string World::GroupOf(const Object& object) {
  switch (object.kind) {
    case Kind::kVeleroBackup: {
      const std::string_view schedule = object.meta.labels.Get("velero.io/schedule-name");
      return schedule.empty() ? std::string() : object.meta.namespace_.str() + "/" + std::string(schedule);
    }
    case Kind::kLonghornVolume: {
      const auto& volume = static_cast<const Extension&>(object);
      const std::string_view claim = volume.First("status.kubernetesStatus.pvcName");
      return claim.empty() ? std::string()
                           : std::string(volume.First("status.kubernetesStatus.namespace")) + "/" + std::string(claim);
    }
    default: return {};
  }
}

void World::Group(const Object& object) {
  const std::string group = GroupOf(object);
  if (!group.empty()) Insert<const Object>(groups_[{object.kind, pool_.Intern(group)}], &object);
}

void World::Ungroup(const Object& object) {
  const std::string group = GroupOf(object);
  if (group.empty()) return;
  const auto found = groups_.find({object.kind, pool_.Intern(group)});
  Erase<const Object>(found->second, &object);
  if (found->second.empty()) groups_.erase(found);
}

std::span<const Object* const> World::Grouped(Kind kind, std::string_view group) const {
  const auto found = groups_.find({kind, pool_.Intern(group)});
  return found == groups_.end() ? std::span<const Object* const>() : std::span<const Object* const>(found->second);
}

void World::List(const Object& object) {
  Group(object);
  Insert<const Object>(listed_[static_cast<std::size_t>(object.kind)], &object);
  if (!Info(object.kind).namespaced) return;
  auto& lists = Ns(object.meta.namespace_).lists;
  auto at = std::find_if(lists.begin(), lists.end(), [&](const auto& list) { return list.first >= object.kind; });
  if (at == lists.end() || at->first != object.kind) at = lists.insert(at, {object.kind, {}});
  Insert<const Object>(at->second, &object);
}

void World::Unlist(const Object& object) {
  Ungroup(object);
  Erase<const Object>(listed_[static_cast<std::size_t>(object.kind)], &object);
  if (!Info(object.kind).namespaced) return;
  auto& lists = Ns(object.meta.namespace_).lists;
  const auto at = std::find_if(lists.begin(), lists.end(), [&](const auto& list) { return list.first == object.kind; });
  Erase<const Object>(at->second, &object);
  if (at->second.empty()) lists.erase(at);
}

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
    case Kind::kVulnerabilityReport: LinkReport(static_cast<Extension&>(object)); break;
    case Kind::kScaledObject: LinkScaler(static_cast<Extension&>(object)); break;
    case Kind::kRollout: LinkRollout(static_cast<Extension&>(object)); break;
    case Kind::kRoleBinding: LinkBinding(static_cast<RoleBinding&>(object)); break;
    case Kind::kHttpRoute: LinkRoute(static_cast<Extension&>(object)); break;
    case Kind::kServiceMonitor:
    case Kind::kVmServiceScrape:
    case Kind::kPodMonitor:
    case Kind::kVmPodScrape:
    case Kind::kPodMonitoring:
    case Kind::kClusterPodMonitoring: LinkMonitor(static_cast<Extension&>(object)); break;
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
    case Kind::kVulnerabilityReport: UnlinkReport(static_cast<Extension&>(object)); break;
    case Kind::kScaledObject: UnlinkScaler(static_cast<Extension&>(object)); break;
    case Kind::kRollout: UnlinkRollout(static_cast<Extension&>(object)); break;
    case Kind::kRoleBinding: UnlinkBinding(static_cast<RoleBinding&>(object)); break;
    case Kind::kHttpRoute: UnlinkRoute(static_cast<Extension&>(object)); break;
    case Kind::kServiceMonitor:
    case Kind::kVmServiceScrape:
    case Kind::kPodMonitor:
    case Kind::kVmPodScrape:
    case Kind::kPodMonitoring:
    case Kind::kClusterPodMonitoring: UnlinkMonitor(static_cast<Extension&>(object)); break;
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
        TouchSubject(ns.subject, {Kind::kPodDisruptionBudget});
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
    case Kind::kVulnerabilityReport:
      UnlinkReport(static_cast<Extension&>(object));
      SwapContent<Extension>(object, old);
      LinkReport(static_cast<Extension&>(object));
      return;
    case Kind::kScaledObject:
      UnlinkScaler(static_cast<Extension&>(object));
      SwapContent<Extension>(object, old);
      LinkScaler(static_cast<Extension&>(object));
      return;
    case Kind::kRollout: ChangeRollout(static_cast<Extension&>(object), static_cast<Extension&>(old)); return;
    case Kind::kNamespace: SwapContent<Namespace>(object, old); break;
    case Kind::kPersistentVolumeClaim: SwapContent<PersistentVolumeClaim>(object, old); break;
    case Kind::kPersistentVolume: SwapContent<PersistentVolume>(object, old); break;
    case Kind::kStorageClass: SwapContent<StorageClass>(object, old); break;
    case Kind::kServiceAccount: SwapContent<ServiceAccount>(object, old); break;
    case Kind::kRoleBinding:
      UnlinkBinding(static_cast<RoleBinding&>(object));
      SwapContent<RoleBinding>(object, old);
      LinkBinding(static_cast<RoleBinding&>(object));
      return;
    case Kind::kClusterRoleBinding: SwapContent<RoleBinding>(object, old); break;
    case Kind::kLimitRange: SwapContent<LimitRange>(object, old); break;
    case Kind::kResourceQuota: SwapContent<ResourceQuota>(object, old); break;
    case Kind::kPriorityClass: SwapContent<PriorityClass>(object, old); break;
    case Kind::kWorkloadAudit:
    case Kind::kNamespaceAudit:
    case Kind::kClusterAudit:
    case Kind::kOpenReport: SwapContent<AuditObject>(object, old); break;
    case Kind::kAuditPolicy: SwapContent<AuditPolicy>(object, old); break;
    case Kind::kAttestation:
    case Kind::kClusterAttestation: SwapContent<Attestation>(object, old); break;
    case Kind::kWaiver:
    case Kind::kClusterWaiver: SwapContent<Waiver>(object, old); break;
    case Kind::kHttpRoute:
    case Kind::kServiceMonitor:
    case Kind::kVmServiceScrape:
    case Kind::kPodMonitor:
    case Kind::kVmPodScrape:
    case Kind::kPodMonitoring:
    case Kind::kClusterPodMonitoring: {
      auto& extension = static_cast<Extension&>(object);
      if (extension.SaysTheSameAs(static_cast<const Extension&>(old))) {
        SwapContent<Extension>(object, old);
        return;
      }
      const bool route = object.kind == Kind::kHttpRoute;
      route ? UnlinkRoute(extension) : UnlinkMonitor(extension);
      SwapContent<Extension>(object, old);
      route ? LinkRoute(extension) : LinkMonitor(extension);
      return;
    }
    case Kind::kCount: break;
    default: {
      // Controllers write to their objects all the time without changing what is kept of them: a lock in a ConfigMap, a
      // resync.
      auto& extension = static_cast<Extension&>(object);
      const bool same = extension.SaysTheSameAs(static_cast<Extension&>(old));
      Ungroup(extension);
      if (!same) IndexExtension(object, false);
      SwapContent<Extension>(object, old);
      Group(extension);
      if (same) return;
      IndexExtension(object, true);
      break;
    }
  }
  TouchPlain(object);
}

// ---------------------------------------------------------------- role bindings

// Several subjects may name one namespace.
std::vector<Text> World::NamespacesNamed(const RoleBinding& binding) const {
  constexpr std::string_view kUser = "system:serviceaccount:";
  constexpr std::string_view kGroup = "system:serviceaccounts:";
  std::vector<Text> named;
  for (const RoleBinding::Subject& subject : binding.subjects) {
    const std::string_view name = subject.name;
    Text ns;
    if (subject.kind == "ServiceAccount") {
      ns = subject.namespace_.empty() ? binding.meta.namespace_ : subject.namespace_;
    } else if (subject.kind == "User" && name.starts_with(kUser)) {
      const std::string_view account = name.substr(kUser.size());
      ns = pool_.Intern(account.substr(0, account.find(':')));
    } else if (subject.kind == "Group" && name.starts_with(kGroup)) {
      ns = pool_.Intern(name.substr(kGroup.size()));
    } else {
      continue;
    }
    if (std::find(named.begin(), named.end(), ns) == named.end()) named.push_back(std::move(ns));
    // Rendered charts name the release's namespace here and nowhere else.
    const bool unsaid = mode_ == Mode::kOffline && binding.meta.namespace_.empty();
    if (unsaid && std::find(named.begin(), named.end(), Text()) == named.end()) named.emplace_back();
  }
  return named;
}

void World::LinkBinding(RoleBinding& binding) {
  for (const Text& named : NamespacesNamed(binding)) {
    Insert<const RoleBinding>(bindings_by_namespace_[named], &binding);
    TouchNamed(named);
  }
}

void World::UnlinkBinding(RoleBinding& binding) {
  for (const Text& named : NamespacesNamed(binding)) {
    const auto found = bindings_by_namespace_.find(named);
    Erase<const RoleBinding>(found->second, &binding);
    TouchNamed(named);
    if (found->second.empty()) bindings_by_namespace_.erase(found);
  }
}

void World::TouchNamed(const Text& name) {
  const auto ns = namespaces_.find(name);
  if (ns == namespaces_.end()) return;
  ns->second->role_bindings = bindings_by_namespace_[name];
  TouchNamespaceWorkloads(*ns->second, {Kind::kRoleBinding});
  TouchSubject(ns->second->subject, {Kind::kRoleBinding});
}

// ---------------------------------------------------------------- the rest

void World::LinkPlain(Object& object) {
  switch (object.kind) {
    case Kind::kNamespace: Ns(object.meta.name).object = static_cast<const Namespace*>(&object); break;
    case Kind::kStorageClass:
      Insert<const StorageClass>(storage_classes_, static_cast<const StorageClass*>(&object));
      break;
    case Kind::kClusterRoleBinding:
      Insert<const RoleBinding>(cluster_role_bindings_, static_cast<const RoleBinding*>(&object));
      break;
    case Kind::kPriorityClass:
      Insert<const PriorityClass>(priority_classes_, static_cast<const PriorityClass*>(&object));
      break;
    case Kind::kPersistentVolume:
    case Kind::kWorkloadAudit:
    case Kind::kNamespaceAudit:
    case Kind::kClusterAudit:
    case Kind::kOpenReport: break;
    default:
      if (OnlyListed(object.kind)) {
        List(object);
        IndexExtension(object, true);
      } else {
        WithList(Ns(object.meta.namespace_), object, [](auto& list, auto* item) { InsertSorted(list, item, ByKey()); });
      }
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
    case Kind::kStorageClass:
      Erase<const StorageClass>(storage_classes_, static_cast<const StorageClass*>(&object));
      break;
    case Kind::kClusterRoleBinding:
      Erase<const RoleBinding>(cluster_role_bindings_, static_cast<const RoleBinding*>(&object));
      break;
    case Kind::kPriorityClass:
      Erase<const PriorityClass>(priority_classes_, static_cast<const PriorityClass*>(&object));
      break;
    case Kind::kPersistentVolume:
    case Kind::kWorkloadAudit:
    case Kind::kNamespaceAudit:
    case Kind::kClusterAudit:
    case Kind::kOpenReport: break;
    default:
      if (OnlyListed(object.kind)) {
        Unlist(object);
        IndexExtension(object, false);
      } else {
        WithList(Ns(object.meta.namespace_), object, [](auto& list, auto* item) { EraseSorted(list, item, ByKey()); });
      }
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
    case Kind::kClusterAudit:
    case Kind::kOpenReport: return;  // our own writes are no reason to look again
    case Kind::kPersistentVolume:
    case Kind::kStorageClass:
    case Kind::kClusterRoleBinding:
    case Kind::kPriorityClass: touches_.push_back({Touch::Scope::kWorkloads, 0, kinds, false}); break;
    case Kind::kNamespace: {
      const NamespaceEntry& ns = Ns(object.meta.name);
      TouchNamespaceWorkloads(ns, kinds);
      TouchSubject(ns.subject, kinds, true);
      if (std::any_of(ns.lists.begin(), ns.lists.end(),
                      [](const auto& list) { return ChosenByNamespace(list.first); })) {
        touches_.push_back({Touch::Scope::kEverything, 0, {Kind::kPrometheus}, false});
      }
      break;
    }
    case Kind::kAuditPolicy:
    case Kind::kClusterAttestation:
    case Kind::kClusterWaiver: touches_.push_back({Touch::Scope::kEverything, 0, kinds, false}); break;
    default: {
      if (Info(object.kind).reach == Reach::kCluster) {
        touches_.push_back({Touch::Scope::kEverything, 0, kinds, false});
        break;
      }
      const NamespaceEntry& ns = Ns(object.meta.namespace_);
      TouchNamespaceWorkloads(ns, kinds);
      TouchSubject(ns.subject, kinds);
      if (object.kind == Kind::kWaiver || object.kind == Kind::kAttestation) {
        for (const BudgetRecord* budget : ns.budgets) TouchSubject(budget->subject, kinds);
      }
      break;
    }
  }
  TouchCluster(kinds);
}

}  // namespace seaworthy::cache
