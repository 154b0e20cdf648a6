#include <algorithm>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

// Somebody else keeps the endpoints of the others: no selector, or a DNS name.
bool Selects(const Service& service) {
  return service.selector.present && !service.selector.empty() && service.type != "ExternalName";
}

// Controllers put these on pods, not into templates: a Service for one pod of a StatefulSet selects by the first.
constexpr std::string_view kPodOnlyLabels[] = {"statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
                                               "pod-template-hash", "controller-revision-hash",
                                               "rollouts-pod-template-hash"};

bool MatchesWithoutPodLabels(const Service& service, const Labels& labels) {
  LabelSelector selector = service.selector;
  erase_if(selector.terms, [](const LabelSelector::Term& term) {
    return std::find(std::begin(kPodOnlyLabels), std::end(kPodOnlyLabels), term.key.view()) != std::end(kPodOnlyLabels);
  });
  return selector.terms.size() < service.selector.terms.size() && selector.Matches(labels);
}

struct Targets {
  std::vector<const WorkloadRecord*> workloads;
  std::vector<const Pod*> pods;  // those without a workload, and those whose labels are not in the template
  bool endpoints = false;        // there are some, so there are pods, whoever they belong to
};

Targets FindTargets(const Context& context, const ServiceRecord& record) {
  Targets targets;
  const Service& service = *record.service;
  targets.workloads.assign(record.workloads.begin(), record.workloads.end());
  if (!targets.workloads.empty()) return targets;
  for (const WorkloadRecord* workload : context.Workloads()) {
    if (MatchesWithoutPodLabels(service, workload->workload->template_labels)) targets.workloads.push_back(workload);
    for (const Pod* pod : workload->pods) {
      if (service.selector.Matches(pod->meta.labels)) targets.pods.push_back(pod);
    }
  }
  for (const Pod* pod : context.BarePods()) {
    if (service.selector.Matches(pod->meta.labels)) targets.pods.push_back(pod);
  }
  for (const EndpointSlice* slice : context.SlicesOf(service)) targets.endpoints |= !slice->endpoints.empty();
  return targets;
}

std::string_view Protocol(const Text& protocol) { return protocol.empty() ? std::string_view("TCP") : protocol.view(); }

bool HasNamedPort(const PodSpec& spec, const ServicePort& port) {
  for (const Container& container : spec.containers) {
    if (!container.is_running_long()) continue;
    for (const ContainerPort& own : container.ports) {
      if (own.name == port.target.name && Protocol(own.protocol) == Protocol(port.protocol)) return true;
    }
  }
  return false;
}

// Templates first; injected containers have ports too, and only the pods show them.
bool AnyHasNamedPort(const Context& context, const Targets& targets, const ServicePort& port) {
  for (const WorkloadRecord* record : targets.workloads) {
    if (record->workload->spec != nullptr && HasNamedPort(*record->workload->spec, port)) return true;
  }
  (void)context.State(Kind::kPod);
  for (const WorkloadRecord* record : targets.workloads) {
    for (const Pod* pod : record->pods) {
      if (pod->spec != nullptr && HasNamedPort(*pod->spec, port)) return true;
    }
  }
  return std::any_of(targets.pods.begin(), targets.pods.end(),
                     [&](const Pod* pod) { return pod->spec != nullptr && HasNamedPort(*pod->spec, port); });
}

bool AllScaledToZero(const Targets& targets) {
  return targets.pods.empty() && !targets.workloads.empty() &&
         std::all_of(targets.workloads.begin(), targets.workloads.end(),
                     [](const WorkloadRecord* record) { return ScaledToZero(*record->workload); });
}

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = Missing(context, Kind::kService)) return *std::move(missing);
  Findings findings(context);
  bool any = false, not_in_input = false;
  for (const ServiceRecord* record : context.NamespaceServices()) {
    const Service& service = *record->service;
    if (!Selects(service)) continue;
    any = true;
    const std::string name = "Service " + service.meta.name.str();
    const Targets targets = FindTargets(context, *record);
    if (targets.workloads.empty() && targets.pods.empty()) {
      if (targets.endpoints) continue;
      if (context.offline()) {
        not_in_input = true;
        findings.Add(Verdict::kUnknown, "",
                     name + ": its selector matches nothing among these files; give those of its pods too");
      } else if (!Usable(context, Kind::kPod)) {
        findings.Add(Verdict::kUnknown, "", name + ": its selector matches no template, and pods cannot be read");
      } else {
        findings.Add(Verdict::kFail, "", name + ": its selector matches no pod template and no pod");
      }
      continue;
    }
    if (AllScaledToZero(targets)) continue;
    for (const ServicePort& port : service.ports) {
      if (port.target.name.empty() || AnyHasNamedPort(context, targets, port)) continue;
      findings.Add(Verdict::kFail, "",
                   name + ": targetPort " + port.target.name.str() + " (" + std::string(Protocol(port.protocol)) +
                       ") is the name of no port of the containers that it selects");
    }
  }
  if (!any) return Outcome::Na("no Service with a selector in this namespace");
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown && not_in_input) outcome.cause = UnknownCause::kNotInInput;
  return outcome;
}

}  // namespace

constinit const Check kServiceMatches = {
    .id = "service-matches",
    .title = "Services match pods and their named ports",
    .section = Section::kReplicas,
    .severity = Severity::kMedium,
    .subject = SubjectType::kNamespace,
    .rule =
        "Passes when the selector of each Service of the namespace matches a pod template or a pod, and each named "
        "targetPort is a port of one of the containers that it selects, of the same protocol. Fails otherwise and "
        "names the Service. A Service whose workloads are all at 0 replicas is excused. In a scan a Service that "
        "matches nothing is unknown: its pods may be in other files. Not applicable without Services that have a "
        "selector.",
    .why =
        "Such a Service resolves and then refuses every connection. A renamed label or port does that without any "
        "error at deployment.",
    .fix =
        "Compare the Service's selector with the labels of the pod template, and its targetPort with the containers' "
        "ports; delete Services that nothing needs.",
    .source = "E. Replicas and serving: stays available when a pod is recreated or deployed",
    .traps =
        "Services for a single pod of a StatefulSet, and those that select by labels that operators set on pods (a "
        "leader's role), match. A targetPort by number need not be declared by a container. Services without a "
        "selector and ExternalName ones are left out.",
    .reads = {Kind::kService, Kind::kPod, Kind::kEndpointSlice, Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet,
              Kind::kCronJob, Kind::kReplicaSet},
    .run = Run,
};

}  // namespace seaworthy::checks
