#include <string>

#include "checks/all_checks.h"
#include "checks/common/known_images.h"

namespace seaworthy::checks {
namespace {

struct Part {
  std::string_view what;
  std::span<const KnownImage> images;
  std::span<const std::string_view> names;
  const WorkloadRecord* found = nullptr;  // an available one, else the first
  bool available = false;
};

std::string Join(const std::string& list, std::string_view item) {
  return list.empty() ? std::string(item) : list + ", " + std::string(item);
}

Outcome Run(const Context& context) {
  if (context.offline()) return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows what watches it");
  Part parts[] = {{"a Prometheus or something that takes its metrics", kPrometheusLikes, kPrometheusNames},
                  {"kube-state-metrics", kStateExporters, kStateExporterNames},
                  {"node-exporter", kNodeExporters, kNodeExporterNames}};
  // The workloads of all namespaces are read through their namespaces: the kinds have to be noted by hand.
  for (const Kind kind : {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kReplicaSet, Kind::kPod})
    (void)context.State(kind);
  for (const NamespaceRecord* ns : context.Namespaces()) {
    for (const WorkloadRecord* record : ns->workloads) {
      for (Part& part : parts) {
        if (part.available || !IsKnown(*record->workload, part.images, part.names)) continue;
        const bool available = IsAvailable(*record->workload);
        if (part.found == nullptr || available) part.found = record;
        part.available = available;
      }
    }
  }
  std::string down, missing;
  for (const Part& part : parts) {
    if (part.found == nullptr) {
      missing = Join(missing, part.what);
    } else if (!part.available) {
      down = Join(down, NameOf(*part.found));
    }
  }
  if (!down.empty()) return Outcome::Fail("runs and is not available: " + down);
  if (missing.empty()) return Outcome::Pass();
  if (const SeenAgent agent = FindMetricsAgent(context); agent.record != nullptr && !agent.agent->if_configured) {
    return Outcome::Unknown(UnknownCause::kNotObserved, "not seen: " + missing + "; but " + agent.ToString() +
                                                            ": attest that it watches pods and nodes");
  }
  return Outcome::Fail("not seen in the cluster: " + missing).Settled().Absence();
}

}  // namespace

constinit const Check kMonitoringStack = {
    .id = "monitoring-stack",
    .title = "Prometheus, kube-state-metrics and node-exporter run",
    .section = Section::kMonitoring,
    .severity = Severity::kHigh,
    .subject = SubjectType::kCluster,
    .attestable = true,
    .max_days = 180,
    .holds = true,
    .rule =
        "Passes when a workload of each of these runs, recognised by its image or its label app.kubernetes.io/name, "
        "and is available: Prometheus or something that takes its metrics (VictoriaMetrics, Mimir, Grafana Alloy, a "
        "cloud's collector), kube-state-metrics, and node-exporter, of which one node or 5 % may be missing. Fails "
        "when one of them is not available for 10 minutes, and when one is not there. Unknown where an agent on the "
        "nodes (Datadog, Dynatrace, ...) may do their work, and in a scan.",
    .why =
        "kube-state-metrics knows that a Deployment lacks replicas, node-exporter that a disk fills up, Prometheus "
        "that either has been so for ten minutes. Without all three the cluster is flown by looking out of the window.",
    .fix =
        "Install the chart kube-prometheus-stack, which brings all three with rules and dashboards, or attest what "
        "watches pods and nodes from outside.",
    .source = "R. Monitoring: everything monitored, dashboards, pods and nodes",
    .traps =
        "A Prometheus outside the cluster is not seen, nor software under an image name and a label of your own: "
        "attest. Whether they are configured well is not asked.",
    .reads = {Kind::kNamespace, Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kReplicaSet, Kind::kPod},
    .needs = {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet},
    .run = Run,
};

}  // namespace seaworthy::checks
