// Reads a Page as text, piece by piece, so that a page of 60 MB never is in memory as a whole: whoever sends it asks
// for the next piece when the last one is gone. The one writer of series: all lines of a family stand together, HELP
// and TYPE before the first.
//
// Owns its page, and with it the records as they were when the scrape began. One thread at a time; the Collector must
// outlive it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/metrics/page.h"

namespace seaworthy::sinks::metrics {

class PageReader {
 public:
  explicit PageReader(Page page);
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;

  // Puts some 64 KiB into `piece`, in place of what was there; false, and nothing in it, after the last.
  bool Next(std::string& piece);

 private:
  // What the cap leaves out, mildest first: checks by severity, then the counts of findings, then whole workloads.
  struct Allowance {
    std::size_t from_severity = 0;  // check series of this severity and above stay
    bool findings = true;
    std::size_t workloads = 0;
    std::size_t dropped_checks = 0, dropped_findings = 0, dropped_workloads = 0;
  };
  // A part of the page: lines of one family about records of one type, or about none.
  struct Step {
    MetricId family;
    const std::vector<const Record*>* records;  // nullptr: `print` is called once, with nullptr
    std::function<void(const Record*)> print;
  };

  static Allowance Allow(const Totals& totals, std::size_t cap);
  void Sort();
  void PlanAudit();
  void PlanRest();
  void Failing(const std::string& labels, const List<const Piece*>& failing);
  const std::vector<const Record*>* Of(Record::Type type) const { return &of_type_[static_cast<std::size_t>(type)]; }

  void Begin(MetricId family);
  void Labels(std::initializer_list<std::string_view> labels);
  void Line(std::int64_t value, std::initializer_list<std::string_view> labels);
  void TextLine(std::string_view value, std::initializer_list<std::string_view> labels);

  const Page page_;
  const Allowance allowance_;
  std::array<std::vector<const Record*>, 4> of_type_;
  std::array<std::array<std::string, kSeverities>, kVerdicts> counts_;  // ,verdict="fail",severity="high"
  std::array<std::string, 101> ratios_;                                 // by percent
  std::vector<Step> steps_;

  std::size_t step_ = 0, record_ = 0;  // what comes next
  const Metric* metric_ = nullptr;
  bool begun_ = false;  // its HELP and TYPE are printed
  std::string* out_ = nullptr;
};

}  // namespace seaworthy::sinks::metrics
