#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
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

// What the DaemonSets take on each node, worked out for a node when it is first asked about.
class DaemonSetRequests {
 public:
  static constexpr KindSet kRestsOn = {Kind::kDaemonSet, Kind::kNode};
  explicit DaemonSetRequests(const Snapshot& snapshot) {
    for (const WorkloadRecord* record : snapshot.DaemonSets()) {
      const Workload& workload = *record->workload;
      if (workload.spec != nullptr) daemon_sets_.push_back({&workload, EffectiveRequest(*workload.spec)});
    }
  }

  // Without those of the workload itself.
  PodRequest On(const Node& node, const Workload& workload) const {
    Total total = TotalOn(node);
    if (workload.workload_class == WorkloadClass::kDaemonSet && MayRunOn(*workload.spec, node))
      total.Add(EffectiveRequest(*workload.spec), -1);
    PodRequest request;
    request.cpu_milli = Cut(total.cpu);
    request.memory_bytes = Cut(total.memory);
    request.ephemeral_bytes = Cut(total.ephemeral);
    return request;
  }

 private:
  __extension__ using Wide = __int128;  // amounts come from strangers: sums of them must not overflow
  struct DaemonSet {
    const Workload* workload;
    PodRequest request;
  };
  struct Total {
    Wide cpu = 0, memory = 0, ephemeral = 0;
    void Add(const PodRequest& request, int sign) {
      cpu += Wide{request.cpu_milli} * sign;
      memory += Wide{request.memory_bytes} * sign;
      ephemeral += Wide{request.ephemeral_bytes} * sign;
    }
  };

  static std::int64_t Cut(Wide amount) { return amount > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(amount); }
  const Total& TotalOn(const Node& node) const {
    const auto [known, fresh] = totals_.try_emplace(&node);
    if (!fresh) return known->second;
    for (const DaemonSet& daemon_set : daemon_sets_) {
      if (MayRunOn(*daemon_set.workload->spec, node)) known->second.Add(daemon_set.request, 1);
    }
    return known->second;
  }

  std::vector<DaemonSet> daemon_sets_;
  mutable std::unordered_map<const Node*, Total> totals_;
};

using Extended = ResourceAmounts::Extended;

const Extended* FirstLacking(const List<Extended>& wanted, const Node& node) {
  for (const Extended& extended : wanted) {
    const auto offer = std::find_if(node.allocatable.extended.begin(), node.allocatable.extended.end(),
                                    [&](const Extended& e) { return e.name == extended.name; });
    if (Exceeds(extended.amount, offer == node.allocatable.extended.end() ? 0 : offer->amount)) return &extended;
  }
  return nullptr;
}

bool RunsAlready(const Context& context) {
  const auto pods = context.Pods();
  if (context.workload().workload_class == WorkloadClass::kCronJob) {
    return std::any_of(pods.begin(), pods.end(), [](const Pod* pod) { return !pod->node.empty(); });
  }
  const std::vector<const Pod*>& current = context.CurrentPods();
  return std::any_of(current.begin(), current.end(), [](const Pod* pod) { return !pod->node.empty(); });
}

Outcome DoesNotFit(const Context& context, std::string why) {
  const std::string& autoscaler = NodeAutoscalerSeen(context);
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
  bool any_allowed = false, cpu_fits = false, memory_fits = false, ephemeral_fits = false, extended_fits = false;
  const Extended* lacking_extended = nullptr;
  const DaemonSetRequests& daemon_sets = context.Fact<DaemonSetRequests>();
  for (const NodeRecord* record : context.Nodes()) {
    if (record->node == nullptr || IsVirtual(*record->node)) {
      if (record->node != nullptr && MayRunOn(spec, *record->node)) return Outcome::Pass();
      continue;
    }
    const Node& node = *record->node;
    if (!SameOs(spec, node) || !MayRunOn(spec, node)) continue;
    any_allowed = true;
    const PodRequest daemons = daemon_sets.On(node, context.workload());
    const bool cpu = !Exceeds(request.cpu_milli, node.allocatable.cpu_milli.value_or(0) - daemons.cpu_milli);
    const bool memory =
        !Exceeds(request.memory_bytes, node.allocatable.memory_bytes.value_or(0) - daemons.memory_bytes);
    // A node that does not say has as much as anybody wants, as for survives-node-loss.
    const bool ephemeral =
        !node.allocatable.ephemeral_bytes.has_value() ||
        !Exceeds(request.ephemeral_bytes, *node.allocatable.ephemeral_bytes - daemons.ephemeral_bytes);
    const Extended* extended = FirstLacking(request.extended, node);
    if (cpu && memory && ephemeral && extended == nullptr) return Outcome::Pass();
    cpu_fits |= cpu;
    memory_fits |= memory;
    ephemeral_fits |= ephemeral;
    extended_fits |= extended == nullptr;
    if (lacking_extended == nullptr) lacking_extended = extended;
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
  add(ephemeral_fits, "ephemeral storage (" + std::to_string(request.ephemeral_bytes / (1024 * 1024)) + " Mi)");
  add(extended_fits, lacking_extended == nullptr ? "extended resources" : lacking_extended->name.view());
  if (lacking.empty()) lacking = "CPU, memory and other resources together";
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
        "Passes when a pod of the current revision has been placed on a node, or when its requests (CPU, memory, "
        "ephemeral storage, devices; init containers' too), with those of the DaemonSets that run there, fit what some "
        "node can allocate that its node selector, required node affinity and tolerations allow. Fails when none does; "
        "unknown instead where an autoscaler of nodes is seen, and in a scan.",
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
    .reads = {Kind::kPod, Kind::kNode, Kind::kLimitRange, Kind::kDaemonSet, Kind::kDeployment, Kind::kStatefulSet},
    .needs = {Kind::kPod, Kind::kNode},
    .bears_on_all = [](const Workload& workload) { return std::uint8_t{IsNodeAutoscaler(workload)}; },
    .run = Run,
};

}  // namespace seaworthy::checks
