#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/probes.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  for (const Container& container : context.spec().containers) {
    if (container.liveness->has_handler() && container.readiness->has_handler()) return "";
  }
  return "no container has both a livenessProbe and a readinessProbe";
}

bool KillsBeforeItIsUnready(const Container& container) {
  const Probe& liveness = container.liveness;
  const Probe& readiness = container.readiness;
  return liveness.has_handler() && liveness.handler == readiness.handler &&
         liveness.handler_hash == readiness.handler_hash && BudgetSeconds(liveness) <= BudgetSeconds(readiness);
}

Outcome Run(const Context& context) {
  Findings findings(context);
  for (const Container& container : context.spec().containers) {
    if (!KillsBeforeItIsUnready(container)) continue;
    findings.Add(Verdict::kWarn, context.workload(), container, "livenessProbe",
                 "livenessProbe does the same as readinessProbe and gives up after " +
                     std::to_string(BudgetSeconds(container.liveness)) + " s, not later than its " +
                     std::to_string(BudgetSeconds(container.readiness)) + " s");
  }
  return std::move(findings).Finish(Outcome::Pass());
}

std::string MakePatch(const Context& context) {
  Patch patch(context.workload());
  for (const Container& container : context.spec().containers) {
    if (!KillsBeforeItIsUnready(container)) continue;
    // Twice the readiness probe's patience.
    const std::int64_t period = std::max<std::int64_t>(container.liveness->PeriodSeconds(), 1);
    const std::int64_t threshold = (2 * BudgetSeconds(container.readiness) + period - 1) / period;
    patch.Container(container, "\"livenessProbe\":{\"failureThreshold\":" + std::to_string(threshold) + "}");
  }
  return patch.Build();
}

}  // namespace

constinit const Check kProbesDistinct = {
    .id = "probes-distinct",
    .title = "The liveness probe is more patient than an equal readiness probe",
    .section = Section::kHealth,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Warns where a container's livenessProbe does exactly what its readinessProbe does and its budget (period "
        "x failureThreshold) is not longer. Not applicable where no container has both.",
    .why =
        "A pod under load should leave the Service and recover. With equal probes it is killed at the moment it "
        "gets unready, its load moves to the next one, and so on through all replicas.",
    .fix =
        "Give liveness a budget of several times readiness' (raise failureThreshold), or let it ask for less: only "
        "whether the process lives.",
    .source = "J. Health: liveness and readiness, sensible",
    .traps =
        "Equal probes are fine as long as liveness gives up later; other linters warn of any equal pair. Headers "
        "count: two requests that differ in one are two actions. A port's name and its number are one, and so are a "
        "default (path /, scheme HTTP) and the same written out.",
    .applies = Applies,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
