#include <string>

#include "checks/all_checks.h"
#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  return context.tier() == Tier::kCritical ? "" : "its tier is not critical";
}

Outcome Run(const Context& context) {
  const OptInt highest = context.HighestAuxiliaryPriority();
  if (!highest.has_value()) return Outcome::Na("no workload is of tier auxiliary: nothing to stand above");
  const std::string& named = context.spec().priority_class.str();
  const OptInt own = context.Priority();
  if (!own.has_value())
    return Outcome::Unknown(UnknownCause::kNotObserved, "its PriorityClass " + named + " is not there");
  if (*own > *highest) return Outcome::Pass();
  return Outcome::Fail((named.empty() ? "without a PriorityClass its priority is "
                                      : "PriorityClass " + named + " gives it priority ") +
                       std::to_string(*own) + ", and auxiliary workloads have up to " + std::to_string(*highest))
      .At(std::string(TemplatePath(context.workload())) + ".priorityClassName");
}

}  // namespace

constinit const Check kPriorityClass = {
    .id = "priority-class",
    .title = "Critical workloads have priority over auxiliary ones",
    .section = Section::kPlacement,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when the priority of the workload (its PriorityClass, else the cluster's default one, else 0) is above "
        "that of every workload of tier auxiliary (Kubernetes' own classes left out), fails otherwise. Only for tier "
        "critical; not applicable where nothing is of tier auxiliary; unknown where its class is not known, and in a "
        "scan.",
    .why =
        "When room runs short, after the loss of a node, the scheduler and the kubelet choose by priority: with equal "
        "ones it is chance whether the shop or the log search stays.",
    .fix =
        "Create a PriorityClass for critical workloads and set priorityClassName in the pod template, or give "
        "auxiliary ones a lower class.",
    .source = "G. Separating workloads: critical systems apart from heavy ones",
    .traps =
        "Node agents of class system-node-critical are above everybody and are not compared with. Priority 0 passes "
        "where auxiliary workloads have a negative class. With preemptionPolicy Never a class still counts for "
        "eviction.",
    .reads = {Kind::kPriorityClass},
    .needs = {Kind::kPriorityClass},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
