#include <optional>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/alerts.h"
#include "checks/common/scraping.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  return context.tier() == Tier::kCritical ? "" : "asked of tier critical only";
}

Outcome Run(const Context& context) {
  const std::vector<AlertAbout> alerts = AlertsAbout(context);
  for (const AlertAbout& alert : alerts) {
    if (!alert.chosen) continue;
    return Outcome::Pass(alert.ToString() + (alert.by_namespace ? " names its namespace" : " names it") +
                         std::string(alert.not_seen));
  }
  if (!alerts.empty())
    return Outcome::Fail(NameOf(*alerts.front().mention->rules) +
                         " has alerts that name it, but no Prometheus object selects it by its labels and those of its "
                         "namespace: nobody evaluates them");
  if (context.offline()) {
    return Outcome::Unknown(UnknownCause::kNotInInput, "no alert among these files names it: alerts may be in others");
  }
  for (const Kind kind : {Kind::kPrometheusRule, Kind::kVmRule}) {
    if (context.State(kind) == SourceState::kAbsent) continue;
    if (std::optional<Outcome> missing = Missing(context, kind)) return *std::move(missing);
  }
  if (!context.Live(Kind::kPrometheusRule) && !context.Live(Kind::kVmRule)) {
    return Outcome::Unknown(UnknownCause::kAbsent,
                            "the cluster serves no PrometheusRules or VMRules: which alerts there are is not seen");
  }
  return Outcome::Fail("no alert asks for its namespace, its name, its Services or its app labels");
}

}  // namespace

constinit const Check kAlertsDefined = {
    .id = "alerts-defined",
    .title = "An alert is about it",
    .section = Section::kMonitoring,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "For a workload of tier critical: passes when an alerting rule of a PrometheusRule or VMRule asks for its "
        "namespace, or for its name, one of its Services or the value of one of its app labels under a label such as "
        "deployment, job, service, workload or pod, and for no other namespace. Fails when none does, and when no "
        "Prometheus or ThanosRuler object selects the rules that do. Unknown where the cluster serves neither kind, "
        "and in a scan that has no such rule. Not applicable in other tiers.",
    .why =
        "Alerts about the cluster say that some pod crashes; that orders are not taken only an alert about the shop "
        "says. Without one the users call first.",
    .fix =
        "Write an alert on what users notice (errors, latency, a queue that grows) with namespace and job in its "
        "expression, and give the PrometheusRule the labels that your Prometheus' ruleSelector asks for.",
    .source = "R. Monitoring: external checks that alert",
    .traps =
        "The expression is read for what it asks, not for sense. Recording rules do not count, nor a pattern that "
        "matches every namespace (namespace=~\".*\"): every cluster's own rules have that. Alerts kept in Grafana, in "
        "a cloud's monitoring or by Datadog are not seen: waive with that as the reason.",
    .reads = kAlertKinds,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
