// When the revision that runs now was released.
#pragma once

#include "seaworthy/check.h"

namespace seaworthy::checks {

// The begin of its rollout: the last change of the template that was seen, or the creation of a Deployment's current
// ReplicaSet, whichever is later. Where there is neither, the creation of the oldest pod of the current revision, and
// of the workload where none runs: the release was then or earlier, since pods are replaced. Kinds: kReplicaSet, kPod.
struct Released {
  Timestamp at;
  bool at_most = false;  // it may have been earlier
};
Released ReleasedAt(const Context& context);

}  // namespace seaworthy::checks
