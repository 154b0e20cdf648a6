#include <string>

#include "checks/all_checks.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (ScaledToZero(context.workload())) return kScaledToZero;
  if (!Usable(context, Kind::kPodDisruptionBudget)) return "";
  return context.Budgets().items.empty() ? "no PodDisruptionBudget selects its pods" : "";
}

Outcome Run(const Context& context) {
  if (auto missing = Missing(context, Kind::kPodDisruptionBudget)) return *std::move(missing);
  const auto& budgets = context.Budgets();
  if (budgets.items.size() < 2) return Outcome::Pass();
  std::string names;
  constexpr std::size_t kShown = 3;
  for (std::size_t i = 0; i < budgets.items.size() && i < kShown; ++i) {
    if (i > 0) names += ", ";
    names += budgets.items[i]->meta.name;
  }
  if (budgets.items.size() > kShown) names += " and more";
  return Outcome::Fail("more than one PodDisruptionBudget selects its pods (" + names +
                       "): the eviction API refuses to evict them");
}

}  // namespace

constinit const Check kPdbSingle = {
    .id = "pdb-single",
    .title = "Pods are under one PodDisruptionBudget only",
    .section = Section::kDisruption,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Fails where two or more PodDisruptionBudgets select the workload's pods. Not applicable where none does, "
        "or at 0 replicas.",
    .why =
        "The eviction API answers 500 for a pod that has more than one budget, so nodes with such a pod cannot be "
        "drained at all, whatever the budgets allow.",
    .fix = "Narrow the selectors so that each pod is selected by one PodDisruptionBudget, or delete the wider one.",
    .source = "H. Spread and disruption: sensible disruption budget",
    .traps = "Budgets that select other workloads of the namespace are of no interest here.",
    .reads = {Kind::kPodDisruptionBudget},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
