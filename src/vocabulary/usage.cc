#include "seaworthy/usage.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "support/canonical_json.h"
#include "support/hex.h"
#include "support/json.h"
#include "support/json_writer.h"

namespace seaworthy {
namespace {

constexpr double kRatio = 1.1;
constexpr int kBuckets = 220;  // the last one begins at a billion times the first
constexpr double kNoticed = 1e-4;
// 6 bits a character, in an order that sorts as the numbers do.
constexpr std::string_view kDigits = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
constexpr int kSteps = 64 * 64 - 1;

double Decay(std::int64_t seconds) {
  return std::exp2(-static_cast<double>(seconds) / static_cast<double>(DecayingHistogram::kHalfLifeSeconds));
}

void Amount(support::JsonWriter& out, std::string_view key, const DecayingHistogram& histogram, int p95, int top) {
  const auto bound = [&](int bucket) {
    return static_cast<std::int64_t>(bucket < 0 ? 0 : std::llround(histogram.UpTo(bucket)));
  };
  out.Object(key, [&] {
    out.Member("p95", bound(p95));
    out.Member("top", bound(top));
    out.Member("weights", histogram.Format());
  });
}

std::int16_t ParseBound(const DecayingHistogram& histogram, const support::Node& node) {
  const std::int64_t bound = node.Int().value_or(0);
  return bound <= 0 ? std::int16_t{-1} : static_cast<std::int16_t>(histogram.BucketUpTo(static_cast<double>(bound)));
}

}  // namespace

double DecayingHistogram::UpTo(int bucket) const { return static_cast<double>(first_) * std::pow(kRatio, bucket); }

double DecayingHistogram::Above(int bucket) const { return bucket <= 0 ? 0 : UpTo(bucket - 1); }

int DecayingHistogram::BucketOf(double value) const {
  if (!(value > static_cast<double>(first_))) return 0;
  const int bucket =
      static_cast<int>(std::ceil(std::log(value / static_cast<double>(first_)) / std::log(kRatio) - 1e-9));
  return std::min(bucket, kBuckets - 1);
}

int DecayingHistogram::BucketUpTo(double bound) const {
  if (!(bound > static_cast<double>(first_))) return 0;
  return std::min(static_cast<int>(std::lround(std::log(bound / static_cast<double>(first_)) / std::log(kRatio))),
                  kBuckets - 1);
}

void DecayingHistogram::Add(double value, double weight, std::int64_t at_seconds) {
  if (weights_.empty()) {
    reference_ = at_seconds;
  } else if (at_seconds - reference_ >= 3600) {
    // The weights of old samples are brought up to date now and then, not with each new one.
    const auto decay = static_cast<float>(Decay(at_seconds - reference_));
    for (float& one : weights_) one *= decay;
    reference_ = at_seconds;
  }
  const int bucket = BucketOf(value);
  if (weights_.empty()) {
    lowest_ = bucket;
  } else if (bucket < lowest_) {
    weights_.insert(weights_.begin(), static_cast<std::size_t>(lowest_ - bucket), 0.0F);
    lowest_ = bucket;
  }
  const auto index = static_cast<std::size_t>(bucket - lowest_);
  if (index >= weights_.size()) weights_.resize(index + 1);
  weights_[index] += static_cast<float>(weight / Decay(std::min<std::int64_t>(at_seconds - reference_, 3600)));
}

double DecayingHistogram::ShareUpTo(int bucket) const {
  double total = 0, below = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    total += static_cast<double>(weights_[i]);
    if (lowest_ + static_cast<int>(i) <= bucket) below += static_cast<double>(weights_[i]);
  }
  return total > 0 ? below / total : 0;
}

int DecayingHistogram::Quantile(double share) const {
  double total = 0;
  for (const float one : weights_) total += static_cast<double>(one);
  if (total <= 0) return kNone;
  double below = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    below += static_cast<double>(weights_[i]);
    if (below >= share * total) return lowest_ + static_cast<int>(i);
  }
  return lowest_ + static_cast<int>(weights_.size()) - 1;
}

int DecayingHistogram::Highest() const {
  double total = 0;
  for (const float one : weights_) total += static_cast<double>(one);
  for (std::size_t i = weights_.size(); i > 0; --i) {
    if (static_cast<double>(weights_[i - 1]) > kNoticed * total) return lowest_ + static_cast<int>(i) - 1;
  }
  return kNone;
}

std::string DecayingHistogram::Format() const {
  float heaviest = 0;
  for (const float one : weights_) heaviest = std::max(heaviest, one);
  std::string digits;
  int first = lowest_;
  for (const float one : weights_) {
    const int step = heaviest > 0 ? static_cast<int>(std::lround(one / heaviest * static_cast<float>(kSteps))) : 0;
    if (digits.empty() && step == 0) {
      ++first;
      continue;
    }
    digits += kDigits[static_cast<std::size_t>(step / 64)];
    digits += kDigits[static_cast<std::size_t>(step % 64)];
  }
  while (digits.ends_with("--")) digits.resize(digits.size() - 2);
  return digits.empty() ? digits : std::to_string(first) + ":" + digits;
}

bool DecayingHistogram::Parse(std::string_view text, std::int64_t minutes, std::int64_t at_seconds) {
  weights_.clear();
  const std::size_t colon = text.find(':');
  int first = 0;
  if (colon == std::string_view::npos) return false;
  const auto [end, code] = std::from_chars(text.data(), text.data() + colon, first);
  if (code != std::errc() || end != text.data() + colon) return false;
  text.remove_prefix(colon + 1);
  if (first < 0 || text.empty() || text.size() % 2 != 0 || first + static_cast<int>(text.size() / 2) > kBuckets)
    return false;
  std::vector<float> weights;
  float total = 0;
  for (; !text.empty(); text.remove_prefix(2)) {
    const std::size_t high = kDigits.find(text[0]), low = kDigits.find(text[1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    weights.push_back(static_cast<float>(high * 64 + low));
    total += weights.back();
  }
  if (total <= 0) return false;
  // What one sample a minute comes to.
  const double mass = static_cast<double>(kHalfLifeSeconds) / 60 / std::log(2.0) *
                      (1 - Decay(std::clamp<std::int64_t>(minutes, 1, 1'000'000) * 60));
  for (float& one : weights) one *= static_cast<float>(mass) / total;
  weights_ = std::move(weights);
  lowest_ = first;
  reference_ = at_seconds;
  return true;
}

const UsageEvidence::Series* UsageEvidence::Find(std::string_view container) const {
  for (const Series& one : series) {
    if (one.container == container) return &one;
  }
  return nullptr;
}

std::size_t UsageEvidence::heap_bytes() const {
  std::size_t total = series.capacity() * sizeof(Series) + kept.capacity() + kept_shown.capacity() * sizeof(Shown) +
                      kept_marks.capacity();
  for (const Series& one : series)
    total += one.cpu.heap_bytes() + one.memory.heap_bytes() + one.peaks.capacity() * sizeof(float);
  return total;
}

std::string FormatUsage(const UsageEvidence& usage, Timestamp at) {
  std::string text;
  support::JsonWriter out(text);
  out.Open('{');
  out.Member("at", at.seconds);
  out.Object("containers", [&] {
    for (const UsageEvidence::Series& one : usage.series) {
      out.Object(one.container, [&] {
        Amount(out, "cpu", one.cpu, one.shown.cpu_p95, one.shown.cpu_top);
        out.Member("image", support::Hex(one.image));
        Amount(out, "memory", one.memory, one.shown.memory_p95, one.shown.memory_top);
        out.Member("minutes", std::int64_t{one.minutes});
        if (one.shown.rising) out.Key("rising"), out.Raw("true");
      });
    }
  });
  out.Close('}');
  return text;
}

UsageEvidence ParseUsage(const support::Node& node, TextPool& pool) {
  UsageEvidence usage;
  const Timestamp at{std::max<std::int64_t>(node["at"].Int().value_or(0), 0)};
  for (const support::Node& container : node["containers"]) {
    if (usage.series.size() == UsageEvidence::kMaxSeries || container.key().empty()) break;
    UsageEvidence::Series one;
    one.container = pool.Intern(container.key().substr(0, 253));
    one.image = support::ParseHex(container["image"].text());
    one.minutes =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(container["minutes"].Int().value_or(0), 0, 100'000'000));
    one.counted = at;
    one.cpu.Parse(container["cpu"]["weights"].text(), one.minutes, at.seconds);
    one.memory.Parse(container["memory"]["weights"].text(), one.minutes, at.seconds);
    one.shown.cpu_p95 = ParseBound(one.cpu, container["cpu"]["p95"]);
    one.shown.cpu_top = ParseBound(one.cpu, container["cpu"]["top"]);
    one.shown.memory_p95 = ParseBound(one.memory, container["memory"]["p95"]);
    one.shown.memory_top = ParseBound(one.memory, container["memory"]["top"]);
    one.shown.days = static_cast<std::uint8_t>(std::min(one.minutes / 1440, 7));
    one.shown.rising = container["rising"].Bool().value_or(false);
    one.mark = UsageEvidence::kUnmarked;
    usage.series.push_back(std::move(one));
  }
  std::sort(usage.series.begin(), usage.series.end(),
            [](const auto& a, const auto& b) { return a.container < b.container; });
  for (const UsageEvidence::Series& one : usage.series) {
    usage.kept_shown.push_back(one.shown);
    usage.kept_marks.push_back(one.mark);
  }
  if (!usage.series.empty()) {
    usage.kept = support::CanonicalJson(node);
    usage.kept_at = at;
  }
  return usage;
}

}  // namespace seaworthy
