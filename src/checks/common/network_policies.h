// Policies that guard pods, whoever enforces them: NetworkPolicy, Cilium's, Calico's and the admin policies of
// sig-network.
#pragma once

#include <optional>
#include <string>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct Guards {
  std::string ingress;      // the first that selects the pods for ingress: "CiliumNetworkPolicy web"
  std::string egress_only;  // the first that selects them for egress only
  std::string unreadable;   // the first whose selector cannot be evaluated
  bool truncated = false;   // more NetworkPolicies select the pods than are looked at
};
// The policies of its namespace and of the cluster that select the workload's pods. Kinds: kPolicyKinds.
Guards FindGuards(const Context& context);

// The same for a workload of the namespace that the context is about, by the policies of the cluster only.
Guards FindClusterGuards(const Context& context, const WorkloadRecord& record);

// Whether the namespace has any policy of its own, and its name: "NetworkPolicy default-deny". Kinds: kPolicyKinds.
std::string FirstOfNamespace(const Context& context);

inline constexpr KindSet kPolicyKinds = {Kind::kNetworkPolicy,
                                         Kind::kCiliumNetworkPolicy,
                                         Kind::kCiliumClusterwideNetworkPolicy,
                                         Kind::kCalicoNetworkPolicy,
                                         Kind::kCalicoGlobalNetworkPolicy,
                                         Kind::kAdminNetworkPolicy,
                                         Kind::kBaselineAdminNetworkPolicy,
                                         Kind::kClusterNetworkPolicy,
                                         Kind::kNamespace};

// The first kind of policy that should be there and cannot be read; nullopt: none. That a kind is absent is no lack.
std::optional<Outcome> MissingPolicies(const Context& context);

}  // namespace seaworthy::checks
