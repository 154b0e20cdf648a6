// Collector: the audit as Prometheus text.
//
// For every subject it keeps what its series differ in: the labels, escaped once, and small numbers. A scrape joins
// them with texts that are shared by all subjects, family by family, so 10,000 workloads with 30 series each take some
// 5 MB of memory and some 20 ms, while prometheus-cpp's families would take 220 MB and linear time to remove one series
// (STACK.md 5).
//
// Publish and Remove are called on the core thread; everything is thread-safe. A scrape works on a snapshot of pointers
// to immutable records, so it holds the lock for the copy of those pointers alone (0.1 ms for 10,000) and Publish never
// waits for a slow scraper.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/list.h"
#include "seaworthy/sink.h"
#include "sinks/metrics/metric_table.h"
#include "sinks/metrics/page.h"
#include "sinks/metrics/page_reader.h"

namespace seaworthy::sinks::metrics {

struct CollectorOptions {
  bool check_series = true;          // seaworthy_check_failing: most of the series
  std::size_t series_cap = 500'000;  // beyond it check series go first, the mildest before all others
};

class Collector final : public Sink {
 public:
  explicit Collector(CollectorOptions options = {});
  ~Collector() override;

  void Publish(const WorkloadReport& report) override;
  void Publish(const NamespaceReport& report) override;
  void Publish(const NodeReport& report) override;
  void Publish(const ClusterReport& report) override;
  void Remove(std::uint32_t subject) override;

  // Only the leader's page has the series of the audit; the others keep them ready.
  void SetLeader(bool leader);
  void SetInitialAuditComplete(bool complete);
  void SetLastEvaluation(WallTime time);
  // A check of the workload turned to fail. Without effect on subjects that were never published; goes with the
  // subject.
  void CountRegression(std::uint32_t subject, const Check& check, std::string_view cause, WallTime when);
  void CountManualChange(std::uint32_t subject);
  // kAttestationExpiry or kWaiverExpiry; unset time: the object is gone. `namespace_` is empty for the cluster-wide
  // kinds.
  void SetExpiry(MetricId metric, std::string_view namespace_, std::string_view name, std::optional<WallTime> end);

  // The page as it is now, to be read piece by piece: it may be some 60 MB long with 10,000 workloads.
  std::unique_ptr<PageReader> Read() const;
  std::string Text() const;

  std::size_t resident_bytes() const;
  std::size_t series() const;  // of the audit, before the cap

 private:
  List<const Piece*> Failing(const std::vector<Finding>& findings, bool warnings);
  // Both with mutex_ held.
  void Store(std::uint32_t subject, std::shared_ptr<Record> record);
  void Drop(std::uint32_t subject);
  // The record of a workload, to be changed and stored again; nullptr when there is none. With mutex_ held.
  std::shared_ptr<Record> Copy(std::uint32_t subject) const;
  Page Snapshot() const;

  const CollectorOptions options_;
  // Never shrinks: there is one piece for each check, severity and verdict that ever occurred. Core thread only;
  // scrapes reach pieces through records.
  std::map<std::string, std::unique_ptr<const Piece>, std::less<>> pieces_;

  mutable std::mutex mutex_;        // guards what follows
  std::vector<RecordPtr> records_;  // by subject
  // Which subject the labels belong to: kinds of two API groups may have one name, and a series that is there twice
  // fails the scrape.
  std::unordered_map<std::uint64_t, std::uint32_t> claims_;
  std::set<std::uint32_t> hidden_;  // subjects whose labels another one holds
  RecordPtr cluster_;
  std::map<std::pair<MetricId, std::string>, std::int64_t> expiries_;
  Totals totals_;
  bool leader_ = false;
  bool complete_ = false;
  std::optional<std::int64_t> last_evaluation_ms_;
};

}  // namespace seaworthy::sinks::metrics
