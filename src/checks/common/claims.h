// The claims of a workload: what it keeps when its pods go.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct ClaimUse {
  // "claim data", "claims of template data": for messages, the same however many replicas there are.
  std::string what;
  Text name;                                     // empty for a template of which no claim has been made
  Text volume;                                   // what the pod calls it
  const PersistentVolumeClaim* claim = nullptr;  // nullptr: not there, or not among the files of a scan
  const ClaimTemplate* made_from = nullptr;      // a StatefulSet's
};

// Whether its pods mount any: for preconditions. Generic ephemeral volumes go with their pod and are none.
bool HasClaims(const Context& context);
inline constexpr std::string_view kNoClaims = "it mounts no claims";

// In the order of names; of a template without claims one that stands for them. Kinds: kPersistentVolumeClaim, and kPod
// for other controllers'.
std::vector<ClaimUse> ClaimsUsed(const Context& context);

struct ClaimClass {
  Text name;  // empty: none was wanted, the volume is bound by hand; or it is not known which is the default
  const StorageClass* object = nullptr;
  bool by_default = false;  // neither claim nor template names one
};
// As the admission plugin fills it in: of several defaults the youngest. Kinds: kStorageClass.
ClaimClass ClassOf(const Context& context, const ClaimUse& use);

// Why what it keeps can be made anew from elsewhere, so that nobody has to back it up; empty: it cannot. Says
// annotation seaworthy.dev/data, or, without one, the images that mount it: caches, search indexes and time series.
std::string_view Rebuildable(const Context& context);

// Not applicable where the workload says that it makes the backups of another one (seaworthy.dev/backup-of): a backup
// of its claim would be a backup of backups.
inline constexpr std::string_view kBackupOf = "seaworthy.dev/backup-of";
std::optional<Outcome> HoldsBackups(const Context& context);

}  // namespace seaworthy::checks
