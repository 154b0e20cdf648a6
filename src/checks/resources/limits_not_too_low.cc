#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"
#include "checks/common/facts_named.h"
#include "checks/common/findings.h"
#include "checks/common/incidents.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"memoryMiB", 32, "a memory limit below this warns, in MiB"},
    {"cpuMilli", 20, "a CPU limit below this warns, in thousandths of a CPU"},
    {"hours", 24, "how long a container that was killed for memory fails the check"},
    {"throttledPercent", 25, "of its CPU periods of the last hour throttled warn (with the Prometheus source)"},
};
constexpr std::int64_t kMiB = 1024 * 1024;

struct Limits {
  MeasuredContainer measured;
  EffectiveAmount memory, cpu;
  bool any() const { return memory.value.value_or(0) > 0 || cpu.value.value_or(0) > 0; }
};

std::vector<Limits> LimitsOf(const Context& context) {
  std::vector<Limits> limits;
  for (const MeasuredContainer& measured : MeasuredContainers(context)) {
    limits.push_back({measured, EffectiveAmountOf(context, measured, ResourceField::kLimitsMemory),
                      EffectiveAmountOf(context, measured, ResourceField::kLimitsCpu)});
  }
  return limits;
}

std::string_view Applies(const Context& context) {
  const std::vector<Limits> limits = LimitsOf(context);
  return std::any_of(limits.begin(), limits.end(), [](const Limits& one) { return one.any(); })
             ? ""
             : "no container has a memory or CPU limit";
}

// Of the current pods the one that is throttled most; 0: none is, or nobody knows.
std::int64_t ThrottledPercent(const Context& context, const Text& container) {
  std::int64_t worst = 0;
  for (const Pod* pod : context.CurrentPods()) {
    const Extension* throttling = FindNamed(context.Here(Kind::kContainerThrottling), pod->meta.name);
    if (throttling == nullptr) continue;
    for (const Extension::Fact* fact : throttling->All("containers[].name")) {
      if (fact->value != container) continue;
      std::int64_t percent = 0;
      const std::string_view text = throttling->Beside(*fact, "containers[].percent");
      std::from_chars(text.data(), text.data() + text.size(), percent);
      worst = std::max(worst, percent);
    }
  }
  return worst;
}

// What is said of the half that Prometheus would show; empty where it does, or is not asked at all.
std::string Unseen(const Context& context, const std::vector<Limits>& limits) {
  if (context.offline()) return "whether containers are killed for memory is seen in a cluster only";
  if (std::none_of(limits.begin(), limits.end(), [](const Limits& one) { return one.cpu.value.value_or(0) > 0; }))
    return {};
  switch (context.State(Kind::kContainerThrottling)) {
    case SourceState::kLive:
      if (FindNamed(context.Here(Kind::kContainerThrottling), ".") != nullptr) return {};
      return "CPU throttling is not seen: Prometheus has no container_cpu_cfs_periods_total of the namespace";
    case SourceState::kOff: return {};
    default: return "CPU throttling is not seen: Prometheus (--prometheus-url) does not answer";
  }
}

Outcome Run(const Context& context) {
  Findings findings(context);
  const auto seconds = static_cast<std::int64_t>(context.Param("hours") * 3600);
  const std::vector<Incident> killed = RecentIncidents(context, RestartEvidence::Incident::What::kOutOfMemory, seconds);
  const std::vector<Limits> limits = LimitsOf(context);
  for (const Incident& incident : killed) {
    const auto own = std::find_if(limits.begin(), limits.end(), [&](const Limits& one) {
      return one.measured.container->name == incident.container;
    });
    // One that ends, one that is gone from the template, or one that the node killed for its own lack.
    if (own == limits.end() || own->memory.value.value_or(0) <= 0) continue;
    findings.Add(
        Verdict::kFail, context.workload(), *own->measured.container, FieldPath(ResourceField::kLimitsMemory),
        "killed for exceeding its memory limit (OOMKilled) within the last " + std::to_string(seconds / 3600) + " h");
  }
  const auto least_memory = static_cast<std::int64_t>(context.Param("memoryMiB")) * kMiB;
  const auto least_cpu = static_cast<std::int64_t>(context.Param("cpuMilli"));
  for (const Limits& one : limits) {
    const std::int64_t memory = one.memory.value.value_or(0), cpu = one.cpu.value.value_or(0);
    if (memory > 0 && memory < least_memory) {
      findings.Add(Verdict::kWarn, context.workload(), *one.measured.container, FieldPath(ResourceField::kLimitsMemory),
                   "its memory limit is below " + std::to_string(least_memory / kMiB) + " Mi");
    }
    if (cpu > 0 && cpu < least_cpu) {
      findings.Add(Verdict::kWarn, context.workload(), *one.measured.container, FieldPath(ResourceField::kLimitsCpu),
                   "its CPU limit is below " + std::to_string(least_cpu) + "m");
    }
    if (cpu > 0 && static_cast<double>(ThrottledPercent(context, one.measured.container->name)) >=
                       context.Param("throttledPercent")) {
      findings.Add(Verdict::kWarn, context.workload(), *one.measured.container, FieldPath(ResourceField::kLimitsCpu),
                   "throttled by its CPU limit in more than " +
                       std::to_string(static_cast<std::int64_t>(context.Param("throttledPercent"))) +
                       " % of its periods in the last hour");
    }
  }
  return std::move(findings).Finish(Outcome::Pass(Unseen(context, limits))).RecheckAt(ForgottenAt(killed, seconds));
}

}  // namespace

constinit const Check kLimitsNotTooLow = {
    .id = "limits-not-too-low",
    .title = "Limits leave room to work",
    .section = Section::kResources,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "Fails when a container of the current revision was killed for memory (OOMKilled) within 24 hours, as statuses "
        "show it or the watch has seen it. Warns when a memory limit is below 32 Mi or a CPU limit below 20m, and with "
        "the Prometheus source when more than 25 % of a container's CPU periods of the last hour were throttled. Not "
        "applicable where no container has a limit; in a scan the numbers alone are judged.",
    .why =
        "A container that reaches its memory limit is killed in the middle of its work, and again after the restart. "
        "Below some tens of MiB or a fiftieth of a CPU runtimes do not even start in time.",
    .fix =
        "Raise limits.memory above the peak that is seen, or bound the runtime's heap below the limit "
        "(runtime-memory-fits).",
    .source = "F. Resources: requests and limits sensible, neither too low nor too high",
    .traps =
        "A new revision starts afresh. A child process that is killed while the first one goes on shows in no status. "
        "Eviction when a node runs short of memory is another thing than a limit, and is not counted. What was killed "
        "while nobody watched and whose pod is gone is not known. A start that is throttled for minutes is not an "
        "hour's throttling.",
    .reads = {Kind::kPod, Kind::kLimitRange, Kind::kContainerThrottling},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
