#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/paths.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"
#include "checks/common/spread.h"
#include "seaworthy/rolling_update.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  const Workload& workload = context.workload();
  if (workload.workload_class == WorkloadClass::kDaemonSet) {
    if (workload.strategy == StrategyType::kOnDelete) return "OnDelete adds no pod";
    return workload.max_surge.set() && workload.max_surge.value > 0 ? "" : "its rollout adds no pod before one is gone";
  }
  if (workload.workload_class != WorkloadClass::kDeployment) return "its kind adds no pod before one is gone";
  if (ScaledToZero(workload)) return kScaledToZero;
  if (workload.strategy == StrategyType::kRecreate) return "Recreate adds no pod before all are gone";
  const Fenceposts posts = ResolveFenceposts(workload, workload.replicas.value_or(1));
  return !posts.invalid && posts.surge == 0 ? "its rollout adds no pod before one is gone" : "";
}

// A port of the node: one pod a node can have it. With hostNetwork every declared port is one (core/v1
// defaultHostNetworkPorts).
const Container* TakesHostPort(const PodSpec& spec) {
  for (const Container& container : spec.containers) {
    if (!container.is_running_long()) continue;
    for (const ContainerPort& port : container.ports) {
      if (port.host_port != 0 || spec.host_network) return &container;
    }
  }
  return nullptr;
}

// Whether `replicas` pods, one in each domain of the key, leave the extra pod no domain. A node without the label is in
// none and is free.
enum class Room : std::uint8_t { kFree, kFull, kNoNodes };
Room RoomFor(const EligibleNodes& eligible, std::string_view topology_key, std::int64_t replicas) {
  std::set<std::string_view> domains;
  bool any = false;
  for (const NodeRecord* record : eligible.nodes) {
    if (record->node == nullptr || record->node->unschedulable) continue;
    any = true;
    // The hostname label can be missing on hand-made nodes only; the name is as good.
    std::string_view domain = record->node->meta.labels.Get(topology_key);
    if (domain.empty() && topology_key == kHostnameKey) domain = record->name;
    if (domain.empty()) return Room::kFree;
    domains.insert(domain);
  }
  if (!any) return Room::kNoNodes;
  return replicas >= static_cast<std::int64_t>(domains.size()) ? Room::kFull : Room::kFree;
}

// What could not be told.
struct Open {
  bool undecided = false;
  Outcome unknown;
  bool reads_nodes = false;  // the verdict moves with them
};

void Undecided(Open& open, Outcome unknown) {
  if (open.undecided) return;
  open.undecided = true;
  open.unknown = std::move(unknown);
}

// A ReadWriteOnce claim at one replica: the new pod waits for the volume, the old one for the new pod.
Outcome JudgeClaims(const Context& context, Open& open) {
  const Workload& workload = context.workload();
  if (workload.workload_class != WorkloadClass::kDeployment || EffectiveReplicas(context).minimum != 1)
    return Outcome::Pass();
  for (const Volume& volume : context.spec().volumes) {
    if (volume.source != VolumeSource::kClaim) continue;
    if (!context.offline()) {
      if (auto missing = Missing(context, Kind::kPersistentVolumeClaim)) {
        Undecided(open, *std::move(missing));
        continue;
      }
    }
    const PersistentVolumeClaim* claim = nullptr;
    for (const PersistentVolumeClaim* known : context.Claims()) {
      if (known->meta.name == volume.reference) claim = known;
    }
    if (claim == nullptr) {
      Undecided(open,
                Outcome::Unknown(context.offline() ? UnknownCause::kNotInInput : UnknownCause::kAbsent,
                                 "PersistentVolumeClaim " + volume.reference.str() +
                                     (context.offline() ? " is not among the files: add it" : " does not exist")));
      continue;
    }
    const auto& modes = claim->access_modes;
    const bool single = !modes.empty() && std::all_of(modes.begin(), modes.end(), [](const Text& mode) {
      return mode == "ReadWriteOnce" || mode == "ReadWriteOncePod";
    });
    if (!single) continue;
    // ReadWriteOnce is one node's, not one pod's: where the data is on one node's disk, the second pod comes there too.
    const bool one_pod = std::find(modes.begin(), modes.end(), "ReadWriteOncePod") != modes.end();
    const PersistentVolume* disk = claim->volume.empty() ? nullptr : context.FindVolume(claim->volume);
    if (!one_pod && disk != nullptr && disk->one_node) continue;
    if (!one_pod && disk == nullptr && !context.offline() && !claim->volume.empty()) {
      if (auto missing = Missing(context, Kind::kPersistentVolume)) {
        missing->message += ", and whether claim " + volume.reference.str() + " is on the disk of one node";
        Undecided(open, *std::move(missing));
        continue;
      }
    }
    return Outcome::Fail("claim " + volume.reference.str() + " is " + modes.front().str() +
                         " and a rollout starts the second pod while the only one still holds it")
        .At(std::string(TemplatePath(workload)) + ".volumes[name=" + volume.name.str() + "]")
        .Settled();
  }
  return Outcome::Pass();
}

Outcome Full(const Context& context, const std::string& why, std::string path) {
  return Outcome::Fail(why +
                       ", every node that may run its pods has one, and maxUnavailable is 0: a new pod finds no place")
      .At(std::string(TemplatePath(context.workload())) + "." + path);
}

Outcome JudgeNodes(const Context& context, Open& open) {
  const Workload& workload = context.workload();
  const PodSpec& spec = context.spec();
  const bool one_on_each = workload.workload_class == WorkloadClass::kDaemonSet;
  const std::int64_t replicas = workload.replicas.value_or(1);
  // Answers kFree where it cannot be told, and notes that.
  const auto room = [&](std::string_view key) {
    if (one_on_each) return key == kHostnameKey ? Room::kFull : Room::kFree;
    open.reads_nodes = true;
    if (auto missing = Missing(context, Kind::kNode)) {
      missing->message += ", and whether one is free for the extra pod of a rollout";
      Undecided(open, *std::move(missing));
      return Room::kFree;
    }
    const Room answer = RoomFor(context.Eligible(), key, replicas);
    if (answer == Room::kNoNodes)
      Undecided(open, Outcome::Unknown(UnknownCause::kNotObserved, "no node may run its pods now"));
    return answer;
  };
  if (const Container* container = TakesHostPort(spec)) {
    if (room(kHostnameKey) == Room::kFull) {
      Outcome outcome = Full(context, "container " + container->name.str() + " takes a port of the node",
                             "containers[name=" + container->name.str() + "].ports");
      outcome.container = container->name;
      outcome.settled = one_on_each;
      return outcome;
    }
  }
  std::size_t index = 0;
  for (const PodAffinityTerm& term : spec.pod_anti_affinity) {
    if (!term.required) continue;
    const std::size_t at = index++;
    if (WithinRevision(term)) continue;
    const SelfMatch match = MatchesOwnPods(context, term);
    if (match == SelfMatch::kNo) continue;
    if (match == SelfMatch::kUnknown) {
      Undecided(open,
                Outcome::Unknown(context.offline() ? UnknownCause::kNotInInput : UnknownCause::kPending,
                                 "an anti-affinity term selects namespaces, and the labels of this one are not known"));
      continue;
    }
    if (room(term.topology_key) != Room::kFull) continue;
    Outcome outcome =
        Full(context, "required anti-affinity allows one pod for each " + term.topology_key.str(),
             "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[" + std::to_string(at) + "]");
    outcome.settled = one_on_each;
    return outcome;
  }
  return Outcome::Pass();
}

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  const bool daemon_set = workload.workload_class == WorkloadClass::kDaemonSet;
  // A DaemonSet that surges takes nothing away by definition: the API refuses both.
  const Fenceposts posts = ResolveFenceposts(workload, workload.replicas.value_or(1));
  if (posts.invalid)
    return Outcome::Unknown(UnknownCause::kUnreadable,
                            "maxUnavailable or maxSurge is neither a number nor a percentage");
  if (!daemon_set && posts.unavailable > 0) return Outcome::Pass().Settled();
  Open open;
  if (Outcome outcome = JudgeClaims(context, open); outcome.verdict == Verdict::kFail) return outcome;
  if (Outcome outcome = JudgeNodes(context, open); outcome.verdict == Verdict::kFail) return outcome;
  if (open.undecided) return open.unknown;
  Outcome pass = Outcome::Pass();
  pass.settled = !open.reads_nodes;
  return pass;
}

}  // namespace

constinit const Check kRolloutCanProceed = {
    .id = "rollout-can-proceed",
    .title = "A rollout finds room for its first new pod",
    .section = Section::kDelivery,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = kLongRunning,
    .penalty_only = true,
    .holds = true,
    .rule =
        "For rollouts that add a pod before one is gone (resolved maxUnavailable 0, maxSurge above 0). Fails "
        "where one replica mounts a ReadWriteOnce claim; where required anti-affinity against its own pods, or a "
        "host port, allows one pod in each domain and there are no more schedulable domains than replicas; on a "
        "DaemonSet that surges with a host port. Unknown where a claim, its volume or the nodes that would decide are "
        "not known. Not applicable to Recreate, OnDelete, maxSurge 0, other kinds and at 0 replicas.",
    .why =
        "The new pod stays Pending or waits for the volume, the old one stays until the new one is ready: the "
        "release hangs until somebody deletes a pod by hand.",
    .fix =
        "Set maxUnavailable: 1 and maxSurge: 0 (a volume with one replica: strategy Recreate, or a StatefulSet), "
        "make the anti-affinity preferred, or give it matchLabelKeys: [pod-template-hash].",
    .source = "Q. Delivery: deployment strategies, canary, blue/green",
    .traps =
        "With maxUnavailable 1 an old pod makes room first. Anti-affinity within one revision (matchLabelKeys "
        "pod-template-hash) never meets the old pods. ReadWriteMany and ReadOnlyMany claims are shared. ReadWriteOnce "
        "is one node's: a volume on the disk of one node (local-path) brings the second pod there, and passes in a "
        "cluster. Cordoned nodes have no room. Volumes with more replicas are stateless-deployment's question.",
    .reads = {Kind::kNode, Kind::kNamespace, Kind::kPersistentVolumeClaim, Kind::kPersistentVolume,
              Kind::kHorizontalPodAutoscaler, Kind::kScaledObject},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
