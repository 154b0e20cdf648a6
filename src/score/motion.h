// Is a workload in motion: rolling out, scaling, or younger than 10 minutes? Verdicts read from its status wait until it has settled.
#pragma once

#include "seaworthy/snapshot.h"

namespace seaworthy::score {

struct Motion {
  bool moving = false;
  // Since when, where an object says so (the current ReplicaSet's creation, the workload's own); else unset: since it was first seen.
  Timestamp since;
  // How long it may last before status is judged all the same: max(10 min, progressDeadline).
  std::int64_t limit_seconds = 600;
};

Motion MotionOf(const WorkloadRecord& record, std::int64_t now_seconds);

}  // namespace seaworthy::score
