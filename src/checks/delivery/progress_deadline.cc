#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/probes.h"

namespace seaworthy::checks {
namespace {

constexpr std::int64_t kDefault = 600;  // apps/v1 defaults.go

// How long a pod may take until it counts as available, if each probe answers at its last try.
struct Startup {
  std::int64_t seconds = 0;
  std::string container, probe;
};

Startup LongestStartup(const PodSpec& spec) {
  Startup longest;
  for (const Container& container : spec.containers) {
    if (!container.is_running_long()) continue;
    std::int64_t seconds = 0;
    std::string probe;
    if (container.startup->present) {
      seconds = std::max<std::int64_t>(container.startup->InitialDelaySeconds(), 0) + BudgetSeconds(container.startup);
      probe = "startupProbe";
    } else if (container.readiness->present) {
      seconds = std::max<std::int64_t>(container.readiness->InitialDelaySeconds(), 0);
      probe = "readinessProbe";
    }
    if (seconds > longest.seconds) longest = {seconds, container.name.str(), std::move(probe)};
  }
  return longest;
}

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  const std::int64_t deadline = workload.progress_deadline.value_or(kDefault);
  constexpr std::string_view kPath = "spec.progressDeadlineSeconds";
  // deployment/util HasProgressDeadline
  if (deadline >= std::numeric_limits<std::int32_t>::max()) {
    return Outcome::Warn(
               "progressDeadlineSeconds is the largest number: a rollout that is stuck is never called failed")
        .At(std::string(kPath));
  }
  const Startup startup = LongestStartup(context.spec());
  const std::int64_t settle = std::max<std::int64_t>(workload.min_ready_seconds.value_or(0), 0);
  if (startup.seconds + settle < deadline) return Outcome::Pass();
  std::string message = "progressDeadlineSeconds is " + std::to_string(deadline) + ", and a healthy pod may take ";
  if (startup.seconds > 0)
    message += std::to_string(startup.seconds) + " s by the " + startup.probe + " of container " + startup.container;
  if (startup.seconds > 0 && settle > 0) message += " and ";
  if (settle > 0) message += std::to_string(settle) + " s of minReadySeconds";
  return Outcome::Warn(message + ": slow starts are called failed rollouts").At(std::string(kPath));
}

}  // namespace

constinit const Check kProgressDeadline = {
    .id = "progress-deadline",
    .title = "A stuck rollout is called failed in time, a slow one is not",
    .section = Section::kDelivery,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kDeployment},
    .rule =
        "progressDeadlineSeconds (600 where it is left out) passes when it is longer than the longest start that the "
        "probes allow a pod (the startup probe's initial delay and budget, else the readiness probe's initial delay) "
        "plus minReadySeconds. Shorter warns, and so does the largest int32, which switches the deadline off. Shown, "
        "not scored.",
    .why =
        "Pipelines wait for `kubectl rollout status` and alerts look at Progressing: without a deadline both wait for "
        "ever, and with one that is too short every slow start is a false alarm.",
    .fix =
        "Set progressDeadlineSeconds a little above the slowest start that is still healthy; keep it under the time "
        "that the pipeline waits.",
    .source = "Kubernetes: Deployments, failed Deployment",
    .traps = "The deadline runs anew with each pod that gets on: it bounds one step, not the whole rollout.",
    .run = Run,
};

}  // namespace seaworthy::checks
