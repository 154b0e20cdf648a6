// Pods and nodes: where a pod runs, whose it is, and the workloads that exist only through their pods.
#include <algorithm>
#include <utility>

#include "cache/capacity.h"
#include "cache/runs_once.h"
#include "cache/world_impl.h"
#include "seaworthy/custom.h"

namespace seaworthy::cache {
namespace {

// Groups whose controllers are decoded as objects of their own: their pods wait for the owner instead of being grouped
// without it.
bool IsBuiltIn(const OwnerRef& owner) {
  const std::string_view api = owner.api_version;
  return api.starts_with("apps/") || api.starts_with("batch/");
}

// What the scheduler asks of a node. A change of the rest (images, conditions other than Ready) concerns only the pods
// that are on it.
bool SameForScheduling(const Node& a, const Node& b) {
  return a.unschedulable == b.unschedulable && a.IsReady() == b.IsReady() && a.taints == b.taints &&
         a.allocatable == b.allocatable && a.allocatable_pods == b.allocatable_pods && a.meta.labels == b.meta.labels;
}

constexpr std::string_view kRolloutKind = "Rollout", kRolloutApiVersion = "argoproj.io/v1alpha1";

// Whether there is a workload without a pod of it.
bool IsDeclared(const WorkloadRecord& record) { return record.rollout != nullptr && record.rollout->runs != nullptr; }

bool SameNode(const Node& a, const Node& b) {
  return SameForScheduling(a, b) && a.conditions == b.conditions && a.images == b.images &&
         a.kubelet_version == b.kubelet_version && a.meta.deleted == b.meta.deleted &&
         a.meta.annotations == b.meta.annotations;
}

}  // namespace

void World::LinkPod(Pod& pod) {
  pod.workload = nullptr;
  if (const OwnerRef* owner = pod.meta.Controller()) {
    pods_by_owner_[{owner->kind, pod.meta.namespace_, owner->name}].push_back(&pod);
  }
  EnterNode(pod);
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
  LeaveNode(pod);
  Detach(pod);
  TouchSubject(Ns(pod.meta.namespace_).subject, {Kind::kPod});
  TouchCluster({Kind::kPod});
}

// Onto a list of its node.
void World::EnterNode(Pod& pod) {
  if (pod.node.empty()) return;
  NodeRecord& node = NodeNamed(pod.node);
  if (pod.IsTerminal()) return Insert<const Pod>(node.ended, &pod);
  Insert<const Pod>(node.pods, &pod);
  TouchOnlookers(pod.node);
  if (node.node != nullptr) TouchSubject(node.subject, {Kind::kPod});
}

void World::LeaveNode(Pod& pod) {
  if (pod.node.empty()) return;
  NodeRecord& node = NodeNamed(pod.node);
  if (pod.IsTerminal()) {
    Erase<const Pod>(node.ended, &pod);
    return ReleaseNodeIfUnused(node);
  }
  Erase<const Pod>(node.pods, &pod);
  TouchOnlookers(pod.node);
  if (node.node != nullptr) TouchSubject(node.subject, {Kind::kPod});
  ReleaseNodeIfUnused(node);
}

void World::ChangePod(Pod& pod, Pod& old) {
  pod.workload = std::exchange(old.workload, nullptr);
  const auto as_it_was = [&] {
    std::swap(pod, old);
    std::swap(pod.workload, old.workload);
  };
  // A manifest's pod is a workload by itself, which is made anew; of others only adoption changes whose they are.
  if (pod.meta.owners != old.meta.owners || mode_ == Mode::kOffline) {
    as_it_was();
    UnlinkPod(pod);
    std::swap(pod, old);
    LinkPod(pod);
    return;
  }
  if (pod.node != old.node || pod.IsTerminal() != old.IsTerminal()) {
    as_it_was();
    LeaveNode(pod);
    as_it_was();
    EnterNode(pod);
  } else if (const auto node = nodes_.find(pod.node); node != nodes_.end() && node->second->node != nullptr) {
    TouchSubject(node->second->subject, {Kind::kPod});
    if (pod.spec != old.spec || pod.meta.labels != old.meta.labels || pod.meta.deleted != old.meta.deleted)
      TouchOnlookers(pod.node);
  }
  if (pod.workload != nullptr) {
    NoteIncidents(*pod.workload, old);
    NoteRestarts(*pod.workload, pod, old);
    if (pod.workload->synthetic != nullptr) RefreshSynthetic(*pod.workload);
    RefreshRevision(*pod.workload);
    TouchSubject(pod.workload->subject, {Kind::kPod}, true);
    NoteChangeOfPod(pod, old);
  }
  if (pod.workload == nullptr || pod.meta.labels != old.meta.labels || pod.spec != old.spec ||
      pod.meta.deleted != old.meta.deleted) {
    TouchSubject(Ns(pod.meta.namespace_).subject, {Kind::kPod});
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
  NoteNodeLoss(record);
  EraseSorted(node_list_, &record, [](const NodeRecord* a, const NodeRecord* b) { return a->name < b->name; });
  DropSubject(record.subject);
  record.node = nullptr;
  ReleaseNodeIfUnused(record);
  eligible_.clear();
  touches_.push_back({Touch::Scope::kWorkloads, 0, {Kind::kNode}, false});
  TouchCluster({Kind::kNode});
}

void World::ChangeNode(Node& node, const Node& old) {
  const NodeRecord& record = NodeNamed(node.meta.name);
  if (old.IsReady() && !node.IsReady()) NoteNodeLoss(record);
  if (SameNode(node, old)) {  // a heartbeat; custom checks see more of it than we keep
    if (!SameCustomFacts(node, old)) TouchSubject(record.subject, {Kind::kNode}, true);
    return;
  }
  NoteChanged(Kind::kNode);
  TouchSubject(record.subject, {Kind::kNode}, true);
  TouchCluster({Kind::kNode});
  if (!SameForScheduling(node, old)) {
    eligible_.clear();
    touches_.push_back({Touch::Scope::kWorkloads, 0, {Kind::kNode}, false});
    return;
  }
  for (const auto* pods : {&record.pods, &record.ended}) {
    for (const Pod* pod : *pods) {
      if (pod->workload != nullptr) TouchSubject(pod->workload->subject, {Kind::kNode});
    }
  }
}

// ---------------------------------------------------------------- whose a pod is

void World::ResolvePodsOf(const OwnerKey& owner) {
  const auto found = pods_by_owner_.find(owner);
  if (found == pods_by_owner_.end()) return;
  const std::vector<Pod*> pods = found->second;
  for (Pod* pod : pods) Resolve(*pod);
}

const OwnerRef* World::TopOwner(const Pod& pod) const {
  const OwnerRef* owner = pod.meta.Controller();
  if (owner == nullptr || owner->kind != "ReplicaSet" || !IsBuiltIn(*owner)) return owner;
  const Object* set = Find(Kind::kReplicaSet, {pod.meta.namespace_, owner->name});
  const OwnerRef* top = set == nullptr ? nullptr : set->meta.Controller();
  return top == nullptr ? owner : top;
}

void World::Resolve(Pod& pod) {
  const OwnerRef* owner = pod.meta.Controller();
  if (owner == nullptr) {
    if (pod.mirror) return;
    // A manifest of a Pod is what somebody deploys: judged like a workload, unless it runs once (a chart's test).
    if (mode_ == Mode::kOffline && RunsOnce(pod)) return;
    if (mode_ == Mode::kOffline) return Attach(pod, NewRecord(AsWorkload(pod)));
    NamespaceEntry& ns = Ns(pod.meta.namespace_);
    Insert<const Pod>(ns.bare_pods, &pod);
    TouchSubject(ns.subject, {Kind::kPod});
    return;
  }
  if (owner->kind == "Node") return;
  const auto same_uid = [&](const ObjectMeta& meta) {
    return !owner->uid.set() || !meta.uid.set() || owner->uid == meta.uid;
  };
  if (owner->kind == "ReplicaSet" && IsBuiltIn(*owner)) {
    const auto* set = static_cast<const Workload*>(Find(Kind::kReplicaSet, {pod.meta.namespace_, owner->name}));
    if (set == nullptr || !same_uid(set->meta)) return Attach(pod, nullptr);
    const OwnerRef* top = set->meta.Controller();
    if (top == nullptr) return Attach(pod, FindRecord(owner->kind, pod.meta.namespace_, owner->name));
    if (IsBuiltIn(*top)) return Attach(pod, OwnerOf(*set));
    return AttachToOther(pod, *top);
  }
  if (owner->kind == "Job" && IsBuiltIn(*owner)) {
    // Of Jobs only those of a CronJob are judged, with it: a database operator's Job is none of its database's pods.
    const auto* job = static_cast<const Workload*>(Find(Kind::kJob, {pod.meta.namespace_, owner->name}));
    WorkloadRecord* top = job == nullptr || !same_uid(job->meta) ? nullptr : OwnerOf(*job);
    return Attach(pod, top != nullptr && top->workload->workload_class == WorkloadClass::kCronJob ? top : nullptr);
  }
  if (IsBuiltIn(*owner)) {
    WorkloadRecord* record = FindRecord(owner->kind, pod.meta.namespace_, owner->name);
    return Attach(pod, record != nullptr && same_uid(record->workload->meta) ? record : nullptr);
  }
  // Runner and workflow pods end by themselves: nobody's service depends on one staying.
  if (pod.spec == nullptr || RunsOnce(pod)) return Attach(pod, nullptr);
  AttachToOther(pod, *owner);
}

void World::AttachToOther(Pod& pod, const OwnerRef& owner) {
  // Another group's kind of the same name would meet ours in every list, metric and report name.
  for (const std::string_view ours :
       {"Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicaSet", "Job", "Pod"}) {
    if (owner.kind == ours) return Attach(pod, nullptr);
  }
  WorkloadRecord* record = FindRecord(owner.kind, pod.meta.namespace_, owner.name);
  if (record == nullptr) record = NewOther(owner.kind, {pod.meta.namespace_, owner.name}, pod.spec, pod.meta.labels);
  Attach(pod, record);
}

WorkloadRecord* World::NewOther(const Text& kind_name, const ObjectKey& key, PodSpecPtr spec, const Labels& labels) {
  auto synthetic = std::make_unique<Workload>(Kind::kPod);
  synthetic->workload_class = WorkloadClass::kOther;
  synthetic->kind_name = kind_name;
  synthetic->meta.namespace_ = key.namespace_;
  synthetic->meta.name = key.name;
  synthetic->spec = std::move(spec);
  synthetic->template_labels = labels;
  WorkloadRecord* record = NewRecord(std::move(synthetic));
  if (kind_name == kRolloutKind) record->rollout = static_cast<const Extension*>(Find(Kind::kRollout, key));
  AdoptChildren(*record);
  return record;
}

// ---------------------------------------------------------------- Argo Rollouts

// The workload of its pods, which it makes known to be one before there are any.
void World::LinkRollout(Extension& rollout) {
  LinkPlain(rollout);
  WorkloadRecord* record = FindRecord(pool_.Intern(kRolloutKind), rollout.meta.namespace_, rollout.meta.name);
  if (record == nullptr && rollout.runs != nullptr)
    record = NewOther(pool_.Intern(kRolloutKind), rollout.key(), rollout.runs->spec, rollout.runs->template_labels);
  if (record == nullptr) return;
  record->rollout = &rollout;
  RefreshSynthetic(*record);
}

void World::UnlinkRollout(Extension& rollout) {
  UnlinkPlain(rollout);
  WorkloadRecord* record = FindRecord(pool_.Intern(kRolloutKind), rollout.meta.namespace_, rollout.meta.name);
  if (record == nullptr) return;
  record->rollout = nullptr;
  if (record->pods.empty()) return DropRecord(*record);
  RefreshSynthetic(*record);
}

void World::ChangeRollout(Extension& rollout, Extension& old) {
  if ((rollout.runs == nullptr) != (old.runs == nullptr)) {
    UnlinkRollout(rollout);
    std::swap(rollout, old);
    LinkRollout(rollout);
    return;
  }
  std::swap(rollout, old);
  TouchPlain(rollout);
  WorkloadRecord* record = FindRecord(pool_.Intern(kRolloutKind), rollout.meta.namespace_, rollout.meta.name);
  if (record != nullptr) RefreshSynthetic(*record);
}

void World::Attach(Pod& pod, WorkloadRecord* record) {
  if (pod.workload == record) return;
  Detach(pod);
  if (record == nullptr) return;
  pod.workload = record;
  Insert<const Pod>(record->pods, &pod);
  NotePod(*record, pod);
  TouchOnlookers(pod.node);
  if (record->synthetic != nullptr) RefreshSynthetic(*record);
  RefreshRevision(*record);
  TouchSubject(record->subject, {Kind::kPod}, true);
  TouchSubject(record->ns->subject, {Kind::kPod});
  TouchCluster({Kind::kPod});
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
  NoteIncidents(record, pod);
  TouchOnlookers(pod.node);
  Erase<const Pod>(record.pods, &pod);
  if (record.restarts)
    std::erase_if(record.restarts->series, [&](const auto& series) { return series.pod == pod.meta.uid; });
  if (record.synthetic != nullptr && record.pods.empty() && !IsDeclared(record)) {
    if (record.workload->workload_class == WorkloadClass::kPod) return DropRecord(record);
    // Another pod may follow within the same event: a snapshot that replaces all of them does not make it another
    // workload.
    emptied_.push_back({record.workload->kind_name, record.workload->meta.namespace_, record.workload->meta.name});
    return;
  }
  if (record.synthetic != nullptr) RefreshSynthetic(record);
  RefreshRevision(record);
  TouchSubject(record.subject, {Kind::kPod}, true);
  TouchSubject(record.ns->subject, {Kind::kPod});
  TouchCluster({Kind::kPod});
}

void World::DropEmptied() {
  for (const OwnerKey& key : std::exchange(emptied_, {})) {
    WorkloadRecord* record = FindRecord(key.kind, key.namespace_, key.name);
    if (record != nullptr && record->synthetic != nullptr && record->pods.empty() && !IsDeclared(*record))
      DropRecord(*record);
  }
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
  workload->capacity = CapacityOf(pod.meta.annotations, pool_);
  return workload;
}

void World::RefreshSynthetic(WorkloadRecord& record) {
  Workload& workload = *record.synthetic;
  const Workload* declared = IsDeclared(record) ? record.rollout->runs.get() : nullptr;
  if ((record.pods.empty() && declared == nullptr) || workload.workload_class == WorkloadClass::kPod) return;
  // Template = newest pod; by name where the seconds are equal, so that the choice does not depend on arrival.
  const Pod* newest = record.pods.empty() ? nullptr : record.pods.front();
  Timestamp oldest = newest == nullptr ? Timestamp() : newest->meta.created;
  std::int64_t ready = 0, live = 0;
  for (const Pod* pod : record.pods) {
    if (pod->meta.created > newest->meta.created) newest = pod;
    oldest = std::min(oldest, pod->meta.created);
    if (pod->IsTerminal() || pod->meta.deleted.set()) continue;
    ++live;
    ready += pod->IsReady() ? 1 : 0;
  }
  const Labels& labels = newest == nullptr ? declared->template_labels : newest->meta.labels;
  const bool relabelled = workload.template_labels != labels;
  if (relabelled) LeaveSelectors(record);
  workload.template_labels = labels;
  workload.template_annotations = newest == nullptr ? declared->template_annotations : newest->meta.annotations;
  workload.spec = newest == nullptr ? declared->spec : newest->spec;
  if (record.rollout != nullptr) {
    workload.meta = record.rollout->meta;
    workload.source = record.rollout->source;
    workload.api_version = pool_.Intern(kRolloutApiVersion);
    workload.selector = declared == nullptr ? LabelSelector() : declared->selector;
  } else {
    ObjectMeta meta;
    meta.namespace_ = workload.meta.namespace_;
    meta.name = workload.meta.name;
    workload.meta = std::move(meta);
    workload.source = {};
    workload.selector = {};
    workload.meta.labels = newest->meta.labels;
    workload.meta.annotations = newest->meta.annotations;
    workload.meta.created = oldest;
    // Two groups may have a kind of this name, and an owner of one name lives twice: the newest pod's is meant.
    if (const OwnerRef* owner = TopOwner(*newest)) {
      workload.api_version = owner->api_version;
      workload.meta.uid = owner->uid;
    }
  }
  const std::unique_ptr<const Capacity> before =
      std::exchange(workload.capacity, CapacityOf(workload.meta.annotations, pool_));
  workload.replicas = record.rollout == nullptr ? OptInt(live) : record.rollout->IntAt("spec.replicas").value_or(1);
  workload.status = {};
  if (mode_ == Mode::kCluster || newest != nullptr) {
    workload.status.replicas = live;
    workload.status.ready = workload.status.available = ready;
    workload.status.unavailable = live - ready;
  }
  if (relabelled) JoinSelectors(record);
  // Its pods are its object: labels, replicas and status moved with them.
  TouchSubject(record.subject, KindSet::All(), true);
  TouchBudgetsOf(record, KindSet::All());
  ChangeDependencies(record, before.get());
  TouchSubject(record.ns->subject, KindSet::All());
}

}  // namespace seaworthy::cache
