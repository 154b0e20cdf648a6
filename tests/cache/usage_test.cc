// Histograms that forget, and what samples of metrics.k8s.io leave beside a workload.
#include "seaworthy/usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "cache/world_rig.h"
#include "support/json.h"

namespace seaworthy::cache {
namespace {

constexpr std::int64_t kDay = 24 * 3600;
constexpr double kMi = 1024 * 1024;

// ---------------------------------------------------------------- histograms

TEST(DecayingHistogram, BucketsAreATenthWide) {
  const DecayingHistogram histogram(10);
  EXPECT_EQ(histogram.BucketOf(0), 0);
  EXPECT_EQ(histogram.BucketOf(10), 0);
  EXPECT_EQ(histogram.BucketOf(10.5), 1);
  for (double value = 11; value < 1e6; value *= 1.07) {
    const int bucket = histogram.BucketOf(value);
    EXPECT_LE(value, histogram.UpTo(bucket) * (1 + 1e-9));
    EXPECT_GT(value, histogram.Above(bucket) * (1 - 1e-9));
    EXPECT_EQ(histogram.BucketUpTo(histogram.UpTo(bucket)), bucket);
  }
  EXPECT_LT(histogram.BucketOf(1e300), 300) << "whatever a server says";
}

TEST(DecayingHistogram, AQuantileLeavesItsShareAbove) {
  DecayingHistogram histogram(10);
  EXPECT_EQ(histogram.Quantile(0.95), DecayingHistogram::kNone);
  for (int i = 0; i < 94; ++i) histogram.Add(100, 1, 60 * i);
  for (int i = 94; i < 100; ++i) histogram.Add(1000, 1, 60 * i);
  EXPECT_EQ(histogram.Quantile(0.90), histogram.BucketOf(100));
  EXPECT_EQ(histogram.Quantile(0.95), histogram.BucketOf(1000));
  EXPECT_EQ(histogram.Highest(), histogram.BucketOf(1000));
}

TEST(DecayingHistogram, OldSamplesCountLess) {
  DecayingHistogram histogram(10);
  std::int64_t now = 0;
  for (int i = 0; i < 1440; ++i) histogram.Add(1000, 1, now += 60);
  now += 6 * kDay;
  for (int i = 0; i < 1440; ++i) histogram.Add(100, 1, now += 60);
  // Samples of 7 to 8 days ago, at a half-life of 3, against those of the last day.
  EXPECT_NEAR(histogram.ShareUpTo(histogram.BucketOf(100)), 1 / (1 + std::exp2(-7.0 / 3)), 0.005);
  now += 60 * kDay;
  for (int i = 0; i < 1440; ++i) histogram.Add(100, 1, now += 60);
  EXPECT_EQ(histogram.Quantile(0.95), histogram.BucketOf(100));
  EXPECT_EQ(histogram.Highest(), histogram.BucketOf(100));
}

TEST(DecayingHistogram, ItsTextGivesTheSameQuantiles) {
  DecayingHistogram histogram(10);
  for (int i = 0; i < 2000; ++i) histogram.Add(50 + i % 400, 1, 60 * i);
  DecayingHistogram read(10);
  ASSERT_TRUE(read.Parse(histogram.Format(), 2000, 120'000));
  for (const double share : {0.1, 0.5, 0.9, 0.95, 0.99})
    EXPECT_EQ(read.Quantile(share), histogram.Quantile(share)) << share;
  EXPECT_EQ(read.Format(), histogram.Format());
  // And weighs as much against what comes: ten minutes move nothing.
  for (int i = 0; i < 10; ++i) read.Add(1e6, 1, 120'000 + 60 * i);
  EXPECT_EQ(read.Quantile(0.95), histogram.Quantile(0.95));
}

TEST(DecayingHistogram, ReadsNothingElse) {
  DecayingHistogram histogram(10);
  for (const char* text :
       {"", ":", "3:", "3:a", "3:a!", "x:aa", "-3:aa", "300:aa", "219:aaaa", "3:--", "99999999999999999999:aa"}) {
    EXPECT_FALSE(histogram.Parse(text, 100, 0)) << text;
    EXPECT_TRUE(histogram.empty()) << text;
  }
}

// ---------------------------------------------------------------- samples

std::string Set(std::string_view image = "web:1.0.0") {
  return Manifest("apps/v1", "StatefulSet", "name: db, namespace: shop, uid: s1", Template("app: db", image));
}
std::string Member(int ordinal, std::string_view image = "web:1.0.0", std::string_view hash = "r1") {
  return Manifest("v1", "Pod",
                  "name: db-" + std::to_string(ordinal) + ", namespace: shop, uid: p" + std::to_string(ordinal) +
                      ", labels: {controller-revision-hash: " + std::string(hash) + "}" +
                      Owned("apps/v1", "StatefulSet", "db", "s1"),
                  "spec: {containers: [{name: app, image: \"" + std::string(image) +
                      "\", resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 100Mi}}}], "
                      "initContainers: [{name: once, image: a:1}]}\nstatus: {phase: Running}");
}
std::string Sample(int ordinal, std::int64_t at, std::string_view memory, std::string_view cpu = "50m",
                   std::string_view container = "app") {
  char time[32];
  const std::time_t seconds = at;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return Manifest("metrics.k8s.io/v1beta1", "PodMetrics", "name: db-" + std::to_string(ordinal) + ", namespace: shop",
                  "timestamp: \"" + std::string(time) + "\"\ncontainers: [{name: " + std::string(container) +
                      ", usage: {cpu: " + std::string(cpu) + ", memory: " + std::string(memory) + "}}]");
}

class WorldUsage : public ::testing::Test {
 protected:
  WorldUsage() {
    rig_.Apply(Set());
    rig_.Apply(Member(0));
    rig_.world.TakeTouches();
  }
  void Poll(std::string_view memory, std::string_view cpu = "50m", int ordinal = 0) {
    rig_.At(now_);
    rig_.Snapshot(Kind::kPodMetrics, {Sample(ordinal, now_ - 15, memory, cpu)});
    now_ += 60;
  }
  void Days(double days, std::string_view memory, std::string_view cpu = "50m") {
    for (int i = 0; i < static_cast<int>(days * 1440); ++i) Poll(memory, cpu);
  }
  const Rare<UsageEvidence>& Usage() { return rig_.Find("StatefulSet", "db")->usage; }
  const UsageEvidence::Series& App() { return *Usage()->Find("app"); }
  const UsageEvidence::Shown& Shown() { return App().shown; }
  bool Touched() {
    return WorldRig::Touched(rig_.world.TakeTouches(), rig_.Find("StatefulSet", "db")->subject, {Kind::kPodMetrics});
  }
  std::size_t Kept() { return rig_.world.TakeKept().size(); }

  WorldRig rig_;
  std::int64_t now_ = kNow;
};

TEST_F(WorldUsage, SamplesAreCountedByMinutesAndNotKeptAsObjects) {
  Days(1, "50Mi");
  EXPECT_EQ(App().minutes, 1440);
  EXPECT_EQ(rig_.world.ObjectCount(Kind::kPodMetrics), 0u);
  EXPECT_EQ(rig_.world.State(Kind::kPodMetrics), SourceState::kLive);
  Days(0.01, "50Mi");
  EXPECT_EQ(Shown().days, 1);
  EXPECT_EQ(Shown().memory_p95, App().memory.BucketOf(50 * kMi));
  EXPECT_EQ(Shown().cpu_p95, App().cpu.BucketOf(50));
}

TEST_F(WorldUsage, SeveralPodsAreOneSeriesAndOneMinute) {
  rig_.Apply(Member(1));
  for (int i = 0; i < 100; ++i, now_ += 60) {
    rig_.At(now_);
    // Their samples are spread over the minute.
    rig_.Snapshot(Kind::kPodMetrics, {Sample(0, now_ - 50, "20Mi"), Sample(1, now_ - 20, "60Mi")});
  }
  EXPECT_NEAR(App().minutes, 100, 2);
  EXPECT_NEAR(App().memory.ShareUpTo(App().memory.BucketOf(20 * kMi)), 0.5, 0.01);
}

TEST_F(WorldUsage, AGapCountsFiveMinutesAtMost) {
  Poll("50Mi");
  now_ += 3600;
  Poll("50Mi");
  EXPECT_EQ(App().minutes, 6);
}

TEST_F(WorldUsage, WhatIsOldOrOfAnotherRevisionOrAnInitContainerIsNoSample) {
  rig_.At(now_);
  rig_.Apply(Sample(0, now_ - 1000, "50Mi"));
  rig_.Apply(Sample(0, now_ + 1000, "50Mi"));
  rig_.Apply(Sample(0, now_, "50Mi", "50m", "once"));
  rig_.Apply(Sample(0, now_, "50Mi", "50m", "other"));
  rig_.Apply(Sample(0, now_, "nonsense"));
  rig_.Apply(Sample(0, now_, "0"));
  rig_.Apply(Sample(7, now_, "50Mi"));  // a pod that nobody has seen
  rig_.Apply(Manifest("apps/v1", "StatefulSet", "name: db, namespace: shop, uid: s1",
                      Template("app: db") + "status: {updateRevision: r2, currentRevision: r1, replicas: 1}"));
  rig_.Apply(Sample(0, now_, "50Mi"));
  EXPECT_FALSE(Usage().has_value());
}

TEST_F(WorldUsage, AnotherImageBeginsAnew) {
  Days(1.1, "50Mi");
  ASSERT_EQ(Shown().days, 1);
  rig_.Apply(Set("web:2.0.0"));
  rig_.Apply(Member(0, "web:2.0.0"));
  Touched();
  Poll("50Mi");
  EXPECT_EQ(App().minutes, 1);
  EXPECT_EQ(Shown().days, 0);
  EXPECT_TRUE(Touched());
}

TEST_F(WorldUsage, IsTouchedOnlyWhenWhatIsShownMoves) {
  Days(1.1, "50Mi");
  Touched();
  Days(0.5, "50Mi");
  EXPECT_FALSE(Touched());
  Days(0.5, "200Mi");
  EXPECT_TRUE(Touched());
}

TEST_F(WorldUsage, ALeakShowsAndAFlatHeapDoesNot) {
  Days(1.1, "99Mi");
  EXPECT_FALSE(Shown().rising) << "flat, close to the limit of 100Mi";
  for (int mib = 90; mib <= 99; ++mib) {
    for (int i = 0; i < 60; ++i) Poll(std::to_string(mib) + "Mi");
  }
  EXPECT_TRUE(Shown().rising);
  for (int i = 0; i < 120; ++i) Poll("40Mi");  // restarted
  EXPECT_FALSE(Shown().rising);
}

TEST_F(WorldUsage, IsKeptAtMilestonesAndOtherwiseOnceADay) {
  Days(0.2, "50Mi");
  EXPECT_EQ(Kept(), 0u) << "less than 6 hours are not worth a write";
  Days(1, "50Mi");
  EXPECT_EQ(Kept(), 3u) << "6 hours, 12 hours, a day";
  EXPECT_THAT(Usage()->kept, ::testing::HasSubstr("\"minutes\":144"));
  Days(5, "50Mi");
  EXPECT_LE(Kept(), 6u) << "the number of days moves once a day";
  Days(3, "50Mi");
  Kept();
  Days(5, "50Mi");
  EXPECT_EQ(Kept(), 0u) << "nothing changes any more";
  Days(0.9, "70Mi");
  EXPECT_EQ(Kept(), 2u) << "a peak after days without one, then above the request of 64Mi";
}

TEST_F(WorldUsage, WhatWasKeptIsKeptAsItIsAfterARestart) {
  Days(2.1, "50Mi");
  rig_.world.TakeKept();
  support::Tree tree;
  ASSERT_TRUE(support::ParseJson(Usage()->kept, tree).ok());
  UsageEvidence read = ParseUsage(tree.root(), rig_.pool);
  EXPECT_EQ(read.kept, Usage()->kept);
  ASSERT_NE(read.Find("app"), nullptr);
  EXPECT_EQ(read.Find("app")->shown, Usage()->kept_shown[0]);
  EXPECT_EQ(read.Find("app")->image, App().image);
  const std::string kept = Usage()->kept;
  rig_.world.MutableWorkload(rig_.pool.Intern("StatefulSet"), rig_.pool.Intern("shop"), rig_.pool.Intern("db"))->usage =
      std::move(read);
  Days(0.1, "50Mi");
  EXPECT_EQ(Kept(), 0u);
  EXPECT_EQ(Usage()->kept, kept);
  EXPECT_GT(App().minutes, 2600);
}

TEST_F(WorldUsage, AnotherVersionsEvidenceIsReadAsFarAsItGoes) {
  support::Tree tree;
  ASSERT_TRUE(
      support::ParseJson(
          R"({"at":"x","containers":{"app":{"cpu":7,"memory":{"p95":"","weights":[1]},"minutes":-5},"":{}}})", tree)
          .ok());
  const UsageEvidence read = ParseUsage(tree.root(), rig_.pool);
  ASSERT_EQ(read.series.size(), 1u);
  EXPECT_EQ(read.series[0].minutes, 0);
  EXPECT_EQ(read.series[0].shown.memory_p95, -1);
}

TEST_F(WorldUsage, OfManyPodsAFewAreReadEachMinute) {
  for (int i = 1; i < 100; ++i) rig_.Apply(Member(i));
  std::vector<std::string> samples;
  for (int i = 0; i < 100; ++i) samples.push_back(Sample(i, now_, i == 50 ? "90Mi" : "20Mi"));
  for (int minute = 0; minute < 40; ++minute) {
    rig_.At(now_ += 60);
    for (int i = 0; i < 100; ++i) samples[static_cast<std::size_t>(i)] = Sample(i, now_, i == 50 ? "90Mi" : "20Mi");
    rig_.Snapshot(Kind::kPodMetrics, samples);
  }
  EXPECT_EQ(App().minutes, 40);
  EXPECT_EQ(App().memory.Highest(), App().memory.BucketOf(90 * kMi)) << "each pod has its turn";
}

}  // namespace
}  // namespace seaworthy::cache
