#include <string>

#include "checks/all_checks.h"
#include "checks/common/time_text.h"
#include "checks/delivery/managers.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  if (context.offline()) return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows who changes a workload");
  const DeliveryEvidence* last = context.Delivery();
  if (last == nullptr)
    return Outcome::Unknown(UnknownCause::kNotObserved, "no change of the template has been seen yet");
  if (KindOfManager(last->manager, context.Managers()) != ManagerKind::kInteractive) return Outcome::Pass();
  return Outcome::Warn("the template was changed on " + DateTimeText(last->time) + " by manager " +
                       last->manager.str() + " (a manager's name is chosen by the client)")
      .Since(last->time);
}

}  // namespace

constinit const Check kManualChange = {
    .id = "manual-change",
    .title = "Nobody changes the running template by hand",
    .section = Section::kDelivery,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .rule =
        "Warns while the last change of the pod template that was seen came from an interactive tool: kubectl edit or "
        "patch, an editor, a dashboard, a console. Passes when it came from anything else, unknown until one is seen. "
        "Each such change is an Event and counts in seaworthy_manual_changes_total. Shown, not scored: "
        "deployed-by-pipeline judges it.",
    .why =
        "Whoever reads the repository does not see it, and the next release takes it back: during an incident it helps "
        "to know at once that somebody was there.",
    .fix = "Bring the change into the repository, and release it from there.",
    .source = "Q. Delivery: deployed by a pipeline with tests and smoke tests",
    .traps = "Scaling, and changes of labels or annotations outside the template, are no change of the template.",
    .applies = WithoutTemplate,
    .run = Run,
};

}  // namespace seaworthy::checks
