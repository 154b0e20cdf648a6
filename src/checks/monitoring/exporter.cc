#include <optional>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/datastores.h"
#include "checks/common/findings.h"
#include "checks/common/known_images.h"
#include "checks/common/scraping.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  return FindDatastore(context).datastore == nullptr ? "runs no known datastore or queue" : "";
}

// A main container of another workload of the namespace that exports for this one's datastore.
const WorkloadRecord* ExporterBeside(const Context& context, const Datastore& datastore) {
  for (const WorkloadRecord* record : context.Workloads()) {
    if (record == &context.record()) continue;
    if (ExporterFor(*record->workload) == 0) continue;
    for (const Container& container : record->workload->spec->containers) {
      if (container.role == ContainerRole::kMain && Exports(container, datastore)) return record;
    }
  }
  return nullptr;
}

Outcome Run(const Context& context) {
  const SeenDatastore& seen = FindDatastore(context);
  const Datastore& datastore = *seen.datastore;
  const std::string name(datastore.name);
  for (const Container& container : context.spec().containers) {
    if (&container == seen.container || !container.is_running_long() || !Exports(container, datastore)) continue;
    return Outcome::Pass("container " + container.name.str() + " exports the metrics of " + name);
  }
  if (datastore.native) {
    const Scraping scraping = FindScraping(context);
    if (!scraping.by.empty())
      return Outcome::Pass(name + " serves its metrics by itself, scraped by " + scraping.by +
                           std::string(scraping.not_seen));
  }
  if (const WorkloadRecord* beside = ExporterBeside(context, datastore))
    return Outcome::Pass(NameOf(*beside) + " exports the metrics of " + name);
  if (context.offline()) {
    return Outcome::Unknown(UnknownCause::kNotInInput,
                            "no exporter for " + name + " among these files: it may be in others");
  }
  for (const Kind kind : {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet}) {  // of an exporter beside it
    if (std::optional<Outcome> missing = Missing(context, kind)) return *std::move(missing);
  }
  if (datastore.native) {
    for (const Kind kind : {Kind::kServiceMonitor, Kind::kPodMonitor, Kind::kVmServiceScrape, Kind::kVmPodScrape,
                            Kind::kPodMonitoring, Kind::kClusterPodMonitoring}) {
      if (context.State(kind) == SourceState::kAbsent) continue;
      if (std::optional<Outcome> missing = Missing(context, kind)) return *std::move(missing);
    }
  }
  if (const SeenAgent agent = FindMetricsAgent(context); agent.record != nullptr && !agent.agent->if_configured) {
    return Outcome::Unknown(UnknownCause::kNotObserved, "no exporter for " + name + " is seen, but " +
                                                            agent.ToString() + ", which may ask it by itself");
  }
  Findings findings(context);
  findings.Add(Verdict::kFail, context.workload(), *seen.container, "image",
               "runs " + name + (datastore.native ? ", whose own metrics nothing is seen to scrape" : "") +
                   ", and no exporter for it runs in the pod or the namespace");
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kExporter = {
    .id = "exporter",
    .title = "A datastore's own metrics are exported",
    .section = Section::kMonitoring,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    // A CronJob with the image of a database is its client: it dumps it.
    .applies_to = kLongRunning,
    .rule =
        "For a workload whose image is a known datastore or queue: passes with an exporter for it as another container "
        "of the pod or as a workload of the namespace, or, where the software serves Prometheus' format by itself, "
        "when a monitor or an annotation has it scraped (metrics-scraped). Fails otherwise. Unknown in a scan that has "
        "no exporter, and where an agent runs that knows databases by itself (Datadog, ...). Not applicable to "
        "everything else.",
    .why =
        "CPU and memory of a database say little: connections, replication lag, cache hits and queue lengths tell that "
        "it is about to fail, and only its own metrics have them.",
    .fix =
        "Switch on the exporter of its chart (metrics.enabled and serviceMonitor.enabled in most), or run the exporter "
        "that prometheus.io lists for it.",
    .source = "R. Monitoring: exporters for services and databases",
    .traps =
        "An exporter in another namespace that asks several databases is not seen: waive with that as the reason. "
        "Software that only speaks Prometheus' format with a plug-in (RabbitMQ) passes where it is scraped. Whether "
        "the exporter itself is scraped is metrics-scraped's question.",
    .reads = kScrapingKinds |
             KindSet{Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob, Kind::kReplicaSet},
    .bears_on_all = ExporterFor,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
