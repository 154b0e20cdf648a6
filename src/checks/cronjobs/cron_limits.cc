#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  const CronSpec& cron = context.workload().cron;
  if (cron.active_deadline.has_value() || cron.pod_active_deadline.has_value()) return Outcome::Pass();
  return Outcome::Fail("no activeDeadlineSeconds: a run may last for ever")
      .At("spec.jobTemplate.spec.activeDeadlineSeconds");
}

}  // namespace

constinit const Check kCronLimits = {
    .id = "cron-limits",
    .title = "A run has a time limit",
    .section = Section::kCronJobs,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kCronJob},
    .rule = "Passes where the Job template or its pod template has activeDeadlineSeconds, fails otherwise.",
    .why =
        "A run that hangs is neither failed nor retried: with Forbid no later run starts either, and nobody is "
        "told.",
    .fix = "Set spec.jobTemplate.spec.activeDeadlineSeconds to a few times the usual duration.",
    .source = "Kubernetes: Jobs, termination and cleanup (activeDeadlineSeconds)",
    .traps = "A deadline of the pod template counts too: it ends each try, and backoffLimit bounds their number.",
    .run = Run,
};

}  // namespace seaworthy::checks
