#include <algorithm>
#include <cstdint>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

constexpr std::int64_t kDefaultGrace = 30;  // core/v1 DefaultTerminationGracePeriodSeconds
constexpr Param kParams[] = {{"minSeconds", 10, "grace period from which on there is nothing to say"}};

std::int64_t LongestSleep(const PodSpec& spec) {
  std::int64_t longest = 0;
  for (const Container& container : spec.containers)
    longest = std::max(longest, container.pre_stop.sleep_seconds.value_or(0));
  return longest;
}

Outcome Run(const Context& context) {
  const std::int64_t grace = context.spec().termination_grace.value_or(kDefaultGrace);
  const auto minimum = static_cast<std::int64_t>(context.Param("minSeconds"));
  const std::string path = std::string(TemplatePath(context.workload())) + ".terminationGracePeriodSeconds";
  if (grace <= 0)
    return Outcome::Fail("terminationGracePeriodSeconds is 0: containers are killed without being asked to stop")
        .At(path);
  Findings findings(context);
  for (const Container& container : context.spec().containers) {
    const std::int64_t sleep = container.pre_stop.sleep_seconds.value_or(0);
    if (sleep <= 0 || grace > sleep) continue;
    findings.Add(Verdict::kWarn, context.workload(), container, "lifecycle.preStop",
                 "the preStop hook sleeps for " + std::to_string(sleep) + " s and terminationGracePeriodSeconds is " +
                     std::to_string(grace) + ": no time is left to stop");
  }
  if (grace < minimum) {
    findings.Add(
        Verdict::kWarn, path,
        "terminationGracePeriodSeconds is " + std::to_string(grace) + ", wanted at least " + std::to_string(minimum));
  }
  return std::move(findings).Finish(Outcome::Pass());
}

std::string MakePatch(const Context& context) {
  const auto minimum = static_cast<std::int64_t>(context.Param("minSeconds"));
  // The hook's time is part of the period.
  const std::int64_t sleep = std::min<std::int64_t>(LongestSleep(context.spec()), 1'000'000);
  const std::int64_t grace = std::max(minimum, sleep + kDefaultGrace);
  return Patch(context.workload()).PodSpec("\"terminationGracePeriodSeconds\":" + std::to_string(grace)).Build();
}

}  // namespace

constinit const Check kGracePeriod = {
    .id = "grace-period",
    .title = "Pods get time to stop",
    .section = Section::kLifecycle,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "terminationGracePeriodSeconds (30 when left out) of 0 fails. Under 10, or not longer than a container's "
        "preStop sleep, warns.",
    .why =
        "When the period ends the kernel kills what still runs: requests, transactions and buffers in flight are "
        "lost. The preStop hook runs on the same clock. With 0 there is not even a SIGTERM, and a StatefulSet may "
        "get two pods of one identity.",
    .fix =
        "Set terminationGracePeriodSeconds to the preStop hook's time plus the longest request or flush, 30 as a "
        "start.",
    .source = "K. Lifecycle: lifecycle hooks for safe shutdown",
    .traps =
        "Long periods are not judged: databases need minutes. Of a hook's command only sleep is understood (also "
        "behind exec and env).",
    .params = kParams,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
