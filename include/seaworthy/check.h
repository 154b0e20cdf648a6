// A check: one statement of the checklist made decidable, with its documentation. See docs/architecture.md ("Adding a
// check").
//
// `run` is a pure function of the Context: no clock, no I/O, no log, no exception. "Could not tell" is an unknown with
// a reason, never a pass.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/kind.h"
#include "seaworthy/snapshot.h"

namespace seaworthy {

enum class Verdict : std::uint8_t {
  kPass,
  kWarn,
  kFail,
  kUnknown,   // the signal is missing; the message says which and how to provide it
  kNa,        // a precondition is absent; the message says which
  kWaived,    // somebody answered for it, with a date (score/ decides, never a check)
  kAttested,  // somebody vouches for what no API shows (likewise)
  kCount,
};
std::string_view VerdictName(Verdict verdict);

enum class Severity : std::uint8_t { kInfo, kLow, kMedium, kHigh, kCritical, kCount };
std::string_view SeverityName(Severity severity);
std::optional<Severity> ParseSeverity(std::string_view name);
// Weight in the score: critical 10, high 5, medium 3, low 1, info 0.
int SeverityWeight(Severity severity);

// The sections of the checklist, in its order.
enum class Section : std::uint8_t {
  kDesign,
  kImages,
  kNamespaces,
  kEnvironments,
  kReplicas,
  kResources,
  kPlacement,
  kDisruption,
  kConfiguration,
  kHealth,
  kLifecycle,
  kMaintenance,
  kStorage,
  kBackups,
  kThirdParty,
  kSecurity,
  kDelivery,
  kMonitoring,
  kLogging,
  kCronJobs,
  kPlatform,
  kCount,
};
std::string_view SectionName(Section section);   // "third-party"
std::string_view SectionTitle(Section section);  // "O. Third-party components and versions"
inline constexpr std::size_t kSectionCount = static_cast<std::size_t>(Section::kCount);

enum class SubjectType : std::uint8_t { kWorkload, kNamespace, kBudget, kNode, kCluster };
std::string_view SubjectTypeName(SubjectType type);  // "W", "NS", "PDB", "N", "C"

// Tier of a workload: its weight in averages, and what is asked of it.
enum class Tier : std::uint8_t { kCritical, kStandard, kAuxiliary, kExempt };
std::string_view TierName(Tier tier);

// Why a verdict is unknown: reports group by it, and ProductionReady treats a denied source otherwise than a scan's
// blindness.
enum class UnknownCause : std::uint8_t {
  kNone,
  kOffline,      // a scan: only a cluster shows it
  kPending,      // not synced yet
  kAbsent,       // the kind or tool is not in the cluster
  kDenied,       // no permission
  kNotObserved,  // nothing has been seen yet that would decide it
  kNotDeclared,  // only people can say: attestation or annotation missing
  kUnreadable,   // the input cannot be parsed, or a budget was exceeded
  kNotInInput,   // a scan: the manifest refers to something that is not among the files
  kDegraded,     // a source does not answer
};
std::string_view UnknownCauseName(UnknownCause cause);

// What an outcome says. Most of it are literals: those are pointed to, not copied.
class Words {
 public:
  Words() = default;
  // REQUIRES: a literal.
  Words(const char* literal) : borrowed_(literal) {}    // NOLINT(google-explicit-constructor): reads as text
  Words(std::string text) : owned_(std::move(text)) {}  // NOLINT(google-explicit-constructor)
  // REQUIRES: the characters outlive the evaluation: a literal's do, and those of the snapshot's objects.
  static Words Borrow(std::string_view text) {
    Words words;
    words.borrowed_ = text;
    return words;
  }

  std::string_view view() const { return owned_.empty() ? borrowed_ : std::string_view(owned_); }
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)
  std::string str() const { return std::string(view()); }
  bool empty() const { return view().empty(); }
  Words& operator+=(std::string_view more) {
    if (owned_.empty()) owned_ = borrowed_;
    owned_ += more;
    return *this;
  }

 private:
  std::string_view borrowed_;  // where nothing is owned
  std::string owned_;
};

// What a check found.
struct Outcome {
  Verdict verdict = Verdict::kPass;
  UnknownCause cause = UnknownCause::kNone;
  // Replaces the check's own severity for this verdict ("none available fails as critical").
  std::optional<Severity> severity;
  // Says what was seen, with the container, the value found and the value wanted. Changes only with the verdict:
  // numbers that move by themselves are quantised or left out.
  Words message;
  Text container;    // the first one concerned
  std::string path;  // field in the manifest, "spec.template.spec.containers[name=app].image"
  // Since when the condition has held, where an object says so (conditions' lastTransitionTime, ...). For holds.
  Timestamp since;
  // When time alone may change the outcome; unset: never.
  Timestamp recheck;
  // Rests on specs alone, nothing that moves by itself: not held although the check `holds`.
  bool settled = false;
  // A warn or fail that means "nothing of the kind was found", which an attestation may answer; never what was seen to
  // be wrong.
  bool absence = false;
  // Set by Findings: what is left out is about containers that a waiver names; and what it is, where nothing else is.
  bool left_out = false;
  std::string waived_finding;

  static Outcome Pass(Words message = {}) { return Make(Verdict::kPass, std::move(message)); }
  static Outcome Warn(Words message) { return Make(Verdict::kWarn, std::move(message)); }
  static Outcome Fail(Words message) { return Make(Verdict::kFail, std::move(message)); }
  static Outcome Na(Words why) { return Make(Verdict::kNa, std::move(why)); }
  static Outcome Unknown(UnknownCause cause, Words message) {
    Outcome outcome = Make(Verdict::kUnknown, std::move(message));
    outcome.cause = cause;
    return outcome;
  }
  Outcome&& At(std::string where) && {
    path = std::move(where);
    return std::move(*this);
  }
  Outcome&& In(const Container& c) && {
    container = c.name;
    return std::move(*this);
  }
  Outcome&& Since(Timestamp time) && {
    since = time;
    return std::move(*this);
  }
  Outcome&& Settled() && {
    settled = true;
    return std::move(*this);
  }
  Outcome&& Absence() && {
    absence = true;
    return std::move(*this);
  }
  Outcome&& RecheckAt(Timestamp time) && {
    recheck = time;
    return std::move(*this);
  }

 private:
  static Outcome Make(Verdict verdict, Words message) {
    Outcome outcome;
    outcome.verdict = verdict;
    outcome.message = std::move(message);
    return outcome;
  }
};

// A number that a policy may change (spec.params).
struct Param {
  std::string_view name;  // "warnMiB"
  double value;
  std::string_view meaning;
};

// Field managers that the policy names (spec.managers), beside the built-in lists.
struct ManagerNames {
  std::vector<std::string> pipeline, interactive;
};

// What only the evaluator knows of the other workloads, since it depends on the policy.
class Peers {
 public:
  virtual ~Peers() = default;
  virtual Tier TierOf(const WorkloadRecord& record) const = 0;
  // Of the workloads of tier auxiliary, as far as it is known and people may set it; unset: there is none.
  virtual OptInt HighestAuxiliaryPriority() const = 0;
};

class Context;

struct Check {
  std::string_view id;
  std::string_view title;
  Section section;
  Severity severity;
  SubjectType subject;
  WorkloadClasses applies_to = {};  // for subject W; empty: every class
  bool penalty_only = false;        // P: gives no credit
  bool attestable = false;          // A
  int max_days = 0;                 // of an attestation
  // Read from status: has to hold for 10 minutes outside rollouts (CHECKLIST: "must hold 10 min").
  bool holds = false;
  // Holds for another time than 10 minutes.
  int hold_minutes = 10;

  // Documentation: `seaworthy checks ID`. All are required but `aged` and `traps`.
  std::string_view rule;    // what passes, warns, fails, is unknown and na
  std::string_view why;     // what happens to people who do not
  std::string_view fix;     // what to do
  std::string_view source;  // heading of the article, or the Kubernetes document
  std::string_view aged;    // where the article has aged, and what is meant today
  std::string_view traps;   // what it deliberately does not complain about

  // What an evaluation reads: a change of one of these kinds re-evaluates the check for the subjects that the object
  // belongs to.
  KindSet reads;
  // Without these the primary half is missing: the evaluator answers unknown by itself, after `applies`.
  KindSet needs;
  std::span<const Param> params = {};
  // How a workload of any namespace bears on the verdict of every subject (a node autoscaler, an exporter): 0, not at
  // all; else in which of several ways. When one comes or goes or the answer changes, the check is evaluated again
  // everywhere. Optional.
  std::uint8_t (*bears_on_all)(const Workload&) = nullptr;

  // The precondition: an empty answer means that it is there, else the reason for na. Optional.
  std::string_view (*applies)(const Context&) = nullptr;
  Outcome (*run)(const Context&) = nullptr;
  // A strategic-merge patch, as JSON, which mends what `run` finds on this subject; empty where none can be written
  // without knowing the application. Optional.
  std::string (*patch)(const Context&) = nullptr;
};

// What one evaluation of one check sees. Accessors note which kinds were read; tests hold that against `Check::reads`.
class Context {
 public:
  Context(const Snapshot& snapshot, WallTime now) : snapshot_(&snapshot), now_(now) {}

  // --- the subject: the accessor of its type only ---
  const Workload& workload() const { return *workload_->workload; }
  const WorkloadRecord& record() const { return *workload_; }
  const PodSpec& spec() const { return *workload_->workload->spec; }
  const NamespaceRecord& ns() const { return *namespace_; }
  const BudgetRecord& budget() const { return *budget_; }
  const NodeRecord& node() const { return *node_; }
  Tier tier() const { return tier_; }

  // --- time, mode, parameters ---
  WallTime now() const { return now_; }
  std::int64_t now_seconds() const {
    return std::chrono::duration_cast<std::chrono::seconds>(now_.time_since_epoch()).count();
  }
  bool offline() const { return snapshot_->offline(); }
  SourceState State(Kind kind) const { return Note(kind), snapshot_->State(kind); }
  bool Live(Kind kind) const { return State(kind) == SourceState::kLive; }
  double Param(std::string_view name) const;
  // The check that is being evaluated.
  const Check& check() const { return *check_; }
  // The containers whose findings of this check somebody answers for.
  bool IsWaived(const Container& container) const {
    for (const Text& name : waived_containers_) {
      if (name == container.name) return true;
    }
    return false;
  }
  // Whether a label `seaworthy.dev/role` of the workload counts (spec.allow.roles of the policy).
  bool AllowsRoles() const { return allow_roles_; }
  // The policy's; nullptr: it names none.
  const ManagerNames* Managers() const { return managers_; }

  // What several checks work out of one subject, by its type: `make` runs once a subject, and the kinds that it reads
  // are read by all who ask. It must not depend on the check (Param, IsWaived). Valid as long as the context is bound
  // to the subject.
  template <typename T, typename Make>
  const T& Once(Make&& make) const {
    for (const Kept& kept : kept_) {
      if (kept.key != &kKey<T>) continue;
      touched_ = touched_ | kept.reads;
      return *static_cast<const T*>(kept.value.get());
    }
    const KindSet before = std::exchange(touched_, {});
    auto value = std::make_shared<const T>(make());
    const T& result = *value;
    kept_.push_back({&kKey<T>, touched_, std::move(value)});
    touched_ = touched_ | before;
    return result;
  }

  // --- around a workload ---
  std::span<const Pod* const> Pods() const { return Note(Kind::kPod), std::span(workload_->pods); }
  // Pods of the current revision that are neither terminal nor terminating.
  const std::vector<const Pod*>& CurrentPods() const;
  std::span<const Workload* const> ReplicaSets() const {
    return Note(Kind::kReplicaSet), std::span(workload_->replica_sets);
  }
  std::span<const Workload* const> Jobs() const { return Note(Kind::kJob), std::span(workload_->jobs); }
  const SelectingList<Service>& Services() const { return Note(Kind::kService), workload_->services; }
  const SelectingList<PodDisruptionBudget>& Budgets() const {
    return Note(Kind::kPodDisruptionBudget), workload_->budgets;
  }
  const SelectingList<NetworkPolicy>& NetworkPolicies() const {
    return Note(Kind::kNetworkPolicy), workload_->policies;
  }
  std::span<const HorizontalPodAutoscaler* const> Autoscalers() const {
    return Note(Kind::kHorizontalPodAutoscaler), std::span(workload_->autoscalers);
  }
  // KEDA's ScaledObjects that target it.
  std::span<const Extension* const> ScaledObjects() const {
    return Note(Kind::kScaledObject), std::span(workload_->scaled_objects);
  }
  // What the watch has seen of the workload; nullptr: nothing yet, or a scan.
  const DeliveryEvidence* Delivery() const { return workload_->delivery ? &*workload_->delivery : nullptr; }
  const RestartEvidence* Restarts() const {
    return Note(Kind::kPod), workload_->restarts ? &*workload_->restarts : nullptr;
  }
  const SmokeTestEvidence* SmokeTest() const {
    return Note(Kind::kJob), workload_->smoke_test ? &*workload_->smoke_test : nullptr;
  }
  const AvailabilityEvidence* Availability() const { return Note(Kind::kPod), workload_->availability.get(); }
  // What its containers used, of the samples of metrics.k8s.io; nullptr: none yet.
  const UsageEvidence* Usage() const {
    return Note(Kind::kPodMetrics), workload_->usage ? &*workload_->usage : nullptr;
  }
  // What its logs look like, of the template that is; nullptr: not sampled yet.
  const LogEvidence* Logs() const {
    Note(Kind::kLogSample);
    return workload_->logs && workload_->logs->template_hash == workload_->workload->template_hash ? &*workload_->logs
                                                                                                   : nullptr;
  }
  // Behind at least one Service.
  bool Serving() const { return !Services().items.empty(); }
  // Workloads of any namespace that declare to depend on this one; and one that is named, nullptr when it is not there.
  std::span<const WorkloadRecord* const> Dependants() const {
    return NoteWorkloads(), Note(Kind::kHorizontalPodAutoscaler), Note(Kind::kScaledObject),
           std::span(workload_->dependants);
  }
  const WorkloadRecord* FindWorkload(const Text& ns, const Text& kind_name, const Text& name) const {
    return NoteWorkloads(), snapshot_->FindWorkload(ns, kind_name, name);
  }
  // Workloads that the budget or Service selects, this one included.
  std::span<WorkloadRecord* const> SelectedBy(const PodDisruptionBudget& budget) const;
  std::span<WorkloadRecord* const> SelectedBy(const Service& service) const;
  std::span<const EndpointSlice* const> SlicesOf(const Service& service) const;
  std::span<const Ingress* const> IngressesOf(const Service& service) const;
  std::span<const Extension* const> RoutesOf(const Service& service) const;  // HTTPRoutes, of any namespace
  // Behind a Service that an Ingress or an HTTPRoute names.
  bool BehindIngress() const;
  // What has its metrics scraped: through one of its Services, and by its pods' labels.
  const SelectingList<Extension>& MonitorsOf(const Service& service) const;
  const SelectingList<Extension>& PodMonitors() const {
    return Note(Kind::kPodMonitor), Note(Kind::kVmPodScrape), Note(Kind::kPodMonitoring),
           Note(Kind::kClusterPodMonitoring), workload_->pod_monitors;
  }
  // Its claims by name: those of volumes, and those that a StatefulSet makes from templates (found by their names).
  std::vector<const PersistentVolumeClaim*> Claims() const;

  // VulnerabilityReports about it: about its current ReplicaSet, its pods or Jobs where these are what is scanned.
  std::vector<const Extension*> VulnerabilityReports() const;

  // --- around a namespace; for a workload, of its namespace ---
  const NamespaceRecord& Namespace() const { return Note(Kind::kNamespace), *namespace_; }
  std::span<const LimitRange* const> LimitRanges() const {
    return Note(Kind::kLimitRange), std::span(namespace_->limit_ranges);
  }
  std::span<const ServiceAccount* const> ServiceAccounts() const {
    return Note(Kind::kServiceAccount), std::span(namespace_->service_accounts);
  }
  std::span<const RoleBinding* const> RoleBindings() const {
    return Note(Kind::kRoleBinding), std::span(namespace_->role_bindings);
  }
  std::span<const RoleBinding* const> ClusterRoleBindings() const {
    return Note(Kind::kClusterRoleBinding), snapshot_->ClusterRoleBindings();
  }
  std::span<WorkloadRecord* const> Workloads() const { return NoteWorkloads(), std::span(namespace_->workloads); }
  std::span<const Pod* const> BarePods() const { return Note(Kind::kPod), std::span(namespace_->bare_pods); }
  std::span<ServiceRecord* const> NamespaceServices() const {
    return Note(Kind::kService), std::span(namespace_->services);
  }
  std::span<const NetworkPolicy* const> NamespacePolicies() const {
    return Note(Kind::kNetworkPolicy), std::span(namespace_->policies);
  }
  std::span<const Ingress* const> NamespaceIngresses() const {
    return Note(Kind::kIngress), std::span(namespace_->ingresses);
  }
  std::span<BudgetRecord* const> NamespaceBudgets() const {
    return Note(Kind::kPodDisruptionBudget), std::span(namespace_->budgets);
  }
  std::span<const HorizontalPodAutoscaler* const> NamespaceAutoscalers() const {
    return Note(Kind::kHorizontalPodAutoscaler), std::span(namespace_->autoscalers);
  }
  std::span<const ResourceQuota* const> Quotas() const {
    return Note(Kind::kResourceQuota), std::span(namespace_->quotas);
  }
  // Services and workloads labelled as a maintenance page. A change of the label is noted as one of Services.
  std::span<const Object* const> MaintenancePages() const {
    return Note(Kind::kService), std::span(namespace_->maintenance_pages);
  }
  // A Service that an Ingress of the namespace or an HTTPRoute of it names; nullptr: there is none. A change of any
  // other Service of another namespace is not noted.
  const ServiceRecord* FindNamedService(std::string_view ns, std::string_view name) const;

  // Extensions of a kind in the namespace, and in the cluster.
  std::span<const Object* const> Here(Kind kind) const { return Note(kind), namespace_->Objects(kind); }
  std::span<const Object* const> Everywhere(Kind kind) const { return Note(kind), snapshot_->Objects(kind); }
  // See Snapshot::Grouped.
  std::span<const Object* const> Grouped(Kind kind, std::string_view group) const {
    return Note(kind), snapshot_->Grouped(kind, group);
  }
  static const Extension& AsExtension(const Object& object) { return static_cast<const Extension&>(object); }

  // --- the cluster ---
  // What is the same for all subjects (cluster_facts.h); the kinds that it rests on are read.
  template <typename T>
  const T& Fact() const {
    T::kRestsOn.ForEach([this](Kind kind) { Note(kind); });
    return snapshot_->Fact<T>();
  }
  std::span<const AlertMention> AlertsNaming(const Text& value) const {
    return Note(Kind::kPrometheusRule), Note(Kind::kVmRule), snapshot_->AlertsNaming(value);
  }
  std::span<const AlertMention> AlertPatterns() const {
    return Note(Kind::kPrometheusRule), Note(Kind::kVmRule), snapshot_->AlertPatterns();
  }
  std::span<const Extension* const> ProbesOf(const Text& host) const {
    return Note(Kind::kProbe), Note(Kind::kVmProbe), Note(Kind::kEndpointMonitor), snapshot_->ProbesOf(host);
  }
  // Labels of the namespace in which a monitor, probe or rule stands, by which Prometheus objects choose among them;
  // nullptr: not known. A change of these is noted as one of Prometheus objects.
  const Labels* LabelsAround(const Object& object) const;
  std::span<NamespaceRecord* const> Namespaces() const { return Note(Kind::kNamespace), snapshot_->Namespaces(); }
  std::span<NodeRecord* const> Nodes() const { return Note(Kind::kNode), snapshot_->Nodes(); }
  const NodeRecord* FindNode(const Text& name) const { return Note(Kind::kNode), snapshot_->FindNode(name); }
  const EligibleNodes& Eligible() const { return Note(Kind::kNode), snapshot_->Eligible(*workload_->workload->spec); }
  const WorkloadRecord* WorkloadOf(const Pod& pod) const { return snapshot_->WorkloadOf(pod); }
  // Who runs on the node; a change of that is a reason to look again at the workload that asks.
  std::span<const Pod* const> PodsOn(const NodeRecord& node) const;
  // Copies of a workload in all namespaces, itself included.
  std::span<WorkloadRecord* const> Alike(const WorkloadRecord& record) const {
    return NoteWorkloads(), snapshot_->Alike(record);
  }
  std::span<WorkloadRecord* const> DaemonSets() const { return Note(Kind::kDaemonSet), snapshot_->DaemonSets(); }
  const PersistentVolume* FindVolume(const Text& name) const {
    return Note(Kind::kPersistentVolume), snapshot_->FindVolume(name);
  }
  const StorageClass* FindStorageClass(const Text& name) const {
    return Note(Kind::kStorageClass), snapshot_->FindStorageClass(name);
  }
  std::span<const StorageClass* const> StorageClasses() const {
    return Note(Kind::kStorageClass), snapshot_->StorageClasses();
  }
  const PriorityClass* FindPriorityClass(const Text& name) const {
    return Note(Kind::kPriorityClass), snapshot_->FindPriorityClass(name);
  }
  // What new pods of the workload get; unset: its class is not known.
  OptInt Priority() const;

  // --- other workloads, as the policy sees them ---
  Tier TierOf(const WorkloadRecord& record) const {
    return Note(Kind::kNamespace), peers_ == nullptr ? Tier::kStandard : peers_->TierOf(record);
  }
  OptInt HighestAuxiliaryPriority() const {
    return Note(Kind::kPriorityClass), peers_ == nullptr ? OptInt() : peers_->HighestAuxiliaryPriority();
  }

  // --- for the evaluator ---
  Context& Of(const WorkloadRecord& record, Tier tier);
  Context& Of(const NamespaceRecord& record);
  Context& Of(const BudgetRecord& record, const NamespaceRecord& ns);
  Context& Of(const NodeRecord& record);
  Context& Use(const Check& check, std::span<const double> overrides);
  Context& Waive(std::span<const Text> containers) { return waived_containers_ = containers, *this; }
  Context& AllowRoles(bool allow) { return allow_roles_ = allow, *this; }
  Context& Among(const Peers* peers) { return peers_ = peers, *this; }
  Context& UseManagers(const ManagerNames* names) { return managers_ = names, *this; }
  KindSet touched() const { return touched_; }
  void ClearTouched() { touched_ = {}; }

 private:
  template <typename T>
  static constexpr char kKey = 0;
  struct Kept {
    const void* key;
    KindSet reads;
    std::shared_ptr<const void> value;
  };

  void Note(Kind kind) const { touched_.Add(kind); }
  void NoteWorkloads() const;

  const Snapshot* snapshot_;
  WallTime now_;
  const WorkloadRecord* workload_ = nullptr;
  const NamespaceRecord* namespace_ = nullptr;
  const BudgetRecord* budget_ = nullptr;
  const NodeRecord* node_ = nullptr;
  Tier tier_ = Tier::kStandard;
  const Check* check_ = nullptr;
  std::span<const double> overrides_;
  std::span<const Text> waived_containers_;
  bool allow_roles_ = false;
  const ManagerNames* managers_ = nullptr;
  const Peers* peers_ = nullptr;
  mutable KindSet touched_;
  mutable std::vector<Kept> kept_;  // see Once
};

}  // namespace seaworthy
