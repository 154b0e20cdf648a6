#include <set>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/scheduling.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"minZones", 2, "zones that worker nodes are in at least"}};

Outcome Run(const Context& context) {
  std::set<std::string_view> zones;
  bool workers = false;
  std::size_t unlabelled = 0;
  for (const NodeRecord* record : context.Nodes()) {
    if (record->node == nullptr || IsVirtual(*record->node) || IsControlPlane(*record->node)) continue;
    workers = true;
    const Labels& labels = record->node->meta.labels;
    std::string_view zone = labels.Get("topology.kubernetes.io/zone");
    if (zone.empty()) zone = labels.Get("failure-domain.beta.kubernetes.io/zone");
    if (zone.empty()) {
      ++unlabelled;
    } else {
      zones.insert(zone);
    }
  }
  if (!workers) return Outcome::Na("there is no worker node");
  if (zones.empty()) {
    return Outcome::Unknown(UnknownCause::kNotDeclared,
                            "no worker node has label topology.kubernetes.io/zone: label nodes by what fails together "
                            "(rack, power, building)");
  }
  const auto wanted = static_cast<std::size_t>(context.Param("minZones"));
  if (zones.size() >= wanted) return Outcome::Pass();
  if (unlabelled != 0) {
    return Outcome::Unknown(UnknownCause::kNotDeclared,
                            "some worker nodes have no label topology.kubernetes.io/zone: where they are is not known");
  }
  return Outcome::Fail("worker nodes are in " + std::to_string(zones.size()) +
                       (zones.size() == 1 ? " zone (" + std::string(*zones.begin()) + ")" : " zones") + "; want " +
                       std::to_string(wanted));
}

}  // namespace

constinit const Check kMultiZone = {
    .id = "multi-zone",
    .title = "Worker nodes are in more than one zone",
    .section = Section::kPlatform,
    .severity = Severity::kMedium,
    .subject = SubjectType::kCluster,
    .rule =
        "Passes when worker nodes carry at least two values of label topology.kubernetes.io/zone; fails with one; "
        "unknown where a worker that would decide has no such label, and in a scan. Not applicable without worker "
        "nodes.",
    .why =
        "Zones fail as a whole, by power, cooling or a bad change of the network. Whatever is spread over nodes of one "
        "zone is gone with it.",
    .fix =
        "Give each zone a node pool. On premises label nodes with topology.kubernetes.io/zone by what fails together.",
    .source = "G. Separating workloads: spread by affinity",
    .traps =
        "Nodes tainted as control plane and virtual nodes are left out. A node that is not ready keeps its zone: the "
        "layout is judged, node-ready does the rest.",
    .reads = {Kind::kNode},
    .needs = {Kind::kNode},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
