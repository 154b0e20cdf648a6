// What only the watch can see: facts that no object carries, kept beside a workload and written into its WorkloadAudit.
// Filled by cache::World as events pass; a gap in the watch voids what it spans.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "seaworthy/object.h"

namespace seaworthy {

// Who changed the pod template last, as far as it was seen: the managedFields entry that moved when the template's hash
// did.
struct DeliveryEvidence {
  Text manager;
  Text subresource;
  bool apply = false;  // operation Apply, else Update
  Timestamp time;      // of that entry
  std::uint64_t template_hash = 0;  // what the template became: evidence about another template is void
  bool operator==(const DeliveryEvidence&) const = default;
};

// Restarts that were seen to happen.
struct RestartEvidence {
  // One container of one pod. The five newest times decide every rule, so no more are kept.
  static constexpr std::size_t kKept = 5;
  struct Series {
    Uid pod;
    Text container;
    std::vector<Timestamp> times;  // oldest first, at most kKept
    // Every restart after this is in `times` (or was, before kKept newer ones).
    Timestamp complete_since{};
    bool operator==(const Series&) const = default;
  };
  // What ended a container or pod that is gone, or was restarted since: the statuses no longer show it. The newest of each kind, container
  // and revision.
  static constexpr std::size_t kKeptIncidents = 16;
  struct Incident {
    enum class What : std::uint8_t { kOutOfMemory, kStorageEviction } what = What::kOutOfMemory;
    Text container;  // empty: the pod as a whole
    Text revision;   // of the pod
    Timestamp time;
    bool operator==(const Incident&) const = default;
  };
  std::vector<Incident> incidents;
  std::vector<Series> series;  // in no order that a reader may rely on
  // Since when the workload's pods have been watched without a gap: a container without a series has not restarted after this.
  Timestamp watched_since;
  bool operator==(const RestartEvidence&) const = default;
};

}  // namespace seaworthy
