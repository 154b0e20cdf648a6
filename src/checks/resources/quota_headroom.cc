#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"
#include "checks/common/findings.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"percent", 90, "of a quota's hard amount: more in use fails"},
    {"least", 10, "counts of objects below this are not judged: of a handful the last one is a decision"},
};

std::string_view Applies(const Context& context) {
  if (!Usable(context, Kind::kResourceQuota)) return "";  // Run says why it is not known
  return context.Quotas().empty() ? "no ResourceQuota in this namespace" : "";
}

// CPU, memory, storage: amounts, where a share can be told. The others count objects.
bool IsAmount(std::string_view resource) {
  for (std::string_view part : {"cpu", "memory", "storage"}) {
    if (resource.ends_with(part)) return true;
  }
  return false;
}

// One more pod, in the milli-units that quotas are kept in.
struct PodCost {
  std::int64_t request_cpu = 0, request_memory = 0, limit_cpu = 0, limit_memory = 0;
};

std::int64_t Sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}
std::int64_t Milli(std::int64_t units) {
  std::int64_t milli = 0;
  return __builtin_mul_overflow(units, std::int64_t{1000}, &milli) ? INT64_MAX : milli;
}

// A pod's limit of one resource as resourcehelper.PodLimits has it: the pod level, else the containers' sum or, where
// that is more, an init container's; with the overhead where there is a limit at all.
std::int64_t LimitOf(const PodSpec& spec, OptInt ResourceAmounts::* amount, OptInt by_default) {
  if ((spec.resources->limits.*amount).has_value()) return *(spec.resources->limits.*amount);
  std::int64_t sum = 0, highest = 0;
  for (const Container& container : spec.containers) {
    OptInt own = container.resources->limits.*amount;
    if (!own.has_value()) own = by_default;
    if (container.is_running_long()) {
      sum = Sum(sum, own.value_or(0));
    } else {
      highest = std::max(highest, Sum(sum, own.value_or(0)));
    }
  }
  const std::int64_t most = std::max(sum, highest);
  return most == 0 ? 0 : Sum(most, ((*spec.overhead).*amount).value_or(0));
}

// As the quota's pod evaluator counts it, after admission has filled in LimitRange's defaults.
PodCost CostOf(const Context& context, const PodSpec& spec) {
  const auto by_default = [&](ResourceField field) { return LimitRangeDefault(context.LimitRanges(), field); };
  const PodRequest request = RequestOfNewPod(context, spec);
  PodCost cost;
  cost.request_cpu = request.cpu_milli;
  cost.request_memory = Milli(request.memory_bytes);
  cost.limit_cpu = LimitOf(spec, &ResourceAmounts::cpu_milli, by_default(ResourceField::kLimitsCpu));
  cost.limit_memory = Milli(LimitOf(spec, &ResourceAmounts::memory_bytes, by_default(ResourceField::kLimitsMemory)));
  return cost;
}

std::int64_t CostIn(std::string_view resource, const PodCost& cost) {
  if (resource == "requests.cpu" || resource == "cpu") return cost.request_cpu;
  if (resource == "requests.memory" || resource == "memory") return cost.request_memory;
  if (resource == "limits.cpu") return cost.limit_cpu;
  if (resource == "limits.memory") return cost.limit_memory;
  return resource == "pods" || resource == "count/pods" ? 1000 : 0;
}

// A rollout that may not take a pod away first needs room for one more.
bool NeedsSurge(const Workload& workload) {
  if (workload.workload_class != WorkloadClass::kDeployment || workload.spec == nullptr || workload.paused)
    return false;
  if (workload.strategy == StrategyType::kRecreate) return false;
  const std::int64_t replicas = workload.replicas.value_or(1);
  if (replicas <= 0) return false;
  constexpr IntOrPercent kDefault{IntOrPercent::Form::kPercent, 25};
  const IntOrPercent& unavailable = workload.max_unavailable.set() ? workload.max_unavailable : kDefault;
  const IntOrPercent& surge = workload.max_surge.set() ? workload.max_surge : kDefault;
  return unavailable.Of(replicas, /*round_up=*/false) == 0 && surge.Of(replicas, /*round_up=*/true) > 0;
}

void JudgeUse(const Context& context, const ResourceQuota& quota, Findings& findings) {
  const double percent = context.Param("percent");
  const auto least = static_cast<std::int64_t>(context.Param("least")) * 1000;
  for (const ResourceQuota::Amount& amount : quota.amounts) {
    // A hard 0 forbids; it is not used up.
    if (amount.hard <= 0 || (!IsAmount(amount.resource) && amount.hard < least)) continue;
    if (static_cast<double>(amount.used) * 100 <= static_cast<double>(amount.hard) * percent) continue;
    findings.Add(Verdict::kFail, {},
                 "ResourceQuota " + quota.meta.name.str() + ": more than " + std::to_string(static_cast<int>(percent)) +
                     " % of " + amount.resource.str() + " is in use");
  }
}

void JudgeSurge(const Context& context, const ResourceQuota& quota, Findings& findings) {
  if (quota.scoped) return;  // which pods it counts is not told here
  for (const WorkloadRecord* record : context.Workloads()) {
    if (!NeedsSurge(*record->workload)) continue;
    const PodCost cost = CostOf(context, *record->workload->spec);
    for (const ResourceQuota::Amount& amount : quota.amounts) {
      const std::int64_t own = CostIn(amount.resource, cost);
      if (amount.hard <= 0 || own == 0 || own <= amount.hard - amount.used) continue;
      findings.Add(Verdict::kFail, {},
                   "ResourceQuota " + quota.meta.name.str() + ": a rollout of Deployment " +
                       record->workload->meta.name.str() + " needs one more pod, and " + amount.resource.str() +
                       " does not suffice for it");
      break;
    }
  }
}

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = Missing(context, Kind::kResourceQuota)) return *std::move(missing);
  Findings findings(context);
  for (const ResourceQuota* quota : context.Quotas()) {
    JudgeUse(context, *quota, findings);
    JudgeSurge(context, *quota, findings);
  }
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kQuotaHeadroom = {
    .id = "quota-headroom",
    .title = "The quota leaves room for a rollout",
    .section = Section::kResources,
    .severity = Severity::kMedium,
    .subject = SubjectType::kNamespace,
    .holds = true,
    .rule =
        "Fails when for 10 minutes more than 90 % of an amount of a ResourceQuota has been in use, or when the pod "
        "that a Deployment's rollout adds before it may take one away (maxUnavailable resolves to 0) does not fit. Not "
        "applicable without a ResourceQuota; unknown in a scan, which has no use.",
    .why =
        "At the quota the API server refuses pods: rollouts stand still, autoscalers do not scale, and a pod that was "
        "evicted does not come back.",
    .fix =
        "Raise the quota, lower requests that are not used, or let rollouts take a pod away first (maxUnavailable: 1).",
    .source = "F. Resources: requests and limits sensible, neither too low nor too high",
    .traps =
        "A hard amount of 0 forbids something and is not judged, nor are counts of objects below 10. Quotas with "
        "scopes are judged by their use alone. Requests that a LimitRange would give are counted.",
    .reads = {Kind::kResourceQuota, Kind::kLimitRange, Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet,
              Kind::kCronJob, Kind::kReplicaSet},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
