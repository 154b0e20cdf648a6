#include <cmath>
#include <cstdint>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"days", 1, "with samples before anything is said (at most 7)"},
    {"wasteDays", 7, "with samples before a request is called too large (at most 7)"},
    {"wasteFactor", 4, "times the p95 of usage: a request above it is too large"},
    {"wasteCpuMilli", 100, "CPU requests up to this are never too large"},
    {"wasteMemoryMiB", 128, "memory requests up to this are never too large"},
};

constexpr std::int64_t kMiB = 1024 * 1024;

std::string Memory(double bytes) { return std::to_string(std::llround(bytes / static_cast<double>(kMiB))) + "Mi"; }
std::string Cpu(double milli) { return std::to_string(std::llround(milli)) + "m"; }

// An autoscaler on CPU utilisation adds pods until usage is the share of the request that it was told: the request is
// then what people steer by, and usage follows it.
bool IsScaledByUtilization(const Context& context, const Container& container) {
  for (const HorizontalPodAutoscaler* autoscaler : context.Autoscalers()) {
    for (const HpaMetric& metric : autoscaler->metrics) {
      if (metric.resource == "cpu" && metric.utilization &&
          (metric.container.empty() || metric.container == container.name))
        return true;
    }
  }
  return false;
}

struct Judged {
  const UsageEvidence::Series* series = nullptr;
  EffectiveAmount memory_request, memory_limit, cpu_request;
};

Judged JudgedOf(const Context& context, const UsageEvidence* usage, const MeasuredContainer& measured) {
  return {usage == nullptr ? nullptr : usage->Find(measured.container->name),
          EffectiveAmountOf(context, measured, ResourceField::kRequestsMemory),
          EffectiveAmountOf(context, measured, ResourceField::kLimitsMemory),
          EffectiveAmountOf(context, measured, ResourceField::kRequestsCpu)};
}

bool IsSampled(const Context& context, const UsageEvidence::Series* series) {
  return series != nullptr && series->shown.days >= context.Param("days");
}

// More than half of it was never used, whatever the peak.
bool IsWasted(const Context& context, const DecayingHistogram& histogram, int p95, int top, OptInt request,
              double floor) {
  if (p95 < 0 || static_cast<double>(request.value_or(0)) <= floor) return false;
  const auto amount = static_cast<double>(*request);
  return histogram.UpTo(p95) * context.Param("wasteFactor") < amount && histogram.UpTo(top) * 2 < amount;
}

bool ExceedsRequest(const Judged& judged) {
  const auto& [series, request, limit, cpu] = judged;
  return series->shown.memory_p95 >= 0 && request.value.value_or(0) > 0 &&
         series->memory.Above(series->shown.memory_p95) >= static_cast<double>(*request.value);
}

Outcome Run(const Context& context) {
  // Without an answer yet, what was sampled before a restart still says what it said.
  if (const SourceState state = context.State(Kind::kPodMetrics);
      state != SourceState::kPending && state != SourceState::kLive) {
    Outcome missing = *Missing(context, Kind::kPodMetrics);
    if (state == SourceState::kAbsent)
      missing.message = "the cluster does not serve metrics.k8s.io: install metrics-server";
    return missing;
  }
  const UsageEvidence* usage = context.Usage();
  Findings findings(context);
  for (const MeasuredContainer& measured : MeasuredContainers(context)) {
    const Container& container = *measured.container;
    const Judged judged = JudgedOf(context, usage, measured);
    const std::string suffix = measured.injected ? " (injected: not in the template)" : "";
    if (!IsSampled(context, judged.series)) {
      findings.Add(Verdict::kUnknown, context.workload(), container, "resources",
                   "less than a day of samples of this image" + suffix);
      continue;
    }
    const UsageEvidence::Series& series = *judged.series;
    const UsageEvidence::Shown& shown = series.shown;
    if (shown.rising && judged.memory_limit.value.value_or(0) > 0) {
      findings.Add(Verdict::kFail, context.workload(), container, "resources.limits.memory",
                   "its memory is above 95 % of the limit " + Memory(static_cast<double>(*judged.memory_limit.value)) +
                       " and has risen for hours" + suffix);
      continue;
    }
    if (ExceedsRequest(judged)) {
      findings.Add(Verdict::kWarn, context.workload(), container, "resources.requests.memory",
                   "the memory request " + Memory(static_cast<double>(*judged.memory_request.value)) +
                       " is less than it uses: p95 of the samples is " + Memory(series.memory.UpTo(shown.memory_p95)) +
                       suffix);
    }
    if (shown.days < context.Param("wasteDays")) continue;
    const std::string times =
        std::to_string(std::llround(context.Param("wasteFactor"))) + " times what it uses: p95 of the samples is ";
    if (IsWasted(context, series.memory, shown.memory_p95, shown.memory_top, judged.memory_request.value,
                 context.Param("wasteMemoryMiB") * static_cast<double>(kMiB))) {
      findings.Add(Verdict::kWarn, context.workload(), container, "resources.requests.memory",
                   "the memory request " + Memory(static_cast<double>(*judged.memory_request.value)) +
                       " is more than " + times + Memory(series.memory.UpTo(shown.memory_p95)) + suffix);
    }
    if (IsWasted(context, series.cpu, shown.cpu_p95, shown.cpu_top, judged.cpu_request.value,
                 context.Param("wasteCpuMilli")) &&
        !IsScaledByUtilization(context, container)) {
      findings.Add(Verdict::kWarn, context.workload(), container, "resources.requests.cpu",
                   "the CPU request " + Cpu(static_cast<double>(*judged.cpu_request.value)) + " is more than " + times +
                       Cpu(series.cpu.UpTo(shown.cpu_p95)) + suffix);
    }
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kNotObserved;
  return outcome;
}

// A request that is exceeded is raised to what is used, as far as the limit allows it.
std::string MakePatch(const Context& context) {
  Patch patch(context.workload());
  const UsageEvidence* usage = context.Usage();
  if (usage == nullptr) return {};
  for (const MeasuredContainer& measured : MeasuredContainers(context)) {
    const Judged judged = JudgedOf(context, usage, measured);
    if (measured.injected || !IsSampled(context, judged.series) || judged.series->shown.rising ||
        !ExceedsRequest(judged))
      continue;
    const double wanted = judged.series->memory.UpTo(judged.series->shown.memory_p95);
    const bool fits =
        !judged.memory_limit.value.has_value() || wanted <= static_cast<double>(*judged.memory_limit.value);
    if (!fits) return {};
    patch.Container(*measured.container, "\"resources\":{\"requests\":{\"memory\":\"" +
                                             std::to_string(static_cast<std::int64_t>(std::ceil(wanted / kMiB))) +
                                             "Mi\"}}");
  }
  return patch.Build();
}

}  // namespace

constinit const Check kRequestsMatchUsage = {
    .id = "requests-match-usage",
    .title = "Requests fit what the containers use",
    .section = Section::kResources,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .rule =
        "Samples metrics.k8s.io once a minute into a histogram per container that forgets with a half-life of three "
        "days, kept in the WorkloadAudit. Warns when the p95 of memory is above the request, and when after 7 days of "
        "samples a request is more than 4 times the p95 (above 100m or 128 MiB). Fails when memory is above 95 % of "
        "the limit and has risen for hours. Passes otherwise. Unknown under a day of samples of the image that runs, "
        "in a scan, and while the cluster does not serve metrics.k8s.io.",
    .why =
        "The scheduler packs nodes by requests. One that is too low puts the pod where its memory is not, and it is "
        "the first to be evicted; one that is too high reserves machines that nobody uses. Memory that climbs towards "
        "the limit ends in an OOM kill.",
    .fix =
        "Set the memory request to about the p95 that the finding names, with some room; look for a leak where memory "
        "only rises; lower a request that is never used.",
    .source = "F. Resources: requests and limits sensible, neither too low nor too high",
    .traps =
        "One sample is no evidence: nothing is said within a day. Batch peaks count: a request of which some sample "
        "used half is not too large. The CPU request that an autoscaler's utilisation refers to is not called too "
        "large. Memory is the working set, page cache included, and a heap touched at the start stands near the limit "
        "without rising. A new image begins anew. Figures are of buckets a tenth wide.",
    .reads = {Kind::kPodMetrics, Kind::kPod, Kind::kLimitRange, Kind::kHorizontalPodAutoscaler},
    .params = kParams,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
