// The indexed view of the cluster that checks read. Owned and maintained by cache::World; valid and frozen while one
// evaluation runs.
//
// Every list is sorted by name (pods, claims) or namespace and name, so that a verdict cannot depend on the order in
// which objects arrived. Checks do not read these structs directly but through Context (check.h), which also records
// what was read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "seaworthy/cluster_facts.h"
#include "seaworthy/evidence.h"
#include "seaworthy/extension.h"
#include "seaworthy/list.h"
#include "seaworthy/objects.h"
#include "seaworthy/rare.h"
#include "seaworthy/workload.h"

namespace seaworthy {

// How well a kind is known right now.
enum class SourceState : std::uint8_t {
  kLive,      // synced and watched
  kPending,   // not synced yet
  kAbsent,    // the cluster does not serve it
  kDenied,    // 403: grant the permission
  kOff,       // switched off by configuration
  kOffline,   // a scan of manifests: only a cluster shows it
  kDegraded,  // asked now and then, and has not answered for minutes
};

struct NamespaceRecord;

// The most selector objects of one kind that are kept for one workload; a tenant's 5,000 catch-all budgets must not
// cost 5,000 times the memory. Beyond it `truncated` says so and the check is unknown.
inline constexpr std::size_t kMaxSelecting = 64;

template <typename T>
struct SelectingList {
  List<const T*> items;
  bool truncated = false;
};

// What an alerting rule's expression asks of a label: namespace="shop", pod=~"web-.*".
struct AlertMention {
  const Extension* rules = nullptr;   // the object that has the rule
  std::uint16_t group = 0, rule = 0;  // Fact::outer and inner of the rule in it
  Text label;
  Text value;  // "web-*", "*-web": what is literal in a regular expression
  bool operator==(const AlertMention&) const = default;
};

// A workload and what belongs to it.
struct WorkloadRecord {
  const Workload* workload = nullptr;  // never null while the record is listed
  NamespaceRecord* ns = nullptr;
  std::uint32_t subject = 0;           // dense id, reused after removal
  List<const Pod*> pods;               // all of them, terminating ones too
  List<const Workload*> replica_sets;  // of a Deployment
  List<const Workload*> jobs;          // of a CronJob
  SelectingList<Service> services;
  SelectingList<PodDisruptionBudget> budgets;
  SelectingList<NetworkPolicy> policies;
  List<const HorizontalPodAutoscaler*> autoscalers;
  List<const Extension*> scaled_objects;  // KEDA's, that target it
  SelectingList<Extension>
      pod_monitors;  // PodMonitor, VMPodScrape, PodMonitoring, ClusterPodMonitoring: by kind, then namespace and name
  List<const WorkloadRecord*> dependants;  // of any namespace: those that name it in seaworthy.dev/depends-on
  // Revision label value (pod-template-hash, controller-revision-hash) of the current revision; empty when it cannot be
  // told: all pods are.
  Text current_revision;
  // Set for workloads of other controllers: the projection built from the newest pod, and from the Rollout if it is
  // one.
  std::unique_ptr<Workload> synthetic;
  // The Argo Rollout that such a workload is, where it can be read.
  const Extension* rollout = nullptr;
  // Equal for workloads of one kind and name whose templates are copies of each other but for tags, environment,
  // replicas and resources (cache/likeness.h); 0: it is not compared.
  std::uint64_t likeness = 0;
  // Seen by the watch; empty until then, and in a scan.
  Rare<DeliveryEvidence> delivery;
  Rare<RestartEvidence> restarts;
  std::unique_ptr<AvailabilityEvidence> availability;
  Rare<SmokeTestEvidence> smoke_test;
  // Of readings; no snapshot has them.
  Rare<UsageEvidence> usage;
  Rare<LogEvidence> logs;
};

struct ServiceRecord {
  const Service* service = nullptr;
  List<WorkloadRecord*> workloads;  // that it selects, by template labels
  List<const EndpointSlice*> slices;
  List<const Ingress*> ingresses;     // that name it
  List<const Extension*> routes;      // HTTPRoutes that name it, of any namespace
  SelectingList<Extension> monitors;  // ServiceMonitor, VMServiceScrape: by kind, then namespace and name
};

struct BudgetRecord {
  const PodDisruptionBudget* budget = nullptr;
  std::uint32_t subject = 0;
  List<WorkloadRecord*> workloads;
};

// By kind and name, without texts of a pool.
struct ByKindAndName {
  using is_transparent = void;
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    using Views = std::pair<std::string_view, std::string_view>;
    return Views(a.first, a.second) < Views(b.first, b.second);
  }
};

struct NamespaceRecord {
  Text name;
  const Namespace* object = nullptr;  // null until it is known (or in a scan that has none)
  std::uint32_t subject = 0;
  std::vector<WorkloadRecord*> workloads;  // by kind, then name
  std::vector<const Pod*> bare_pods;       // without a controller
  std::vector<ServiceRecord*> services;
  std::vector<BudgetRecord*> budgets;
  std::vector<const NetworkPolicy*> policies;
  std::vector<const Ingress*> ingresses;
  std::vector<const HorizontalPodAutoscaler*> autoscalers;
  std::vector<const PersistentVolumeClaim*> claims;
  std::vector<const ServiceAccount*> service_accounts;
  // Of all namespaces: those that name an account of this one, by itself, by its user name, or with the group of its
  // namespace's accounts.
  std::vector<const RoleBinding*> role_bindings;
  std::vector<const LimitRange*> limit_ranges;
  std::vector<const ResourceQuota*> quotas;
  // VulnerabilityReports, by kind and name of the object that they are about.
  std::map<std::pair<Text, Text>, std::vector<const Extension*>, ByKindAndName> reports;
  std::vector<const Object*>
      maintenance_pages;  // Services and workloads labelled app.kubernetes.io/component: maintenance-page

  // Objects of the kinds that only stand in lists: extensions (Extension), what people say (policy.h).
  std::span<const Object* const> Objects(Kind kind) const {
    for (const auto& [of, objects] : lists) {
      if (of == kind) return objects;
    }
    return {};
  }
  std::vector<std::pair<Kind, std::vector<const Object*>>> lists;
};

struct NodeRecord {
  const Node* node = nullptr;  // null while only pods name it
  Text name;
  std::uint32_t subject = 0;
  std::vector<const Pod*> pods;  // by namespace and name; terminal ones left out
  std::vector<const Pod*>
      ended;  // the terminal ones: they take no room, but what the node says of their images is read
  // Subjects whose verdict rests on who else runs here: touched once when that changes, and listed again when they look
  // again. Kept by those who read, which is why it may change in a snapshot that is frozen otherwise.
  mutable std::vector<std::uint32_t> onlookers;
};

// The nodes on which a pod template may run, summed up.
struct EligibleNodes {
  std::vector<const NodeRecord*>
      nodes;              // by name; schedulable or not (cordoned nodes are still eligible by rule), NotReady left out
  std::size_t zones = 0;  // distinct topology.kubernetes.io/zone values among them
};

// One subject, found by its dense id. Exactly one of the pointers is set; none for the cluster (id 0) and for ids that
// are not in use.
struct SubjectRef {
  const WorkloadRecord* workload = nullptr;
  const NamespaceRecord* ns = nullptr;
  const BudgetRecord* budget = nullptr;  // `ns` is set too: the budget's
  const NodeRecord* node = nullptr;
};
inline constexpr std::uint32_t kClusterSubject = 0;

class Snapshot {
 public:
  virtual ~Snapshot() = default;

  virtual SubjectRef Subject(std::uint32_t id) const = 0;
  // One more than the largest id ever used.
  virtual std::uint32_t SubjectLimit() const = 0;

  virtual SourceState State(Kind kind) const = 0;
  // Why the subject's own object cannot be read as the server has it now: what is known of it is older. Empty: it can.
  virtual std::string_view Unreadable(const SubjectRef& subject) const = 0;
  // A scan of manifests, not a cluster.
  virtual bool offline() const = 0;

  virtual std::span<NamespaceRecord* const> Namespaces() const = 0;
  virtual const NamespaceRecord* FindNamespace(const Text& name) const = 0;
  virtual std::span<NodeRecord* const> Nodes() const = 0;
  virtual const NodeRecord* FindNode(const Text& name) const = 0;
  virtual const WorkloadRecord* FindWorkload(std::string_view ns, std::string_view kind_name,
                                             std::string_view name) const = 0;
  // The workload that a pod is judged with; nullptr for bare pods, Jobs and mirror pods.
  virtual const WorkloadRecord* WorkloadOf(const Pod& pod) const = 0;
  virtual const EligibleNodes& Eligible(const PodSpec& spec) const = 0;
  virtual const PersistentVolume* FindVolume(const Text& name) const = 0;
  virtual const StorageClass* FindStorageClass(const Text& name) const = 0;
  virtual std::span<const StorageClass* const> StorageClasses() const = 0;
  virtual const PriorityClass* FindPriorityClass(const Text& name) const = 0;
  virtual std::span<const PriorityClass* const> PriorityClasses() const = 0;
  virtual std::span<const RoleBinding* const> ClusterRoleBindings() const = 0;
  // Workloads of all namespaces with the same likeness, this one included; empty where it has none.
  virtual std::span<WorkloadRecord* const> Alike(const WorkloadRecord& record) const = 0;
  // DaemonSets of all namespaces, for what they reserve on each node.
  virtual std::span<WorkloadRecord* const> DaemonSets() const = 0;
  // Of all namespaces, by namespace and name; kinds that only stand in lists.
  virtual std::span<const Object* const> Objects(Kind kind) const = 0;
  // Of those, the ones that belong together, by namespace and name: Velero backups by "namespace/schedule", Longhorn
  // volumes by "namespace/claim".
  virtual std::span<const Object* const> Grouped(Kind kind, std::string_view group) const = 0;
  // Alerting rules that ask for this value of some label; for a value of the form "namespace/name", by the name.
  virtual std::span<const AlertMention> AlertsNaming(const Text& value) const = 0;
  // Alerting rules that ask for a pattern: they have to be looked through.
  virtual std::span<const AlertMention> AlertPatterns() const = 0;
  // Probe, VMProbe and EndpointMonitor objects that name the host.
  virtual std::span<const Extension* const> ProbesOf(const Text& host) const = 0;

  // See cluster_facts.h.
  template <typename T>
  const T& Fact() const {
    return facts_.Get<T>(*this);
  }

 protected:
  // An object of the kind came, went or is another now, or its state is: whoever fills the snapshot says so.
  void NoteChanged(Kind kind) { facts_.Changed(kind); }

 private:
  mutable ClusterFacts facts_;
};

}  // namespace seaworthy
