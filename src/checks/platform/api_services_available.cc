#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  Findings findings(context);
  Timestamp since;
  for (const Object* object : context.Everywhere(Kind::kApiService)) {
    const Extension& service = Context::AsExtension(*object);
    const Condition* available = FindCondition(service.conditions, "Available");
    if (available == nullptr || !available->is_false()) continue;
    std::string what = "APIService " + service.meta.name.str() + " is not available";
    if (!available->reason.empty()) what += " (" + available->reason.str() + ")";
    if (service.Has("spec.service.name"))
      what += ", served by Service " + std::string(service.First("spec.service.namespace")) + "/" +
              std::string(service.First("spec.service.name"));
    findings.Add(Verdict::kFail, {}, what);
    if (available->since.set() && (!since.set() || available->since < since)) since = available->since;
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  outcome.since = since;
  return outcome;
}

}  // namespace

constinit const Check kApiServicesAvailable = {
    .id = "api-services-available",
    .title = "Aggregated APIs answer",
    .section = Section::kPlatform,
    .severity = Severity::kHigh,
    .subject = SubjectType::kCluster,
    .penalty_only = true,
    .holds = true,
    .rule =
        "Fails when condition Available of an APIService has been False for 10 minutes, with its reason and the "
        "Service behind it. Unknown in a scan and where APIServices are not readable.",
    .why =
        "An aggregated API that is down (metrics.k8s.io, custom.metrics.k8s.io) blinds autoscalers, slows every "
        "kubectl down, and keeps namespaces from being deleted: their content cannot be listed.",
    .fix =
        "Look at the Service that is named: its pods, its NetworkPolicies, its certificate. Delete the APIService if "
        "its server was uninstalled.",
    .source = "Kubernetes: Kubernetes API Aggregation Layer",
    .traps = "An APIService whose condition is Unknown or absent has not been looked at yet.",
    .reads = {Kind::kApiService},
    .needs = {Kind::kApiService},
    .run = Run,
};

}  // namespace seaworthy::checks
