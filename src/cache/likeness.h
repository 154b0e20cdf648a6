// Which workloads are copies of each other: somebody applied the same file to several namespaces and changed a few
// values by hand.
#pragma once

#include <cstdint>

#include "seaworthy/workload.h"

namespace seaworthy::cache {

// Of kind, name and template; equal for workloads that differ in nothing but namespace, labels, image tags,
// environment, replicas and resources. 0 for what a controller makes from something else. Values that are not kept
// (arguments, commands) do not count.
std::uint64_t LikenessOf(const Workload& workload);

}  // namespace seaworthy::cache
