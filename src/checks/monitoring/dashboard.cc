#include <string>

#include "checks/all_checks.h"
#include "checks/common/belongs.h"
#include "checks/common/scraping.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr std::string_view kAnnotations[] = {"seaworthy.dev/dashboard", "dashboard"};
// The label by which the sidecar of Grafana's chart finds dashboards.
constexpr std::string_view kSidecarLabel = "grafana_dashboard";

std::string_view Applies(const Context& context) {
  return context.tier() == Tier::kCritical ? "" : "asked of tier critical only";
}

Outcome Run(const Context& context) {
  if (!AnnotationAround(context, kAnnotations).empty()) return Outcome::Pass("an annotation names its dashboard");
  for (const Object* dashboard : context.Here(Kind::kGrafanaDashboard)) {
    if (BelongsTo(*dashboard, context.workload()))
      return Outcome::Pass(NameOf(*dashboard) + " is its dashboard by its name or labels");
  }
  for (const Object* map : context.Here(Kind::kConfigMap)) {
    if (map->meta.labels.Has(kSidecarLabel) && BelongsTo(*map, context.workload()))
      return Outcome::Pass(NameOf(*map) + ", labelled " + std::string(kSidecarLabel) +
                           ", is its dashboard by its name or labels");
  }
  return Outcome::Unknown(
      UnknownCause::kNotDeclared,
      "no dashboard is known: name one with the annotation seaworthy.dev/dashboard, or attest that there is one");
}

}  // namespace

constinit const Check kDashboard = {
    .id = "dashboard",
    .title = "It has a dashboard",
    .section = Section::kMonitoring,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .attestable = true,
    .max_days = 180,
    .rule =
        "For a workload of tier critical: passes when an annotation seaworthy.dev/dashboard on it, its pod template or "
        "its namespace names one, or a GrafanaDashboard of its namespace, or a ConfigMap labelled grafana_dashboard "
        "(where the operator may watch ConfigMaps), carries its name or shares its app.kubernetes.io labels. Else "
        "unknown. Not applicable in other tiers.",
    .why =
        "At three in the morning nobody composes queries: a dashboard that shows requests, errors, latency and "
        "saturation side by side tells in a minute where to look.",
    .fix =
        "Keep the dashboard beside the application as a GrafanaDashboard or a labelled ConfigMap, or set the "
        "annotation seaworthy.dev/dashboard to its URL.",
    .source = "R. Monitoring: everything monitored, dashboards, pods and nodes",
    .traps =
        "Dashboards that only Grafana's database has are not seen, nor those in other namespaces: name them. Whether a "
        "dashboard is any good nobody can tell from here.",
    .reads = {Kind::kGrafanaDashboard, Kind::kConfigMap, Kind::kNamespace},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
