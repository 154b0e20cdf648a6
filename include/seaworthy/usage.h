// What containers used, sampled once a minute from metrics.k8s.io: histograms that forget, kept beside a workload and
// in its WorkloadAudit.
//
// A sample is of one pod in one minute. A histogram's bucket holds what is up to a tenth larger than the bucket before
// it, and a sample counts half after three days. What checks see is `shown`, which is taken from the histograms six
// times an hour and moves only when they clearly did.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/object.h"

namespace seaworthy::support {
class Node;
}

namespace seaworthy {

class DecayingHistogram {
 public:
  static constexpr int kNone = -1;
  static constexpr std::int64_t kHalfLifeSeconds = 3 * 24 * 3600;

  // `first`: what the first bucket holds at most.
  explicit DecayingHistogram(float first) : first_(first) {}

  void Add(double value, double weight, std::int64_t at_seconds);
  bool empty() const { return weights_.empty(); }
  // The lowest bucket at or below which this share of the weight lies; kNone when empty.
  int Quantile(double share) const;
  // The share of the weight at or below the bucket.
  double ShareUpTo(int bucket) const;
  // The highest bucket that holds more than a ten-thousandth of it: a peak of ten minutes a week counts, a single odd
  // sample does not.
  int Highest() const;
  // Bounds of a bucket.
  double Above(int bucket) const;  // holds only what is larger; 0 for the first bucket
  double UpTo(int bucket) const;
  int BucketOf(double value) const;
  // The bucket whose UpTo is nearest.
  int BucketUpTo(double bound) const;

  // "12:AbCdEf": the first bucket with weight, and two characters for each from there, in proportion to the heaviest.
  std::string Format() const;
  // As if `minutes` of samples had given these proportions until `at_seconds`. False, and empty: not such a text.
  bool Parse(std::string_view text, std::int64_t minutes, std::int64_t at_seconds);
  std::size_t heap_bytes() const { return weights_.capacity() * sizeof(float); }
  bool operator==(const DecayingHistogram&) const = default;

 private:
  float first_;
  int lowest_ = 0;              // bucket of weights_[0]
  std::vector<float> weights_;  // as of reference_
  std::int64_t reference_ = 0;
};

struct UsageEvidence {
  static constexpr std::size_t kMaxSeries = 16;
  static constexpr float kFirstCpuMilli = 10, kFirstMemoryBytes = 1 << 20;
  static constexpr std::uint8_t kUnmarked = 0xff;

  // Buckets of the histograms.
  struct Shown {
    std::int16_t cpu_p95 = -1, cpu_top = -1, memory_p95 = -1, memory_top = -1;
    std::uint8_t days = 0;  // of samples, 7 at most
    // Memory above 95 % of the limit, and more in each of the last hours.
    bool rising = false;
    bool operator==(const Shown&) const = default;
  };
  // One container, over all pods of the current revision.
  struct Series {
    Text container;
    std::uint64_t image = 0;  // hash of it: another image is another program, whose samples begin anew
    DecayingHistogram cpu{kFirstCpuMilli}, memory{kFirstMemoryBytes};
    std::int32_t minutes = 0;  // with samples
    Timestamp counted;         // the end of the last of them
    // The largest memory in the hour that runs and in those before it, newest last.
    std::int64_t hour = 0;
    float peak = 0;
    std::vector<float> peaks;
    Timestamp shown_at;
    Shown shown;
    std::uint8_t mark = 0;  // what the shown buckets mean for the requests: worth keeping at once when it changes
    bool operator==(const Series&) const = default;
  };
  std::vector<Series> series;  // by container
  // The text that the WorkloadAudit keeps: older than the above by a day at most, so that an audit object is not
  // written for every sample.
  std::string kept;
  Timestamp kept_at;
  std::vector<Shown> kept_shown;  // one a series
  std::vector<std::uint8_t> kept_marks;

  const Series* Find(std::string_view container) const;
  std::size_t heap_bytes() const;
  bool operator==(const UsageEvidence&) const = default;
};

// JSON, canonical.
std::string FormatUsage(const UsageEvidence& usage, Timestamp at);
// Tolerant: what cannot be read is left out.
UsageEvidence ParseUsage(const support::Node& node, TextPool& pool);

}  // namespace seaworthy
