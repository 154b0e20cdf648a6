#include "checks/all_checks.h"
#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  const CronSpec& cron = context.workload().cron;
  if (!cron.concurrency.empty() && cron.concurrency != "Allow") return Outcome::Pass();
  if (cron.active_deadline.has_value() || cron.pod_active_deadline.has_value()) return Outcome::Pass();
  return Outcome::Warn(cron.concurrency.empty()
                           ? "concurrencyPolicy is not set (Allow) and no activeDeadlineSeconds ends a run"
                           : "concurrencyPolicy is Allow and no activeDeadlineSeconds ends a run")
      .At("spec.concurrencyPolicy");
}

std::string MakePatch(const Context& context) {
  return Patch(context.workload()).Spec("\"concurrencyPolicy\":\"Forbid\"").Build();
}

}  // namespace

constinit const Check kCronConcurrency = {
    .id = "cron-concurrency",
    .title = "Runs cannot pile up",
    .section = Section::kCronJobs,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kCronJob},
    .rule =
        "Warns where concurrencyPolicy is Allow (the default) and neither the Job nor its pods have "
        "activeDeadlineSeconds.",
    .why =
        "A run that hangs does not keep the next one from starting: they pile up, hold memory and connections, and "
        "work on the same data at the same time.",
    .fix =
        "Set concurrencyPolicy: Forbid (or Replace), or an activeDeadlineSeconds that ends a run before the next "
        "is due.",
    .source = "Kubernetes: CronJob, concurrency policy",
    .traps = "startingDeadlineSeconds is no such deadline: it limits how late a run starts, not how long it lasts.",
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
