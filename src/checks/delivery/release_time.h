// When the revision that runs now was released.
#pragma once

#include "seaworthy/check.h"

namespace seaworthy::checks {

// The begin of its rollout: the creation of a Deployment's current ReplicaSet, else of the oldest pod of the current revision; the change of the
// template where that was seen and is later. Before any of these, the workload's creation. Kinds: kReplicaSet, kPod.
Timestamp ReleasedAt(const Context& context);

}  // namespace seaworthy::checks
