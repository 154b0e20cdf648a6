// The tier of a workload: how much it counts in averages, and what is asked of it.
#pragma once

#include "seaworthy/check.h"
#include "seaworthy/snapshot.h"

namespace seaworthy::score {

// Label `seaworthy.dev/tier` of the namespace; system namespaces (kube-*) are exempt whatever they say.
Tier TierOf(const NamespaceRecord& ns);

}  // namespace seaworthy::score
