#include "checks/common/network_policies.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "checks/common/calico_selector.h"
#include "checks/common/scraping.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

enum class Match : std::uint8_t { kNo, kYes, kUnknown };

// What selectors of other projects ask of a pod beside its labels.
struct GuardedPod {
  const Workload& workload;
  const Labels* namespace_labels;  // nullptr: not known
  std::string_view ns() const { return workload.meta.namespace_; }
  std::string_view account() const {
    return workload.spec->service_account.empty() ? std::string_view("default") : workload.spec->service_account.view();
  }
};

Match MatchesNamespace(const GuardedPod& pod, const LabelSelector* selector) {
  if (selector == nullptr || selector->invalid) return Match::kNo;
  if (selector->empty()) return Match::kYes;
  if (pod.namespace_labels == nullptr) return Match::kUnknown;
  return selector->Matches(*pod.namespace_labels) ? Match::kYes : Match::kNo;
}

// ---- Cilium: keys carry the source of the label ("k8s:app", "any:app"), and some are no labels of the pod.

Match MatchesCilium(const GuardedPod& pod, const LabelSelector* selector) {
  if (selector == nullptr || !selector->present || selector->invalid) return Match::kNo;
  constexpr std::string_view kNamespace = "io.kubernetes.pod.namespace",
                             kNamespaceLabels = "io.cilium.k8s.namespace.labels.",
                             kAccount = "io.cilium.k8s.policy.serviceaccount",
                             kCluster = "io.cilium.k8s.policy.cluster";
  bool unknown = false;
  for (const LabelSelector::Term& term : selector->terms) {
    std::string_view key = term.key;
    for (const std::string_view source : {"k8s:", "any:"}) {
      if (key.starts_with(source)) key.remove_prefix(source.size());
    }
    std::optional<std::string_view> value;
    if (key.starts_with("reserved:")) return Match::kNo;
    if (key == kNamespace) {
      value = pod.ns();
    } else if (key == kAccount) {
      value = pod.account();
    } else if (key == kCluster) {
      continue;  // the name of this cluster, nearly always
    } else if (key.starts_with(kNamespaceLabels)) {
      if (pod.namespace_labels == nullptr) {
        unknown = true;
        continue;
      }
      if (const Text* found = pod.namespace_labels->Find(key.substr(kNamespaceLabels.size()))) value = found->view();
    } else if (const Text* found = pod.workload.template_labels.Find(key)) {
      value = found->view();
    }
    const bool listed =
        value && std::any_of(term.values.begin(), term.values.end(), [&](const Text& one) { return one == *value; });
    switch (term.op) {
      case LabelSelector::Op::kIn:
        if (!listed) return Match::kNo;
        break;
      case LabelSelector::Op::kNotIn:
        if (listed) return Match::kNo;
        break;
      case LabelSelector::Op::kExists:
        if (!value) return Match::kNo;
        break;
      case LabelSelector::Op::kDoesNotExist:
        if (value) return Match::kNo;
        break;
    }
  }
  return unknown ? Match::kUnknown : Match::kYes;
}

// ---- Calico

Match MatchesCalicoPods(const GuardedPod& pod, const Extension& policy) {
  const auto of_pod = [&](std::string_view key) -> std::optional<std::string_view> {
    if (key == "projectcalico.org/namespace") return pod.ns();
    if (key == "projectcalico.org/orchestrator") return "k8s";
    if (key == "projectcalico.org/serviceaccount") return pod.account();
    const Text* value = pod.workload.template_labels.Find(key);
    return value == nullptr ? std::nullopt : std::optional(value->view());
  };
  const std::optional<bool> pods = MatchesCalico(policy.First("spec.selector"), of_pod);
  if (!pods) return Match::kUnknown;
  if (!*pods) return Match::kNo;
  // Labels of service accounts are not kept.
  if (!policy.First("spec.serviceAccountSelector").empty()) return Match::kUnknown;
  const std::string_view ns_selector = policy.First("spec.namespaceSelector");
  if (policy.kind != Kind::kCalicoGlobalNetworkPolicy || ns_selector.empty()) return Match::kYes;
  bool unknown = false;
  const std::optional<bool> ns =
      MatchesCalico(ns_selector, [&](std::string_view key) -> std::optional<std::string_view> {
        if (key == "projectcalico.org/name" || key == "kubernetes.io/metadata.name") return pod.ns();
        if (pod.namespace_labels == nullptr) {
          unknown = true;
          return std::nullopt;
        }
        const Text* value = pod.namespace_labels->Find(key);
        return value == nullptr ? std::nullopt : std::optional(value->view());
      });
  if (!ns || unknown) return Match::kUnknown;
  return *ns ? Match::kYes : Match::kNo;
}

// spec.types as it is defaulted: by the rules that are there, Ingress where there are none.
bool CalicoIngress(const Extension& policy) {
  if (policy.Has("spec.types[]")) return policy.Names("spec.types[]", "Ingress");
  return policy.Has("spec.ingress[]?") || !policy.Has("spec.egress[]?");
}

// ---- all of them

void Note(Guards& guards, const Object& policy, Match match, bool ingress) {
  if (match == Match::kNo) return;
  std::string& slot = match == Match::kUnknown ? guards.unreadable : ingress ? guards.ingress : guards.egress_only;
  if (match == Match::kUnknown && !ingress) return;
  if (slot.empty()) slot = std::string(Info(policy.kind).name) + " " + policy.meta.name.str();
}

void NoteCilium(Guards& guards, const GuardedPod& pod, const Object& object) {
  const Extension& policy = Context::AsExtension(object);
  if (const LabelSelector* selector = policy.SelectorAt("spec.endpointSelector{}")) {
    // An empty list is no section. enableDefaultDeny: {ingress: false} leaves the pods open to others.
    const bool ingress = policy.Has("spec.ingress[]?") || policy.Has("spec.ingressDeny[]?");
    const bool open = policy.First("spec.enableDefaultDeny.ingress") == "false" && !policy.Has("spec.ingressDeny[]?");
    Note(guards, object, MatchesCilium(pod, selector), ingress && !open);
  }
  for (const Extension::Selector& one : policy.selectors) {
    if (one.path != "specs[].endpointSelector{}") continue;
    const bool ingress = !policy.Within(one.outer, "specs[].ingress[]?").empty() ||
                         !policy.Within(one.outer, "specs[].ingressDeny[]?").empty();
    Note(guards, object, MatchesCilium(pod, &one.selector), ingress);
  }
}

void NoteCalico(Guards& guards, const GuardedPod& pod, const Object& object) {
  const Extension& policy = Context::AsExtension(object);
  Note(guards, object, MatchesCalicoPods(pod, policy), CalicoIngress(policy));
}

// Without an ingress rule an admin policy says nothing about who may connect.
void NoteAdmin(Guards& guards, const GuardedPod& pod, const Object& object) {
  const Extension& policy = Context::AsExtension(object);
  if (!policy.Has("spec.ingress[]?")) return;
  Match match = MatchesNamespace(pod, policy.SelectorAt("spec.subject.namespaces{}"));
  const LabelSelector* pods = policy.SelectorAt("spec.subject.pods.podSelector{}");
  if (match == Match::kNo && pods != nullptr && pods->Matches(pod.workload.template_labels))
    match = MatchesNamespace(pod, policy.SelectorAt("spec.subject.pods.namespaceSelector{}"));
  Note(guards, object, match, true);
}

void NoteOfCluster(const Context& context, const GuardedPod& pod, Guards& guards) {
  for (const Object* policy : context.Everywhere(Kind::kCiliumClusterwideNetworkPolicy))
    NoteCilium(guards, pod, *policy);
  for (const Object* policy : context.Everywhere(Kind::kCalicoGlobalNetworkPolicy)) NoteCalico(guards, pod, *policy);
  for (const Kind kind : {Kind::kAdminNetworkPolicy, Kind::kBaselineAdminNetworkPolicy, Kind::kClusterNetworkPolicy}) {
    for (const Object* policy : context.Everywhere(kind)) NoteAdmin(guards, pod, *policy);
  }
}

GuardedPod AsPod(const Context& context, const Workload& workload) {
  const Namespace* ns = context.Namespace().object;
  return {workload, ns == nullptr ? nullptr : &ns->meta.labels};
}

constexpr Kind kOthers[] = {Kind::kCiliumNetworkPolicy, Kind::kCiliumClusterwideNetworkPolicy,
                            Kind::kCalicoNetworkPolicy, Kind::kCalicoGlobalNetworkPolicy,
                            Kind::kAdminNetworkPolicy,  Kind::kBaselineAdminNetworkPolicy,
                            Kind::kClusterNetworkPolicy};

}  // namespace

Guards FindGuards(const Context& context) {
  Guards guards;
  const SelectingList<NetworkPolicy>& policies = context.NetworkPolicies();
  for (const NetworkPolicy* policy : policies.items) Note(guards, *policy, Match::kYes, policy->ingress);
  guards.truncated = policies.truncated;
  const GuardedPod pod = AsPod(context, context.workload());
  for (const Object* policy : context.Here(Kind::kCiliumNetworkPolicy)) NoteCilium(guards, pod, *policy);
  for (const Object* policy : context.Here(Kind::kCalicoNetworkPolicy)) NoteCalico(guards, pod, *policy);
  NoteOfCluster(context, pod, guards);
  return guards;
}

Guards FindClusterGuards(const Context& context, const WorkloadRecord& record) {
  Guards guards;
  if (record.workload->spec != nullptr) NoteOfCluster(context, AsPod(context, *record.workload), guards);
  return guards;
}

std::string FirstOfNamespace(const Context& context) {
  if (!context.NamespacePolicies().empty())
    return "NetworkPolicy " + context.NamespacePolicies().front()->meta.name.str();
  for (const Kind kind : {Kind::kCiliumNetworkPolicy, Kind::kCalicoNetworkPolicy}) {
    if (!context.Here(kind).empty())
      return std::string(Info(kind).name) + " " + context.Here(kind).front()->meta.name.str();
  }
  return {};
}

std::optional<Outcome> MissingPolicies(const Context& context) {
  if (std::optional<Outcome> missing = Missing(context, Kind::kNetworkPolicy)) return missing;
  for (const Kind kind : kOthers) {
    if (context.State(kind) == SourceState::kAbsent) continue;
    if (std::optional<Outcome> missing = Missing(context, kind)) return missing;
  }
  return std::nullopt;
}

}  // namespace seaworthy::checks
