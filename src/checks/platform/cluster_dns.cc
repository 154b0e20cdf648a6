#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/scheduling.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"minimum", 2, "DNS pods that are ready at least, and nodes that they are on"}};

// The Service that kubelets hand to pods as their name server.
struct DnsService {
  std::string_view ns, name;
};
constexpr DnsService kServices[] = {
    {"kube-system", "kube-dns"},
    {"kube-system", "coredns"},
    {"kube-system", "rke2-coredns-rke2-coredns"},
    {"openshift-dns", "dns-default"},
};

const ServiceRecord* FindDns(const Context& context) {
  for (const DnsService& wanted : kServices) {
    for (const NamespaceRecord* ns : context.Namespaces()) {
      if (ns->name != wanted.ns) continue;
      for (const ServiceRecord* service : ns->services) {
        if (service->service->meta.name == wanted.name) return service;
      }
    }
  }
  return nullptr;
}

// Nodes that a DNS pod could be on; on one node there is no second place.
std::size_t Nodes(const Context& context) {
  const auto nodes = context.Nodes();
  return static_cast<std::size_t>(std::count_if(nodes.begin(), nodes.end(), [](const NodeRecord* record) {
    return record->node != nullptr && !IsVirtual(*record->node) && record->node->IsReady();
  }));
}

Outcome Run(const Context& context) {
  (void)context.Live(Kind::kService);  // read through their namespaces
  (void)context.Live(Kind::kPod);
  const ServiceRecord* dns = FindDns(context);
  if (dns == nullptr) {
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            "no DNS Service is found under the usual names (kube-system/kube-dns and its like)");
  }
  const std::string name = "Service " + dns->service->meta.namespace_.str() + "/" + dns->service->meta.name.str();
  if (!dns->service->selector.present || dns->service->selector.empty())
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            name + " has no selector: its endpoints are kept by somebody else, who is not seen");
  // GKE's Cloud DNS looks like this, and so does an accident.
  if (dns->workloads.empty())
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            name +
                                " selects no workload: either names are answered outside of the cluster or nobody "
                                "answers, which is not seen");
  std::size_t ready = 0;
  std::set<Text> nodes;
  for (const WorkloadRecord* workload : dns->workloads) {
    for (const Pod* pod : workload->pods) {
      if (!pod->IsReady() || pod->meta.deleted.set() || pod->IsTerminal()) continue;
      ++ready;
      nodes.insert(pod->node);
    }
  }
  const auto minimum = static_cast<std::size_t>(context.Param("minimum"));
  const std::string want = "; want at least " + std::to_string(minimum);
  if (ready == 0) return Outcome::Fail("no DNS pod is ready behind " + name + want);
  if (ready < minimum)
    return Outcome::Fail("fewer than " + std::to_string(minimum) + " DNS pods are ready behind " + name + want);
  const std::size_t places = Nodes(context);
  if (nodes.size() < std::min(minimum, places))
    return Outcome::Fail("all ready DNS pods behind " + name + " are on one node; want at least " +
                         std::to_string(minimum) + " nodes");
  return Outcome::Pass();
}

}  // namespace

constinit const Check kClusterDns = {
    .id = "cluster-dns",
    .title = "The cluster's DNS has two pods on two nodes",
    .section = Section::kPlatform,
    .severity = Severity::kHigh,
    .subject = SubjectType::kCluster,
    .holds = true,
    .rule =
        "Passes when at least two pods behind the DNS Service (kube-system/kube-dns, and the names that RKE2 and "
        "OpenShift use) are ready, on at least two nodes where there are two; fails when that has not been so for 10 "
        "minutes. Unknown where no such Service is found or it selects nothing, and in a scan.",
    .why =
        "Every call by name goes through it. With a single pod the drain of its node is an outage of everything, for "
        "as long as it takes to start a new one and for caches to forget.",
    .fix =
        "Run two replicas or more with a topology spread over hostnames and a PodDisruptionBudget; the dns-autoscaler "
        "of the distribution does it.",
    .source = "Kubernetes: Customizing DNS Service",
    .traps =
        "Node-local caches and a DaemonSet as server are counted by their pods as well. In a cluster of one node one "
        "place is all there is. Names that are answered outside of the cluster (GKE's Cloud DNS) show no pods.",
    .reads = {Kind::kService, Kind::kPod, Kind::kNode, Kind::kNamespace},
    .needs = {Kind::kService, Kind::kPod, Kind::kNode},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
