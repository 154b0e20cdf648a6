// Pods that end by themselves and are not started again: a chart's test, a tool, a runner. They are no workloads.
#pragma once

#include "seaworthy/objects.h"

namespace seaworthy::cache {

inline bool RunsOnce(const Pod& pod) {
  return pod.spec != nullptr && !pod.spec->restart_policy.empty() && pod.spec->restart_policy != "Always";
}

}  // namespace seaworthy::cache
