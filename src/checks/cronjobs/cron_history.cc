#include <cstdint>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"maxKept", 10, "finished Jobs of one kind that are kept at most"}};

Outcome Run(const Context& context) {
  const CronSpec& cron = context.workload().cron;
  const auto most = static_cast<std::int64_t>(context.Param("maxKept"));
  Findings findings(context);
  if (cron.failure_history.has_value() && *cron.failure_history == 0) {
    findings.Add(Verdict::kFail, "spec.failedJobsHistoryLimit",
                 "failedJobsHistoryLimit is 0: a failed run leaves nothing to look at");
  }
  if (cron.ttl_after_finished.has_value() && *cron.ttl_after_finished == 0) {
    findings.Add(Verdict::kFail, "spec.jobTemplate.spec.ttlSecondsAfterFinished",
                 "ttlSecondsAfterFinished is 0: a run is deleted at its end and leaves nothing to look at");
  }
  const auto too_many = [&](const OptInt& limit, std::string_view field) {
    if (!limit.has_value() || *limit <= most) return;
    findings.Add(Verdict::kWarn, "spec." + std::string(field),
                 std::string(field) + " is " + std::to_string(*limit) + ", wanted at most " + std::to_string(most));
  };
  too_many(cron.failure_history, "failedJobsHistoryLimit");
  too_many(cron.success_history, "successfulJobsHistoryLimit");
  return std::move(findings).Finish(Outcome::Pass());
}

std::string MakePatch(const Context& context) {
  const CronSpec& cron = context.workload().cron;
  // How long a finished Job should live is for its owner to say.
  if (cron.ttl_after_finished.has_value() && *cron.ttl_after_finished == 0) return {};
  const auto most = static_cast<std::int64_t>(context.Param("maxKept"));
  Patch patch(context.workload());
  if (cron.failure_history.has_value() && (*cron.failure_history == 0 || *cron.failure_history > most)) {
    patch.Spec("\"failedJobsHistoryLimit\":1");
  }
  if (cron.success_history.has_value() && *cron.success_history > most) patch.Spec("\"successfulJobsHistoryLimit\":3");
  return patch.Build();
}

}  // namespace

constinit const Check kCronHistory = {
    .id = "cron-history",
    .title = "Failed runs leave a trace, and not too many of them",
    .section = Section::kCronJobs,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kCronJob},
    .rule =
        "failedJobsHistoryLimit 0 or ttlSecondsAfterFinished 0 fails. A history limit over 10 warns. The defaults "
        "(3 successful, 1 failed) pass.",
    .why =
        "The Job and its pods' logs are what explains a failed run; without them it never happened. Hundreds of "
        "finished Jobs on the other hand load the API server and everything that lists pods.",
    .fix =
        "Leave failedJobsHistoryLimit at 1 or more and both limits at 10 or less; give ttlSecondsAfterFinished a "
        "day.",
    .source = "Kubernetes: CronJob, Jobs history limits",
    .traps = "successfulJobsHistoryLimit 0 is a matter of taste.",
    .params = kParams,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
