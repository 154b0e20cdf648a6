#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/sources.h"
#include "checks/common/time_text.h"
#include "checks/delivery/release_time.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"minutes", 60, "how long after a release its smoke test may come"}};

struct Seen {
  std::string what;
  Timestamp ended;
  bool passed = false;
};

void Keep(std::optional<Seen>& newest, Seen seen) {
  if (!seen.ended.set()) return;
  // Of two that ended in one second the one that failed says more.
  const bool newer = !newest || seen.ended > newest->ended || (seen.ended == newest->ended && !seen.passed);
  if (newer) newest = std::move(seen);
}

Timestamp TimeAt(const Extension& extension, std::string_view path) { return {extension.IntAt(path).value_or(0)}; }

// Argo Rollouts analyses what it rolls out; the runs hang under the Rollout.
void LookAtAnalysisRuns(const Context& context, std::optional<Seen>& newest) {
  const Workload& workload = context.workload();
  if (workload.kind_name != "Rollout") return;
  for (const Object* object : context.Here(Kind::kAnalysisRun)) {
    const OwnerRef* owner = object->meta.Controller();
    if (owner == nullptr || owner->kind != "Rollout" || owner->name != workload.meta.name) continue;
    const Extension& run = Context::AsExtension(*object);
    const std::string_view phase = run.First("status.phase");
    if (phase != "Successful" && phase != "Failed" && phase != "Error") continue;
    Keep(newest,
         {"AnalysisRun/" + run.meta.name.str(), TimeAt(run, "status.completedAt{time}"), phase == "Successful"});
  }
}

// Flagger tests the target's new revision before it takes the traffic, and runs it as NAME-primary.
void LookAtCanaries(const Context& context, std::optional<Seen>& newest) {
  const Workload& workload = context.workload();
  for (const Object* object : context.Here(Kind::kCanary)) {
    const Extension& canary = Context::AsExtension(*object);
    if (canary.First("spec.targetRef.kind") != workload.kind_name.view()) continue;
    const std::string target(canary.First("spec.targetRef.name"));
    if (workload.meta.name != target && workload.meta.name != target + "-primary") continue;
    const std::string_view phase = canary.First("status.phase");
    if (phase != "Succeeded" && phase != "Failed") continue;
    Keep(newest,
         {"Canary/" + canary.meta.name.str(), TimeAt(canary, "status.lastTransitionTime{time}"), phase == "Succeeded"});
  }
}

// Applications are listed by namespace and name: one look in each of their namespaces, of which there are few.
template <typename Fn>
void ForEachNamed(std::span<const Object* const> objects, std::string_view name, Fn fn) {
  auto at = objects.begin();
  while (at != objects.end()) {
    const std::string_view ns = (*at)->meta.namespace_;
    const auto end = std::partition_point(at, objects.end(),
                                          [ns](const Object* object) { return object->meta.namespace_.view() == ns; });
    const auto found =
        std::partition_point(at, end, [name](const Object* object) { return object->meta.name.view() < name; });
    if (found != end && (*found)->meta.name == name) fn(Context::AsExtension(**found));
    at = end;
  }
}

// "shop:apps/Deployment:shop/web", or the label that Argo CD is configured to use.
std::string_view ApplicationOf(const Workload& workload) {
  const std::string_view tracking = workload.meta.annotations.Get("argocd.argoproj.io/tracking-id");
  if (const std::size_t colon = tracking.find(':'); colon != std::string_view::npos) {
    const std::string_view application = tracking.substr(0, colon);  // "namespace_name" outside of Argo CD's own
    const std::size_t underscore = application.find('_');
    return underscore == std::string_view::npos ? application : application.substr(underscore + 1);
  }
  const std::string_view label = workload.meta.labels.Get("argocd.argoproj.io/instance");
  return label.empty() ? workload.meta.labels.Get("app.kubernetes.io/instance") : label;
}

bool Deploys(const Extension& application, const Workload& workload) {
  for (const Extension::Fact* name : application.All("status.resources[].name")) {
    if (name->value == workload.meta.name &&
        application.Beside(*name, "status.resources[].kind") == workload.kind_name.view() &&
        application.Beside(*name, "status.resources[].namespace") == workload.meta.namespace_.view())
      return true;
  }
  return false;
}

// PostSync hooks run once everything that was synced is healthy.
void LookAtApplications(const Context& context, std::optional<Seen>& newest) {
  const std::string_view name = ApplicationOf(context.workload());
  if (name.empty()) return;
  constexpr std::string_view kHooks = "status.operationState.syncResult.resources[].hookType";
  ForEachNamed(context.Everywhere(Kind::kApplication), name, [&](const Extension& application) {
    if (!Deploys(application, context.workload())) return;
    bool any = false, passed = true;
    for (const Extension::Fact* hook : application.All(kHooks)) {
      if (hook->value != "PostSync") continue;
      any = true;
      passed &= application.Beside(*hook, "status.operationState.syncResult.resources[].hookPhase") == "Succeeded";
    }
    if (any)
      Keep(newest, {"PostSync of Application/" + application.meta.name.str(),
                    TimeAt(application, "status.operationState.finishedAt{time}"), passed});
  });
}

// Flux runs `helm test` after an install or upgrade where spec.test.enable says so, and labels what it applied.
void LookAtHelmReleases(const Context& context, std::optional<Seen>& newest) {
  const Labels& labels = context.workload().meta.labels;
  const std::string_view name = labels.Get("helm.toolkit.fluxcd.io/name"),
                         ns = labels.Get("helm.toolkit.fluxcd.io/namespace");
  if (name.empty()) return;
  ForEachNamed(context.Everywhere(Kind::kHelmRelease), name, [&](const Extension& release) {
    if (release.meta.namespace_ != ns || release.First("spec.test.enable") != "true") return;
    const Condition* tested = FindCondition(release.conditions, "TestSuccess");
    if (tested == nullptr || (!tested->is_true() && !tested->is_false())) return;
    Keep(newest, {"helm test of HelmRelease/" + release.meta.name.str(), tested->since, tested->is_true()});
  });
}

Outcome Run(const Context& context) {
  if (context.offline())
    return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows whether a smoke test ran");
  std::optional<Seen> newest;
  if (const SmokeTestEvidence* job = context.SmokeTest())
    Keep(newest, {"Job/" + job->job.str(), job->ended, job->passed});
  LookAtAnalysisRuns(context, newest);
  LookAtCanaries(context, newest);
  LookAtApplications(context, newest);
  LookAtHelmReleases(context, newest);
  if (!newest) {
    for (const Kind kind : {Kind::kJob, Kind::kAnalysisRun, Kind::kCanary, Kind::kApplication, Kind::kHelmRelease}) {
      if (context.State(kind) == SourceState::kDenied) return *Missing(context, kind);
    }
    return Outcome::Unknown(
        UnknownCause::kNotDeclared,
        "no smoke test is seen: label its Job seaworthy.dev/smoke-test-of: " + context.workload().meta.name.str());
  }
  const auto [released, at_most] = ReleasedAt(context);
  if (newest->ended >= released) {
    const std::string when = newest->what + " on " + DateTimeText(newest->ended);
    return newest->passed ? Outcome::Pass("passed by " + when) : Outcome::Fail("the newest smoke test failed: " + when);
  }
  const auto minutes = static_cast<std::int64_t>(context.Param("minutes"));
  const Timestamp due{released.seconds + minutes * 60};
  if (context.now_seconds() < due.seconds) {
    return Outcome::Unknown(UnknownCause::kNotObserved, "released a moment ago, its smoke test is still to come")
        .RecheckAt(due);
  }
  if (at_most) {
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            "the newest smoke test, " + newest->what + " on " + DateTimeText(newest->ended) +
                                ", is older than the pods that run, and their release was not seen: the next one is");
  }
  return Outcome::Warn("no smoke test since the release on " + DateTimeText(released) + "; the newest was " +
                       newest->what + " on " + DateTimeText(newest->ended))
      .Absence();
}

}  // namespace

constinit const Check kSmokeTest = {
    .id = "smoke-test",
    .title = "Each release is followed by a smoke test",
    .section = Section::kDelivery,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kDeployment, WorkloadClass::kStatefulSet, WorkloadClass::kDaemonSet,
                   WorkloadClass::kReplicaSet, WorkloadClass::kOther},
    .attestable = true,
    .max_days = 180,
    .rule =
        "Looks for the newest smoke test: a Job of the namespace labelled seaworthy.dev/smoke-test-of: NAME (or "
        "deployment.NAME), which is remembered when the Job is gone; Argo CD PostSync hooks; Argo Rollouts "
        "AnalysisRuns; Flagger's Canary; Flux' helm test. Passed since the last release passes, failed since then "
        "fails. One that is older than the release warns from an hour after it. Unknown where none is seen, unless it "
        "is attested, where the release was not seen and all pods are newer than the test (Deployments keep its time), "
        "and in a scan. Not applicable to CronJobs.",
    .why =
        "Ready pods answer their probe. Whether the release does what users want (a page, a login, a write) shows "
        "first to a smoke test, or to the users.",
    .fix =
        "Let the pipeline run a Job against the new release with the label, or make it a PostSync hook, an analysis or "
        "a helm test. Otherwise attest it with forImage, so that it lapses with the next release.",
    .source = "Q. Delivery: deployed by a pipeline with tests and smoke tests",
    .traps =
        "Hook Jobs are deleted when they succeed: the watch has to see them end, so with ttlSecondsAfterFinished 0 one "
        "may be missed. A test of the last revision says nothing about this one.",
    .reads = {Kind::kJob, Kind::kPod, Kind::kReplicaSet, Kind::kAnalysisRun, Kind::kCanary, Kind::kApplication,
              Kind::kHelmRelease},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
