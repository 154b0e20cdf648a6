#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/neighbours.h"
#include "checks/common/node_pools.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"nodes", 5, "worker nodes below which there is nothing to separate"}};

enum class Class : std::uint8_t { kNeither, kMonitoring, kApplication };

Class ClassOf(const Context& context, const Pod& pod) {
  const WorkloadRecord* record = context.WorkloadOf(pod);
  if (record == nullptr || pod.meta.deleted.set() || record->workload->workload_class == WorkloadClass::kDaemonSet)
    return Class::kNeither;
  if (IsMonitoring(pod)) return Class::kMonitoring;
  const Tier tier = context.TierOf(*record);
  return tier == Tier::kCritical || tier == Tier::kStandard ? Class::kApplication : Class::kNeither;
}

std::string NameOf(const WorkloadRecord& record) {
  return record.workload->kind_name.str() + " " + record.ns->name.str() + "/" + record.workload->meta.name.str();
}

Outcome Run(const Context& context) {
  (void)context.State(Kind::kPod);  // read through the nodes
  const WorkerNodes& workers = context.Fact<WorkerNodes>();
  if (static_cast<double>(workers.size()) < context.Param("nodes"))
    return Outcome::Na("there are too few worker nodes to separate anything");
  bool any = false;
  std::string first;  // of all that share a node, the first by name: it does not change with every pod
  for (const NodeRecord* node : workers) {
    bool applications = false;
    std::string here;
    for (const Pod* pod : node->pods) {
      const Class kind = ClassOf(context, *pod);
      applications |= kind == Class::kApplication;
      if (kind != Class::kMonitoring) continue;
      any = true;
      std::string name = NameOf(*context.WorkloadOf(*pod));
      if (here.empty() || name < here) here = std::move(name);
    }
    if (applications && !here.empty() && (first.empty() || here < first)) first = std::move(here);
  }
  if (!any) return Outcome::Na("no monitoring or logging runs here but on every node");
  if (first.empty()) return Outcome::Pass();
  return Outcome::Warn("monitoring or logging shares nodes with applications: " + first);
}

}  // namespace

constinit const Check kWorkloadsSeparated = {
    .id = "workloads-separated",
    .title = "Monitoring and logging run apart from applications",
    .section = Section::kPlacement,
    .severity = Severity::kLow,
    .subject = SubjectType::kCluster,
    .holds = true,
    .rule =
        "Warns when for 10 minutes a pod of monitoring or logging (by image or label app.kubernetes.io/name; "
        "DaemonSets left out) has shared a worker node with one of an application, of tier critical or standard. Not "
        "applicable with fewer than 5 worker nodes or without such a pod; unknown in a scan.",
    .why =
        "Prometheus and Elasticsearch take most when the applications are in trouble: on one node the one makes it "
        "worse for the other, and the graphs are missing that would explain it.",
    .fix =
        "Give monitoring and logging a node pool of their own, with a taint and the toleration and nodeSelector for "
        "it.",
    .source = "G. Separating workloads: critical systems apart from heavy ones",
    .traps = "Agents on every node are what a DaemonSet is for. Exempt and auxiliary workloads are no applications.",
    .reads = {Kind::kNode, Kind::kPod, Kind::kNamespace, Kind::kDeployment, Kind::kStatefulSet},
    .needs = {Kind::kNode, Kind::kPod},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
