// What people declare of a workload's capacity, from its annotations:
//   seaworthy.dev/expected-concurrency: "500"      requests at a time, by all replicas together
//   seaworthy.dev/worker-slots: "100"              of one replica
//   seaworthy.dev/memory-per-slot: 8Mi             seaworthy.dev/base-memory: 64Mi
//   seaworthy.dev/depends-on: "StatefulSet/db=20, data/Cluster/orders=5"   connections of one replica to it
//   seaworthy.dev/max-connections: "200"           seaworthy.dev/expected-data-size: 40Gi   of a datastore
#pragma once

#include <memory>

#include "seaworthy/workload.h"

namespace seaworthy::cache {

// nullptr where none is there.
std::unique_ptr<const Capacity> CapacityOf(const Labels& annotations, TextPool& pool);

}  // namespace seaworthy::cache
