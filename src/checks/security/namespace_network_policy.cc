#include "checks/all_checks.h"
#include "checks/common/network_policies.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  return context.Workloads().empty() ? "nothing runs in the namespace" : "";
}

Outcome Run(const Context& context) {
  if (!FirstOfNamespace(context).empty()) return Outcome::Pass();
  for (const WorkloadRecord* record : context.Workloads()) {
    const Guards guards = FindClusterGuards(context, *record);
    if (!guards.ingress.empty()) return Outcome::Pass(guards.ingress + " selects pods of the namespace");
  }
  if (context.ns().name.empty()) {
    return Outcome::Unknown(UnknownCause::kNotInInput,
                            "the manifests name no namespace, so what else is in it is not known: set "
                            "metadata.namespace, or give the one they are applied to with --namespace");
  }
  if (std::optional<Outcome> missing = MissingPolicies(context)) return *std::move(missing);
  return Outcome::Warn("the namespace has no network policy: every pod in the cluster may connect to its pods");
}

}  // namespace

constinit const Check kNamespaceNetworkPolicy = {
    .id = "namespace-network-policy",
    .title = "The namespace has a network policy",
    .section = Section::kSecurity,
    .severity = Severity::kMedium,
    .subject = SubjectType::kNamespace,
    .rule =
        "Warns when a namespace that has workloads has no NetworkPolicy, CiliumNetworkPolicy or Calico NetworkPolicy "
        "at all, and no policy of the whole cluster selects pods of it for ingress; network-policy judges each "
        "workload where there is one. Unknown for manifests that name no namespace and bring no policy, and where a "
        "kind that is served cannot be read.",
    .why =
        "Without a policy every pod of the cluster may connect to every port here: one broken application reaches all "
        "databases.",
    .fix =
        "Start with a NetworkPolicy with an empty podSelector, policyTypes Ingress and no rules (default deny), and "
        "one for each connection that is wanted.",
    .source = "Kubernetes: Network Policies",
    .traps = "A namespace without workloads is not asked. A policy that guards only some of the pods is enough here.",
    // Operators' workloads change with their pods.
    .reads = kPolicyKinds | KindSet{Kind::kPod, Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob,
                                    Kind::kReplicaSet},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
