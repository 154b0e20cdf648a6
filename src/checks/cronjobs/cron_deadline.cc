#include <algorithm>
#include <cstdint>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"minSeconds", 10, "period of the CronJob controller: what is shorter may never be met"}};

Outcome Run(const Context& context) {
  const OptInt& deadline = context.workload().cron->starting_deadline;
  const auto minimum = static_cast<std::int64_t>(context.Param("minSeconds"));
  if (!deadline.has_value() || *deadline >= minimum) return Outcome::Pass();
  return Outcome::Fail("startingDeadlineSeconds is " + std::to_string(*deadline) + ", wanted at least " +
                       std::to_string(minimum))
      .At("spec.startingDeadlineSeconds");
}

std::string MakePatch(const Context& context) {
  const auto minimum = static_cast<std::int64_t>(context.Param("minSeconds"));
  return Patch(context.workload())
      .Spec("\"startingDeadlineSeconds\":" + std::to_string(std::max<std::int64_t>(minimum, 60)))
      .Build();
}

}  // namespace

constinit const Check kCronDeadline = {
    .id = "cron-deadline",
    .title = "The starting deadline can be met",
    .section = Section::kCronJobs,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kCronJob},
    .penalty_only = true,
    .rule = "startingDeadlineSeconds under 10 fails; left out, it passes.",
    .why =
        "The CronJob controller looks every 10 seconds. A run that is due between two looks and must start within "
        "less is skipped, silently and at random.",
    .fix =
        "Set startingDeadlineSeconds to at least 10, rather to minutes, so that a run survives a short outage of "
        "the control plane.",
    .source = "Kubernetes: CronJob, deadline for delayed Job start",
    .traps = "No deadline at all is no fault: a missed run is then started late.",
    .params = kParams,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
