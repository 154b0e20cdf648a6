#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/known_images.h"
#include "checks/common/scheduling.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"minutes", 10, "nodes younger than this are not asked yet"}};

bool IsAsked(const Node& node) { return !node.unschedulable && node.IsReady() && !IsVirtual(node); }

Outcome Run(const Context& context) {
  if (context.offline()) return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows what runs on its nodes");
  for (const Kind kind : {Kind::kNode, Kind::kPod, Kind::kDaemonSet}) {
    if (std::optional<Outcome> missing = Missing(context, kind)) return *std::move(missing);
  }
  const WorkloadRecord* first = nullptr;
  std::unordered_set<Text> covered;
  for (const WorkloadRecord* record : context.DaemonSets()) {
    if (FindKnownImage(*record->workload, kLogCollectors) == nullptr) continue;
    if (first == nullptr) first = record;
    for (const Pod* pod : record->pods) {
      if (pod->IsReady()) covered.insert(pod->node);
    }
  }
  const std::int64_t grace = static_cast<std::int64_t>(context.Param("minutes")) * 60;
  std::vector<std::string> bare;
  Timestamp recheck;
  bool any = false;
  for (const NodeRecord* record : context.Nodes()) {
    if (!IsAsked(*record->node)) continue;
    const std::int64_t from = record->node->meta.created.seconds + grace;
    if (from > context.now_seconds()) {
      if (!recheck.set() || from < recheck.seconds) recheck = {from};
      continue;
    }
    any = true;
    if (!covered.contains(record->name)) bare.push_back(record->name.str());
  }
  if (!any) return Outcome::Na("no node that pods could be scheduled to").RecheckAt(recheck);
  if (first == nullptr) {
    return Outcome::Fail("no DaemonSet of a known collector of logs runs in the cluster")
        .Settled()
        .Absence()
        .RecheckAt(recheck);
  }
  if (bare.empty()) return Outcome::Pass().RecheckAt(recheck);
  constexpr std::size_t kShown = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(bare.size(), kShown); ++i) names += (i == 0 ? "" : ", ") + bare[i];
  if (bare.size() > kShown) names += " and others";
  return Outcome::Fail("no known collector of logs is ready on " + names + " (seen elsewhere: " + NameOf(*first) + ")")
      .RecheckAt(recheck);
}

}  // namespace

constinit const Check kLogCollector = {
    .id = "log-collector",
    .title = "A collector of logs runs on every node",
    .section = Section::kLogging,
    .severity = Severity::kHigh,
    .subject = SubjectType::kCluster,
    .attestable = true,
    .max_days = 180,
    .holds = true,
    .rule =
        "Passes when a pod of a DaemonSet whose image is a known collector (Fluent Bit, Fluentd, Vector, Promtail, "
        "Alloy, OpenTelemetry, Filebeat, Datadog, a cloud's agent, ...) is ready on every node that is ready and takes "
        "pods. Fails when one lacks it for 10 minutes, and when there is no such DaemonSet. Nodes younger than 10 "
        "minutes, cordoned and virtual ones are not asked; tainted ones are. Unknown in a scan.",
    .why =
        "The kubelet keeps a few megabytes of a container's log and throws them away with the pod: after a crash on a "
        "node without a collector nobody can say why.",
    .fix =
        "Give the collector's DaemonSet tolerations for the taints of the nodes that lack it (operator: Exists), and "
        "room by a priority class; or attest what collects the logs otherwise.",
    .source = "S. Logging: central log management",
    .traps =
        "Collectors that read through the API server, sidecars, and agents of the node's own system are not seen: "
        "attest them. That a collector also sends what it reads is not asked.",
    .reads = {Kind::kNode, Kind::kPod, Kind::kDaemonSet},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
