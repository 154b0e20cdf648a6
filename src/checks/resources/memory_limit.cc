#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) { return DemandAmount(context, ResourceField::kLimitsMemory); }

}  // namespace

constinit const Check kMemoryLimit = {
    .id = "memory-limit",
    .title = "Every container has a memory limit",
    .section = Section::kResources,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when every container has an effective memory limit, fails otherwise, unknown when a quantity cannot "
        "be read. The limit counts wherever it comes from: the container, spec.resources of the pod, or a LimitRange "
        "of the namespace. Where pods of the current revision run, their spec is judged, injected sidecars included. "
        "Native sidecars are containers; init containers that end are not asked. 0 is none.",
    .why =
        "A leak in a container without a limit takes the node's memory, and the kernel then kills whatever is "
        "largest, or the kubelet evicts neighbours that did nothing wrong.",
    .fix = "Set resources.limits.memory; equal to the request where the container must never be evicted for memory.",
    .source = "F. Resources: requests and limits sensible, neither too low nor too high",
    .traps =
        "A default from a LimitRange shows on the pods and not on the template: it counts. Whether the limit is too "
        "low is judged by limits-not-too-low.",
    .reads = {Kind::kPod, Kind::kLimitRange},
    .run = Run,
};

}  // namespace seaworthy::checks
