// How many pods a rollout may take away and add, as the workload's controller computes it.
#pragma once

#include <cstdint>

#include "seaworthy/workload.h"

namespace seaworthy {

struct Fenceposts {
  std::int64_t surge = 0, unavailable = 0;
  bool invalid = false;  // a field is neither a number nor a percentage
};
// Of `replicas` pods (a DaemonSet's desired ones).
//   Deployment (util.ResolveFenceposts): defaults 25 %; surge rounds up, unavailable down; both 0 gives unavailable 1.
//   StatefulSet: no surge; unavailable defaults to 1, rounds down and is at least 1.
//   DaemonSet (util.SurgeCount, util.UnavailableCount): unavailable defaults to 1, surge to 0; both round up; both 0
//   gives unavailable 1.
// Unavailable is never more than `replicas`. REQUIRES: one of these classes.
Fenceposts ResolveFenceposts(const Workload& workload, std::int64_t replicas);

}  // namespace seaworthy
