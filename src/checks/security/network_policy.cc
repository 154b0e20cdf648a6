#include <string>

#include "checks/all_checks.h"
#include "checks/common/network_policies.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (context.spec().host_network) return "on the host network NetworkPolicies do not apply";
  // Not readable: what looks like none is not known to be none, and Run says so.
  if (MissingPolicies(context)) return "";
  if (!FirstOfNamespace(context).empty()) return "";
  const Guards guards = FindGuards(context);
  return guards.ingress.empty() && guards.egress_only.empty() && guards.unreadable.empty()
             ? "no network policy is in its namespace or selects its pods: namespace-network-policy judges that"
             : "";
}

Outcome Run(const Context& context) {
  const Guards guards = FindGuards(context);
  if (!guards.ingress.empty()) return Outcome::Pass();
  if (std::optional<Outcome> missing = MissingPolicies(context)) return *std::move(missing);
  if (guards.truncated) {
    return Outcome::Unknown(UnknownCause::kUnreadable,
                            "more NetworkPolicies select its pods than are looked at; none of those is for ingress");
  }
  if (!guards.unreadable.empty()) {
    return Outcome::Unknown(
        UnknownCause::kUnreadable,
        "whether " + guards.unreadable +
            " selects its pods cannot be told: the selector, or the labels that it asks for, cannot be read");
  }
  if (!guards.egress_only.empty())
    return Outcome::Fail(guards.egress_only +
                         " selects its pods for egress only, none for ingress: anybody may connect");
  return Outcome::Fail("none of the namespace's network policies selects its pods: anybody may connect");
}

}  // namespace

constinit const Check kNetworkPolicy = {
    .id = "network-policy",
    .title = "A network policy says who may connect to the pods",
    .section = Section::kSecurity,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "In a namespace with any NetworkPolicy, CiliumNetworkPolicy or Calico NetworkPolicy, passes when one of them, "
        "or a policy of the whole cluster (Cilium's, Calico's, AdminNetworkPolicy, BaselineAdminNetworkPolicy, "
        "ClusterNetworkPolicy), selects the workload's pods for ingress, and fails when none does or only for egress. "
        "Unknown where a selector or a kind that is served cannot be read. Not applicable where no policy is in the "
        "namespace or selects its pods, and on the host network.",
    .why =
        "A pod that no policy selects accepts connections from every pod in the cluster. Where others in the "
        "namespace are guarded, the one that was forgotten is the way in.",
    .fix =
        "Add a NetworkPolicy with a podSelector that matches the pods' labels and policyTypes Ingress; one with an "
        "empty podSelector and no ingress rule denies all that no other policy allows.",
    .source = "Kubernetes: Network Policies",
    .traps =
        "What the rules allow is not judged, nor whether the CNI plugin enforces them, nor egress, which other linters "
        "ask for: it takes a list of everything that the application calls, DNS first. An empty podSelector selects "
        "the whole namespace. Policies that Calico only stages do not count.",
    .reads = kPolicyKinds,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
