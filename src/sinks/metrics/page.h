// What a scrape prints: immutable records of subjects, and the page made of them. Private to collector.cc.
//
// A Page owns what it points to but for the pieces, which their Collector keeps; it is made under the collector's lock
// and printed without it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "seaworthy/list.h"
#include "seaworthy/report.h"
#include "sinks/metrics/metric_table.h"

namespace seaworthy::sinks::metrics {

inline constexpr std::size_t kSeverities = static_cast<std::size_t>(Severity::kCount);
inline constexpr std::size_t kVerdicts = static_cast<std::size_t>(Verdict::kCount);

// ,check="...",section="...",severity="...",verdict="...": shared by all subjects that have this finding.
struct Piece {
  std::string text;
  Severity severity = Severity::kInfo;
};

// Everything that is exported of one subject. All strings are escaped labels without braces.
struct Record {
  enum class Type : std::uint8_t { kWorkload, kNamespace, kNode, kCluster };
  struct Count {
    std::uint8_t verdict, severity;
    std::uint16_t number;
  };
  struct Regression {
    std::string labels;  // ,check="...",cause="..."
    std::uint64_t count = 0;
    std::int64_t last = 0;
  };
  struct Budget {
    std::string labels;
    List<const Piece*> failing;
  };

  Type type = Type::kWorkload;
  bool hidden = false;  // another subject has the same labels and came first
  Ready ready = Ready::kUnknown;
  std::int8_t score = -1;    // -1: none
  std::int8_t coverage = 0;  // percent, rounded down
  std::string labels;        // namespace="shop",workload="web",workload_type="deployment"
  std::string info;          // ,tier="standard",owner="",part_of=""
  List<Count> counts;
  List<const Piece*> failing;  // of a node: those that fail, not those that warn
  List<Regression> regressions;
  std::uint64_t manual_changes = 0;
  List<Budget> budgets;                    // of a namespace: those with a finding
  List<std::pair<Section, int>> sections;  // of the cluster
  std::string own;                         // of a namespace: namespace="..."; of the cluster: hash="..."

  std::size_t bytes() const;
};
using RecordPtr = std::shared_ptr<const Record>;

inline constexpr std::size_t kSeriesOfWorkload = 4;  // score, coverage, production_ready, info

// The number of series, by what a cap may leave out.
struct Totals {
  std::size_t workloads = 0;  // subjects that are workloads; each has four series of its own at most
  std::size_t findings = 0;   // of seaworthy_workload_findings
  std::size_t other = 0;
  std::array<std::size_t, kSeverities> checks{};  // of seaworthy_check_failing
  std::size_t bytes = 0;

  void Add(const Record& record, bool check_series);
  void Subtract(const Record& record, bool check_series);
  std::size_t series() const;
};

struct Page {
  bool leader = false;
  bool complete = false;
  bool check_series = true;
  std::size_t series_cap = 0;
  std::size_t resident_bytes = 0;
  std::optional<std::int64_t> last_evaluation_ms;
  Totals totals;
  std::vector<RecordPtr> records;                                     // the cluster's, where there is one, is the last
  std::map<std::pair<MetricId, std::string>, std::int64_t> expiries;  // by metric and labels
};

}  // namespace seaworthy::sinks::metrics
