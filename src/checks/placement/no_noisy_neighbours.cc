#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/neighbours.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  return context.tier() == Tier::kCritical ? "" : "its tier is not critical";
}

struct Neighbour {
  std::string name, why;
  auto operator<=>(const Neighbour&) const = default;
};

// DaemonSets and static pods run on every node: nobody escapes them.
bool RunsEverywhere(const Context& context, const Pod& pod) {
  if (pod.mirror) return true;
  const WorkloadRecord* record = context.WorkloadOf(pod);
  return record != nullptr && record->workload->workload_class == WorkloadClass::kDaemonSet;
}

std::string WhyNoisy(const Context& context, const Pod& pod) {
  const WorkloadRecord* record = context.WorkloadOf(pod);
  const Tier tier = record == nullptr ? Tier::kStandard : context.TierOf(*record);
  if (tier == Tier::kAuxiliary) return "tier auxiliary";
  // One critical system beside another is what the nodes are for.
  if (tier == Tier::kCritical) return {};
  if (IsHeavy(pod)) return "heavy on disks and network";
  return IsMonitoring(pod) ? "monitoring or logging" : "";
}

std::string NameOf(const Context& context, const Pod& pod) {
  const std::string place = pod.meta.namespace_.str() + "/";
  if (const WorkloadRecord* record = context.WorkloadOf(pod))
    return record->workload->kind_name.str() + " " + place + record->workload->meta.name.str();
  if (const OwnerRef* owner = pod.meta.Controller()) return owner->kind.str() + " " + place + owner->name.str();
  return "pod " + place + pod.meta.name.str();
}

Outcome Run(const Context& context) {
  std::set<const NodeRecord*> nodes;
  for (const Pod* pod : context.CurrentPods()) {
    const NodeRecord* node = pod->node.empty() ? nullptr : context.FindNode(pod->node);
    if (node != nullptr) nodes.insert(node);
  }
  if (nodes.empty())
    return Outcome::Unknown(UnknownCause::kNotObserved, "none of its pods runs on a node that is known");
  std::set<Neighbour> noisy;
  std::set<const WorkloadRecord*> asked;
  for (const NodeRecord* node : nodes) {
    for (const Pod* pod : context.PodsOn(*node)) {
      const WorkloadRecord* record = context.WorkloadOf(*pod);
      if (record == &context.record() || pod->meta.deleted.set() || RunsEverywhere(context, *pod)) continue;
      if (record != nullptr && !asked.insert(record).second) continue;
      const std::string why = WhyNoisy(context, *pod);
      if (!why.empty()) noisy.insert({NameOf(context, *pod), why});
    }
  }
  if (noisy.empty()) return Outcome::Pass();
  const Neighbour& first = *noisy.begin();
  return Outcome::Warn("shares a node with " + first.name + " (" + first.why + ")" +
                       (noisy.size() > 1 ? " and others of that kind" : ""));
}

}  // namespace

constinit const Check kNoNoisyNeighbours = {
    .id = "no-noisy-neighbours",
    .title = "Critical workloads do not share nodes with heavy ones",
    .section = Section::kPlacement,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kDeployment, WorkloadClass::kStatefulSet, WorkloadClass::kReplicaSet,
                   WorkloadClass::kPod, WorkloadClass::kOther},
    .holds = true,
    .rule =
        "Warns when for 10 minutes a pod of the current revision has shared a node with a pod of tier auxiliary, of "
        "monitoring or logging, or of something that is heavy on disks and network (databases, search, queues, builds, "
        "by image, label app.kubernetes.io/name or seaworthy.dev/io-heavy). Only for tier critical; unknown in a scan.",
    .why =
        "CPU and memory have limits, disks and network have none: a database's compaction or a build beside it is what "
        "makes a service slow without a line in its logs.",
    .fix =
        "Keep the critical workload to a pool of its own (placement-declared, with a taint), or the heavy one to "
        "another; a podAntiAffinity against its labels keeps two apart.",
    .source = "G. Separating workloads: critical systems apart from heavy ones",
    .traps =
        "DaemonSets and static pods run everywhere and are left out; so are other workloads of tier critical, whatever "
        "they do. In a cluster of few nodes everything meets: waive it with that as the reason.",
    .reads = {Kind::kPod, Kind::kNode, Kind::kNamespace},
    .needs = {Kind::kPod, Kind::kNode},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
