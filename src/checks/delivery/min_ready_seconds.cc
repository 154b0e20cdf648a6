#include <string>

#include "checks/all_checks.h"
#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

constexpr std::int64_t kSuggested = 10;

Outcome Run(const Context& context) {
  if (context.workload().min_ready_seconds.value_or(0) > 0) return Outcome::Pass();
  return Outcome::Warn("minReadySeconds is 0: a new pod counts as available the moment it is ready")
      .At("spec.minReadySeconds");
}

std::string MakePatch(const Context& context) {
  return Patch(context.workload()).Spec("\"minReadySeconds\":" + std::to_string(kSuggested)).Build();
}

}  // namespace

constinit const Check kMinReadySeconds = {
    .id = "min-ready-seconds",
    .title = "New pods have to stay ready for a while before a rollout goes on",
    .section = Section::kDelivery,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kDeployment, WorkloadClass::kStatefulSet, WorkloadClass::kReplicaSet},
    .rule = "minReadySeconds of 1 or more passes; 0, or left out, warns. Shown, not scored.",
    .why =
        "A release that answers its first probe and dies ten seconds later replaces every old pod before anybody "
        "notices: with minReadySeconds the rollout stops at the first one.",
    .fix =
        "Set minReadySeconds to the time within which a broken release usually shows itself (10 as a start), well "
        "under progressDeadlineSeconds.",
    .source = "Q. Delivery: deployment strategies, canary, blue/green",
    .traps = "It delays every rollout by that time for each step, which is the point of it.",
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
