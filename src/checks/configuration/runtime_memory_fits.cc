#include <cstdint>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"
#include "checks/common/findings.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"maxPercent", 90, "share of the memory limit that a runtime may take for itself"}};

std::string_view Applies(const Context& context) {
  for (const Container& container : context.spec().containers) {
    if (!container.runtime_memory.empty()) return "";
  }
  return "no memory bound of a language runtime is set";
}

// What bounds the container's memory: of pods that run with different limits, the lowest.
EffectiveAmount MemoryLimit(const Context& context, const Container& container) {
  if (!container.is_running_long()) {
    return EffectiveAmountOf(context, {&context.spec(), &container, false}, ResourceField::kLimitsMemory);
  }
  EffectiveAmount lowest;
  for (const MeasuredContainer& judged : MeasuredContainers(context)) {
    if (judged.container->name != container.name) continue;
    const EffectiveAmount amount = EffectiveAmountOf(context, judged, ResourceField::kLimitsMemory);
    if (amount.invalid) return amount;
    if (amount.value.has_value() && (!lowest.value.has_value() || *amount.value < *lowest.value)) lowest = amount;
  }
  return lowest;
}

std::string Size(std::int64_t bytes) {
  constexpr std::int64_t kMi = 1024 * 1024;
  return bytes >= kMi ? std::to_string(bytes / kMi) + "Mi" : std::to_string(bytes) + " bytes";
}

Outcome Run(const Context& context) {
  Findings findings(context);
  const double max_percent = context.Param("maxPercent");
  const std::string wanted = std::to_string(static_cast<std::int64_t>(max_percent)) + "%";
  bool judged = false;
  for (const Container& container : context.spec().containers) {
    for (const RuntimeMemory& bound : container.runtime_memory) {
      if (bound.percent_x100 > 0) {
        judged = true;
        if (bound.percent_x100 > max_percent * 100) {
          findings.Add(Verdict::kFail, context.workload(), container, "",
                       bound.where.str() + " takes more than " + wanted + " of the container's memory");
        }
        continue;
      }
      const EffectiveAmount limit = MemoryLimit(context, container);
      if (bound.unresolved && (limit.invalid || limit.value.has_value())) {
        judged = true;
        findings.Add(Verdict::kUnknown, context.workload(), container, "",
                     bound.where.str() +
                         " is set to what the manifest does not show: write it out, or as a share "
                         "(MaxRAMPercentage), to have it compared");
        continue;
      }
      if (limit.invalid) {
        judged = true;
        findings.Add(Verdict::kUnknown, context.workload(), container, "resources.limits.memory",
                     "the memory limit does not parse");
        continue;
      }
      if (!limit.value.has_value()) continue;
      judged = true;
      if (static_cast<double>(bound.bytes) * 100 > static_cast<double>(*limit.value) * max_percent) {
        findings.Add(Verdict::kFail, context.workload(), container, "",
                     bound.where.str() + " of " + Size(bound.bytes) + " is more than " + wanted +
                         " of the memory limit of " + Size(*limit.value));
      }
    }
  }
  if (!judged) return Outcome::Na("no memory limit to compare the runtime's bound with");
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kRuntimeMemoryFits = {
    .id = "runtime-memory-fits",
    .title = "The runtime's memory bound leaves room under the memory limit",
    .section = Section::kConfiguration,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Compares -Xmx, MaxRAMPercentage, GOMEMLIMIT and --max-old-space-size in env and args with the container's "
        "effective memory limit (container, pod, running pod, LimitRange). More than 90 % fails. $(VAR) is expanded as "
        "Kubernetes does it, a resourceFieldRef of the container's own memory included. Unknown where the limit does "
        "not parse, and where the bound comes from a ConfigMap, a Secret or a shell. Not applicable where no such "
        "bound is set, or an absolute one without a memory limit.",
    .why =
        "A runtime uses more than its heap: thread stacks, metaspace, buffers, the native part. When heap and "
        "limit are the same, the kernel kills the process before the runtime's own collector or error handling "
        "gets a chance.",
    .fix =
        "Leave at least 10 %, for the JVM rather 25 %, between the bound and the memory limit: use "
        "MaxRAMPercentage=75 instead of -Xmx, or raise the limit.",
    .source = "I. Configuration: workers, runtimes, databases sized to the traffic",
    .traps =
        "Exactly 90 % passes. A bound without a memory limit is memory-limit's question. Options that come from a "
        "ConfigMap or Secret as a whole (JAVA_OPTS) are not seen.",
    .reads = {Kind::kPod, Kind::kLimitRange},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
