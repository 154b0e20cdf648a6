#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (ScaledToZero(context.workload())) return kScaledToZero;
  return EffectiveReplicas(context).minimum >= 2
             ? ""
             : "it may run with a single replica, which a budget can only pin to its node";
}

// Workloads that run pods under the budget beside this one; those at 0 have none.
std::size_t Others(const Context& context, const PodDisruptionBudget& budget) {
  const auto selected = context.SelectedBy(budget);
  return static_cast<std::size_t>(
      std::count_if(selected.begin(), selected.end(), [&context](const WorkloadRecord* record) {
        return record != &context.record() && !ScaledToZero(*record->workload);
      }));
}

Outcome Run(const Context& context) {
  if (auto missing = Missing(context, Kind::kPodDisruptionBudget)) return *std::move(missing);
  const auto& budgets = context.Budgets();
  const PodDisruptionBudget* shared = nullptr;
  std::size_t others = 0;
  for (const PodDisruptionBudget* budget : budgets.items) {
    const std::size_t count = Others(context, *budget);
    if (count == 0) return Outcome::Pass();
    if (shared == nullptr || count < others) {
      shared = budget;
      others = count;
    }
  }
  if (budgets.truncated)
    return Outcome::Unknown(UnknownCause::kUnreadable, "too many PodDisruptionBudgets select its pods");
  if (shared == nullptr) return Outcome::Fail("no PodDisruptionBudget selects its pods");
  return Outcome::Warn("PodDisruptionBudget " + shared->meta.name.str() + " also covers " + std::to_string(others) +
                       (others == 1 ? " other workload" : " other workloads") + ": it counts their pods together");
}

}  // namespace

constinit const Check kPdb = {
    .id = "pdb",
    .title = "A PodDisruptionBudget protects the replicas",
    .section = Section::kDisruption,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .applies_to = kReplicated,
    .rule =
        "Passes where a PodDisruptionBudget selects this workload's pods and no other workload's. Warns where "
        "every budget that does is shared with others, and says with how many (those at 0 replicas are not "
        "counted). Fails where none selects them. Not applicable at 0 replicas or where the effective minimum "
        "(autoscaler's, else spec.replicas) is under 2.",
    .why =
        "Drains, node upgrades and autoscalers evict pods through the eviction API, which asks the budget and "
        "nothing else: without one they may take every replica at the same moment. Under a shared budget a healthy "
        "neighbour pays for the loss of all of yours.",
    .fix = "Create a PodDisruptionBudget in the same namespace with maxUnavailable: 1 and the workload's own selector.",
    .source = "H. Spread and disruption: sensible disruption budget",
    .traps =
        "A single replica needs no budget: one that protects it blocks drains. Selectors are evaluated as "
        "Kubernetes does: all terms must match, an empty policy/v1 selector covers the whole namespace.",
    .reads = {Kind::kPodDisruptionBudget, Kind::kHorizontalPodAutoscaler, Kind::kScaledObject},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
