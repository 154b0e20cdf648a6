#include <string>

#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"
#include "checks/common/findings.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  Findings findings(context);
  bool any = false;
  for (const MeasuredContainer& measured : MeasuredContainers(context)) {
    const EffectiveAmount limit = EffectiveAmountOf(context, measured, ResourceField::kLimitsMemory);
    const EffectiveAmount request = EffectiveAmountOf(context, measured, ResourceField::kRequestsMemory);
    if (limit.invalid || request.invalid || limit.value.value_or(0) <= 0) continue;
    any = true;
    if (request.value.value_or(0) >= *limit.value) continue;
    findings.Add(Verdict::kWarn, context.workload(), *measured.container, FieldPath(ResourceField::kRequestsMemory),
                 "its memory request is below its limit");
  }
  if (!any) return Outcome::Na("no container has a memory limit");
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kMemoryRequestEqualsLimit = {
    .id = "memory-request-equals-limit",
    .title = "Memory requests equal limits",
    .section = Section::kResources,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .rule =
        "Warns where a container's effective memory request is below its effective memory limit; shown, not scored. "
        "Not applicable where no container has a memory limit.",
    .why =
        "Memory cannot be throttled. What a container takes above its request is nobody's: when the node runs short of "
        "it, the kubelet evicts those first that exceed their requests.",
    .fix =
        "Set requests.memory to limits.memory for what must not be evicted; leave the gap to batch work and what may "
        "wait.",
    .source = "F. Resources: requests and limits sensible, neither too low nor too high",
    .traps =
        "A limit alone is the request too. A gap is a decision, not an error, wherever the node's memory is known to "
        "suffice: hence only information.",
    .reads = {Kind::kPod, Kind::kLimitRange},
    .run = Run,
};

}  // namespace seaworthy::checks
