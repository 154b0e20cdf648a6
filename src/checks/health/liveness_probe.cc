#include <string>

#include "checks/all_checks.h"
#include "checks/common/paths.h"
#include "checks/common/probes.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  const Container* main = nullptr;
  const Container* refused = nullptr;
  for (const Container& container : context.spec().containers) {
    if (container.role != ContainerRole::kMain) continue;
    if (container.liveness->has_handler()) return Outcome::Pass();
    if (container.liveness->present && refused == nullptr) refused = &container;
    if (main == nullptr) main = &container;
  }
  if (main == nullptr) return Outcome::Na("the template has no container");
  if (refused != nullptr) {
    return Outcome::Warn("no main container has a livenessProbe: that of container " + refused->name.str() + " " +
                         std::string(kNoHandler))
        .In(*refused)
        .At(ContainerPath(context.workload(), *refused, "livenessProbe"));
  }
  return Outcome::Warn("no main container has a livenessProbe")
      .In(*main)
      .At(ContainerPath(context.workload(), *main, "livenessProbe"));
}

}  // namespace

constinit const Check kLivenessProbe = {
    .id = "liveness-probe",
    .title = "A main container has a liveness probe",
    .section = Section::kHealth,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .applies_to = kLongRunning,
    .rule =
        "Passes where at least one main container has a livenessProbe, warns where none has; one without a handler "
        "({}) is none. Sidecars' probes do not count.",
    .why =
        "A process that hangs without exiting (a deadlock, an exhausted pool) stays broken until a person restarts "
        "it; the kubelet would do it.",
    .fix =
        "Add a livenessProbe that fails only when a restart would help, with a budget (period x failureThreshold) "
        "well above the readiness probe's, and a startupProbe where the start is slow.",
    .source = "J. Health: liveness and readiness, sensible",
    .traps =
        "Programs that exit when they are broken can do without one, so this is a warning of low severity. Jobs "
        "and CronJobs are not asked.",
    .run = Run,
};

}  // namespace seaworthy::checks
