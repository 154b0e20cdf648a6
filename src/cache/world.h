// World: every watched object, and the indexes between them. It is the cache stage's one mutable thing and implements
// Snapshot.
//
// Events go in through Accept in stream order; what changes comes out as Touches: which subjects have to be looked at
// again, and through which kinds. Index lists are sorted by name at all times, so that the state after any order of
// arrival is the same.
//
// Lives on the core thread. Objects keep their address from the first to the last event about them (an update swaps the
// content), so the indexes hold plain pointers.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/snapshot.h"
#include "seaworthy/touch.h"
#include "seaworthy/watch_event.h"

namespace seaworthy::cache {

class World final : public Snapshot {
 public:
  enum class Mode : std::uint8_t { kCluster, kOffline };

  // `pool` is where the World's own few texts go; it must outlive the World and everything decoded.
  World(Mode mode, TextPool& pool);
  ~World() override;

  // The time that what is seen from now on is dated with. Without it nothing is observed, as in a scan.
  void Tick(WallTime now);
  // Applies one event. kInitApply objects are kept aside until kInitDone, which replaces the kind at once by a diff.
  void Accept(WatchEvent event);
  // What the events since the last call touched.
  std::vector<Touch> TakeTouches();
  // Workloads whose evidence is to be kept anew, since the last call, though no verdict need have changed.
  std::vector<std::uint32_t> TakeKept();
  // kOff for kinds that configuration switches off.
  void SetState(Kind kind, SourceState state);

  std::size_t ObjectCount(Kind kind) const;
  std::size_t ResidentBytes(Kind kind) const;
  // Events that arrived for an object in the state it was known in already.
  std::uint64_t duplicates() const { return duplicates_; }
  const Object* Find(Kind kind, const ObjectKey& key) const;
  // For restoring what earlier runs observed; nullptr when there is no such workload.
  WorkloadRecord* MutableWorkload(const Text& kind_name, const Text& ns, const Text& name) {
    return FindRecord(kind_name, ns, name);
  }
  // In no particular order.
  template <typename Fn>
  void ForEach(Kind kind, Fn&& fn) const {
    for (const auto& [key, object] : tables_[static_cast<std::size_t>(kind)].objects) fn(*object);
  }

  // Snapshot
  SubjectRef Subject(std::uint32_t id) const override;
  std::uint32_t SubjectLimit() const override { return static_cast<std::uint32_t>(subjects_.size()); }
  SourceState State(Kind kind) const override;
  std::string_view Unreadable(const SubjectRef& subject) const override;
  bool offline() const override { return mode_ == Mode::kOffline; }
  std::span<NamespaceRecord* const> Namespaces() const override { return namespace_list_; }
  const NamespaceRecord* FindNamespace(const Text& name) const override;
  std::span<NodeRecord* const> Nodes() const override { return node_list_; }
  const NodeRecord* FindNode(const Text& name) const override;
  const WorkloadRecord* FindWorkload(std::string_view ns, std::string_view kind_name,
                                     std::string_view name) const override;
  const WorkloadRecord* WorkloadOf(const Pod& pod) const override { return pod.workload; }
  const EligibleNodes& Eligible(const PodSpec& spec) const override;
  const PersistentVolume* FindVolume(const Text& name) const override;
  const StorageClass* FindStorageClass(const Text& name) const override;
  std::span<const StorageClass* const> StorageClasses() const override { return storage_classes_; }
  const PriorityClass* FindPriorityClass(const Text& name) const override;
  std::span<const PriorityClass* const> PriorityClasses() const override { return priority_classes_; }
  std::span<WorkloadRecord* const> Alike(const WorkloadRecord& record) const override;
  std::span<const RoleBinding* const> ClusterRoleBindings() const override { return cluster_role_bindings_; }
  std::span<WorkloadRecord* const> DaemonSets() const override { return daemon_sets_; }
  std::span<const Object* const> Objects(Kind kind) const override { return listed_[static_cast<std::size_t>(kind)]; }
  std::span<const Object* const> Grouped(Kind kind, std::string_view group) const override;
  std::span<const AlertMention> AlertsNaming(const Text& value) const override;
  std::span<const AlertMention> AlertPatterns() const override { return alert_patterns_; }
  std::span<const Extension* const> ProbesOf(const Text& host) const override;

 private:
  struct Table {
    std::unordered_map<ObjectKey, ObjectPtr> objects;
    std::unordered_map<ObjectKey, ObjectPtr> staged;  // between kInit and kInitDone
    // Known objects whose present state cannot be decoded, and why.
    std::unordered_map<ObjectKey, std::string> unreadable, staged_unreadable;
    bool staging = false;
    bool synced = false;  // a snapshot was complete once
    bool gap = false;     // the snapshot that is being collected follows a time in which nobody watched
    SourceState state = SourceState::kPending;
    std::size_t bytes = 0;
  };
  // The name by which children find their owner, whether or not it is known yet.
  struct OwnerKey {
    Text kind, namespace_, name;
    auto operator<=>(const OwnerKey&) const = default;
    bool operator==(const OwnerKey&) const = default;
  };
  struct OwnerKeyHash {
    std::size_t operator()(const OwnerKey& key) const {
      return (key.kind.hash() * 31 + key.namespace_.hash()) * 31 + key.name.hash();
    }
  };
  struct NamespaceEntry;

  Table& TableOf(Kind kind) { return tables_[static_cast<std::size_t>(kind)]; }
  const Table& TableOf(Kind kind) const { return tables_[static_cast<std::size_t>(kind)]; }

  // world.cc: events
  static void TakeAsLetIn(Object& object);
  void Apply(WatchEvent event);
  void Upsert(ObjectPtr object);
  void Remove(Kind kind, const ObjectKey& key, const Uid& uid);
  void Replace(Kind kind);
  void MarkUnreadable(Kind kind, std::string_view detail);
  void TouchOwnSubject(const Object& object);
  void ChangeState(Kind kind, SourceState state);

  // world_links.cc, world_pods.cc, world_selectors.cc: one pair per kind. Link after the object stands in its table,
  // Unlink before it leaves. Change: the content was swapped, `old` holds what it was.
  void Link(Object& object);
  void Unlink(Object& object);
  void Change(Object& object, Object& old);

  void LinkPod(Pod& pod);
  void UnlinkPod(Pod& pod);
  void ChangePod(Pod& pod, Pod& old);
  void EnterNode(Pod& pod);
  void LeaveNode(Pod& pod);
  void LinkNode(Node& node);
  void UnlinkNode(Node& node);
  void ChangeNode(Node& node, const Node& old);
  void LinkWorkload(Workload& workload);
  void UnlinkWorkload(Workload& workload);
  void ChangeWorkload(Workload& workload, Workload& old);
  void LinkChild(Workload& child);
  void UnlinkChild(Workload& child);
  void LinkService(Service& service);
  void UnlinkService(Service& service);
  void LinkBudget(PodDisruptionBudget& budget);
  void UnlinkBudget(PodDisruptionBudget& budget);
  void JoinBudget(PodDisruptionBudget& budget);
  void LeaveBudget(PodDisruptionBudget& budget);
  void LinkPolicy(NetworkPolicy& policy);
  void UnlinkPolicy(NetworkPolicy& policy);
  void LinkAutoscaler(HorizontalPodAutoscaler& autoscaler);
  void UnlinkAutoscaler(HorizontalPodAutoscaler& autoscaler);
  void LinkScaler(Extension& scaler);
  void UnlinkScaler(Extension& scaler);
  WorkloadRecord* TargetOf(const Extension& scaler) const;
  void LinkRollout(Extension& rollout);
  void UnlinkRollout(Extension& rollout);
  void ChangeRollout(Extension& rollout, Extension& old);
  void LinkReport(Extension& report);
  void UnlinkReport(Extension& report);
  void TouchReported(const Extension& report);
  void LinkSlice(EndpointSlice& slice);
  void UnlinkSlice(EndpointSlice& slice);
  void LinkIngress(Ingress& ingress);
  void UnlinkIngress(Ingress& ingress);
  void LinkBinding(RoleBinding& binding);
  void UnlinkBinding(RoleBinding& binding);
  std::vector<Text> NamespacesNamed(const RoleBinding& binding) const;
  void TouchNamed(const Text& ns);
  // world_monitoring.cc: routes to Services, and what watches workloads
  void LinkRoute(Extension& route);
  void UnlinkRoute(Extension& route);
  void JoinRoutes(ServiceRecord& service);
  void TouchRoutesElsewhere(const Service& service);
  void LinkMonitor(Extension& monitor);
  void UnlinkMonitor(Extension& monitor);
  void JoinMonitors(ServiceRecord& service) const;
  void JoinMonitors(WorkloadRecord& workload) const;
  template <typename Fn>
  void ForEachMonitorOf(const NamespaceRecord& ns, Fn fn) const;
  void IndexProbe(const Extension& probe, bool enter);
  void IndexAlerts(const Extension& rules, bool enter);
  void IndexExtension(const Object& object, bool enter);
  void KeepMaintenancePage(const Object& object, NamespaceEntry& ns, bool is_page);
  void LinkPlain(Object& object);  // kinds that only stand in a list
  void UnlinkPlain(Object& object);
  void TouchPlain(const Object& object);
  void List(const Object& object);
  void Unlist(const Object& object);
  static std::string GroupOf(const Object& object);
  void Group(const Object& object);
  void Ungroup(const Object& object);

  // world_workloads.cc: owners, records, revisions
  WorkloadRecord* NewRecord(const Workload& workload);
  WorkloadRecord* NewRecord(std::unique_ptr<Workload> synthetic);
  WorkloadRecord* NewRecord(const Workload& workload, std::unique_ptr<Workload> synthetic);
  void DropRecord(WorkloadRecord& record);
  // Puts the record into (takes it out of) the lists of everything that selects it, and touches what that concerns.
  void JoinSelectors(WorkloadRecord& record);
  void LeaveSelectors(WorkloadRecord& record);
  template <typename T>
  static void AddSelecting(SelectingList<T>& list, const T* item);
  template <typename T>
  void DropSelecting(WorkloadRecord& record, SelectingList<T>& list, const T* item);
  static bool Selects(const LabelSelector& selector, const WorkloadRecord& record);
  static bool NamesService(const Ingress& ingress, const Text& service);
  // Rebuilds the lists from scratch: after one of the kept items of a truncated list went away.
  static void RefreshSelecting(WorkloadRecord& record);
  void TouchBudgetsOf(const WorkloadRecord& record, KindSet kinds);
  // Finds (or makes, for other controllers) the record that a pod belongs to.
  void Resolve(Pod& pod);
  void Attach(Pod& pod, WorkloadRecord* record);
  void AttachToOther(Pod& pod, const OwnerRef& owner);
  WorkloadRecord* NewOther(const Text& kind_name, const ObjectKey& key, PodSpecPtr spec, const Labels& labels);
  std::unique_ptr<Workload> AsWorkload(const Pod& pod) const;
  void Detach(Pod& pod);
  void DropEmptied();
  void ResolvePodsOf(const OwnerKey& owner);
  void AdoptChildren(WorkloadRecord& record);
  // Where the owner lists children of that kind; nullptr: it does not.
  static seaworthy::List<const Workload*>* ListFor(WorkloadRecord& owner, const Workload& child);
  // The controller that nothing of ours stands above: the pod's own, of a ReplicaSet the ReplicaSet's.
  const OwnerRef* TopOwner(const Pod& pod) const;
  void RefreshSynthetic(WorkloadRecord& record);
  void RefreshRevision(WorkloadRecord& record);
  WorkloadRecord* FindRecord(const Text& kind_name, const Text& ns, const Text& name) const;
  WorkloadRecord* OwnerOf(const Workload& child) const;

  // world_dependants.cc: who declares to depend on whom, and which Jobs are smoke tests of whom
  void JoinDependencies(WorkloadRecord& record, const Capacity* capacity);
  void LeaveDependencies(WorkloadRecord& record, const Capacity* capacity);
  void ChangeDependencies(WorkloadRecord& record, const Capacity* before);
  void TouchDependencies(const WorkloadRecord& record, KindSet kinds);
  void MeetDependants(WorkloadRecord& record);
  void TouchDependants(const WorkloadRecord& record);
  void ListSmokeTest(const Workload& job);
  bool NoteSmokeTest(WorkloadRecord& record, const Workload& job);

  // world_observe.cc: what only somebody who watches sees
  // What its report keeps has changed, whether or not a verdict does.
  void Keep(const WorkloadRecord& record) { kept_.push_back(record.subject); }
  void WatchPods(Timestamp since);
  void NoteDelivery(WorkloadRecord& record, const Workload& now, const Workload& before) const;
  void NotePod(WorkloadRecord& record, const Pod& pod) const;
  void NoteRestarts(WorkloadRecord& record, const Pod& now, const Pod& before) const;
  void NoteIncidents(WorkloadRecord& record, const Pod& before);

  // world_availability.cc: likewise, of how many pods serve
  bool Observing() const;
  std::optional<std::int32_t> CountServing(const WorkloadRecord& record, const std::vector<Text>& services) const;
  void BeginRollout(WorkloadRecord& record, std::int64_t ready_before);
  void EndRollout(WorkloadRecord& record);
  void NoteRollout(WorkloadRecord& record, const Workload& now, const Workload& before);
  void NoteRevision(WorkloadRecord& record, const Text& before);
  void NoteLoss(WorkloadRecord& record);
  void NoteStops(WorkloadRecord& record, const Pod& now, const Pod& before);
  void NoteChangeOfPod(Pod& now, const Pod& before);
  void NoteNodeLoss(const NodeRecord& node);
  void Observe(WorkloadRecord& record);
  void ObserveService(const Text& ns, const Text& service);
  void ObserveChange(const Object& now, const Object& before);
  void NoteLastWord(const Pod& pod);
  static bool Serves(const Pod& pod);
  void VoidObservations(Kind kind);

  // world_usage.cc: readings, which leave a trace in a workload's record and nothing else
  void NoteReading(const Object& reading);
  void NoteUsage(const Extension& metrics);
  void NoteLogs(const Extension& sample);

  NamespaceEntry& Ns(const Text& name);
  NodeRecord& NodeNamed(const Text& name);
  void ReleaseNodeIfUnused(NodeRecord& node);
  void TouchOnlookers(const Text& node);
  // Which workloads are copies of which.
  void JoinAlike(WorkloadRecord& record);
  void LeaveAlike(WorkloadRecord& record);
  void ReleaseNsIfUnused(NamespaceEntry& ns);
  std::uint32_t NewSubject(SubjectRef ref);
  void DropSubject(std::uint32_t id);

  void TouchSubject(std::uint32_t subject, KindSet kinds, bool direct = false);
  void TouchWorkloads(std::span<WorkloadRecord* const> records, KindSet kinds);
  void TouchNamespaceWorkloads(const NamespaceRecord& ns, KindSet kinds);
  void TouchCluster(KindSet kinds) { TouchSubject(kClusterSubject, kinds); }

  Mode mode_;
  TextPool& pool_;
  Text pod_kind_, pod_api_version_;
  Timestamp now_;
  bool replacing_ = false;  // a snapshot is being taken over, object by object: what is seen meanwhile was never so
  Timestamp pods_since_;    // since when pods are watched without a gap; unset: they are not
  std::array<Table, kKindCount> tables_;
  std::map<Text, std::unique_ptr<NamespaceEntry>> namespaces_;
  std::vector<NamespaceRecord*> namespace_list_;  // sorted by name
  std::map<Text, std::unique_ptr<NodeRecord>> nodes_;
  std::vector<NodeRecord*> node_list_;  // sorted by name; those whose Node is known
  std::vector<const StorageClass*> storage_classes_;
  std::vector<const RoleBinding*> cluster_role_bindings_;
  // Namespaces need not exist for a binding to name them.
  std::unordered_map<Text, std::vector<const RoleBinding*>> bindings_by_namespace_;
  std::vector<const PriorityClass*> priority_classes_;
  std::unordered_map<std::uint64_t, std::vector<WorkloadRecord*>> alike_;  // by likeness
  std::set<std::uint64_t> alike_touched_;  // whose members' namespaces are touched once, when the touches are taken
  std::unordered_map<Text, std::vector<const Extension*>> routes_by_namespace_;    // of the Services that they name
  std::unordered_map<Text, std::vector<const Extension*>> monitors_by_namespace_;  // in which they select
  std::vector<const Extension*> monitors_of_all_;                                  // that select in every namespace
  std::unordered_map<Text, std::vector<const Extension*>> probes_by_host_;
  std::unordered_map<Text, std::vector<AlertMention>> alerts_by_value_;
  std::vector<AlertMention> alert_patterns_;
  std::vector<WorkloadRecord*> daemon_sets_;
  std::array<std::vector<const Object*>, kKindCount> listed_;  // kinds that only stand in lists
  std::map<std::pair<Kind, Text>, std::vector<const Object*>> groups_;
  std::unordered_map<OwnerKey, std::unique_ptr<WorkloadRecord>, OwnerKeyHash> records_;
  std::unordered_map<OwnerKey, std::vector<Pod*>, OwnerKeyHash> pods_by_owner_;           // by direct controller
  std::unordered_map<OwnerKey, std::vector<Workload*>, OwnerKeyHash> children_by_owner_;  // ReplicaSets and Jobs
  std::unordered_map<OwnerKey, std::vector<WorkloadRecord*>, OwnerKeyHash>
      dependants_;                 // by the target, which need not be there
  std::vector<OwnerKey> emptied_;  // synthetic ones that lost their last pod within the event that is being applied
  std::vector<SubjectRef> subjects_;
  std::vector<std::uint32_t> free_subjects_;
  std::vector<Touch> touches_;
  std::vector<std::uint32_t> kept_;
  std::uint64_t duplicates_ = 0;
  // Rebuilt lazily; any change of a node's schedulability drops it.
  mutable std::unordered_map<std::uint64_t, std::unique_ptr<EligibleNodes>> eligible_;
};

}  // namespace seaworthy::cache
