// Is a workload in motion: rolling out, scaling, or younger than 10 minutes? Verdicts read from its status wait until
// it has settled.
#pragma once

#include <cstdint>

#include "seaworthy/snapshot.h"

namespace seaworthy::score {

struct Motion {
  // The end of its first 10 minutes; 0: they are over, or nobody knows its age.
  std::int64_t young_until = 0;
  bool rolling = false;
  // Since when it rolls out, where an object says so (the current ReplicaSet's creation); else unset: since it was
  // first seen.
  Timestamp since;
  // How long a rollout may last before status is judged all the same: max(10 min, progressDeadline).
  std::int64_t limit_seconds = 600;
};

Motion MotionOf(const WorkloadRecord& record, std::int64_t now_seconds);

}  // namespace seaworthy::score
