// The kinds of objects that Seaworthy watches: one enum, one table. Adding a kind starts here; `tests/repo` names what
// else it needs.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace seaworthy {

enum class Kind : std::uint8_t {
  // Workloads.
  kDeployment,
  kStatefulSet,
  kDaemonSet,
  kCronJob,
  kJob,
  kReplicaSet,
  kPod,
  // What they run on and in.
  kNode,
  kNamespace,
  kService,
  kEndpointSlice,
  kIngress,
  kNetworkPolicy,
  kPodDisruptionBudget,
  kHorizontalPodAutoscaler,
  kPersistentVolumeClaim,
  kPersistentVolume,
  kStorageClass,
  kServiceAccount,
  kRoleBinding,
  kClusterRoleBinding,
  kLimitRange,
  kResourceQuota,
  kPriorityClass,
  // The platform's own.
  kValidatingWebhookConfiguration,
  kMutatingWebhookConfiguration,
  kApiService,
  kConfigMap,  // switched off by default: only names and labels are kept
  // Networking.
  kHttpRoute,
  kGateway,
  kTraefikMiddleware,
  kCiliumNetworkPolicy,
  kCiliumClusterwideNetworkPolicy,
  kCalicoNetworkPolicy,
  kCalicoGlobalNetworkPolicy,
  kAdminNetworkPolicy,
  kBaselineAdminNetworkPolicy,
  kClusterNetworkPolicy,
  kCertificate,
  // Delivery.
  kRollout,
  kAnalysisRun,
  kApplication,
  kCanary,
  kHelmRelease,
  kKustomization,
  // Scaling.
  kScaledObject,
  kVerticalPodAutoscaler,
  // Images.
  kVulnerabilityReport,
  // Backups.
  kVeleroSchedule,
  kVeleroBackup,
  kK8upSchedule,
  kK8upBackup,
  kVolumeSnapshot,
  kSnapshotSchedule,
  kReplicationSource,
  kKastenPolicy,
  kLonghornRecurringJob,
  kLonghornVolume,
  kCnpgScheduledBackup,
  kCnpgBackup,
  // Monitoring.
  kServiceMonitor,
  kPodMonitor,
  kProbe,
  kPrometheusRule,
  kPrometheus,
  kPrometheusAgent,
  kThanosRuler,
  kVmServiceScrape,
  kVmPodScrape,
  kVmRule,
  kVmProbe,
  kPodMonitoring,
  kClusterPodMonitoring,
  kEndpointMonitor,
  kGrafanaDashboard,
  // Asked for now and then instead of watched.
  kPodMetrics,
  // What GET /version says: one object of no namespace.
  kServerVersion,
  // What other servers say (wiring/sources), as facts in a group that no API server has. Prometheus:
  kContainerThrottling,  // named by pod; "." says that Prometheus has these series for the namespace
  kVolumeStats,          // named by claim
  kScrapeTarget,         // named by pod
  kAlertDelivery,        // one object, "prometheus"
  // Container registries, named by the digest that runs.
  kImageConfig,
  // Logs of pods, named "Deployment/web".
  kLogSample,
  // What people say (policy.h).
  kAuditPolicy,
  kAttestation,
  kClusterAttestation,
  kWaiver,
  kClusterWaiver,
  // Our own.
  kWorkloadAudit,
  kNamespaceAudit,
  kClusterAudit,
  kOpenReport,  // those of openreports.io that we wrote
  kCount,
};
inline constexpr std::size_t kKindCount = static_cast<std::size_t>(Kind::kCount);

// Whom a change of an object of a kind may concern: which subjects are looked at again.
enum class Reach : std::uint8_t {
  kIndexed,    // the World knows exactly (its links, world_*.cc)
  kNamespace,  // the workloads and the namespace that it is in
  kCluster,    // everybody: objects that speak about other namespaces, or about none
  kNobody,     // our own reports
};

// How the objects of a kind become known.
enum class Feed : std::uint8_t {
  kWatch,
  kPoll,    // listed once a minute: the API serves no watch
  kTold,    // the watchers ask for it for their own sake: never discovered, never watched
  kSource,  // told by a source of ours that is off unless a flag switches it on: never discovered, never watched
};

struct KindInfo {
  Kind kind;
  std::string_view name;      // "Deployment", as in a manifest
  std::string_view group;     // "" is the core group
  std::string_view versions;  // those our decoder understands, preferred first, comma separated
  std::string_view resource;  // "deployments", as in a URL
  bool namespaced;
  // A required kind must have synced before the operator is ready; the absence of an optional one only makes checks
  // unknown.
  bool required;
  Reach reach = Reach::kIndexed;
  Feed feed = Feed::kWatch;
  std::string_view label_selector = {};  // only the objects that it selects are asked for; as in a URL, not yet encoded
};

// Objects of these are readings: they are added to what is known of a workload when they come and are not kept
// (cache/world_usage.cc).
constexpr bool IsReading(Kind kind) { return kind == Kind::kPodMetrics || kind == Kind::kLogSample; }

// Indexed by Kind.
std::span<const KindInfo, kKindCount> KindTable();
const KindInfo& Info(Kind kind);
// Of a kind of Feed::kSource: who tells it, "Prometheus", and the flag that switches it on, "--prometheus-url". Empty
// for other kinds.
struct SourceWords {
  std::string_view name, flag;
};
SourceWords SourceOf(Kind kind);
// `api_version` as in a manifest ("apps/v1"); nullopt for a kind or a group or version that is not ours.
std::optional<Kind> FindKind(std::string_view api_version, std::string_view name);

// A set of kinds as a bit mask, usable in constant expressions: `.reads = {Kind::kPod, Kind::kService}`.
class KindSet {
 public:
  constexpr KindSet() = default;
  constexpr KindSet(std::initializer_list<Kind> kinds) {
    for (Kind kind : kinds) Add(kind);
  }
  constexpr void Add(Kind kind) { words_[Word(kind)] |= Bit(kind); }
  constexpr bool Has(Kind kind) const { return (words_[Word(kind)] & Bit(kind)) != 0; }
  constexpr bool Intersects(KindSet other) const {
    return (words_[0] & other.words_[0]) != 0 || (words_[1] & other.words_[1]) != 0;
  }
  constexpr bool Contains(KindSet other) const {
    return (other.words_[0] & ~words_[0]) == 0 && (other.words_[1] & ~words_[1]) == 0;
  }
  constexpr bool empty() const { return words_[0] == 0 && words_[1] == 0; }
  // In the order of their numbers.
  template <typename Fn>
  constexpr void ForEach(Fn&& fn) const {
    for (std::size_t word = 0; word < 2; ++word) {
      for (std::uint64_t left = words_[word]; left != 0; left &= left - 1)
        fn(static_cast<Kind>(word * 64 + static_cast<std::size_t>(std::countr_zero(left))));
    }
  }
  constexpr KindSet operator|(KindSet other) const {
    return FromWords(words_[0] | other.words_[0], words_[1] | other.words_[1]);
  }
  constexpr KindSet Without(KindSet other) const {
    return FromWords(words_[0] & ~other.words_[0], words_[1] & ~other.words_[1]);
  }
  constexpr bool operator==(const KindSet&) const = default;
  static constexpr KindSet All() {
    KindSet all;
    for (std::size_t i = 0; i < kKindCount; ++i) all.Add(static_cast<Kind>(i));
    return all;
  }

 private:
  static constexpr std::size_t Word(Kind kind) { return static_cast<std::size_t>(kind) / 64; }
  static constexpr std::uint64_t Bit(Kind kind) { return std::uint64_t{1} << (static_cast<unsigned>(kind) % 64); }
  static constexpr KindSet FromWords(std::uint64_t low, std::uint64_t high) {
    KindSet set;
    set.words_[0] = low;
    set.words_[1] = high;
    return set;
  }
  std::uint64_t words_[2] = {0, 0};
};
static_assert(kKindCount <= 128, "KindSet is two words");

}  // namespace seaworthy
