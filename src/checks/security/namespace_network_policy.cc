#include "checks/all_checks.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  return context.Workloads().empty() ? "nothing runs in the namespace" : "";
}

Outcome Run(const Context& context) {
  if (context.ns().name.empty() && context.NamespacePolicies().empty()) {
    return Outcome::Unknown(UnknownCause::kNotInInput,
                            "the manifests name no namespace, so what else is in it is not known: set "
                            "metadata.namespace, or give the one they are applied to with --namespace");
  }
  if (std::optional<Outcome> missing = Missing(context, Kind::kNetworkPolicy)) return *std::move(missing);
  if (!context.NamespacePolicies().empty()) return Outcome::Pass();
  return Outcome::Warn("the namespace has no NetworkPolicy: every pod in the cluster may connect to its pods");
}

}  // namespace

constinit const Check kNamespaceNetworkPolicy = {
    .id = "namespace-network-policy",
    .title = "The namespace has a NetworkPolicy",
    .section = Section::kSecurity,
    .severity = Severity::kMedium,
    .subject = SubjectType::kNamespace,
    .rule =
        "Warns when a namespace that has workloads has no NetworkPolicy at all; network-policy judges each workload "
        "where there is one. Unknown for manifests that name no namespace and bring no policy.",
    .why =
        "Without a policy every pod of the cluster may connect to every port here: one broken application reaches all "
        "databases.",
    .fix =
        "Start with a NetworkPolicy with an empty podSelector, policyTypes Ingress and no rules (default deny), and "
        "one for each connection that is wanted.",
    .source = "Kubernetes: Network Policies",
    .traps =
        "Cilium's, Calico's and cluster-wide admin policies are not read yet: waive where they guard the namespace. A "
        "namespace without workloads is not asked.",
    .reads = {Kind::kNetworkPolicy, Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob,
              Kind::kReplicaSet},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
