#include <algorithm>
#include <optional>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/known_images.h"
#include "checks/common/scraping.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr Kind kMonitors[] = {Kind::kServiceMonitor, Kind::kPodMonitor,    Kind::kVmServiceScrape,
                              Kind::kVmPodScrape,    Kind::kPodMonitoring, Kind::kClusterPodMonitoring};

// Why "nothing scrapes it" cannot be said; nullopt: it can.
std::optional<Outcome> CannotTell(const Context& context) {
  if (context.offline()) {
    // Files that bring monitors for a namespace say how it is monitored: what they leave out is left out.
    const bool some = std::any_of(std::begin(kMonitors), std::end(kMonitors), [&](Kind kind) {
      const auto monitors = context.Everywhere(kind);
      return std::any_of(monitors.begin(), monitors.end(), [&](const Object* monitor) {
        return LooksInto(Context::AsExtension(*monitor), context.workload().meta.namespace_);
      });
    });
    if (some) return std::nullopt;
    return Outcome::Unknown(
        UnknownCause::kOffline,
        "no monitor for its namespace and no scrape annotation among the files: what scrapes it only a cluster shows");
  }
  for (const Kind kind :
       {Kind::kService, Kind::kDaemonSet, Kind::kServiceMonitor, Kind::kPodMonitor, Kind::kVmServiceScrape,
        Kind::kVmPodScrape, Kind::kPodMonitoring, Kind::kClusterPodMonitoring}) {
    if (context.State(kind) == SourceState::kAbsent) continue;
    if (std::optional<Outcome> missing = Missing(context, kind)) return missing;
  }
  const bool served =
      std::any_of(std::begin(kMonitors), std::end(kMonitors), [&](Kind kind) { return context.Live(kind); });
  if (!served) {
    return Outcome::Unknown(
        UnknownCause::kAbsent,
        "the cluster serves no ServiceMonitors, PodMonitors, VMServiceScrapes or PodMonitorings, and there is no "
        "scrape annotation: what scrapes it is not seen");
  }
  const SeenAgent agent = FindMetricsAgent(context);
  if (agent.record == nullptr) return std::nullopt;
  const bool somebody_else =
      !context.Everywhere(Kind::kPrometheus).empty() || !context.Everywhere(Kind::kPrometheusAgent).empty();
  if (agent.agent->if_configured && somebody_else) return std::nullopt;
  return Outcome::Unknown(UnknownCause::kNotObserved,
                          "no monitor selects it, but " + agent.ToString() + ", and what that reads is not seen");
}

// The half that Prometheus has to tell, where it is asked and does not.
std::string_view TargetsNotSeen(const Context& context) {
  switch (context.State(Kind::kScrapeTarget)) {
    case SourceState::kDegraded: return "; whether up is 1 is not seen: Prometheus (--prometheus-url) does not answer";
    case SourceState::kDenied: return "; whether up is 1 is not seen: Prometheus (--prometheus-url) denies access";
    default: return "";
  }
}

Outcome Run(const Context& context) {
  Scraping scraping = FindScraping(context);
  if (scraping.targets == Scraping::Targets::kDown) {
    return Outcome::Fail((scraping.by.empty() ? "Prometheus" : scraping.by) +
                         " is to scrape it, but up is 0 for each of its ready pods that Prometheus knows");
  }
  if (!scraping.by.empty())
    return Outcome::Pass("scraped by " + scraping.by + std::string(scraping.not_seen) +
                         std::string(TargetsNotSeen(context)));
  if (!scraping.broken.empty()) return Outcome::Fail(std::move(scraping.broken)).Settled();
  if (scraping.truncated)
    return Outcome::Unknown(UnknownCause::kUnreadable, "more monitors or Services select it than are looked at");
  if (std::optional<Outcome> unknown = CannotTell(context)) return *std::move(unknown);
  return Outcome::Fail(
             context.Services().items.empty()
                 ? "no monitor selects its pods, and it has no scrape annotation: nothing is seen to scrape it"
                 : "no monitor selects its Services or pods, and there is no scrape annotation: nothing is seen "
                   "to scrape it")
      .Settled();
}

}  // namespace

constinit const Check kMetricsScraped = {
    .id = "metrics-scraped",
    .title = "Its metrics are scraped",
    .section = Section::kMonitoring,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = kLongRunning,
    .holds = true,
    .rule =
        "Passes when a ServiceMonitor or VMServiceScrape selects one of its Services and names a port that it has, or "
        "a PodMonitor, VMPodScrape, PodMonitoring or ClusterPodMonitoring its pods; where there are Prometheus or "
        "PrometheusAgent objects (in a scan: among the files), one of them must select the monitor. An annotation that "
        "asks to be scraped (prometheus.io/scrape and its likes) passes too, and with the Prometheus source a target "
        "among its ready pods that is up (up = 1), however it is configured. Fails when a monitor is there and its "
        "port is not, or no Prometheus selects it, when nothing selects the workload, and when for 10 minutes all its "
        "targets that the Prometheus source knows have been down. Unknown where the cluster serves no such kinds, or "
        "an agent runs that finds workloads by itself (Datadog, Dynatrace, ...), and in a scan of files without a "
        "monitor for its namespace.",
    .why =
        "What nobody measures fails unseen: no alert fires, and after an outage nobody can say what came before. A "
        "monitor with a misspelt port or label scrapes nothing and says so nowhere.",
    .fix =
        "Add a ServiceMonitor (or PodMonitor) whose selector matches the labels of the Service and whose port is the "
        "name of one of its ports, with the labels that your Prometheus' serviceMonitorSelector asks for; for software "
        "without metrics add an exporter or a probe.",
    .source = "R. Monitoring: everything monitored, dashboards, pods and nodes",
    .traps =
        "Scrape configurations written by hand (additionalScrapeConfigs, ScrapeConfig objects) are not read: the "
        "Prometheus source sees what comes of them, else waive what they cover. Which VMAgent or collector reads a "
        "monitor is not seen where no Prometheus object is there. A Prometheus other than the one that is asked may "
        "have the targets: that it knows none is not held against the workload. A monitor for all namespaces whose "
        "port a workload lacks (a mesh's sidecars) is not held against it. A PodMonitor's port is a name: a number "
        "belongs in portNumber.",
    .reads = kScrapingKinds | KindSet{Kind::kDaemonSet},
    .run = Run,
};

}  // namespace seaworthy::checks
