#include "sinks/metrics/self_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

#include "sinks/metrics/metric_table.h"
#include "sinks/metrics/process_stats.h"
#include "support/escape.h"

namespace seaworthy::sinks::metrics {
namespace {

using Values = std::initializer_list<std::string_view>;

// A label value that is no UTF-8 makes Prometheus refuse the whole page, and prometheus-cpp does not look.
std::string Clean(std::string_view text) {
  if (support::IsUtf8(text)) return std::string(text);
  std::string clean;
  while (!text.empty()) {
    const support::Utf8Char next = support::DecodeUtf8(text);
    support::AppendUtf8(next.valid ? next.code : U'\uFFFD', clean);
    text.remove_prefix(next.size);
  }
  return clean;
}

// The table's label names with these values.
std::vector<std::pair<std::string, std::string>> Pairs(const Metric& metric, Values values) {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::string_view names = metric.labels;
  for (const std::string_view value : values) {
    const std::size_t comma = names.find(',');
    pairs.emplace_back(names.substr(0, comma), Clean(value));
    names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
  }
  return pairs;
}

prometheus::Labels LabelsOf(const Metric& metric, Values values) {
  prometheus::Labels labels;
  for (auto& [name, value] : Pairs(metric, values)) labels.emplace(std::move(name), std::move(value));
  return labels;
}

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
double Seconds(WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

// What is known as a whole when the page is made.
class Families {
 public:
  void Add(MetricId id, double value, Values values = {}) {
    const Metric& metric = Describe(id);
    prometheus::MetricFamily& family = FamilyOf(metric);
    prometheus::ClientMetric one;
    for (auto& [name, text] : Pairs(metric, values)) one.label.push_back({std::move(name), std::move(text)});
    if (metric.type == MetricType::kCounter) {
      one.counter.value = value;
    } else {
      one.gauge.value = value;
    }
    family.metric.push_back(std::move(one));
  }
  std::vector<prometheus::MetricFamily> Take() && { return std::move(families_); }

 private:
  prometheus::MetricFamily& FamilyOf(const Metric& metric) {
    const auto at = std::find_if(families_.begin(), families_.end(),
                                 [&](const auto& family) { return family.name == metric.name; });
    if (at != families_.end()) return *at;
    prometheus::MetricFamily family;
    family.name = metric.name;
    family.help = metric.help;
    family.type = metric.type == MetricType::kCounter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    return families_.emplace_back(std::move(family));
  }
  std::vector<prometheus::MetricFamily> families_;
};

void AddProcess(Families& families) {
  const ProcessStats process = ReadProcessStats();
  families.Add(MetricId::kProcessCpu, process.cpu_seconds);
  families.Add(MetricId::kProcessResident, static_cast<double>(process.resident_bytes));
  families.Add(MetricId::kProcessVirtual, static_cast<double>(process.virtual_bytes));
  families.Add(MetricId::kProcessOpenFds, static_cast<double>(process.open_fds));
  families.Add(MetricId::kProcessMaxFds, static_cast<double>(process.max_fds));
  families.Add(MetricId::kProcessThreads, static_cast<double>(process.threads));
  families.Add(MetricId::kProcessStart, process.start_time);
}

void AddWatch(Families& families, const WatchStats& watch) {
  const std::string_view resource = Info(watch.kind).resource;
  families.Add(MetricId::kDataStale, watch.stale ? 1 : 0, {resource});
  families.Add(MetricId::kWatchPhase, 1, {resource, watch.phase});
  if (watch.last_progress) families.Add(MetricId::kWatchLastProgress, Seconds(*watch.last_progress), {resource});
  for (const auto& [reason, count] : watch.relists)
    families.Add(MetricId::kWatchRelists, static_cast<double>(count), {resource, reason});
  for (const auto& [reason, count] : watch.restarts)
    families.Add(MetricId::kWatchRestarts, static_cast<double>(count), {resource, reason});
  for (const auto& [type, count] : watch.events)
    families.Add(MetricId::kWatchEvents, static_cast<double>(count), {resource, type});
  families.Add(MetricId::kWatchObjects, static_cast<double>(watch.objects), {resource});
  families.Add(MetricId::kWatchUnreadable, static_cast<double>(watch.unreadable), {resource});
  families.Add(MetricId::kWatchDegraded, watch.degraded ? 1 : 0, {resource});
  families.Add(MetricId::kCacheResidentBytes, static_cast<double>(watch.resident_bytes), {resource});
  if (watch.divergences) families.Add(MetricId::kCacheDivergence, static_cast<double>(*watch.divergences), {resource});
}

void AddReports(Families& families, const report::WriterStats& stats) {
  for (std::size_t i = 0; i < report::kWriteResults; ++i) {
    families.Add(MetricId::kReportWrites, static_cast<double>(stats.results[i]),
                 {report::WriteResultName(static_cast<report::WriteResult>(i))});
  }
  families.Add(MetricId::kReportTamper, static_cast<double>(stats.tampered));
  families.Add(MetricId::kReportPending, static_cast<double>(stats.pending));
  families.Add(MetricId::kReportObjects, static_cast<double>(stats.objects));
  families.Add(MetricId::kReportWriteRate, stats.rate);
  families.Add(MetricId::kReportWriteDegraded, stats.degraded ? 1 : 0);
  families.Add(MetricId::kReportBreakerOpen, stats.breaker_open ? 1 : 0);
  families.Add(MetricId::kReportSweepStopped, stats.sweep_stopped ? 1 : 0);
}

}  // namespace

struct OperatorMetrics::State {
  prometheus::Registry registry;
  mutable std::mutex mutex;  // guards what follows
  std::vector<WatchStats> watches;
  std::optional<report::WriterStats> reports;

  prometheus::Gauge& Gauge(MetricId id, Values values) {
    const Metric& metric = Describe(id);
    return prometheus::BuildGauge()
        .Name(std::string(metric.name))
        .Help(std::string(metric.help))
        .Register(registry)
        .Add(LabelsOf(metric, values));
  }
  prometheus::Counter& Counter(MetricId id, Values values) {
    const Metric& metric = Describe(id);
    return prometheus::BuildCounter()
        .Name(std::string(metric.name))
        .Help(std::string(metric.help))
        .Register(registry)
        .Add(LabelsOf(metric, values));
  }
  prometheus::Histogram& Histogram(MetricId id, Values values, const prometheus::Histogram::BucketBoundaries& buckets) {
    const Metric& metric = Describe(id);
    return prometheus::BuildHistogram()
        .Name(std::string(metric.name))
        .Help(std::string(metric.help))
        .Register(registry)
        .Add(LabelsOf(metric, values), buckets);
  }
};

namespace {

// The budget is 15 ms at the median and 100 ms at the 99th percentile (DESIGN.md 3).
const prometheus::Histogram::BucketBoundaries& ChangeBuckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets = {0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05,
                                                                   0.1,   0.25,   0.5,   1,    5,     30};
  return kBuckets;
}
// client-go's, so that its dashboards fit: 10 ns to 10 s and beyond.
const prometheus::Histogram::BucketBoundaries& QueueBuckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets = {1e-8, 1e-7, 1e-6, 1e-5, 1e-4,
                                                                   1e-3, 1e-2, 1e-1, 1,    10};
  return kBuckets;
}
const prometheus::Histogram::BucketBoundaries& RequestBuckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets = {0.005, 0.025, 0.1, 0.25, 0.5, 1,
                                                                   2,     4,     8,   15,   30,  60};
  return kBuckets;
}

}  // namespace

OperatorMetrics::OperatorMetrics(std::string_view version, std::string_view commit)
    : state_(std::make_unique<State>()) {
  state_->Gauge(MetricId::kBuildInfo, {commit, version}).Set(1);
  // There from the start, so that a rate over it is one.
  state_->Histogram(MetricId::kChangeToMetric, {}, ChangeBuckets());
}
OperatorMetrics::~OperatorMetrics() = default;

void OperatorMetrics::SetWatches(std::span<const WatchStats> watches) {
  const std::lock_guard lock(state_->mutex);
  state_->watches.assign(watches.begin(), watches.end());
}

void OperatorMetrics::SetReports(const report::WriterStats& stats) {
  const std::lock_guard lock(state_->mutex);
  state_->reports = stats;
}

void OperatorMetrics::SetLeader(std::string_view lease, bool leading) {
  state_->Gauge(MetricId::kLeader, {lease}).Set(leading ? 1 : 0);
}

void OperatorMetrics::ObserveChangeToMetric(Duration took) {
  state_->Histogram(MetricId::kChangeToMetric, {}, ChangeBuckets()).Observe(Seconds(took));
}

void OperatorMetrics::CountQueueAdds(std::string_view queue, std::uint64_t entries) {
  state_->Counter(MetricId::kQueueAdds, {queue}).Increment(static_cast<double>(entries));
}

void OperatorMetrics::SetQueueDepth(std::string_view queue, std::size_t depth) {
  state_->Gauge(MetricId::kQueueDepth, {queue}).Set(static_cast<double>(depth));
}

void OperatorMetrics::ObserveQueued(std::string_view queue, Duration waited) {
  state_->Histogram(MetricId::kQueueDuration, {queue}, QueueBuckets()).Observe(Seconds(waited));
}

void OperatorMetrics::ObserveWork(std::string_view queue, Duration took) {
  state_->Histogram(MetricId::kQueueWorkDuration, {queue}, QueueBuckets()).Observe(Seconds(took));
}

void OperatorMetrics::CountRequest(std::string_view method, int status, std::string_view host,
                                   std::optional<Duration> took) {
  // client-go's name for "no answer".
  const std::string code = status == 0 ? "<error>" : std::to_string(status);
  state_->Counter(MetricId::kRestRequests, {code, host, method}).Increment();
  if (took) state_->Histogram(MetricId::kRestDuration, {host, method}, RequestBuckets()).Observe(Seconds(*took));
}

void OperatorMetrics::AppendTo(std::string& page) const {
  Families families;
  {
    const std::lock_guard lock(state_->mutex);
    for (const WatchStats& watch : state_->watches) AddWatch(families, watch);
    if (state_->reports) AddReports(families, *state_->reports);
  }
  AddProcess(families);
  std::vector<prometheus::MetricFamily> all = state_->registry.Collect();
  std::vector<prometheus::MetricFamily> more = std::move(families).Take();
  std::move(more.begin(), more.end(), std::back_inserter(all));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  page += prometheus::TextSerializer().Serialize(all);
}

}  // namespace seaworthy::sinks::metrics
