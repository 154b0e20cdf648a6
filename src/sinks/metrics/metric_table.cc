#include "sinks/metrics/metric_table.h"

#include <array>

namespace seaworthy::sinks::metrics {
namespace {

using enum MetricType;
using enum Stability;
using enum Exporter;

// kubernetes-mixin's label names, so that users can join.
constexpr std::string_view kWorkload = "namespace,workload,workload_type";

constexpr std::array<Metric, kMetricCount> kTable = {{
    {MetricId::kWorkloadScore, "seaworthy_workload_score", kGauge, kWorkload, kStable, kLeader,
     "Score of a workload, 0 to 100, rounded down. Absent when no check that counts applies to it."},
    {MetricId::kWorkloadCoverage, "seaworthy_workload_coverage_ratio", kGauge, kWorkload, kStable, kLeader,
     "Share of the weight of the checks that apply to a workload which could be decided, 0 to 1."},
    // 0.5 and not -1 or NaN: the values are in order, so min, max and avg over a namespace mean what they say.
    {MetricId::kWorkloadReady, "seaworthy_workload_production_ready", kGauge, kWorkload, kStable, kLeader,
     "Whether a workload is production-ready: 1 yes, 0 no, 0.5 unknown."},
    {MetricId::kWorkloadFindings, "seaworthy_workload_findings", kGauge,
     "namespace,workload,workload_type,verdict,severity", kStable, kLeader,
     "Number of checks of a workload by verdict and severity. Zeros and checks that do not apply (na) are left out."},
    {MetricId::kCheckFailing, "seaworthy_check_failing", kGauge,
     "namespace,workload,workload_type,check,section,severity,verdict", kStable, kLeader,
     "1 for each check that ends in fail or warn. No workload: the namespace's own finding; no namespace either: the "
     "cluster's."},
    {MetricId::kWorkloadInfo, "seaworthy_workload_info", kGauge, "namespace,workload,workload_type,tier,owner,part_of",
     kStable, kLeader,
     "1 for each workload, to join by: its tier, and owner and part-of as its labels declare them, cut to 63 bytes."},
    {MetricId::kRegressions, "seaworthy_regressions_total", kCounter, "namespace,workload,workload_type,check,cause",
     kStable, kLeader,
     "Checks that were seen to turn from pass, warn or attested to fail, by cause (workload, environment, checklist, "
     "expiry)."},
    {MetricId::kLastRegression, "seaworthy_last_regression_timestamp_seconds", kGauge,
     "namespace,workload,workload_type,check,cause", kStable, kLeader,
     "When a check of a workload last turned to fail, as unix time. For alerts: a counter that is born at 1 shows no "
     "increase."},
    {MetricId::kManualChanges, "seaworthy_manual_changes_total", kCounter, kWorkload, kStable, kLeader,
     "Changes of a workload's template by an interactive tool, as far as they were watched."},
    {MetricId::kNamespaceScore, "seaworthy_namespace_score", kGauge, "namespace", kStable, kLeader,
     "Score of a namespace, 0 to 100, rounded down. Absent when it is exempt or nothing in it has a score."},
    {MetricId::kNodeFailing, "seaworthy_node_failing", kGauge, "node,check", kStable, kLeader,
     "1 for each check of a node that ends in fail."},
    {MetricId::kClusterScore, "seaworthy_cluster_score", kGauge, "", kStable, kLeader,
     "Score of the cluster, 0 to 100, rounded down."},
    {MetricId::kSectionScore, "seaworthy_section_score", kGauge, "section", kStable, kLeader,
     "Score of one section of the checklist over all workloads, 0 to 100, rounded down."},
    {MetricId::kChecklistInfo, "seaworthy_checklist_info", kGauge, "hash", kStable, kLeader,
     "1, labelled with the hash of checks, severities and parameters: scores before and after it changes are not "
     "comparable."},
    {MetricId::kAttestationExpiry, "seaworthy_attestation_expiry_timestamp_seconds", kGauge, "namespace,attestation",
     kStable, kLeader, "When an attestation ends, as unix time. No namespace: a ClusterAttestation."},
    {MetricId::kWaiverExpiry, "seaworthy_waiver_expiry_timestamp_seconds", kGauge, "namespace,waiver", kStable, kLeader,
     "When a waiver ends, as unix time. No namespace: a ClusterWaiver."},
    {MetricId::kSeriesDropped, "seaworthy_series_dropped", kGauge, "family", kStable, kLeader,
     "Series left out of this page because of the cap on their number, by family; family all: every series of so many "
     "workloads."},
    {MetricId::kLastEvaluation, "seaworthy_last_evaluation_timestamp_seconds", kGauge, "", kStable, kEveryReplica,
     "When a check was last evaluated, as unix time."},
    {MetricId::kInitialAuditComplete, "seaworthy_initial_audit_complete", kGauge, "", kStable, kEveryReplica,
     "1 once everything that was there at the start has been audited: before that a missing series means nothing."},
    {MetricId::kMetricsResidentBytes, "seaworthy_metrics_resident_bytes", kGauge, "", kAlpha, kEveryReplica,
     "Memory that the prepared workload series take."},

    {MetricId::kBuildInfo, "seaworthy_build_info", kGauge, "commit,version", kStable, kEveryReplica,
     "1, labelled with the version and commit that runs."},
    {MetricId::kChangeToMetric, "seaworthy_change_to_metric_seconds", kHistogram, "", kStable, kEveryReplica,
     "Time from the arrival of a changed object to the metrics that show it."},
    {MetricId::kDataStale, "seaworthy_data_stale", kGauge, "resource", kStable, kEveryReplica,
     "1 when nothing has been heard of a resource for 5 minutes: what is shown of it may be out of date."},
    {MetricId::kWatchPhase, "seaworthy_watch_phase", kGauge, "resource,phase", kAlpha, kEveryReplica,
     "1 for the phase that the watch of a resource is in."},
    {MetricId::kWatchLastProgress, "seaworthy_watch_last_progress_timestamp_seconds", kGauge, "resource", kStable,
     kEveryReplica, "When the watch of a resource last made progress, as unix time."},
    {MetricId::kWatchRelists, "seaworthy_watch_relists_total", kCounter, "resource,reason", kStable, kEveryReplica,
     "Lists after the first one, by what made them necessary."},
    {MetricId::kWatchRestarts, "seaworthy_watch_restarts_total", kCounter, "resource,reason", kStable, kEveryReplica,
     "Watch streams that ended, by reason."},
    {MetricId::kWatchEvents, "seaworthy_watch_events_total", kCounter, "resource,type", kStable, kEveryReplica,
     "Watch events received, by type."},
    {MetricId::kWatchObjects, "seaworthy_watch_objects", kGauge, "resource", kStable, kEveryReplica,
     "Objects in the cache."},
    {MetricId::kWatchUnreadable, "seaworthy_watch_unreadable_objects", kGauge, "resource", kStable, kEveryReplica,
     "Objects that could not be read; checks that need them are unknown."},
    {MetricId::kWatchDegraded, "seaworthy_watch_degraded", kGauge, "resource", kStable, kEveryReplica,
     "1 when a resource may not be read or cannot be followed; checks that need it are unknown."},
    {MetricId::kCacheResidentBytes, "seaworthy_cache_resident_bytes", kGauge, "resource", kAlpha, kEveryReplica,
     "Memory that the cached objects of a resource take."},
    {MetricId::kCacheDivergence, "seaworthy_cache_divergence_total", kCounter, "resource", kStable, kEveryReplica,
     "Comparisons of the cache with the API server that found a difference. Must stay 0; the resource is then listed "
     "anew."},
    {MetricId::kReportWrites, "seaworthy_report_writes_total", kCounter, "result", kStable, kEveryReplica,
     "Requests that were to write or delete audit objects, by result."},
    {MetricId::kReportTamper, "seaworthy_report_tamper_total", kCounter, "", kStable, kEveryReplica,
     "Audit objects that somebody else edited or deleted."},
    {MetricId::kReportPending, "seaworthy_report_pending", kGauge, "", kStable, kEveryReplica,
     "Audit objects that differ from what was found, and wait to be written."},
    {MetricId::kReportObjects, "seaworthy_report_objects", kGauge, "", kStable, kEveryReplica,
     "Audit objects that the API server holds."},
    {MetricId::kReportWriteRate, "seaworthy_report_write_limit_per_second", kGauge, "", kAlpha, kEveryReplica,
     "Requests a second that the writer of audit objects allows itself; halved when the API server asks for less."},
    {MetricId::kReportWriteDegraded, "seaworthy_report_write_degraded", kGauge, "", kStable, kEveryReplica,
     "1 when the API server forbids writing audit objects."},
    {MetricId::kReportBreakerOpen, "seaworthy_report_breaker_open", kGauge, "", kStable, kEveryReplica,
     "1 when no audit object is created because there are many more than there are subjects."},
    {MetricId::kReportSweepStopped, "seaworthy_report_sweep_stopped", kGauge, "", kStable, kEveryReplica,
     "1 when the last sweep would have deleted more than a tenth of the audit objects and therefore deleted none."},

    // From here on the names that controllers' dashboards know already.
    {MetricId::kQueueDepth, "workqueue_depth", kGauge, "name", kStable, kEveryReplica, "Current depth of the queue."},
    {MetricId::kQueueAdds, "workqueue_adds_total", kCounter, "name", kStable, kEveryReplica,
     "Entries added to the queue."},
    {MetricId::kQueueDuration, "workqueue_queue_duration_seconds", kHistogram, "name", kStable, kEveryReplica,
     "How long a change waits before the work on what it touches begins."},
    {MetricId::kQueueWorkDuration, "workqueue_work_duration_seconds", kHistogram, "name", kStable, kEveryReplica,
     "How long the work on a batch of entries takes, 64 of them at most."},
    {MetricId::kRestRequests, "rest_client_requests_total", kCounter, "code,host,method", kStable, kEveryReplica,
     "Requests to the API server, by status code, method and host."},
    {MetricId::kRestDuration, "rest_client_request_duration_seconds", kHistogram, "host,method", kStable, kEveryReplica,
     "How long requests to the API server take, but for watches."},
    {MetricId::kLeader, "leader_election_master_status", kGauge, "name", kStable, kEveryReplica,
     "1 when this replica holds the lease."},
    {MetricId::kProcessCpu, "process_cpu_seconds_total", kCounter, "", kStable, kEveryReplica,
     "Processor time used, user and system."},
    {MetricId::kProcessResident, "process_resident_memory_bytes", kGauge, "", kStable, kEveryReplica,
     "Resident memory."},
    {MetricId::kProcessVirtual, "process_virtual_memory_bytes", kGauge, "", kStable, kEveryReplica, "Virtual memory."},
    {MetricId::kProcessOpenFds, "process_open_fds", kGauge, "", kStable, kEveryReplica, "Open file descriptors."},
    {MetricId::kProcessMaxFds, "process_max_fds", kGauge, "", kStable, kEveryReplica,
     "File descriptors that may be open at once."},
    {MetricId::kProcessThreads, "process_threads", kGauge, "", kStable, kEveryReplica, "Threads."},
    {MetricId::kProcessStart, "process_start_time_seconds", kGauge, "", kStable, kEveryReplica,
     "When the process was started, as unix time."},
}};

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].id != static_cast<MetricId>(i)) return false;
  }
  return true;
}
static_assert(InOrder(), "the table is indexed by MetricId");

}  // namespace

std::string_view TypeName(MetricType type) {
  constexpr std::string_view kNames[] = {"gauge", "counter", "histogram"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view StabilityName(Stability stability) { return stability == kStable ? "stable" : "alpha"; }

std::string_view ExporterName(Exporter exporter) { return exporter == Exporter::kLeader ? "leader" : "every replica"; }

std::span<const Metric, kMetricCount> MetricTable() { return kTable; }

const Metric& Describe(MetricId id) { return kTable[static_cast<std::size_t>(id)]; }

const Metric* FindMetric(std::string_view name) {
  for (const Metric& metric : kTable) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

}  // namespace seaworthy::sinks::metrics
