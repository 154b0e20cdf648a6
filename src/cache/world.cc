#include "cache/world.h"

#include <algorithm>
#include <set>
#include <utility>

#include "cache/world_impl.h"
#include "seaworthy/scheduling.h"

namespace seaworthy::cache {

World::World(Mode mode, TextPool& pool) : mode_(mode), pod_kind_(pool.Intern("Pod")), pod_api_version_(pool.Intern("v1")) {
  subjects_.push_back({});  // the cluster
  if (mode_ == Mode::kOffline) {
    for (Table& table : tables_) table.state = SourceState::kOffline;
    // The input is a closed world for workloads and for what selects them: what is not in it is not there.
    for (const Kind kind : {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob, Kind::kReplicaSet, Kind::kService, Kind::kIngress,
                            Kind::kPodDisruptionBudget, Kind::kHorizontalPodAutoscaler, Kind::kNetworkPolicy}) {
      TableOf(kind).state = SourceState::kLive;
    }
  }
}

World::~World() = default;

void World::Accept(WatchEvent event) {
  Table& table = TableOf(event.kind);
  switch (event.type) {
    case EventType::kInit:
      table.staged.clear();
      table.staging = true;
      return;
    case EventType::kInitApply:
      table.staged[event.object->key()] = std::move(event.object);
      return;
    case EventType::kInitDone:
      Replace(event.kind);
      ChangeState(event.kind, SourceState::kLive);
      return;
    case EventType::kApply:
      Upsert(std::move(event.object));
      return;
    case EventType::kDelete:
      Remove(event.kind, event.object->key(), event.object->meta.uid);
      return;
    case EventType::kAbsent:
      table.staged.clear();
      table.staging = false;
      while (!table.objects.empty()) {
        const ObjectKey key = table.objects.begin()->first;
        Remove(event.kind, key, Uid());
      }
      ChangeState(event.kind, SourceState::kAbsent);
      return;
    case EventType::kDenied:
      // What is known stays, frozen: missing information never means "deleted".
      table.staged.clear();
      table.staging = false;
      ChangeState(event.kind, SourceState::kDenied);
      return;
    case EventType::kLive:
      ChangeState(event.kind, SourceState::kLive);
      return;
    case EventType::kUnreadable:
    case EventType::kStalled:
    case EventType::kGap:
      return;  // told to the evaluator by the operator; the objects are as they were
  }
}

std::vector<Touch> World::TakeTouches() { return std::exchange(touches_, {}); }

void World::SetState(Kind kind, SourceState state) { ChangeState(kind, state); }

void World::ChangeState(Kind kind, SourceState state) {
  Table& table = TableOf(kind);
  if (table.state == state) return;
  table.state = state;
  KindSet kinds;
  kinds.Add(kind);
  touches_.push_back({Touch::Scope::kEverything, 0, kinds, false});
}

void World::Upsert(ObjectPtr object) {
  Table& table = TableOf(object->kind);
  const ObjectKey key = object->key();
  const auto found = table.objects.find(key);
  if (found == table.objects.end()) {
    Object& added = *object;
    table.bytes += added.resident_bytes();
    table.objects.emplace(key, std::move(object));
    Link(added);
    return;
  }
  Object& known = *found->second;
  if (known.meta.uid == object->meta.uid) {
    if (object->meta.resource_version != 0 && known.meta.resource_version == object->meta.resource_version) {
      ++duplicates_;
      return;
    }
    table.bytes += object->resident_bytes() - known.resident_bytes();
    Change(known, *object);
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
  Object& object = *found->second;
  Unlink(object);
  table.bytes -= object.resident_bytes();
  table.objects.erase(found);
}

void World::Replace(Kind kind) {
  Table& table = TableOf(kind);
  auto staged = std::exchange(table.staged, {});
  table.staging = false;
  std::vector<ObjectKey> gone;
  for (const auto& [key, object] : table.objects) {
    if (!staged.contains(key)) gone.push_back(key);
  }
  std::sort(gone.begin(), gone.end());
  for (const ObjectKey& key : gone) Remove(kind, key, Uid());
  table.objects.reserve(staged.size());
  for (auto& [key, object] : staged) Upsert(std::move(object));
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

const WorkloadRecord* World::FindWorkload(std::string_view ns, std::string_view kind_name, std::string_view name) const {
  for (const NamespaceRecord* record : namespace_list_) {
    if (record->name != ns) continue;
    for (const WorkloadRecord* workload : record->workloads) {
      if (workload->workload->kind_name == kind_name && workload->workload->meta.name == name) return workload;
    }
  }
  return nullptr;
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

void World::ReleaseNodeIfUnused(NodeRecord& node) {
  if (node.node != nullptr || !node.pods.empty()) return;
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
