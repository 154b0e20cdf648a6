// What only the watch can see: facts that no object carries, kept beside a workload and written into its WorkloadAudit.
// Filled by cache::World as events pass; a gap in the watch voids what it spans.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "seaworthy/object.h"
#include "seaworthy/usage.h"

namespace seaworthy {

// Who changed the pod template last, as far as it was seen: the managedFields entry that moved when the template's hash
// did.
struct DeliveryEvidence {
  Text manager;
  Text subresource;
  bool apply = false;               // operation Apply, else Update
  Timestamp time;                   // of that entry
  std::uint64_t template_hash = 0;  // what the template became: evidence about another template is void
  bool restart = false;             // `kubectl rollout restart`: the pods are replaced, what they run is the same
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
  // What ended a container or pod that is gone, or was restarted since: the statuses no longer show it. The newest of
  // each kind, container and revision.
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
  // Since when the workload's pods have been watched without a gap: a container without a series has not restarted
  // after this.
  Timestamp watched_since;
  bool operator==(const RestartEvidence&) const = default;
};

// The newest Job labelled as a smoke test of the workload that ended: such Jobs are often gone a minute later.
struct SmokeTestEvidence {
  Text job;
  Timestamp ended;
  bool passed = false;
  bool operator==(const SmokeTestEvidence&) const = default;
};

// How many of a workload's pods could serve while it was rolled out.
struct RolloutEvidence {
  Text revision;  // as its controller calls it: "14", "db-5c9d7f"
  Timestamp started;
  Timestamp ended;            // unset: it goes on, or its end was not seen
  std::int32_t at_start = 0;  // ready when it began
  std::int32_t desired = 0;
  std::int32_t unavailable = 0;  // so many may be gone at a time, by its strategy
  std::int32_t lowest = 0;       // fewest that were seen
  Timestamp lowest_at;
  bool endpoints = false;      // ready endpoints of its Services were counted, else ready pods
  std::vector<Text> services;  // those that selected it when it began; while it goes on

  // What a rollout has to leave: never none.
  std::int32_t Floor() const { return std::max(1, std::min(at_start, desired) - unavailable); }
  bool Fell() const { return lowest < Floor(); }
  bool operator==(const RolloutEvidence&) const = default;
};

// A ready pod went away outside rollouts and scale-downs.
struct PodLoss {
  Timestamp lost;
  Timestamp replaced;       // as many were ready as before; unset: not yet
  std::int32_t others = 0;  // fewest that were ready until then
  std::int32_t wanted = 0;  // ready again when so many are
  std::int64_t allowed_seconds = 0;
  bool sure = true;  // false: its controller may not want as many any more

  bool Overdue(std::int64_t now_seconds) const {
    return !replaced.set() && now_seconds > lost.seconds + allowed_seconds;
  }
  // What became of it is known: to be judged, and to be kept. Not at once: pods and workloads are told on streams of
  // their own, and a scale-down or a rollout may be heard of a moment after the pod that it takes away.
  static constexpr std::int64_t kSettleSeconds = 5;
  bool Decided(std::int64_t now_seconds) const {
    return now_seconds >= lost.seconds + kSettleSeconds &&
           (replaced.set() || (sure && (others == 0 || Overdue(now_seconds))));
  }
  bool operator==(const PodLoss&) const = default;
};

struct AvailabilityEvidence {
  static constexpr std::size_t kLosses = 10, kStops = 20;
  std::optional<RolloutEvidence> last;     // the newest that was seen to its end, or to fall
  std::optional<RolloutEvidence> current;  // goes on
  std::vector<PodLoss> losses;             // oldest first
  // How containers ended that were asked to, oldest first, a letter each.
  static constexpr char kClean = 'c', kError = 'e', kKilled = 'k';
  std::string stops;
  bool operator==(const AvailabilityEvidence&) const = default;
};

// What a sample of the pods' logs looked like, taken once a rollout. No line is kept, only how many there were and of
// which form.
struct LogEvidence {
  struct Container {
    Text name;
    std::int32_t lines = 0;       // that were not blank
    std::int32_t structured = 0;  // of these: JSON objects or logfmt
    bool operator==(const Container&) const = default;
  };
  std::uint64_t template_hash = 0;  // whose pods wrote them: a sample of another template is void
  std::vector<Container> containers;
  bool operator==(const LogEvidence&) const = default;
};

}  // namespace seaworthy
