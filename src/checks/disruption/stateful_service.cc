#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (context.workload().workload_class != WorkloadClass::kStatefulSet) return "";
  return context.workload().service_name.empty() ? "it names no governing Service" : "";
}

// Services of a namespace stand in the order of their names.
const ServiceRecord* FindService(const Context& context, const Text& name) {
  const auto services = context.NamespaceServices();
  const auto found = std::lower_bound(
      services.begin(), services.end(), name,
      [](const ServiceRecord* record, const Text& wanted) { return record->service->meta.name < wanted; });
  return found != services.end() && (*found)->service->meta.name == name ? *found : nullptr;
}

constexpr std::string_view kNotThere = "is not there";

// By the template's labels, or by those that something else puts on all its pods (an operator).
bool SelectsPods(const Context& context, const Service& service) {
  if (service.selector.Matches(context.workload().template_labels)) return true;
  const std::vector<const Pod*>& pods = context.CurrentPods();
  return !pods.empty() && std::all_of(pods.begin(), pods.end(),
                                      [&](const Pod* pod) { return service.selector.Matches(pod->meta.labels); });
}

// What is wrong with the Service that it names; empty: nothing.
std::string_view Fault(const Context& context) {
  const Workload& workload = context.workload();
  const ServiceRecord* record = FindService(context, workload.service_name);
  if (record == nullptr) return kNotThere;
  if (!SelectsPods(context, *record->service)) return "does not select its pods";
  return record->service->headless ? "" : "is not headless (clusterIP: None)";
}

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = Missing(context, Kind::kService)) return *std::move(missing);
  const std::string_view fault = Fault(context);
  if (fault == kNotThere && context.offline()) {
    return Outcome::Unknown(UnknownCause::kNotInInput, "Service " + context.workload().service_name.str() +
                                                           ", its serviceName, is not among these files")
        .At("spec.serviceName");
  }
  if (fault.empty()) return Outcome::Pass();
  std::string what = "Service " + context.workload().service_name.str() + ", its serviceName, " + std::string(fault) +
                     ": its pods have no names in DNS";
  // Of a single pod nobody asks for the name, and the field had to be filled in until Kubernetes 1.34.
  const bool alone = EffectiveReplicas(context).maximum <= 1;
  return (alone ? Outcome::Warn(std::move(what)) : Outcome::Fail(std::move(what))).At("spec.serviceName");
}

}  // namespace

constinit const Check kStatefulService = {
    .id = "stateful-service",
    .title = "The governing Service of a StatefulSet exists and is headless",
    .section = Section::kDisruption,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kStatefulSet},
    .rule =
        "Passes when the Service that spec.serviceName names exists in the namespace, is headless and selects the pods "
        "(by the template's labels, or by those of all pods that run); fails otherwise. Where there is a single "
        "replica it warns instead. In a scan a Service that is not among the files is unknown. Not applicable to other "
        "kinds and without a serviceName.",
    .why =
        "The members of a database or queue find each other by names such as db-0.db.shop.svc. Without that Service "
        "these do not resolve: after a restart a member is on its own, or does not come up.",
    .fix =
        "Create a Service of that name with clusterIP: None and the labels of the pod template as its selector. "
        "serviceName itself cannot be changed.",
    .source = "Kubernetes documentation, StatefulSets: stable network identity",
    .traps =
        "Another Service for clients, with an address, is beside the point. The Kubernetes API does not check the "
        "name, so a wrong one shows in nothing but failed look-ups. Nobody looks for a single pod by its own name "
        "(Argo CD's application controller and Jenkins name Services that are none): hence only a warning there.",
    .reads = {Kind::kService, Kind::kPod, Kind::kHorizontalPodAutoscaler, Kind::kScaledObject},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
