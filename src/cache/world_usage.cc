// Readings: what metrics.k8s.io says a pod uses now. They are added to the record of the pod's workload and are not
// kept as objects.
#include <algorithm>
#include <charconv>
#include <optional>

#include "cache/quantity.h"
#include "cache/time.h"
#include "cache/world_impl.h"
#include "support/hash.h"

namespace seaworthy::cache {
namespace {

// Of a workload with more pods, each minute other ones are read: they tell the same, and a DaemonSet of 5,000 would
// cost as much as the rest.
constexpr std::size_t kPodsAMinute = 16;
constexpr std::int64_t kTooOldSeconds = 600, kAheadSeconds = 120;
// A minute counts once, though the pods' samples are spread over it.
constexpr std::int64_t kMinute = 55, kLongestStep = 5;
constexpr std::int64_t kShownEvery = 600;
constexpr std::int64_t kKeptEvery = 24 * 3600;
// Of a container that is in no pod any more.
constexpr std::int64_t kForgottenAfter = 14 * 24 * 3600;
constexpr std::size_t kPeaks = 6, kPeaksToJudge = 4;
constexpr double kNearLimit = 0.95, kRisen = 1.02;
// Half a per cent on either side: a quantile that lies on the edge of a bucket must not move to and fro.
constexpr double kQuantile = 0.95, kSlack = 0.005;

using Series = UsageEvidence::Series;

bool IsTurn(const WorkloadRecord& record, const Pod& pod, std::int64_t at) {
  if (record.pods.size() <= kPodsAMinute) return true;
  const std::size_t stride = (record.pods.size() + kPodsAMinute - 1) / kPodsAMinute;
  return (support::Hash64(pod.meta.name) + static_cast<std::uint64_t>(at / 60)) % stride == 0;
}

Series& SeriesOf(UsageEvidence& usage, const Text& container) {
  auto at = std::lower_bound(usage.series.begin(), usage.series.end(), container,
                             [](const Series& one, const Text& name) { return one.container < name; });
  if (at == usage.series.end() || at->container != container) {
    const auto index = at - usage.series.begin();
    at = usage.series.emplace(at);
    at->container = container;
    usage.kept_shown.insert(usage.kept_shown.begin() + index, UsageEvidence::Shown());
    usage.kept_marks.insert(usage.kept_marks.begin() + index, std::uint8_t{0});
  }
  return *at;
}

std::int16_t MovedQuantile(const DecayingHistogram& histogram, std::int16_t shown) {
  if (shown >= 0 && histogram.ShareUpTo(shown) >= kQuantile - kSlack &&
      (shown == 0 || histogram.ShareUpTo(shown - 1) < kQuantile + kSlack))
    return shown;
  return static_cast<std::int16_t>(histogram.Quantile(kQuantile));
}

// nullopt: too little is known of the last hours to say so or otherwise.
std::optional<bool> IsRising(const Series& series, OptInt limit) {
  if (limit.value_or(0) <= 0) return false;
  const std::vector<float>& peaks = series.peaks;
  if (peaks.size() < kPeaksToJudge) return std::nullopt;
  if (static_cast<double>(peaks.back()) < kNearLimit * static_cast<double>(*limit)) return false;
  const std::size_t last = peaks.size() - 1;
  return peaks[last] >= peaks[last - 1] && peaks[last - 1] >= peaks[last - 2] &&
         static_cast<double>(peaks[last]) >= kRisen * static_cast<double>(peaks.front());
}

void NoteHour(Series& series, double memory, std::int64_t at) {
  const std::int64_t hour = at / 3600;
  if (hour > series.hour) {
    if (series.hour != 0 && hour == series.hour + 1) {
      series.peaks.push_back(series.peak);
      if (series.peaks.size() > kPeaks) series.peaks.erase(series.peaks.begin());
    } else {
      series.peaks.clear();  // hours that nobody saw
    }
    series.hour = hour;
    series.peak = 0;
  }
  if (hour == series.hour) series.peak = std::max(series.peak, static_cast<float>(memory));
}

// What the shown figures come to, in numbers that few changes move: how long it has been sampled, and on which side of
// the requests it is.
std::uint8_t MarkOf(const Series& series, const Resources& resources) {
  const auto above = [](const DecayingHistogram& histogram, int bucket, OptInt request) {
    return bucket >= 0 && request.value_or(0) > 0 && histogram.Above(bucket) >= static_cast<double>(*request);
  };
  const auto far_below = [](const DecayingHistogram& histogram, int bucket, OptInt request) {
    return bucket >= 0 && 4 * histogram.UpTo(bucket) < static_cast<double>(request.value_or(0));
  };
  if (series.shown.days == 0)
    return static_cast<std::uint8_t>(series.minutes < 6 * 60 ? 0 : series.minutes < 12 * 60 ? 1 : 2);
  return static_cast<std::uint8_t>(
      (series.shown.days < 7 ? 3 : 4) | (series.shown.rising ? 8 : 0) |
      (above(series.memory, series.shown.memory_p95, resources.requests.memory_bytes) ? 16 : 0) |
      (far_below(series.memory, series.shown.memory_p95, resources.requests.memory_bytes) ? 32 : 0) |
      (far_below(series.cpu, series.shown.cpu_p95, resources.requests.cpu_milli) ? 64 : 0));
}

bool IsShownOld(const Series& series, std::int64_t at) { return at - series.shown_at.seconds >= kShownEvery; }

// Whether what checks see has changed.
bool RefreshShown(Series& series, const Container& container, std::int64_t at) {
  series.shown_at.seconds = at;
  const UsageEvidence::Shown before = series.shown;
  UsageEvidence::Shown& shown = series.shown;
  shown.cpu_p95 = MovedQuantile(series.cpu, shown.cpu_p95);
  shown.memory_p95 = MovedQuantile(series.memory, shown.memory_p95);
  shown.cpu_top = static_cast<std::int16_t>(series.cpu.Highest());
  shown.memory_top = static_cast<std::int16_t>(series.memory.Highest());
  shown.days = static_cast<std::uint8_t>(std::min(series.minutes / (24 * 60), 7));
  shown.rising = IsRising(series, container.resources->limits.memory_bytes).value_or(shown.rising);
  series.mark = MarkOf(series, container.resources);
  return !(shown == before);
}

bool WantsKeeping(UsageEvidence& usage, std::int64_t now) {
  bool want = false;
  for (std::size_t i = 0; i < usage.series.size(); ++i) {
    const Series& one = usage.series[i];
    if (one.mark == UsageEvidence::kUnmarked || one.mark == 0)
      continue;  // not looked at since it was read; too little to be kept
    if (usage.kept_marks[i] == UsageEvidence::kUnmarked) usage.kept_marks[i] = one.mark;  // as it was written
    want |= usage.kept_marks[i] != one.mark ||
            (!(usage.kept_shown[i] == one.shown) && now - usage.kept_at.seconds >= kKeptEvery);
  }
  return want;
}

}  // namespace

void World::NoteReading(const Object& reading) {
  if (!now_.set()) return;
  if (reading.kind == Kind::kPodMetrics) NoteUsage(static_cast<const Extension&>(reading));
  if (reading.kind == Kind::kLogSample) NoteLogs(static_cast<const Extension&>(reading));
}

// Named "Deployment/web".
void World::NoteLogs(const Extension& sample) {
  const std::string_view name = sample.meta.name;
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return;
  WorkloadRecord* record =
      FindRecord(pool_.Intern(name.substr(0, slash)), sample.meta.namespace_, pool_.Intern(name.substr(slash + 1)));
  if (record == nullptr) return;
  LogEvidence logs;
  const std::string_view revision = sample.First("revision");
  logs.template_hash = record->workload->template_hash;  // where the sample does not say
  std::from_chars(revision.data(), revision.data() + revision.size(), logs.template_hash, 16);
  for (const Extension::Fact* fact : sample.All("containers[].name")) {
    const auto count = [&](std::string_view path) {
      return static_cast<std::int32_t>(
          std::clamp<std::int64_t>(QuantityValue(sample.Beside(*fact, path)).value_or(0), 0, 1'000'000));
    };
    logs.containers.push_back({fact->value, count("containers[].lines"), count("containers[].structured")});
  }
  if (record->logs == logs) return;
  record->logs = std::move(logs);
  TouchSubject(record->subject, {Kind::kLogSample});
  Keep(*record);
}

void World::NoteUsage(const Extension& metrics) {
  const auto* pod = static_cast<const Pod*>(Find(Kind::kPod, metrics.key()));
  if (pod == nullptr || pod->workload == nullptr || pod->spec == nullptr || pod->IsTerminal() ||
      pod->meta.deleted.set())
    return;
  WorkloadRecord& record = *pod->workload;
  // Usage of a revision that is on its way out says nothing about the one that stays.
  if (!record.current_revision.empty() && !pod->template_hash_label.empty() &&
      pod->template_hash_label != record.current_revision)
    return;
  const Timestamp said = ParseTimestamp(metrics.First("timestamp"));
  const std::int64_t at = said.set() ? said.seconds : now_.seconds;
  if (at < now_.seconds - kTooOldSeconds || at > now_.seconds + kAheadSeconds || !IsTurn(record, *pod, now_.seconds))
    return;
  const double weight = 1.0 / static_cast<double>(std::clamp<std::size_t>(record.pods.size(), 1, kPodsAMinute));
  bool changed = false, refreshed = false;
  for (const Extension::Fact* fact : metrics.All("containers[].name")) {
    const auto container =
        std::find_if(pod->spec->containers.begin(), pod->spec->containers.end(),
                     [&](const Container& one) { return one.name == fact->value && one.is_running_long(); });
    if (container == pod->spec->containers.end()) continue;
    const auto cpu = QuantityMilliValue(metrics.Beside(*fact, "containers[].usage.cpu"));
    const auto memory = QuantityValue(metrics.Beside(*fact, "containers[].usage.memory"));
    // metrics-server leaves a container out until it has two readings; other sources say 0.
    if (!cpu || !memory || *cpu < 0 || *memory <= 0) continue;
    if (!record.usage) record.usage.emplace();
    UsageEvidence& usage = *record.usage;
    if (usage.series.size() >= UsageEvidence::kMaxSeries && usage.Find((*container)->name) == nullptr) continue;
    Series& series = SeriesOf(usage, (*container)->name);
    const std::uint64_t image = support::Hash64((*container)->image);
    if (series.image != image) {
      changed |= series.image != 0 && !(series.shown == UsageEvidence::Shown());
      series = Series();
      series.container = (*container)->name;
      series.image = image;
    }
    series.cpu.Add(static_cast<double>(*cpu), weight, at);
    series.memory.Add(static_cast<double>(*memory), weight, at);
    NoteHour(series, static_cast<double>(*memory), at);
    if (at - series.counted.seconds >= kMinute) {
      series.minutes += series.counted.set() ? static_cast<std::int32_t>(std::clamp<std::int64_t>(
                                                   (at - series.counted.seconds + 30) / 60, 1, kLongestStep))
                                             : 1;
      series.counted.seconds = at;
    }
    if (!IsShownOld(series, at)) continue;
    refreshed = true;
    changed |= RefreshShown(series, *container, at);
  }
  if (changed) TouchSubject(record.subject, {Kind::kPodMetrics});
  if (!refreshed) return;
  UsageEvidence& usage = *record.usage;
  if (!WantsKeeping(usage, now_.seconds)) return;
  for (std::size_t i = usage.series.size(); i > 0; --i) {
    if (now_.seconds - usage.series[i - 1].counted.seconds < kForgottenAfter) continue;
    const auto index = static_cast<std::ptrdiff_t>(i - 1);
    usage.series.erase(usage.series.begin() + index);
    usage.kept_shown.erase(usage.kept_shown.begin() + index);
    usage.kept_marks.erase(usage.kept_marks.begin() + index);
  }
  usage.kept = FormatUsage(usage, now_);
  usage.kept_at = now_;
  for (std::size_t i = 0; i < usage.series.size(); ++i) {
    usage.kept_shown[i] = usage.series[i].shown;
    usage.kept_marks[i] = usage.series[i].mark;
  }
  Keep(record);
}

}  // namespace seaworthy::cache
