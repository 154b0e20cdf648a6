#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/delivery/managers.h"
#include "checks/delivery/pipeline_run.h"

namespace seaworthy::checks {
namespace {

// A tool that keeps the template as a source says: whatever else changes it, drifts from that.
const FieldManager* KeptBy(const Context& context) {
  const auto& managers = context.workload().meta.managers;
  const auto found = std::find_if(managers.begin(), managers.end(), [&context](const FieldManager& manager) {
    return manager.owns_template && KindOfManager(manager.name, context.Managers()) == ManagerKind::kGitOps;
  });
  return found == managers.end() ? nullptr : &*found;
}

// The client chooses its name: it is a hint, and the message says so.
constexpr std::string_view kCaveat = " (a manager's name is chosen by the client)";

Outcome Judge(const Context& context, const DeliveryEvidence& last) {
  const Workload& workload = context.workload();
  const std::string seen = "the template was last changed by manager " + last.manager.str() + std::string(kCaveat);
  const ManagerKind by = KindOfManager(last.manager, context.Managers());
  const bool run = workload.meta.annotations.Has(kPipelineRun) || workload.template_annotations.Has(kPipelineRun);
  // Nothing of what a tool applied is changed, and none takes it back: no drift, and no release.
  if (last.restart && ((by == ManagerKind::kPlain && !run) || by == ManagerKind::kInteractive)) {
    Outcome outcome = Outcome::Warn("restarted by hand, by manager " + last.manager.str() + std::string(kCaveat) +
                                    ": nothing else of the template changed");
    outcome.severity = Severity::kLow;
    return outcome;
  }
  switch (by) {
    case ManagerKind::kGitOps:
    case ManagerKind::kPipeline: return Outcome::Pass();
    case ManagerKind::kInteractive: {
      Outcome outcome = Outcome::Fail(seen + ", which is an interactive tool");
      if (const FieldManager* keeper = KeptBy(context)) {
        outcome.severity = Severity::kHigh;
        outcome.message += "; it drifts from what " + keeper->name.str() + " applied";
      }
      return outcome;
    }
    case ManagerKind::kPlain: {
      if (const FieldManager* keeper = KeptBy(context)) {
        Outcome outcome = Outcome::Warn(seen + "; it drifts from what " + keeper->name.str() + " applied");
        outcome.severity = Severity::kHigh;
        return outcome;
      }
      if (run) return Outcome::Pass();
      return Outcome::Warn(seen + ", which a person or a pipeline may be: a policy can list it");
    }
    case ManagerKind::kUnlisted: break;
  }
  if (run) return Outcome::Pass();
  if (const OwnerRef* owner = workload.meta.Controller())
    return Outcome::Na("its template is written by its owner " + owner->kind.str());
  return Outcome::Unknown(UnknownCause::kNotDeclared,
                          seen + ", which no list knows: name it in an AuditPolicy's managers");
}

Outcome Run(const Context& context) {
  if (context.offline()) return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows who changes a workload");
  const DeliveryEvidence* last = context.Delivery();
  if (last == nullptr) {
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            "no change of the template has been seen yet: the next release decides");
  }
  return Judge(context, *last).Since(last->time);
}

}  // namespace

constinit const Check kDeployedByPipeline = {
    .id = "deployed-by-pipeline",
    .title = "Releases come from a pipeline, not from a person's terminal",
    .section = Section::kDelivery,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "Judged when the pod template changes under the watch, by the managedFields entry that moved. Passes for "
        "GitOps tools, Helm and other pipeline tools, and for a plain kubectl apply, set, replace or an unlisted "
        "manager where the annotation seaworthy.dev/pipeline-run is set or the policy lists the manager. Plain ones "
        "warn otherwise. kubectl edit and patch, Lens, k9s, dashboards and web consoles fail. Of high severity where a "
        "GitOps tool or Helm owns fields of the template too (drift). A restart by hand (kubectl rollout restart), "
        "which changes nothing else, warns with low severity. Unknown in a scan, until a change is seen, and for "
        "managers that no list knows. Not applicable to workloads whose template a controller writes.",
    .why =
        "A change made by hand was neither tested nor reviewed, is in no repository, and is lost or fought over at "
        "the next release.",
    .fix =
        "Make the change in the repository and let the pipeline bring it out. Where the pipeline itself calls "
        "kubectl, pass --field-manager and list that name in an AuditPolicy (managers.pipeline), or let it set "
        "seaworthy.dev/pipeline-run.",
    .source = "Q. Delivery: deployed by a pipeline with tests and smoke tests",
    .traps =
        "A pipeline that calls kubectl looks like a person, so plain applies only warn. A manager's name is "
        "chosen by the client and proves nothing. Changes of replicas and status are no release. The annotation "
        "does not excuse an interactive tool: it stays on the object after the pipeline's run.",
    .applies = WithoutTemplate,
    .run = Run,
};

}  // namespace seaworthy::checks
