// OperatorMetrics: how the operator itself is doing, in an ordinary prometheus-cpp registry. Its text is appended to
// the collector's page.
//
// Everything is told to it; only process_* it reads from /proc, when a page is made. Names, labels and HELP are those
// of metric_table.cc. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "seaworthy/clock.h"
#include "seaworthy/kind.h"
#include "sinks/report/writer_stats.h"

namespace seaworthy::sinks::metrics {

// One watch as it is now; the counters count from the start of the process.
struct WatchStats {
  Kind kind = Kind::kPod;
  std::string phase;                                       // "watch", "snapshot", "backoff", "absent", "denied", ...
  std::map<std::string, std::uint64_t> relists, restarts;  // by reason
  std::map<std::string, std::uint64_t> events;             // by type
  std::uint64_t objects = 0, unreadable = 0;
  bool degraded = false;
  bool stale = false;  // no progress for 5 minutes
  std::optional<WallTime> last_progress;
  std::size_t resident_bytes = 0;
  std::optional<std::uint64_t> divergences;  // unset: nobody compares
};

class OperatorMetrics {
 public:
  OperatorMetrics(std::string_view version, std::string_view commit);
  ~OperatorMetrics();
  OperatorMetrics(const OperatorMetrics&) = delete;
  OperatorMetrics& operator=(const OperatorMetrics&) = delete;

  // Replaces what was said before.
  void SetWatches(std::span<const WatchStats> watches);
  void SetReports(const report::WriterStats& stats);
  void SetLeader(std::string_view lease, bool leading);
  void ObserveChangeToMetric(Duration took);

  // The queue of that name.
  void CountQueueAdds(std::string_view queue, std::uint64_t entries);
  void SetQueueDepth(std::string_view queue, std::size_t depth);
  void ObserveQueued(std::string_view queue, Duration waited);
  void ObserveWork(std::string_view queue, Duration took);

  // `status` 0: no answer came. `took` unset for watches.
  void CountRequest(std::string_view method, int status, std::string_view host, std::optional<Duration> took);

  void AppendTo(std::string& page) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seaworthy::sinks::metrics
