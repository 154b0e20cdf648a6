#include "checks/all_checks.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  // Not readable: what looks like none is not known to be none, and Run says so.
  if (!Usable(context, Kind::kNetworkPolicy)) return "";
  if (context.NamespacePolicies().empty())
    return "its namespace has no NetworkPolicy: namespace-network-policy judges that";
  return context.spec().host_network ? "on the host network NetworkPolicies do not apply" : "";
}

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = Missing(context, Kind::kNetworkPolicy)) return *std::move(missing);
  const SelectingList<NetworkPolicy>& policies = context.NetworkPolicies();
  for (const NetworkPolicy* policy : policies.items) {
    if (policy->ingress) return Outcome::Pass();
  }
  if (policies.truncated) {
    return Outcome::Unknown(UnknownCause::kUnreadable,
                            "more NetworkPolicies select its pods than are looked at; none of those is for ingress");
  }
  if (!policies.items.empty()) {
    return Outcome::Fail("NetworkPolicy " + policies.items.front()->meta.name.str() +
                         " selects its pods for egress only, none for ingress: anybody may connect");
  }
  return Outcome::Fail("none of the namespace's NetworkPolicies selects its pods: anybody may connect");
}

}  // namespace

constinit const Check kNetworkPolicy = {
    .id = "network-policy",
    .title = "A NetworkPolicy says who may connect to the pods",
    .section = Section::kSecurity,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "In a namespace with any NetworkPolicy, passes when one of them selects the workload's pods for ingress, and "
        "fails when none does or only for egress. Not applicable in a namespace without any, and on the host network.",
    .why =
        "A pod that no policy selects accepts connections from every pod in the cluster. Where others in the "
        "namespace are guarded, the one that was forgotten is the way in.",
    .fix =
        "Add a NetworkPolicy with a podSelector that matches the pods' labels and policyTypes Ingress; one with an "
        "empty podSelector and no ingress rule denies all that no other policy allows.",
    .source = "Kubernetes: Network Policies",
    .traps =
        "What the rules allow is not judged, nor whether the CNI plugin enforces them, nor egress, which other linters "
        "ask for: it takes a list of everything that the application calls, DNS first. Cilium's, Calico's and "
        "cluster-wide admin policies are not read yet: waive where they guard the pods. An empty podSelector selects "
        "the whole namespace.",
    .reads = {Kind::kNetworkPolicy},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
