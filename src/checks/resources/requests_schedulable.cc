#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"
#include "checks/common/node_autoscaler.h"
#include "checks/common/paths.h"
#include "checks/common/replicas.h"
#include "checks/common/scheduling.h"

namespace seaworthy::checks {
namespace {

bool Exceeds(std::int64_t wanted, std::int64_t there) { return wanted > 0 && wanted > there; }

// Saturating: amounts come from strangers.
std::int64_t Sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

// What the DaemonSets take on this node, those that the pod does not belong to.
PodRequest DaemonSetsOn(const Context& context, const Node& node) {
  PodRequest total;
  for (const WorkloadRecord* record : context.DaemonSets()) {
    const Workload& daemon_set = *record->workload;
    if (&daemon_set == &context.workload() || daemon_set.spec == nullptr || !MayRunOn(*daemon_set.spec, node)) continue;
    const PodRequest own = EffectiveRequest(*daemon_set.spec);
    total.cpu_milli = Sum(total.cpu_milli, own.cpu_milli);
    total.memory_bytes = Sum(total.memory_bytes, own.memory_bytes);
  }
  return total;
}

struct Extended {
  Text name;
  std::int64_t amount;
};

std::vector<Extended> ExtendedOf(const PodSpec& spec) {
  std::vector<Extended> wanted;
  for (const Container& container : spec.containers) {
    if (!container.is_running_long()) continue;
    const auto& own = container.resources.requests.extended.empty() ? container.resources.limits.extended
                                                                    : container.resources.requests.extended;
    for (const ResourceAmounts::Extended& extended : own) {
      const auto known =
          std::find_if(wanted.begin(), wanted.end(), [&](const Extended& e) { return e.name == extended.name; });
      if (known == wanted.end()) {
        wanted.push_back({extended.name, extended.amount});
      } else {
        known->amount = Sum(known->amount, extended.amount);
      }
    }
  }
  return wanted;
}

const Extended* FirstLacking(const std::vector<Extended>& wanted, const Node& node) {
  for (const Extended& extended : wanted) {
    const auto offer = std::find_if(node.allocatable.extended.begin(), node.allocatable.extended.end(),
                                    [&](const ResourceAmounts::Extended& e) { return e.name == extended.name; });
    if (Exceeds(extended.amount, offer == node.allocatable.extended.end() ? 0 : offer->amount)) return &extended;
  }
  return nullptr;
}

bool RunsAlready(const Context& context) {
  const auto pods = context.Pods();
  if (context.workload().workload_class == WorkloadClass::kCronJob) {
    return std::any_of(pods.begin(), pods.end(), [](const Pod* pod) { return !pod->node.empty(); });
  }
  const std::vector<const Pod*> current = context.CurrentPods();
  return std::any_of(current.begin(), current.end(), [](const Pod* pod) { return !pod->node.empty(); });
}

Outcome DoesNotFit(const Context& context, std::string why) {
  const std::string autoscaler = NodeAutoscalerSeen(context);
  if (!autoscaler.empty()) {
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            why + "; a node autoscaler may add one that does (" + autoscaler + ")");
  }
  return Outcome::Fail(std::move(why)).At(std::string(TemplatePath(context.workload())));
}

Outcome Run(const Context& context) {
  if (RunsAlready(context)) return Outcome::Pass();
  const PodSpec& spec = context.spec();
  const PodRequest request = RequestOfNewPod(context, context.spec());
  if (request.invalid)
    return Outcome::Unknown(UnknownCause::kUnreadable, "its requests are not quantities that can be read");
  const std::vector<Extended> extended = ExtendedOf(spec);
  bool any_allowed = false, cpu_fits = false, memory_fits = false, extended_fits = false;
  for (const NodeRecord* record : context.Nodes()) {
    if (record->node == nullptr || IsVirtual(*record->node)) {
      if (record->node != nullptr && MayRunOn(spec, *record->node)) return Outcome::Pass();
      continue;
    }
    const Node& node = *record->node;
    if (!SameOs(spec, node) || !MayRunOn(spec, node)) continue;
    any_allowed = true;
    const PodRequest daemons = DaemonSetsOn(context, node);
    const bool cpu = !Exceeds(request.cpu_milli, node.allocatable.cpu_milli.value_or(0) - daemons.cpu_milli);
    const bool memory =
        !Exceeds(request.memory_bytes, node.allocatable.memory_bytes.value_or(0) - daemons.memory_bytes);
    const bool others = FirstLacking(extended, node) == nullptr;
    if (cpu && memory && others) return Outcome::Pass();
    cpu_fits |= cpu;
    memory_fits |= memory;
    extended_fits |= others;
  }
  if (!any_allowed)
    return DoesNotFit(context, "no node is allowed by its node selector, required node affinity and tolerations");
  std::string lacking;
  const auto add = [&lacking](bool fits, std::string_view what) {
    if (fits) return;
    if (!lacking.empty()) lacking += " and ";
    lacking += what;
  };
  add(cpu_fits, "CPU (" + std::to_string(request.cpu_milli) + "m)");
  add(memory_fits, "memory (" + std::to_string(request.memory_bytes / (1024 * 1024)) + " Mi)");
  add(extended_fits, extended.empty() ? "extended resources" : extended.front().name.view());
  if (lacking.empty()) lacking = "CPU, memory and extended resources together";
  return DoesNotFit(
      context,
      "its requests fit none of the nodes that it may run on, beside the DaemonSets there: too much " + lacking);
}

}  // namespace

constinit const Check kRequestsSchedulable = {
    .id = "requests-schedulable",
    .title = "The requests fit on a node",
    .section = Section::kResources,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Passes when a pod of the current revision has been placed on a node, or when its requests, with those of the "
        "DaemonSets that run there, fit what some node can allocate that its node selector, required node affinity "
        "and tolerations allow. Fails when none does; unknown instead where an autoscaler of nodes is seen, and in a "
        "scan.",
    .why =
        "The pods stay Pending for good. It shows at the worst time: at the first run of a CronJob at night, or when "
        "a scaled-down service is needed.",
    .fix =
        "Lower the requests to what the container uses, add nodes of a fitting size, or correct the node selector, "
        "affinity and tolerations.",
    .source = "F. Resources: nodes not over-committed, resources finite",
    .traps =
        "It asks whether the pod would fit on an empty node: a full cluster is pods-start's and survives-node-loss's. "
        "Cordoned and NotReady nodes count: they come back. Volumes, host ports and anti-affinity are not looked at. "
        "Autoscalers that run outside the cluster and mark no node are not seen.",
    .reads = {Kind::kPod, Kind::kNode, Kind::kNamespace, Kind::kLimitRange, Kind::kDaemonSet, Kind::kDeployment,
              Kind::kStatefulSet},
    .needs = {Kind::kPod, Kind::kNode},
    .bears_on_all = [](const Workload& workload) { return std::uint8_t{IsNodeAutoscaler(workload)}; },
    .run = Run,
};

}  // namespace seaworthy::checks
