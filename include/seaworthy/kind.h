// The kinds of objects that Seaworthy watches: one enum, one table. Adding a kind starts here; `tests/repo` names what else it needs.
#pragma once

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
  // Our own.
  kWorkloadAudit,
  kNamespaceAudit,
  kClusterAudit,
  kCount,
};
inline constexpr std::size_t kKindCount = static_cast<std::size_t>(Kind::kCount);

struct KindInfo {
  Kind kind;
  std::string_view name;      // "Deployment", as in a manifest
  std::string_view group;     // "" is the core group
  std::string_view versions;  // those our decoder understands, preferred first, comma separated
  std::string_view resource;  // "deployments", as in a URL
  bool namespaced;
  // A required kind must have synced before the operator is ready; the absence of an optional one only makes checks unknown.
  bool required;
};

// Indexed by Kind.
std::span<const KindInfo, kKindCount> KindTable();
const KindInfo& Info(Kind kind);
// `api_version` as in a manifest ("apps/v1"); nullopt for a kind or a group or version that is not ours.
std::optional<Kind> FindKind(std::string_view api_version, std::string_view name);

// A set of kinds as a bit mask, usable in constant expressions: `.reads = {Kind::kPod, Kind::kService}`.
class KindSet {
 public:
  constexpr KindSet() = default;
  constexpr KindSet(std::initializer_list<Kind> kinds) {
    for (Kind kind : kinds) Add(kind);
  }
  constexpr void Add(Kind kind) { bits_ |= Bit(kind); }
  constexpr bool Has(Kind kind) const { return (bits_ & Bit(kind)) != 0; }
  constexpr bool Intersects(KindSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool Contains(KindSet other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr KindSet operator|(KindSet other) const { return FromBits(bits_ | other.bits_); }
  constexpr KindSet Without(KindSet other) const { return FromBits(bits_ & ~other.bits_); }
  constexpr bool operator==(const KindSet&) const = default;
  static constexpr KindSet All() { return FromBits((std::uint64_t{1} << kKindCount) - 1); }

 private:
  static constexpr std::uint64_t Bit(Kind kind) { return std::uint64_t{1} << static_cast<unsigned>(kind); }
  static constexpr KindSet FromBits(std::uint64_t bits) {
    KindSet set;
    set.bits_ = bits;
    return set;
  }
  std::uint64_t bits_ = 0;
};
static_assert(kKindCount < 64, "KindSet is one word");

}  // namespace seaworthy
