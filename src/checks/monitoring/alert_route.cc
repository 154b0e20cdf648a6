#include <optional>
#include <string>
#include <string_view>

#include "checks/all_checks.h"
#include "checks/common/known_images.h"

namespace seaworthy::checks {
namespace {

struct Alertmanagers {
  std::string available, other;  // "monitoring/StatefulSet/alertmanager-main"
};

Alertmanagers FindThem(const Context& context) {
  Alertmanagers found;
  for (const NamespaceRecord* ns : context.Namespaces()) {
    for (const WorkloadRecord* record : ns->workloads) {
      const Workload& workload = *record->workload;
      if (!IsKnown(workload, kAlertmanagers, kAlertmanagerNames)) continue;
      const std::string name = ns->name.str() + "/" + workload.kind_name.str() + "/" + workload.meta.name.str();
      std::string& place = IsAvailable(workload) ? found.available : found.other;
      if (place.empty()) place = name;
    }
  }
  return found;
}

// What Prometheus knows of it decides, where it knows anything.
std::optional<Outcome> Delivered(const Extension& delivery) {
  std::string failing;
  for (const Extension::Fact* fact : delivery.All("failingIntegrations[]"))
    failing += (failing.empty() ? "" : ", ") + fact->value.str();
  if (!failing.empty())
    return Outcome::Fail("no notification by " + failing +
                         " arrived in the last hour (alertmanager_notifications_failed_total)");
  if (delivery.First("notified") == "some")
    return Outcome::Pass("Alertmanager delivered a notification in the last 24 hours");
  if (delivery.First("alertmanagers") == "0") return Outcome::Fail("Prometheus finds no Alertmanager to send to");
  if (delivery.First("sent") != "some" && delivery.First("sendErrors") == "some")
    return Outcome::Fail("no alert that Prometheus sends arrives at Alertmanager");
  if (delivery.First("notified") == "none") {
    return Outcome::Fail(
               "no notification was delivered in the last 24 hours: an alert that always fires (Watchdog) shows that "
               "the way is open")
        .Absence();
  }
  if (delivery.First("sent") == "none")
    return Outcome::Fail(
               "Prometheus sent no alert in the last 24 hours: one that always fires (Watchdog) shows that the way is "
               "open")
        .Absence();
  return std::nullopt;
}

Outcome Run(const Context& context) {
  if (context.offline())
    return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows whether alerts are delivered");
  std::string unseen = "whether it notifies is not seen: ";
  bool sends = false;
  switch (context.State(Kind::kAlertDelivery)) {
    case SourceState::kLive:
      for (const Object* object : context.Everywhere(Kind::kAlertDelivery)) {
        if (auto outcome = Delivered(Context::AsExtension(*object))) return *std::move(outcome);
        sends = Context::AsExtension(*object).First("sent") == "some";
      }
      unseen += "Prometheus does not scrape Alertmanager";
      break;
    case SourceState::kOff: unseen += "the operator's --prometheus-url is not set"; break;
    case SourceState::kPending: unseen += "Prometheus (--prometheus-url) has not answered yet"; break;
    case SourceState::kDenied: unseen += "Prometheus (--prometheus-url) denies access"; break;
    default: unseen += "Prometheus (--prometheus-url) does not answer"; break;
  }
  const Alertmanagers found = FindThem(context);
  if (!found.available.empty()) return Outcome::Pass(found.available + " is available; " + unseen);
  if (!found.other.empty()) return Outcome::Fail(found.other + " is not available");
  if (sends) return Outcome::Pass("Prometheus sends its alerts to an Alertmanager elsewhere; " + unseen);
  return Outcome::Fail(
             "no workload of the cluster runs an image of Alertmanager or is labelled as one (app.kubernetes.io/name)")
      .Settled()
      .Absence();
}

}  // namespace

constinit const Check kAlertRoute = {
    .id = "alert-route",
    .title = "Alerts reach somebody",
    .section = Section::kMonitoring,
    .severity = Severity::kHigh,
    .subject = SubjectType::kCluster,
    .attestable = true,
    .max_days = 180,
    .holds = true,
    .rule =
        "Passes when an Alertmanager (known by its image or the label app.kubernetes.io/name) is available and, with "
        "the Prometheus source, notified somebody in the last 24 hours. Fails when none runs, when for 10 minutes it "
        "is not available, Prometheus finds none or cannot send to it, when an integration delivered nothing of what "
        "it tried in the last hour, and when nothing was delivered for 24 hours. Without the Prometheus source the "
        "delivery is not seen, and the message says so. Unknown in a scan.",
    .why =
        "An alert that nobody hears is none. Receivers expire, tokens are revoked and routes are edited; that is found "
        "out when something else breaks.",
    .fix =
        "Run Alertmanager with a receiver that wakes somebody, let Prometheus scrape it, and keep an alert that always "
        "fires (Watchdog) on a route that notices when it stops.",
    .source = "R. Monitoring: external checks that alert",
    .traps =
        "A quiet cluster without a Watchdog looks like a broken route: an attestation answers that. Alerting from "
        "outside the cluster (a managed service, Grafana's own) is not seen and can be attested. An Alertmanager "
        "elsewhere counts when Prometheus sends to it.",
    .reads = {Kind::kAlertDelivery, Kind::kStatefulSet, Kind::kDeployment, Kind::kNamespace},
    .needs = {Kind::kStatefulSet, Kind::kDeployment},
    .run = Run,
};

}  // namespace seaworthy::checks
