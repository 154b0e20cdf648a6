#include "cache/world.h"

#include <algorithm>
#include <set>
#include <utility>

#include "cache/people_rules.h"
#include "cache/world_impl.h"
#include "seaworthy/custom.h"
#include "seaworthy/policy.h"
#include "seaworthy/scheduling.h"

namespace seaworthy::cache {

World::World(Mode mode, TextPool& pool)
    : mode_(mode), pool_(pool), pod_kind_(pool.Intern("Pod")), pod_api_version_(pool.Intern("v1")) {
  subjects_.push_back({});  // the cluster
  if (mode_ == Mode::kOffline) {
    for (Table& table : tables_) table.state = SourceState::kOffline;
    // The input is a closed world for workloads and for what selects them: what is not in it is not there.
    for (const Kind kind : {Kind::kDeployment,
                            Kind::kStatefulSet,
                            Kind::kDaemonSet,
                            Kind::kCronJob,
                            Kind::kReplicaSet,
                            Kind::kService,
                            Kind::kIngress,
                            Kind::kPodDisruptionBudget,
                            Kind::kHorizontalPodAutoscaler,
                            Kind::kScaledObject,
                            Kind::kNetworkPolicy,
                            Kind::kHttpRoute,
                            Kind::kCiliumNetworkPolicy,
                            Kind::kCiliumClusterwideNetworkPolicy,
                            Kind::kCalicoNetworkPolicy,
                            Kind::kCalicoGlobalNetworkPolicy,
                            Kind::kAdminNetworkPolicy,
                            Kind::kBaselineAdminNetworkPolicy,
                            Kind::kClusterNetworkPolicy,
                            Kind::kServiceMonitor,
                            Kind::kPodMonitor,
                            Kind::kVmServiceScrape,
                            Kind::kVmPodScrape,
                            Kind::kPodMonitoring,
                            Kind::kClusterPodMonitoring}) {
      TableOf(kind).state = SourceState::kLive;
    }
  }
}

World::~World() = default;

// An API server has let it in, by CRDs that may be newer than we are: they may know fields that we do not.
void World::TakeAsLetIn(Object& object) {
  const auto forgive = [](Refusals& refused) {
    std::erase_if(refused, [](const std::string& one) { return one.ends_with(kNoSuchField); });
  };
  switch (object.kind) {
    case Kind::kAuditPolicy: forgive(static_cast<AuditPolicy&>(object).refused); break;
    case Kind::kAttestation:
    case Kind::kClusterAttestation: forgive(static_cast<Attestation&>(object).refused); break;
    case Kind::kWaiver:
    case Kind::kClusterWaiver: forgive(static_cast<Waiver&>(object).refused); break;
    default: break;
  }
}

void World::Tick(WallTime now) { now_ = {std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count()}; }

void World::Accept(WatchEvent event) {
  if (mode_ == Mode::kCluster && event.object != nullptr) TakeAsLetIn(*event.object);
  Apply(std::move(event));
  DropEmptied();
}

void World::Apply(WatchEvent event) {
  Table& table = TableOf(event.kind);
  const auto drop_snapshot = [&table] {
    table.staged.clear();
    table.staged_unreadable.clear();
    table.staging = table.gap = false;
  };
  switch (event.type) {
    case EventType::kInit:
      drop_snapshot();
      table.staging = true;
      return;
    case EventType::kInitApply: {
      if (!table.staging) return;  // of a snapshot that a denial ended
      if (IsReading(event.kind)) return NoteReading(*event.object);
      const ObjectKey key = event.object->key();
      table.staged_unreadable.erase(key);
      table.staged[key] = std::move(event.object);
      return;
    }
    case EventType::kInitDone:
      if (!table.staging) return;
      Replace(event.kind);
      drop_snapshot();
      table.synced = true;
      ChangeState(event.kind, SourceState::kLive);
      if (event.kind == Kind::kPod && !pods_since_.set()) WatchPods(now_);
      return;
    case EventType::kApply:
      if (IsReading(event.kind)) return NoteReading(*event.object);
      Upsert(std::move(event.object));
      return;
    case EventType::kDelete:
      if (event.kind == Kind::kPod) NoteLastWord(static_cast<const Pod&>(*event.object));
      Remove(event.kind, event.object->key(), event.object->meta.uid);
      return;
    case EventType::kUnreadable: MarkUnreadable(event.kind, event.detail); return;
    case EventType::kAbsent:
      drop_snapshot();
      VoidObservations(event.kind);
      replacing_ = true;
      while (!table.objects.empty()) {
        const ObjectKey key = table.objects.begin()->first;
        Remove(event.kind, key, Uid());
      }
      replacing_ = false;
      ChangeState(event.kind, SourceState::kAbsent);
      return;
    case EventType::kDenied:
      // What is known stays, frozen: missing information never means "deleted".
      drop_snapshot();
      VoidObservations(event.kind);
      ChangeState(event.kind, SourceState::kDenied);
      return;
    case EventType::kDegraded: ChangeState(event.kind, SourceState::kDegraded); return;
    case EventType::kLive:
      // A permission that was given says nothing about a kind whose objects nobody has seen yet.
      ChangeState(event.kind, table.synced ? SourceState::kLive : SourceState::kPending);
      return;
    case EventType::kGap:
      // A stream that resumes loses nothing: only what a snapshot finds changed happened unseen.
      table.gap = table.staging;
      return;
    case EventType::kStalled: return;  // the last truth stays shown, and a metric says that it is old
  }
}

std::vector<Touch> World::TakeTouches() {
  for (const std::uint64_t likeness : std::exchange(alike_touched_, {})) {
    const auto copies = alike_.find(likeness);
    if (copies == alike_.end()) continue;
    for (const WorkloadRecord* record : copies->second) TouchSubject(record->ns->subject, OwnKind(*record->workload));
  }
  return std::exchange(touches_, {});
}

std::vector<std::uint32_t> World::TakeKept() { return std::exchange(kept_, {}); }

void World::SetState(Kind kind, SourceState state) { ChangeState(kind, state); }

void World::ChangeState(Kind kind, SourceState state) {
  Table& table = TableOf(kind);
  if (table.state == state) return;
  table.state = state;
  NoteChanged(kind);
  KindSet kinds;
  kinds.Add(kind);
  touches_.push_back({Touch::Scope::kEverything, 0, kinds, false});
}

void World::Upsert(ObjectPtr object) {
  Table& table = TableOf(object->kind);
  const ObjectKey key = object->key();
  const auto found = table.objects.find(key);
  if (found == table.objects.end()) {
    NoteChanged(object->kind);
    Object& added = *object;
    table.bytes += added.resident_bytes();
    table.objects.emplace(key, std::move(object));
    Link(added);
    ObserveChange(added, added);
    return;
  }
  Object& known = *found->second;
  if (known.meta.uid == object->meta.uid) {
    if (table.unreadable.erase(key) != 0) TouchOwnSubject(known);
    if (object->meta.resource_version != 0 && known.meta.resource_version == object->meta.resource_version) {
      // In the state it was known in, but other custom checks may have looked at it.
      if (SameCustomFacts(known, *object)) {
        ++duplicates_;
        return;
      }
      table.bytes -= known.resident_bytes();
      std::swap(*CustomFactsOf(known), *CustomFactsOf(*object));
      table.bytes += known.resident_bytes();
      if (known.kind == Kind::kNamespace) {
        TouchPlain(known);
      } else {
        TouchOwnSubject(known);
      }
      return;
    }
    table.bytes += object->resident_bytes() - known.resident_bytes();
    if (known.kind != Kind::kNode) NoteChanged(known.kind);  // of nodes ChangeNode says it: most are heartbeats
    Change(known, *object);
    ObserveChange(known, *object);
    return;
  }
  // A new incarnation of the name: the old one is gone, though nobody saw it go.
  Remove(object->kind, key, known.meta.uid);
  Upsert(std::move(object));
}

void World::Remove(Kind kind, const ObjectKey& key, const Uid& uid) {
  Table& table = TableOf(kind);
  const auto found = table.objects.find(key);
  if (found == table.objects.end()) return;
  // A late DELETED of an earlier incarnation says nothing about the one that is here.
  if (uid.set() && found->second->meta.uid.set() && !(found->second->meta.uid == uid)) return;
  NoteChanged(kind);
  Object& object = *found->second;
  table.unreadable.erase(key);
  WorkloadRecord* const record = kind == Kind::kPod ? static_cast<Pod&>(object).workload : nullptr;
  const bool served = record != nullptr && Serves(static_cast<Pod&>(object));
  Unlink(object);
  if (record != nullptr && Observing()) {
    if (served) NoteLoss(*record);  // by force: nobody was told that it was to go
    Observe(*record);
  } else if (kind == Kind::kEndpointSlice) {
    ObserveService(object.meta.namespace_, static_cast<EndpointSlice&>(object).service);
  }
  table.bytes -= object.resident_bytes();
  table.objects.erase(found);
}

void World::Replace(Kind kind) {
  Table& table = TableOf(kind);
  VoidObservations(kind);
  replacing_ = true;
  auto staged = std::exchange(table.staged, {});
  auto unreadable = std::exchange(table.staged_unreadable, {});
  std::vector<ObjectKey> gone;
  for (const auto& [key, object] : table.objects) {
    if (!staged.contains(key) && !unreadable.contains(key)) gone.push_back(key);
  }
  std::sort(gone.begin(), gone.end());
  for (const ObjectKey& key : gone) Remove(kind, key, Uid());
  table.objects.reserve(staged.size() + unreadable.size());
  for (auto& [key, object] : staged) Upsert(std::move(object));
  for (auto& [key, why] : unreadable) {
    const auto known = table.objects.find(key);
    if (known == table.objects.end()) continue;
    table.unreadable[key] = std::move(why);
    TouchOwnSubject(*known->second);
  }
  replacing_ = false;
}

// `detail` is "namespace/name: why", "name: why" without a namespace. An object that was never read is nobody's
// subject.
void World::MarkUnreadable(Kind kind, std::string_view detail) {
  Table& table = TableOf(kind);
  const std::size_t colon = detail.find(": ");
  const std::string_view path = detail.substr(0, colon);
  const std::string why(colon == std::string_view::npos ? std::string_view() : detail.substr(colon + 2));
  const std::size_t slash = Info(kind).namespaced ? path.find('/') : std::string_view::npos;
  const ObjectKey key = slash == std::string_view::npos
                            ? ObjectKey{Text(), pool_.Intern(path)}
                            : ObjectKey{pool_.Intern(path.substr(0, slash)), pool_.Intern(path.substr(slash + 1))};
  if (table.staging) {
    table.staged_unreadable[key] = why;
    return;
  }
  const auto known = table.objects.find(key);
  if (known == table.objects.end()) return;
  table.unreadable[key] = why;
  TouchOwnSubject(*known->second);
}

void World::TouchOwnSubject(const Object& object) {
  const auto touch = [this](std::uint32_t subject) { TouchSubject(subject, KindSet::All(), true); };
  if (IsWorkloadKind(object.kind)) {
    const WorkloadRecord* record =
        FindRecord(static_cast<const Workload&>(object).kind_name, object.meta.namespace_, object.meta.name);
    if (record != nullptr && record->workload == &object) touch(record->subject);
  } else if (object.kind == Kind::kPodDisruptionBudget) {
    touch(Ns(object.meta.namespace_).budget_by_name[object.meta.name]->subject);
  } else if (object.kind == Kind::kNamespace) {
    touch(Ns(object.meta.name).subject);
  } else if (object.kind == Kind::kNode) {
    touch(NodeNamed(object.meta.name).subject);
  }
}

std::string_view World::Unreadable(const SubjectRef& subject) const {
  const Object* object = nullptr;
  if (subject.workload != nullptr) {
    object = subject.workload->synthetic != nullptr ? nullptr : subject.workload->workload;
  } else if (subject.budget != nullptr) {
    object = subject.budget->budget;
  } else if (subject.ns != nullptr) {
    object = subject.ns->object;
  } else if (subject.node != nullptr) {
    object = subject.node->node;
  }
  if (object == nullptr) return {};
  const auto& unreadable = TableOf(object->kind).unreadable;
  if (unreadable.empty()) return {};
  const auto found = unreadable.find(object->key());
  if (found == unreadable.end()) return {};
  return found->second.empty() ? std::string_view("no reason is known") : std::string_view(found->second);
}

std::size_t World::ObjectCount(Kind kind) const { return TableOf(kind).objects.size(); }

std::size_t World::ResidentBytes(Kind kind) const {
  constexpr std::size_t kEntry = 48;  // the hash table's node and bucket
  const Table& table = TableOf(kind);
  return table.bytes + table.objects.size() * kEntry;
}

const Object* World::Find(Kind kind, const ObjectKey& key) const {
  const Table& table = TableOf(kind);
  const auto found = table.objects.find(key);
  return found == table.objects.end() ? nullptr : found->second.get();
}

SubjectRef World::Subject(std::uint32_t id) const { return id < subjects_.size() ? subjects_[id] : SubjectRef(); }

SourceState World::State(Kind kind) const { return TableOf(kind).state; }

const NamespaceRecord* World::FindNamespace(const Text& name) const {
  const auto found = namespaces_.find(name);
  return found == namespaces_.end() ? nullptr : found->second.get();
}

const NodeRecord* World::FindNode(const Text& name) const {
  const auto found = nodes_.find(name);
  return found == nodes_.end() || found->second->node == nullptr ? nullptr : found->second.get();
}

const WorkloadRecord* World::FindWorkload(std::string_view ns, std::string_view kind_name,
                                          std::string_view name) const {
  const auto at = std::lower_bound(
      namespace_list_.begin(), namespace_list_.end(), ns,
      [](const NamespaceRecord* record, std::string_view wanted) { return record->name.view() < wanted; });
  if (at == namespace_list_.end() || (*at)->name != ns) return nullptr;
  const std::pair wanted(kind_name, name);
  const auto found = std::lower_bound(
      (*at)->workloads.begin(), (*at)->workloads.end(), wanted, [](const WorkloadRecord* record, const auto& of) {
        return std::pair(record->workload->kind_name.view(), record->workload->meta.name.view()) < of;
      });
  if (found == (*at)->workloads.end()) return nullptr;
  const Workload& workload = *(*found)->workload;
  return workload.kind_name == kind_name && workload.meta.name == name ? *found : nullptr;
}

const PersistentVolume* World::FindVolume(const Text& name) const {
  return static_cast<const PersistentVolume*>(Find(Kind::kPersistentVolume, {Text(), name}));
}
const StorageClass* World::FindStorageClass(const Text& name) const {
  return static_cast<const StorageClass*>(Find(Kind::kStorageClass, {Text(), name}));
}
const PriorityClass* World::FindPriorityClass(const Text& name) const {
  return static_cast<const PriorityClass*>(Find(Kind::kPriorityClass, {Text(), name}));
}

std::span<WorkloadRecord* const> World::Alike(const WorkloadRecord& record) const {
  const auto copies = record.likeness == 0 ? alike_.end() : alike_.find(record.likeness);
  if (copies == alike_.end()) return {};
  return copies->second;
}

const EligibleNodes& World::Eligible(const PodSpec& spec) const {
  std::unique_ptr<EligibleNodes>& cached = eligible_[SchedulingKey(spec)];
  if (cached == nullptr) {
    cached = std::make_unique<EligibleNodes>();
    std::set<Text> zones;
    for (const NodeRecord* node : node_list_) {
      if (!node->node->IsReady() || !MayRunOn(spec, *node->node)) continue;
      cached->nodes.push_back(node);
      if (const Text* zone = node->node->meta.labels.Find("topology.kubernetes.io/zone")) zones.insert(*zone);
    }
    cached->zones = zones.size();
  }
  return *cached;
}

World::NamespaceEntry& World::Ns(const Text& name) {
  std::unique_ptr<NamespaceEntry>& entry = namespaces_[name];
  if (entry == nullptr) {
    entry = std::make_unique<NamespaceEntry>();
    entry->name = name;
    SubjectRef ref;
    ref.ns = entry.get();
    entry->subject = NewSubject(ref);
    InsertSorted(namespace_list_, static_cast<NamespaceRecord*>(entry.get()),
                 [](const NamespaceRecord* a, const NamespaceRecord* b) { return a->name < b->name; });
    if (const auto bindings = bindings_by_namespace_.find(name); bindings != bindings_by_namespace_.end())
      entry->role_bindings = bindings->second;
  }
  return *entry;
}

void World::ReleaseNsIfUnused(NamespaceEntry& ns) {
  if (!ns.unused()) return;
  EraseSorted(namespace_list_, static_cast<NamespaceRecord*>(&ns),
              [](const NamespaceRecord* a, const NamespaceRecord* b) { return a->name < b->name; });
  DropSubject(ns.subject);
  const Text name = ns.name;  // the entry owns the key that erase would compare with
  namespaces_.erase(name);
}

NodeRecord& World::NodeNamed(const Text& name) {
  std::unique_ptr<NodeRecord>& entry = nodes_[name];
  if (entry == nullptr) {
    entry = std::make_unique<NodeRecord>();
    entry->name = name;
  }
  return *entry;
}

// They look again, and say again whom they look at.
void World::TouchOnlookers(const Text& node) {
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) return;
  for (const std::uint32_t subject : std::exchange(found->second->onlookers, {})) TouchSubject(subject, {Kind::kPod});
}

void World::ReleaseNodeIfUnused(NodeRecord& node) {
  if (node.node != nullptr || !node.pods.empty() || !node.ended.empty()) return;
  const Text name = node.name;
  nodes_.erase(name);
}

std::uint32_t World::NewSubject(SubjectRef ref) {
  std::uint32_t id;
  if (free_subjects_.empty()) {
    id = static_cast<std::uint32_t>(subjects_.size());
    subjects_.push_back(ref);
  } else {
    id = free_subjects_.back();
    free_subjects_.pop_back();
    subjects_[id] = ref;
  }
  TouchSubject(id, KindSet::All(), true);
  return id;
}

void World::DropSubject(std::uint32_t id) {
  subjects_[id] = SubjectRef();
  free_subjects_.push_back(id);
  touches_.push_back({Touch::Scope::kRemoved, id, {}, true});
}

void World::TouchSubject(std::uint32_t subject, KindSet kinds, bool direct) {
  touches_.push_back({Touch::Scope::kSubject, subject, kinds, direct});
}

void World::TouchWorkloads(std::span<WorkloadRecord* const> records, KindSet kinds) {
  for (const WorkloadRecord* record : records) TouchSubject(record->subject, kinds);
}

void World::TouchNamespaceWorkloads(const NamespaceRecord& ns, KindSet kinds) {
  touches_.push_back({Touch::Scope::kNamespaceWorkloads, ns.subject, kinds, false});
}

}  // namespace seaworthy::cache
