#include <algorithm>
#include <iterator>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/job_runner_pods.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"hours", 24, "a pod without a controller may run for so long"}};
constexpr int kShown = 5;

bool IsJobRunner(const Pod& pod) {
  return std::any_of(std::begin(kRunnerLabels), std::end(kRunnerLabels), [&](const RunnerLabel& runner) {
    const Text* value = pod.meta.labels.Find(runner.key);
    return value != nullptr && (runner.value.empty() || *value == runner.value);
  });
}

Outcome Run(const Context& context) {
  if (context.BarePods().empty() && context.Workloads().empty()) return Outcome::Na("nothing runs in this namespace");
  const auto allowed = static_cast<std::int64_t>(context.Param("hours") * 3600);
  std::string names;
  int count = 0;
  Timestamp first, next;
  for (const Pod* pod : context.BarePods()) {
    if (pod->phase != "Running" || pod->mirror || pod->meta.deleted.set() || IsJobRunner(*pod)) continue;
    const Timestamp started = pod->started.set() ? pod->started : pod->meta.created;
    if (!started.set()) continue;
    const Timestamp crosses{started.seconds + allowed};
    if (context.now_seconds() <= crosses.seconds) {
      if (!next.set() || crosses < next) next = {crosses.seconds + 1};
      continue;
    }
    if (!first.set() || crosses < first) first = crosses;
    if (++count > kShown) continue;
    if (count > 1) names += ", ";
    names += pod->meta.name;
  }
  if (count == 0) return Outcome::Pass().RecheckAt(next);
  if (count > kShown) names += " and others";
  const auto hours = std::to_string(allowed / 3600);
  return Outcome::Fail((count == 1 ? "pod " + names + " has no controller and has"
                                   : "pods " + names + " have no controller and have") +
                       " been running for more than " + hours + " h: nothing starts them again when their node goes")
      .Since(first)
      .RecheckAt(next);
}

}  // namespace

constinit const Check kNoBarePods = {
    .id = "no-bare-pods",
    .title = "No pods without a controller",
    .section = Section::kNamespaces,
    .severity = Severity::kMedium,
    .subject = SubjectType::kNamespace,
    .penalty_only = true,
    .rule =
        "Fails when a pod without a controller (an owner with controller: true) has been Running for more than 24 h; "
        "passes otherwise. Static pods and the pods of job runners (CI systems, Airflow, Spark, JupyterHub and such, "
        "by their labels) are left out, those that have ended or are being deleted too. Not applicable to a namespace "
        "in which nothing runs; unknown in a scan.",
    .why =
        "A pod without a controller is gone for good when its node is drained or fails, and no rollout ever updates "
        "it. Most of them were somebody's test.",
    .fix = "Run it as a Deployment, StatefulSet or Job, or delete it.",
    .source = "C. Namespaces: namespaces group applications",
    .traps = "Debug pods have a day. A pod manifest in a scan is judged as a workload.",
    .reads = {Kind::kPod, Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob, Kind::kReplicaSet},
    .needs = {Kind::kPod},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
