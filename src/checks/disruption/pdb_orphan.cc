#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  const BudgetRecord& record = context.budget();
  const PodDisruptionBudget& budget = *record.budget;
  if (!record.workloads.empty()) return Outcome::Pass();
  if (!budget.selector.present) {
    return Outcome::Fail("it has no selector: a policy/v1 budget without one selects no pod").At("spec.selector");
  }
  if (budget.selector.invalid) return Outcome::Fail("its selector is not valid and selects no pod").At("spec.selector");
  // Pods of Jobs and pods without an owner have no template that is audited.
  if (budget.has_status && (budget.expected_pods > 0 || budget.current_healthy > 0)) {
    return Outcome::Pass("it selects pods that no audited workload owns");
  }
  if (context.offline()) {
    return Outcome::Unknown(UnknownCause::kNotInInput, "its selector matches no workload among these files")
        .At("spec.selector");
  }
  return Outcome::Fail("it selects the pods of no workload in its namespace").At("spec.selector");
}

}  // namespace

constinit const Check kPdbOrphan = {
    .id = "pdb-orphan",
    .title = "The PodDisruptionBudget selects something",
    .section = Section::kDisruption,
    .severity = Severity::kLow,
    .subject = SubjectType::kBudget,
    .rule =
        "Passes where the selector matches the pod template of a workload in the same namespace, or the budget's "
        "status counts pods. Fails otherwise; in a scan it is unknown then, as what it selects may be in other files.",
    .why =
        "A budget that selects nothing protects nothing, and whoever wrote it believes that it does: a renamed "
        "label is enough.",
    .fix = "Make spec.selector match the labels of the pod template, or delete the budget.",
    .source = "H. Spread and disruption: sensible disruption budget",
    .traps =
        "A workload at 0 replicas still has a template, so its budget is no orphan. An empty selector ({}) "
        "selects every pod of the namespace. The pods of an operator's custom resource have no template in any file: a "
        "cluster's status counts them.",
    .reads = {Kind::kPodDisruptionBudget, Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob,
              Kind::kReplicaSet, Kind::kPod},
    .needs = {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob},
    .run = Run,
};

}  // namespace seaworthy::checks
