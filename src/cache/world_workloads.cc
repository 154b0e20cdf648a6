// Workload records, their children and revisions.
#include <algorithm>
#include <utility>

#include "cache/likeness.h"
#include "cache/world_impl.h"

namespace seaworthy::cache {
namespace {

// A change of these is a change of what the workload is; the rest is status.
bool SameSpec(const Workload& a, const Workload& b) {
  return a.meta.generation == b.meta.generation && a.template_hash == b.template_hash &&
         a.meta.labels == b.meta.labels && a.meta.annotations == b.meta.annotations && a.replicas == b.replicas &&
         a.meta.written_in == b.meta.written_in;
}

// A CronJob that says which workload it backs up bears on that one's verdicts.
bool SaysWhatItBacksUp(const Workload& workload) {
  constexpr std::string_view kKey = "seaworthy.dev/backup-of";
  return workload.workload_class == WorkloadClass::kCronJob &&
         (workload.meta.labels.Has(kKey) || workload.meta.annotations.Has(kKey));
}

// What a release tool leaves on an object. Times move with every write, names seldom.
bool SameMarks(const Workload& a, const Workload& b) {
  return a.meta.labels == b.meta.labels && a.meta.annotations == b.meta.annotations && a.meta.owners == b.meta.owners &&
         std::equal(a.meta.managers.begin(), a.meta.managers.end(), b.meta.managers.begin(), b.meta.managers.end(),
                    [](const FieldManager& x, const FieldManager& y) {
                      return x.name == y.name && x.subresource == y.subresource;
                    });
}

}  // namespace

void World::JoinAlike(WorkloadRecord& record) {
  record.likeness = record.synthetic != nullptr ? 0 : LikenessOf(*record.workload);
  if (record.likeness == 0) return;
  InsertSorted(alike_[record.likeness], &record, ByWorkload());
  alike_touched_.insert(record.likeness);
}

void World::LeaveAlike(WorkloadRecord& record) {
  const std::uint64_t likeness = std::exchange(record.likeness, 0);
  const auto copies = likeness == 0 ? alike_.end() : alike_.find(likeness);
  if (copies == alike_.end()) return;
  EraseSorted(copies->second, &record, ByWorkload());
  alike_touched_.insert(likeness);
  if (copies->second.empty()) alike_.erase(copies);
  TouchSubject(record.ns->subject, OwnKind(*record.workload));
}

WorkloadRecord* World::FindRecord(const Text& kind_name, const Text& ns, const Text& name) const {
  const auto found = records_.find({kind_name, ns, name});
  return found == records_.end() ? nullptr : found->second.get();
}

WorkloadRecord* World::NewRecord(const Workload& workload) { return NewRecord(workload, nullptr); }

WorkloadRecord* World::NewRecord(std::unique_ptr<Workload> synthetic) {
  const Workload& workload = *synthetic;
  return NewRecord(workload, std::move(synthetic));
}

WorkloadRecord* World::NewRecord(const Workload& workload, std::unique_ptr<Workload> synthetic) {
  NamespaceEntry& ns = Ns(workload.meta.namespace_);
  auto& slot = records_[{workload.kind_name, workload.meta.namespace_, workload.meta.name}];
  slot = std::make_unique<WorkloadRecord>();
  WorkloadRecord& record = *slot;
  record.workload = &workload;
  record.synthetic = std::move(synthetic);
  record.ns = &ns;
  if (pods_since_.set()) record.restarts.emplace().watched_since = now_;
  SubjectRef ref;
  ref.workload = &record;
  record.subject = NewSubject(ref);
  InsertSorted(ns.workloads, &record, ByWorkload());
  if (workload.workload_class == WorkloadClass::kDaemonSet) {
    InsertSorted(daemon_sets_, &record, ByWorkload());
    touches_.push_back({Touch::Scope::kWorkloads, 0, {Kind::kDaemonSet}, false});
  }
  if (SaysWhatItBacksUp(workload)) TouchNamespaceWorkloads(ns, {Kind::kCronJob});
  JoinSelectors(record);
  JoinAlike(record);
  for (const HorizontalPodAutoscaler* autoscaler : ns.autoscalers) {
    if (autoscaler->target_kind == workload.kind_name && autoscaler->target_name == workload.meta.name) {
      record.autoscalers.push_back(autoscaler);
    }
  }
  for (const Object* scaler : ns.Objects(Kind::kScaledObject)) {
    const auto& extension = static_cast<const Extension&>(*scaler);
    if (TargetOf(extension) == &record) record.scaled_objects.push_back(&extension);
  }
  if (record.synthetic == nullptr && IsMaintenancePage(workload.meta.labels)) KeepMaintenancePage(workload, ns, true);
  JoinDependencies(record, workload.capacity.get());
  MeetDependants(record);
  for (const Workload* job : ns.smoke_tests) NoteSmokeTest(record, *job);
  TouchSubject(ns.subject, KindSet::All());
  TouchCluster(KindSet::All());
  return &record;
}

void World::DropRecord(WorkloadRecord& record) {
  auto& ns = static_cast<NamespaceEntry&>(*record.ns);
  const Workload& workload = *record.workload;
  LeaveSelectors(record);
  LeaveAlike(record);
  for (const Pod* pod : record.pods) TouchOnlookers(pod->node);
  KeepMaintenancePage(workload, ns, false);
  LeaveDependencies(record, workload.capacity.get());
  TouchDependants(record);
  EraseSorted(ns.workloads, &record, ByWorkload());
  if (workload.workload_class == WorkloadClass::kDaemonSet) {
    EraseSorted(daemon_sets_, &record, ByWorkload());
    touches_.push_back({Touch::Scope::kWorkloads, 0, {Kind::kDaemonSet}, false});
  }
  if (SaysWhatItBacksUp(workload)) TouchNamespaceWorkloads(ns, {Kind::kCronJob});
  for (const Pod* pod : record.pods) const_cast<Pod*>(pod)->workload = nullptr;
  DropSubject(record.subject);
  TouchSubject(ns.subject, KindSet::All());
  TouchCluster(KindSet::All());
  const OwnerKey key{workload.kind_name, workload.meta.namespace_, workload.meta.name};
  records_.erase(key);
  ReleaseNsIfUnused(ns);
}

WorkloadRecord* World::OwnerOf(const Workload& child) const {
  const OwnerRef* owner = child.meta.Controller();
  if (owner == nullptr) return nullptr;
  WorkloadRecord* record = FindRecord(owner->kind, child.meta.namespace_, owner->name);
  if (record == nullptr || record->synthetic != nullptr) return record;
  // The name may have been taken again by a younger object.
  return owner->uid.set() && record->workload->meta.uid.set() && !(owner->uid == record->workload->meta.uid) ? nullptr
                                                                                                             : record;
}

void World::LinkWorkload(Workload& workload) {
  if (IsChildKind(workload.kind) && (workload.meta.Controller() != nullptr || workload.kind == Kind::kJob)) {
    LinkChild(workload);
    return;
  }
  WorkloadRecord* record = NewRecord(workload);
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
  const auto is_child = [](const Workload& w) {
    return IsChildKind(w.kind) && (w.meta.Controller() != nullptr || w.kind == Kind::kJob);
  };
  const bool child = is_child(workload);
  if (child != is_child(old) || (child && workload.meta.owners != old.meta.owners)) {
    std::swap(workload, old);
    UnlinkWorkload(workload);
    std::swap(workload, old);
    LinkWorkload(workload);
    return;
  }
  if (child) {
    ListSmokeTest(workload);
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
  if (workload.template_hash != old.template_hash || !SameMarks(workload, old)) {
    LeaveAlike(record);
    JoinAlike(record);
  }
  NoteDelivery(record, workload, old);
  NoteRollout(record, workload, old);
  ChangeDependencies(record, old.capacity.get());
  RefreshRevision(record);
  TouchSubject(record.subject, OwnKind(workload), true);
  if (SaysWhatItBacksUp(workload) || SaysWhatItBacksUp(old)) TouchNamespaceWorkloads(*record.ns, {Kind::kCronJob});
  if (SameSpec(workload, old)) return;
  NamespaceEntry& ns = static_cast<NamespaceEntry&>(*record.ns);
  if (workload.meta.labels != old.meta.labels)
    KeepMaintenancePage(workload, ns, IsMaintenancePage(workload.meta.labels));
  TouchSubject(ns.subject, OwnKind(workload));
  TouchBudgetsOf(record, OwnKind(workload));
  TouchCluster(OwnKind(workload));
  if (workload.workload_class == WorkloadClass::kDaemonSet) {
    touches_.push_back({Touch::Scope::kWorkloads, 0, {Kind::kDaemonSet}, false});
  }
}

void World::LinkChild(Workload& child) {
  ListSmokeTest(child);
  if (const OwnerRef* owner = child.meta.Controller()) {
    children_by_owner_[{owner->kind, child.meta.namespace_, owner->name}].push_back(&child);
  }
  if (WorkloadRecord* owner = OwnerOf(child)) {
    if (seaworthy::List<const Workload*>* list = ListFor(*owner, child)) Insert<const Workload>(*list, &child);
    RefreshRevision(*owner);
    TouchSubject(owner->subject, OwnKind(child), true);
  }
  ResolvePodsOf({child.kind_name, child.meta.namespace_, child.meta.name});
}

void World::UnlinkChild(Workload& child) {
  if (child.kind == Kind::kJob)
    EraseSorted(Ns(child.meta.namespace_).smoke_tests, static_cast<const Workload*>(&child), ByKey());
  if (const OwnerRef* owner = child.meta.Controller()) {
    const auto found = children_by_owner_.find({owner->kind, child.meta.namespace_, owner->name});
    if (found != children_by_owner_.end()) {
      std::erase(found->second, &child);
      if (found->second.empty()) children_by_owner_.erase(found);
    }
  }
  if (WorkloadRecord* owner = OwnerOf(child)) {
    if (seaworthy::List<const Workload*>* list = ListFor(*owner, child)) Erase<const Workload>(*list, &child);
    RefreshRevision(*owner);
    TouchSubject(owner->subject, OwnKind(child), true);
  }
  const auto pods = pods_by_owner_.find({child.kind_name, child.meta.namespace_, child.meta.name});
  if (pods != pods_by_owner_.end()) {
    const std::vector<Pod*> orphans = pods->second;
    for (Pod* pod : orphans) Detach(*pod);
  }
}

List<const Workload*>* World::ListFor(WorkloadRecord& owner, const Workload& child) {
  const WorkloadClass of = owner.workload->workload_class;
  if (child.kind == Kind::kJob) return of == WorkloadClass::kCronJob ? &owner.jobs : nullptr;
  return of == WorkloadClass::kDeployment || of == WorkloadClass::kOther ? &owner.replica_sets : nullptr;
}

void World::AdoptChildren(WorkloadRecord& record) {
  const Workload& workload = *record.workload;
  const auto children = children_by_owner_.find({workload.kind_name, workload.meta.namespace_, workload.meta.name});
  if (children == children_by_owner_.end()) return;
  const std::vector<Workload*> list = children->second;
  for (Workload* child : list) {
    seaworthy::List<const Workload*>* kept = OwnerOf(*child) == &record ? ListFor(record, *child) : nullptr;
    if (kept == nullptr) continue;
    Insert<const Workload>(*kept, child);
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
        if (workload.revision.empty() && (current == nullptr || set->meta.created > current->meta.created))
          current = set;
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
  const Text before = std::exchange(record.current_revision, std::move(revision));
  NoteRevision(record, before);
  TouchSubject(record.subject, {Kind::kPod}, true);
  TouchSubject(record.ns->subject, {Kind::kPod});
}

}  // namespace seaworthy::cache
