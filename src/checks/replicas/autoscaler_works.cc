#include <algorithm>
#include <string>
#include <utility>

#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"
#include "checks/delivery/managers.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (ScaledToZero(context.workload())) return kScaledToZero;
  if (!Usable(context, Kind::kHorizontalPodAutoscaler)) return "";  // Run says why it is not known
  return context.Autoscalers().empty() ? "no HorizontalPodAutoscaler targets it" : "";
}

std::string NameOf(const HorizontalPodAutoscaler& autoscaler) {
  return "HorizontalPodAutoscaler " + autoscaler.meta.name.str();
}

// The controller adds the requests of all containers that a metric is about; one without makes it give up.
void JudgeRequests(const Context& context, const HorizontalPodAutoscaler& autoscaler, Findings& findings) {
  for (const HpaMetric& metric : autoscaler.metrics) {
    if (!metric.utilization || (metric.type != "Resource" && metric.type != "ContainerResource")) continue;
    const bool cpu = metric.resource == "cpu";
    if (!cpu && metric.resource != "memory") continue;
    const ResourceField field = cpu ? ResourceField::kRequestsCpu : ResourceField::kRequestsMemory;
    for (const MeasuredContainer& measured : MeasuredContainers(context)) {
      if (metric.type == "ContainerResource" && measured.container->name != metric.container) continue;
      const EffectiveAmount amount = EffectiveAmountOf(context, measured, field);
      if (amount.invalid || amount.value.value_or(0) > 0) continue;
      findings.Add(Verdict::kFail, context.workload(), *measured.container, FieldPath(field),
                   "no " + std::string(cpu ? "CPU" : "memory") + " request, of which " + NameOf(autoscaler) +
                       " measures a percentage" + (measured.injected ? " (injected: not in the template)" : ""));
    }
  }
}

// Only a server gives uids.
bool IsExported(const Workload& workload) { return workload.meta.uid.set(); }

// Who sets spec.replicas beside the autoscaler: each release undoes what it scaled.
std::string WhoSetsReplicas(const Context& context) {
  const Workload& workload = context.workload();
  if (!workload.replicas.has_value()) return {};
  // What was exported from a cluster has the replicas of that moment; its managers, if they are there, say whose.
  if (context.offline() && !IsExported(workload)) return "the manifest";
  for (const FieldManager& manager : workload.meta.managers) {
    if (!manager.owns_replicas || !manager.subresource.empty()) continue;
    const ManagerKind kind = KindOfManager(manager.name, context.Managers());
    if (kind != ManagerKind::kGitOps && kind != ManagerKind::kPipeline) continue;
    // An Update owns the API server's default of 1 as well, until the autoscaler changes it; Apply owns what it says.
    if (manager.apply || *workload.replicas != 1) return "field manager " + manager.name.str();
  }
  return {};
}

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = Missing(context, Kind::kHorizontalPodAutoscaler)) return *std::move(missing);
  Findings findings(context);
  Timestamp since;
  bool from_status = false;
  for (const HorizontalPodAutoscaler* autoscaler : context.Autoscalers()) {
    for (std::string_view type : {"AbleToScale", "ScalingActive"}) {
      const Condition* condition = FindCondition(autoscaler->conditions, type);
      if (condition == nullptr || !condition->is_false()) continue;
      from_status = true;
      if (!since.set() || condition->since < since) since = condition->since;
      findings.Add(
          Verdict::kFail, {},
          NameOf(*autoscaler) + " does not scale: " + std::string(type) + " is False, " + condition->reason.str());
    }
  }
  const bool broken = !findings.empty();
  for (const HorizontalPodAutoscaler* autoscaler : context.Autoscalers()) JudgeRequests(context, *autoscaler, findings);
  if (const std::string who = WhoSetsReplicas(context); !who.empty()) {
    findings.Add(Verdict::kFail, "spec.replicas",
                 "spec.replicas is set by " + who + " as well as by the autoscaler: every release undoes its scaling");
  }
  const bool by_spec = !broken && !findings.empty();
  std::string blind;
  if (context.offline()) {
    blind =
        IsExported(context.workload())
            ? "whether it scales, and who sets spec.replicas, is seen in a cluster only (this is an exported object)"
            : "whether it scales is seen in a cluster only";
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass(std::move(blind)));
  if (by_spec) return std::move(outcome).Settled();
  if (from_status) return std::move(outcome).Since(since);
  return outcome;
}

// Only for a file: applied to a live object the API server would put its default, 1, in the place.
std::string MakePatch(const Context& context) {
  if (!context.offline() || IsExported(context.workload()) || WhoSetsReplicas(context).empty()) return {};
  return Patch(context.workload()).Spec("\"replicas\":null").Build();
}

}  // namespace

constinit const Check kAutoscalerWorks = {
    .id = "autoscaler-works",
    .title = "The autoscaler scales",
    .section = Section::kReplicas,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = kReplicated,
    .holds = true,
    .rule =
        "Fails when a HorizontalPodAutoscaler of the workload reports AbleToScale or ScalingActive False for 10 "
        "minutes, when it measures a percentage of requests that a container does not have, and when a release tool "
        "sets spec.replicas beside it (in a scan: when the manifest does, unless it was exported from a cluster). Not "
        "applicable without an autoscaler and at 0 replicas.",
    .why =
        "An autoscaler that cannot read its metric leaves the replicas where they are, at whatever load. One that "
        "fights with the release tool throws away at each deployment the replicas that carry the traffic.",
    .fix =
        "kubectl describe hpa says what fails: metrics-server missing, a metric that nobody serves, a container "
        "without requests. Leave spec.replicas out of manifests whose replicas an autoscaler sets (with Argo CD "
        "ignoreDifferences as well).",
    .source = "E. Replicas and serving: at least 2 replicas of everything, databases too",
    .traps =
        "ScalingActive is False on purpose at 0 replicas. Client-side releases own the default of 1 replica until the "
        "autoscaler changes it: only another number is taken for theirs. Requests that a LimitRange or the pod level "
        "gives count; injected sidecars are asked like others, as the autoscaler does. An autoscaler whose target does "
        "not exist belongs to no workload and is not reported.",
    .reads = {Kind::kHorizontalPodAutoscaler, Kind::kPod, Kind::kLimitRange},
    .applies = Applies,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
