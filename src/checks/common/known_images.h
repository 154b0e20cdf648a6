// Workloads that are known by their image.
#pragma once

#include <span>
#include <string>

#include "checks/common/monitoring_images.h"
#include "seaworthy/check.h"

namespace seaworthy::checks {

// The entry that a main container's image matches; nullptr: none does. A workload at 0 on purpose is none.
const KnownImage* FindKnownImage(const Workload& workload, std::span<const KnownImage> images);

// It runs one of the images, or is labelled with one of the names (app.kubernetes.io/name of its pods).
bool IsKnown(const Workload& workload, std::span<const KnownImage> images, std::span<const std::string_view> names);

// At least one of its pods is available, and of a DaemonSet all but one or 5 %.
bool IsAvailable(const Workload& workload);

// "DaemonSet logging/fluent-bit"
std::string NameOf(const WorkloadRecord& record);

// An agent on the nodes that reads metrics of workloads without an object for each: what it reads is not seen. The
// first by namespace and name, of those that find workloads by themselves, else of those that do so where they are
// configured. Kinds: kDaemonSet.
struct SeenAgent {
  const WorkloadRecord* record = nullptr;
  const MetricsAgent* agent = nullptr;
  // "DaemonSet datadog/datadog is the Datadog agent"
  std::string ToString() const;
};
SeenAgent FindMetricsAgent(const Context& context);

}  // namespace seaworthy::checks
