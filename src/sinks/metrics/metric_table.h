// Every metric that Seaworthy exports: one table for the workload series (collector.cc) and for the operator's own
// (self_metrics.cc). The reference page, the tests and the writers all read it, so a name is written down once. Names
// and labels are public API.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace seaworthy::sinks::metrics {

enum class MetricType : std::uint8_t { kGauge, kCounter, kHistogram };
std::string_view TypeName(MetricType type);

enum class Stability : std::uint8_t {
  kStable,  // only ever gains labels; goes two minor releases after it was called deprecated
  kAlpha,   // may change in any release
};
std::string_view StabilityName(Stability stability);

// With several replicas, series of an audit would be there once for each: only the leader has them.
enum class Exporter : std::uint8_t { kLeader, kEveryReplica };
std::string_view ExporterName(Exporter exporter);

enum class MetricId : std::uint8_t {
  // The audit (collector.h), in the order of the page.
  kWorkloadScore,
  kWorkloadCoverage,
  kWorkloadReady,
  kWorkloadFindings,
  kCheckFailing,
  kWorkloadInfo,
  kRegressions,
  kLastRegression,
  kManualChanges,
  kNamespaceScore,
  kNodeFailing,
  kClusterScore,
  kSectionScore,
  kChecklistInfo,
  kAttestationExpiry,
  kWaiverExpiry,
  kSeriesDropped,
  kLastEvaluation,
  kInitialAuditComplete,
  kMetricsResidentBytes,
  // The operator itself (self_metrics.h).
  kBuildInfo,
  kChangeToMetric,
  kDataStale,
  kWatchPhase,
  kWatchLastProgress,
  kWatchRelists,
  kWatchRestarts,
  kWatchEvents,
  kWatchObjects,
  kWatchUnreadable,
  kWatchDegraded,
  kCacheResidentBytes,
  kCacheDivergence,
  kReportWrites,
  kReportTamper,
  kReportPending,
  kReportObjects,
  kReportWriteRate,
  kReportWriteDegraded,
  kReportBreakerOpen,
  kReportSweepStopped,
  kQueueDepth,
  kQueueAdds,
  kQueueDuration,
  kQueueWorkDuration,
  kRestRequests,
  kRestDuration,
  kLeader,
  kProcessCpu,
  kProcessResident,
  kProcessVirtual,
  kProcessOpenFds,
  kProcessMaxFds,
  kProcessThreads,
  kProcessStart,
  kCount,
};
inline constexpr std::size_t kMetricCount = static_cast<std::size_t>(MetricId::kCount);

struct Metric {
  MetricId id;
  std::string_view name;
  MetricType type;
  std::string_view labels;  // comma separated, in the order of the page (prometheus-cpp sorts them); empty: none
  Stability stability;
  Exporter exporter;
  std::string_view help;  // one line, no backslash: it is printed as it stands
};

// Indexed by MetricId.
std::span<const Metric, kMetricCount> MetricTable();
const Metric& Describe(MetricId id);
// nullptr when there is none of that name.
const Metric* FindMetric(std::string_view name);

}  // namespace seaworthy::sinks::metrics
