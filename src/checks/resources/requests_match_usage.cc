#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// What the samples say of one container, or of all containers of a pod together; bounds of the histograms' buckets.
struct Used {
  double above = 0, p95 = 0, top = 0;
  bool known = true;

  void Add(const Used& other) {
    above += other.above;
    p95 += other.p95;
    top += other.top;
    known = known && other.known;
  }
};

Used UsedOf(const DecayingHistogram& histogram, int p95, int top) {
  if (p95 < 0) return {.known = false};
  return {histogram.Above(p95), histogram.UpTo(p95), histogram.UpTo(top), true};
}
Used MemoryOf(const UsageEvidence::Series& series) {
  return UsedOf(series.memory, series.shown.memory_p95, series.shown.memory_top);
}
Used CpuOf(const UsageEvidence::Series& series) {
  return UsedOf(series.cpu, series.shown.cpu_p95, series.shown.cpu_top);
}

// Usage beside the requests that it is held against: of one container, or of a whole pod.
struct Compared {
  Used memory, cpu;
  OptInt memory_request, cpu_request;
  double days = 7;  // of samples
};

// nullptr: it has not been sampled long enough.
const UsageEvidence::Series* SeriesOf(const Context& context, const UsageEvidence* usage, const Container& container) {
  const UsageEvidence::Series* series = usage == nullptr ? nullptr : usage->Find(container.name);
  return series != nullptr && series->shown.days >= context.Param("days") ? series : nullptr;
}

// A container's own request, or a LimitRange's; one that is the pod's is held against the whole pod.
OptInt OwnRequest(const Context& context, const MeasuredContainer& measured, ResourceField field) {
  const EffectiveAmount amount = EffectiveAmountOf(context, measured, field);
  return amount.origin == AmountOrigin::kPod ? OptInt() : amount.value;
}

Compared Compare(const Context& context, const MeasuredContainer& measured, const UsageEvidence::Series& series) {
  const bool scaled = IsScaledByUtilization(context, *measured.container);
  return {MemoryOf(series), CpuOf(series), OwnRequest(context, measured, ResourceField::kRequestsMemory),
          scaled ? OptInt() : OwnRequest(context, measured, ResourceField::kRequestsCpu),
          static_cast<double>(series.shown.days)};
}

// Requests that are the pod's, where some container goes by them; each spec's once.
struct PodRequests {
  const PodSpec* spec = nullptr;
  OptInt memory, cpu;
};

std::vector<PodRequests> RequestsOfPods(const Context& context) {
  std::vector<PodRequests> all;
  for (const MeasuredContainer& measured : MeasuredContainers(context)) {
    const EffectiveAmount memory = EffectiveAmountOf(context, measured, ResourceField::kRequestsMemory);
    const EffectiveAmount cpu = EffectiveAmountOf(context, measured, ResourceField::kRequestsCpu);
    if (memory.origin != AmountOrigin::kPod && cpu.origin != AmountOrigin::kPod) continue;
    auto known = std::find_if(all.begin(), all.end(), [&](const PodRequests& requests) {
      return requests.spec->resources == measured.spec->resources;
    });
    if (known == all.end()) known = all.insert(all.end(), PodRequests{measured.spec, {}, {}});
    if (memory.origin == AmountOrigin::kPod) known->memory = memory.value;
    if (cpu.origin == AmountOrigin::kPod) known->cpu = cpu.value;
  }
  return all;
}

// nullopt: one of the containers has not been sampled long enough, which is said of it.
std::optional<Compared> Compare(const Context& context, const PodRequests& pod, const UsageEvidence* usage) {
  Compared compared{.memory_request = pod.memory, .cpu_request = pod.cpu};
  for (const Container& container : pod.spec->containers) {
    if (!container.is_running_long()) continue;
    const UsageEvidence::Series* series = SeriesOf(context, usage, container);
    if (series == nullptr) return std::nullopt;
    compared.memory.Add(MemoryOf(*series));
    compared.cpu.Add(CpuOf(*series));
    compared.days = std::min<double>(compared.days, series->shown.days);
    if (IsScaledByUtilization(context, container)) compared.cpu_request = {};
  }
  return compared;
}

// More than half of it was never used, whatever the peak.
bool IsWasted(const Context& context, const Used& used, OptInt request, double floor) {
  if (!used.known || static_cast<double>(request.value_or(0)) <= floor) return false;
  const auto amount = static_cast<double>(*request);
  return used.p95 * context.Param("wasteFactor") < amount && used.top * 2 < amount;
}

bool Exceeds(const Used& used, OptInt request) {
  return used.known && request.value_or(0) > 0 && used.above >= static_cast<double>(*request);
}

// Calls warn(field, text) for what is wrong. `whose` is "" or " of the pod"; `says` names the usage: "it uses: p95 of
// the samples is".
template <typename Warn>
void JudgeRequests(const Context& context, const Compared& compared, const std::string& whose, const std::string& says,
                   Warn warn) {
  const auto& [memory, cpu, memory_request, cpu_request, days] = compared;
  if (Exceeds(memory, memory_request)) {
    warn("resources.requests.memory", "the memory request" + whose + " " +
                                          Memory(static_cast<double>(*memory_request)) + " is less than " + says + " " +
                                          Memory(memory.p95));
  }
  if (days < context.Param("wasteDays")) return;
  const std::string times =
      " is more than " + std::to_string(std::llround(context.Param("wasteFactor"))) + " times what " + says + " ";
  if (IsWasted(context, memory, memory_request, context.Param("wasteMemoryMiB") * static_cast<double>(kMiB))) {
    warn("resources.requests.memory", "the memory request" + whose + " " +
                                          Memory(static_cast<double>(*memory_request)) + times + Memory(memory.p95));
  }
  if (IsWasted(context, cpu, cpu_request, context.Param("wasteCpuMilli"))) {
    warn("resources.requests.cpu",
         "the CPU request" + whose + " " + Cpu(static_cast<double>(*cpu_request)) + times + Cpu(cpu.p95));
  }
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
    const std::string suffix = measured.injected ? " (injected: not in the template)" : "";
    const UsageEvidence::Series* series = SeriesOf(context, usage, container);
    if (series == nullptr) {
      findings.Add(Verdict::kUnknown, context.workload(), container, "resources",
                   "less than a day of samples of this image" + suffix);
      continue;
    }
    const EffectiveAmount limit = EffectiveAmountOf(context, measured, ResourceField::kLimitsMemory);
    if (series->shown.rising && limit.value.value_or(0) > 0) {
      findings.Add(Verdict::kFail, context.workload(), container, "resources.limits.memory",
                   "its memory is above 95 % of the limit " + Memory(static_cast<double>(*limit.value)) +
                       " and has risen for hours" + suffix);
      continue;
    }
    JudgeRequests(context, Compare(context, measured, *series), "", "it uses: p95 of the samples is",
                  [&](std::string_view field, const std::string& what) {
                    findings.Add(Verdict::kWarn, context.workload(), container, field, what + suffix);
                  });
  }
  for (const PodRequests& pod : RequestsOfPods(context)) {
    const std::optional<Compared> compared = Compare(context, pod, usage);
    if (!compared) continue;
    JudgeRequests(context, *compared, " of the pod", "its containers use: p95 of their samples, added up, is",
                  [&](std::string_view field, const std::string& what) {
                    findings.Add(Verdict::kWarn,
                                 std::string(TemplatePath(context.workload())) + "." + std::string(field), what);
                  });
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kNotObserved;
  return outcome;
}

// `"resources":...` that raises the memory request to what is used; empty where the limit does not allow it.
std::string RaisedTo(double wanted, OptInt limit) {
  if (limit.has_value() && wanted > static_cast<double>(*limit)) return {};
  return "\"resources\":{\"requests\":{\"memory\":\"" +
         std::to_string(static_cast<std::int64_t>(std::ceil(wanted / static_cast<double>(kMiB)))) + "Mi\"}}";
}

// A request that is exceeded is raised to what is used, as far as the limit allows it.
std::string MakePatch(const Context& context) {
  Patch patch(context.workload());
  const UsageEvidence* usage = context.Usage();
  if (usage == nullptr) return {};
  for (const MeasuredContainer& measured : MeasuredContainers(context)) {
    const UsageEvidence::Series* series = SeriesOf(context, usage, *measured.container);
    if (measured.injected || series == nullptr || series->shown.rising) continue;
    const Compared compared = Compare(context, measured, *series);
    if (!Exceeds(compared.memory, compared.memory_request)) continue;
    const std::string raised =
        RaisedTo(compared.memory.p95, EffectiveAmountOf(context, measured, ResourceField::kLimitsMemory).value);
    if (raised.empty()) return {};
    patch.Container(*measured.container, raised);
  }
  for (const PodRequests& pod : RequestsOfPods(context)) {
    const std::optional<Compared> compared = Compare(context, pod, usage);
    if (!compared || !Exceeds(compared->memory, compared->memory_request)) continue;
    const std::string raised = RaisedTo(compared->memory.p95, pod.spec->resources->limits.memory_bytes);
    if (raised.empty()) return {};
    patch.PodSpec(raised);
    break;  // one template, one request
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
        "the limit and has risen for hours. Passes otherwise. A request that is the pod's (spec.resources) is compared "
        "once, with what its containers use together. Unknown under a day of samples of the image that runs, in a "
        "scan, and while the cluster does not serve metrics.k8s.io.",
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
        "without rising. A new image begins anew. Figures are of buckets a tenth wide. Of a pod's request "
        "the containers' p95 are added up, as if their peaks came at once. Whether memory rises towards the limit is "
        "asked of containers with a limit of their own.",
    .reads = {Kind::kPodMetrics, Kind::kPod, Kind::kLimitRange, Kind::kHorizontalPodAutoscaler},
    .params = kParams,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
