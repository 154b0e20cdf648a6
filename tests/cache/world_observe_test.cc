// What no object carries: who moved a template, when containers restarted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/world_rig.h"

namespace seaworthy::cache {
namespace {

using ::testing::ElementsAre;

std::string Managed(std::string_view manager, std::string_view time, std::string_view image) {
  return Deployment("web",
                    "uid: d1, managedFields: [{manager: helm, operation: Apply, time: \"2026-11-20T10:00:00Z\", "
                    "fieldsV1: {\"f:spec\": {\"f:template\": {}}}}, {manager: " +
                        std::string(manager) + ", operation: Update, time: \"" + std::string(time) +
                        "\", fieldsV1: {\"f:spec\": {\"f:template\": {}}}}]",
                    Template("app: web", image));
}

TEST(WorldDelivery, IsTheEntryThatMovedWithTheTemplate) {
  WorldRig rig;
  rig.Apply(Managed("kubectl-edit", "2026-11-24T10:00:00Z", "web:1"));
  const WorkloadRecord* web = rig.Find("Deployment", "web");
  EXPECT_FALSE(web->delivery.has_value()) << "nobody saw it change";
  rig.Apply(Managed("kubectl-edit", "2026-11-24T11:00:00Z", "web:1"));
  EXPECT_FALSE(web->delivery.has_value()) << "the template did not";
  rig.Apply(Managed("kubectl-edit", "2026-11-24T11:30:00Z", "web:2"));
  ASSERT_TRUE(web->delivery.has_value());
  EXPECT_EQ(web->delivery->manager, "kubectl-edit");
  EXPECT_FALSE(web->delivery->apply);
  EXPECT_EQ(web->delivery->template_hash, web->workload->template_hash);
}

TEST(WorldDelivery, ATemplateThatChangedForNoKnownReasonVoidsWhatWasKnown) {
  WorldRig rig;
  rig.Apply(Managed("kubectl-edit", "2026-11-24T10:00:00Z", "web:1"));
  rig.Apply(Managed("kubectl-edit", "2026-11-24T11:00:00Z", "web:2"));
  ASSERT_TRUE(rig.Find("Deployment", "web")->delivery.has_value());
  rig.Apply(Managed("kubectl-edit", "2026-11-24T11:00:00Z", "web:3"));
  EXPECT_FALSE(rig.Find("Deployment", "web")->delivery.has_value());
}

TEST(WorldDelivery, AGapVoidsWhatSpansIt) {
  WorldRig rig;
  rig.Apply(Managed("kubectl-edit", "2026-11-24T10:00:00Z", "web:1"));
  rig.Apply(Managed("kubectl-edit", "2026-11-24T11:00:00Z", "web:2"));
  const auto snapshot = [&](const std::string& yaml) {
    rig.Tell(EventType::kInit, Kind::kDeployment);
    rig.Stage(yaml);
    rig.Tell(EventType::kGap, Kind::kDeployment);
    rig.Tell(EventType::kInitDone, Kind::kDeployment);
  };
  snapshot(Managed("kubectl-edit", "2026-11-24T11:00:00Z", "web:2"));
  EXPECT_TRUE(rig.Find("Deployment", "web")->delivery.has_value()) << "nothing changed in it";
  snapshot(Managed("kubectl-edit", "2026-11-24T11:50:00Z", "web:3"));
  EXPECT_FALSE(rig.Find("Deployment", "web")->delivery.has_value()) << "others may have changed it in between";
  rig.Tell(EventType::kGap, Kind::kDeployment);  // a stream that resumes tells every change
  rig.Apply(Managed("kubectl-edit", "2026-11-24T11:55:00Z", "web:4"));
  EXPECT_TRUE(rig.Find("Deployment", "web")->delivery.has_value());
}

// ---------------------------------------------------------------- restarts

// A pod whose container has restarted so often; `state` and `last` in YAML.
std::string Restarted(int count, std::string_view state, std::string_view last = "{}", std::string_view uid = "p1") {
  return Pod("db-0", "uid: " + std::string(uid) + Owned("apps/v1", "StatefulSet", "db", "s1"),
             "status: {phase: Running, containerStatuses: [{name: app, restartCount: " + std::to_string(count) +
                 ", state: " + std::string(state) + ", lastState: " + std::string(last) + "}]}");
}
std::string Running(std::string_view since) {
  return "{running: {startedAt: \"2026-11-24T" + std::string(since) + "Z\"}}";
}
std::string Ended(std::string_view from, std::string_view to) {
  return "{terminated: {exitCode: 1, startedAt: \"2026-11-24T" + std::string(from) + "Z\", finishedAt: \"2026-11-24T" +
         std::string(to) + "Z\"}}";
}
std::int64_t Clock(int hour, int minute) { return kNow + (hour - 12) * 3600 + minute * 60; }

class WorldRestarts : public ::testing::Test {
 protected:
  WorldRestarts() { rig_.Apply(Manifest("apps/v1", "StatefulSet", "name: db, namespace: shop, uid: s1", Template())); }
  const RestartEvidence& Evidence() { return *rig_.Find("StatefulSet", "db")->restarts; }
  std::vector<std::int64_t> Times() {
    std::vector<std::int64_t> times;
    if (Evidence().series.empty()) return times;
    for (const Timestamp time : Evidence().series.front().times) times.push_back(time.seconds);
    return times;
  }
  WorldRig rig_;
};

TEST_F(WorldRestarts, AreDatedByTheStartOfTheRunThatFollows) {
  EXPECT_EQ(Evidence().watched_since.seconds, kNow);
  rig_.Apply(Restarted(0, Running("11:00:00")));
  rig_.At(Clock(12, 10));
  rig_.Apply(Restarted(1, Running("12:09:00"), Ended("11:00:00", "12:08:50")));
  EXPECT_THAT(Times(), ElementsAre(Clock(12, 9)));
  rig_.Apply(Restarted(1, Ended("12:09:00", "12:10:00"), Ended("11:00:00", "12:08:50")));
  EXPECT_THAT(Times(), ElementsAre(Clock(12, 9))) << "the count did not move";
  EXPECT_EQ(Evidence().series.front().complete_since.seconds, kNow);
}

TEST_F(WorldRestarts, AJumpByTwoIsTwoRestarts) {
  rig_.Apply(Restarted(0, Running("11:00:00")));
  rig_.Apply(Restarted(2, Running("12:09:00"), Ended("12:05:00", "12:08:50")));
  EXPECT_THAT(Times(), ElementsAre(Clock(12, 5), Clock(12, 9)));
}

TEST_F(WorldRestarts, TheRestOfAJumpLiesBetweenWhatIsKnown) {
  rig_.Apply(Restarted(0, Running("12:00:00")));
  rig_.Apply(Restarted(4, Running("12:06:00"), Ended("12:04:00", "12:05:50")));
  EXPECT_THAT(Times(), ElementsAre(Clock(12, 0), Clock(12, 0), Clock(12, 4), Clock(12, 6)))
      << "at the earliest: none is called closer than it was";
}

TEST_F(WorldRestarts, AJumpOverHoursLeavesAHole) {
  rig_.Apply(Restarted(0, Running("11:00:00")));
  rig_.Apply(Restarted(1, Running("12:10:00"), Ended("11:00:00", "12:09:00")));
  rig_.Apply(Restarted(5, Running("18:00:00"), Ended("17:50:00", "17:59:00")));
  EXPECT_THAT(Times(), ElementsAre(Clock(17, 50), Clock(18, 0)));
  EXPECT_EQ(Evidence().series.front().complete_since.seconds, Clock(17, 50));
}

TEST_F(WorldRestarts, KeepsTheNewestFive) {
  rig_.Apply(Restarted(0, Running("12:00:00")));
  for (int i = 1; i <= 7; ++i) rig_.Apply(Restarted(i, Running("12:0" + std::to_string(i) + ":00")));
  EXPECT_THAT(Times(), ElementsAre(Clock(12, 3), Clock(12, 4), Clock(12, 5), Clock(12, 6), Clock(12, 7)));
}

TEST_F(WorldRestarts, APodThatComesLaterBringsUndatedOnes) {
  rig_.At(Clock(13, 0));
  rig_.Apply(Restarted(3, Running("12:30:00"), "{}", "p2"));
  ASSERT_EQ(Evidence().series.size(), 1u);
  EXPECT_TRUE(Evidence().series.front().times.empty());
  EXPECT_EQ(Evidence().series.front().complete_since.seconds, Clock(13, 0));
  rig_.Delete(Restarted(3, Running("12:30:00"), "{}", "p2"));
  EXPECT_TRUE(Evidence().series.empty()) << "forgotten with the pod";
}

TEST_F(WorldRestarts, AGapLosesNoneOfAPodThatIsKnown) {
  rig_.Apply(Restarted(1, Running("11:00:00")));
  rig_.At(Clock(14, 0));
  rig_.Tell(EventType::kInit, Kind::kPod);
  rig_.Stage(Restarted(2, Running("13:30:00"), Ended("11:00:00", "13:29:00")));
  rig_.Tell(EventType::kGap, Kind::kPod);
  rig_.Tell(EventType::kInitDone, Kind::kPod);
  EXPECT_THAT(Times(), ElementsAre(Clock(13, 30)));
  EXPECT_EQ(Evidence().series.front().complete_since.seconds, kNow);
}

TEST(WorldRestartsOffline, NobodyWatchesAScan) {
  WorldRig rig(World::Mode::kOffline);
  rig.Apply(Deployment());
  EXPECT_FALSE(rig.Find("Deployment", "web")->restarts.has_value());
}

}  // namespace
}  // namespace seaworthy::cache
