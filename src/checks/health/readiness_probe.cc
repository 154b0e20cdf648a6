#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/probes.h"
#include "checks/common/serving.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (!Usable(context, Kind::kService)) return "";
  const Serving& serving = FindServing(context);
  return serving.none() && !context.Services().truncated ? serving.none_because : "";
}

Outcome Run(const Context& context) {
  if (auto missing = Missing(context, Kind::kService)) return *std::move(missing);
  const Serving& serving = FindServing(context);
  Findings findings(context);
  for (const Serving::Target& target : serving.targets) {
    const Probe& probe = target.container->readiness;
    if (probe.has_handler()) continue;
    findings.Add(Verdict::kFail, context.workload(), *target.container, "readinessProbe",
                 (probe.present ? "its readinessProbe " + std::string(kNoHandler) : "no readinessProbe") +
                     ", and Service " + target.service->meta.name.str() + " sends it traffic");
  }
  if (serving.targets.empty() && serving.ambiguous) {
    const auto& containers = context.spec().containers;
    const bool probed = std::any_of(containers.begin(), containers.end(), [](const Container& container) {
      return container.role == ContainerRole::kMain && container.readiness->has_handler();
    });
    if (!probed) {
      findings.Add(
          Verdict::kFail, std::string(TemplatePath(context.workload())) + ".containers",
          "no container has a readinessProbe, and a Service sends traffic to a port that none of them declares");
    }
  }
  if (findings.empty() && context.Services().truncated) {
    return Outcome::Unknown(UnknownCause::kUnreadable, "too many Services select its pods");
  }
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kReadinessProbe = {
    .id = "readiness-probe",
    .title = "Containers that a Service sends traffic to have a readiness probe",
    .section = Section::kHealth,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = kLongRunning,
    .rule =
        "Each container that a targetPort of a selecting Service resolves to has a readinessProbe, else it fails; one "
        "without a handler ({}) is none. Names resolve to the first container that has the port, sidecars last; "
        "numbers to whoever declares them, else to the only container. Where several containers could be meant, one "
        "with a probe is enough. What only monitoring reads does not count: ports and Services named for metrics or "
        "profiling, exporters and kube-rbac-proxy by their images. Nor do Services with publishNotReadyAddresses, "
        "which readiness does not steer. Not applicable where no Service selects the pods, or none of its ports "
        "reaches a container.",
    .why =
        "Without it a pod gets traffic before it can answer: on every rollout, restart and scale-up some requests "
        "fail.",
    .fix =
        "Add a readinessProbe that asks this container alone whether it can serve; leave its dependencies out, or "
        "one slow database takes every replica out of the Service at once.",
    .source = "J. Health: liveness and readiness, sensible",
    .traps =
        "Workers without a Service need none. Containers that serve no Service port are not asked, nor those that only "
        "a metrics port reaches; other linters ask every container. A port called http-metrics counts as one: it is "
        "the only one of many controllers (cert-manager's), though Loki's API is called so, too. kube-rbac-proxy "
        "before something else than metrics is not asked either. Jobs and CronJobs are never asked. A targetPort that "
        "no container has is service-matches' finding.",
    .reads = {Kind::kService},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
