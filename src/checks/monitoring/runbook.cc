#include <algorithm>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/alerts.h"
#include "checks/common/belongs.h"

namespace seaworthy::checks {
namespace {

constexpr std::string_view kAnnotations[] = {"seaworthy.dev/runbook", "a8r.io/runbook", "runbook", "runbook_url"};

std::string_view Applies(const Context& context) {
  return context.tier() == Tier::kCritical ? "" : "asked of tier critical only";
}

Outcome Run(const Context& context) {
  if (!AnnotationAround(context, kAnnotations).empty()) return Outcome::Pass("an annotation names its runbook");
  for (const AlertAbout& alert : AlertsAbout(context)) {
    if (!alert.by_namespace && alert.HasRunbook())
      return Outcome::Pass(alert.ToString() + " names it and has a runbook_url");
  }
  return Outcome::Unknown(
      UnknownCause::kNotDeclared,
      "no runbook is known: name one with the annotation seaworthy.dev/runbook, or give an alert that names the "
      "workload a runbook_url");
}

}  // namespace

constinit const Check kRunbook = {
    .id = "runbook",
    .title = "It has a runbook",
    .section = Section::kMonitoring,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .rule =
        "For a workload of tier critical: passes when an annotation seaworthy.dev/runbook (or a8r.io/runbook) on it, "
        "its pod template or its namespace names one, or an alerting rule that names the workload (alerts-defined) has "
        "the annotation runbook_url. Else unknown. Not applicable in other tiers.",
    .why =
        "Who is woken by an alert is seldom who wrote the application. Written steps turn an hour of reading code into "
        "ten minutes of following them.",
    .fix =
        "Write down what the alerts mean, what to look at and what to do, and set the annotation seaworthy.dev/runbook "
        "to the page's URL.",
    .source = "R. Monitoring: everything monitored, dashboards, pods and nodes",
    .traps = "The page is not opened: that it exists and helps is yours to see to.",
    .reads = kAlertKinds | KindSet{Kind::kNamespace},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
