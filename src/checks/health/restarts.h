// What can be said about how often a container restarted, from what its status proves and what the watch saw.
#pragma once

#include <cstdint>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

// The restarts of one container of one pod. Known ones have a time; of the unseen ones only the span is known in which
// they lie.
struct RestartHistory {
  std::vector<Timestamp> known;  // newest first
  std::int64_t unseen = 0;
  Timestamp earliest_unseen, latest_unseen;  // the pod's creation; the oldest known one, or the start of the watch
};
RestartHistory HistoryOf(const Pod& pod, const ContainerStatus& status, const RestartEvidence* evidence);

// "At least `count` restarts since `cutoff`": certainly, possibly or not.
struct RestartRule {
  std::int64_t count;
  std::int64_t window_seconds;
};
struct RestartAnswer {
  enum class Truth : std::uint8_t { kNo, kPossible, kYes } truth = Truth::kNo;
  Timestamp changes_at;  // when time alone makes less of it; unset for kNo
};
RestartAnswer Decide(const RestartHistory& history, const RestartRule& rule, std::int64_t now_seconds);

}  // namespace seaworthy::checks
