// What sources ask of the World, and what is kept of their answers.
#include "wiring/sources/world_views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/world_rig.h"
#include "wiring/sources/image_evidence.h"

namespace seaworthy::wiring {
namespace {

using cache::kNow;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Digest(char c) { return "sha256:" + std::string(64, c); }

class WorldViews : public ::testing::Test {
 protected:
  WorldViews() {
    rig_.Apply(
        cache::Manifest("apps/v1", "StatefulSet", "name: db, namespace: shop, uid: s1", cache::Template("app: db")));
  }
  void Pod(int ordinal, const std::string& image_id, const std::string& since = "2026-11-24T11:00:00Z",
           const std::string& ready = "True") {
    rig_.Apply(cache::Pod("db-" + std::to_string(ordinal),
                          "uid: p" + std::to_string(ordinal) + cache::Owned("apps/v1", "StatefulSet", "db", "s1"),
                          "status: {phase: Running, conditions: [{type: Ready, status: \"" + ready +
                              "\"}], containerStatuses: [{name: app, imageID: \"" + image_id +
                              "\", ready: true, state: {running: {startedAt: \"" + since + "\"}}}]}",
                          ", nodeName: n1"));
  }
  std::vector<LogSubject> Subjects() { return LogSubjects(rig_.world, WallTime(std::chrono::seconds(kNow))); }
  const WorkloadRecord& Record() { return *rig_.Find("StatefulSet", "db"); }

  cache::WorldRig rig_;
};

TEST_F(WorldViews, EachDigestOnceWithItsNodesArchitecture) {
  rig_.Apply(cache::Manifest("v1", "Node", "name: n1", "status: {nodeInfo: {architecture: arm64}}"));
  Pod(0, "docker.io/library/web@" + Digest('a'));
  Pod(1, "docker.io/library/web@" + Digest('a'));
  const std::vector<RunningImage> images = RunningImages(rig_.world);
  ASSERT_THAT(images, SizeIs(1));
  EXPECT_EQ(images[0].digest, Digest('a'));
  EXPECT_EQ(images[0].reference, "web:1.0.0");
  EXPECT_EQ(images[0].architecture, "arm64");
  EXPECT_FALSE(images[0].known);
  rig_.Apply(cache::Manifest("source.seaworthy.dev/v1", "ImageConfig", "name: \"" + Digest('a') + "\"",
                             "created: 1795000000"));
  EXPECT_TRUE(RunningImages(rig_.world)[0].known);
}

TEST_F(WorldViews, AnImageWithoutRegistryIsLookedForNowhere) {
  Pod(0, Digest('a'));
  EXPECT_THAT(RunningImages(rig_.world), IsEmpty());
}

TEST_F(WorldViews, LogsAreSampledOnceATemplateFromAPodThatHasSettled) {
  Pod(0, "", "2026-11-24T11:55:00Z");
  EXPECT_THAT(Subjects(), IsEmpty()) << "it has just started";
  Pod(1, "", "2026-11-24T11:00:00Z", "False");
  EXPECT_THAT(Subjects(), IsEmpty()) << "it is not ready";
  Pod(2, "");
  const std::vector<LogSubject> subjects = Subjects();
  ASSERT_THAT(subjects, SizeIs(1));
  EXPECT_EQ(subjects[0].pod, "db-2");
  EXPECT_THAT(subjects[0].containers, ElementsAre("app"));
  EXPECT_EQ(subjects[0].template_hash, Record().workload->template_hash);
  rig_.Apply(cache::Manifest("source.seaworthy.dev/v1", "LogSample", "name: StatefulSet/db, namespace: shop",
                             "containers: [{name: app, lines: 4, structured: 4}]"));
  EXPECT_THAT(Subjects(), SizeIs(1)) << "four lines say nothing";
  rig_.Apply(cache::Manifest("source.seaworthy.dev/v1", "LogSample", "name: StatefulSet/db, namespace: shop",
                             "containers: [{name: app, lines: 50, structured: 48}]"));
  EXPECT_THAT(Subjects(), IsEmpty());
  ASSERT_TRUE(Record().logs.has_value());
  EXPECT_EQ(Record().logs->containers[0].structured, 48);
  EXPECT_EQ(rig_.world.ObjectCount(Kind::kLogSample), 0u);
  rig_.Apply(cache::Manifest("apps/v1", "StatefulSet", "name: db, namespace: shop, uid: s1",
                             cache::Template("app: db", "web:2.0.0")));
  EXPECT_THAT(Subjects(), SizeIs(1)) << "another template";
}

TEST_F(WorldViews, WhatRegistriesSaidIsKeptAndReadAgain) {
  Pod(0, "docker.io/library/web@" + Digest('a'));
  EXPECT_EQ(AddImages("", rig_.world, Record()), "");
  EXPECT_EQ(AddImages(R"({"a":1})", rig_.world, Record()), R"({"a":1})");
  rig_.Apply(cache::Manifest("source.seaworthy.dev/v1", "ImageConfig", "name: \"" + Digest('a') + "\"",
                             "created: 1795000000\nleftovers: [\"apk add \\\"x\\\": kept\"]"));
  const std::string text = AddImages(R"({"a":1})", rig_.world, Record());
  EXPECT_EQ(text, R"({"a":1,"images":{")" + Digest('a') +
                      R"(":{"created":1795000000,"leftovers":["apk add \"x\": kept"]}}})");
  EXPECT_EQ(AddImages("", rig_.world, Record()),
            R"({"images":{")" + Digest('a') + R"(":{"created":1795000000,"leftovers":["apk add \"x\": kept"]}}})");

  cache::WorldRig later;
  for (WatchEvent& event : ReadImages(text, *later.decoder)) later.world.Accept(std::move(event));
  const auto facts = later.world.Objects(Kind::kImageConfig);
  ASSERT_THAT(facts, SizeIs(1));
  const auto& image = static_cast<const Extension&>(*facts[0]);
  EXPECT_EQ(image.meta.name, Digest('a'));
  EXPECT_EQ(*image.IntAt("created"), 1795000000);
  EXPECT_EQ(image.First("leftovers[]"), "apk add \"x\": kept");
}

TEST_F(WorldViews, WhatCouldNotBeHadIsNotKept) {
  Pod(0, "docker.io/library/web@" + Digest('a'));
  rig_.Apply(
      cache::Manifest("source.seaworthy.dev/v1", "ImageConfig", "name: \"" + Digest('a') + "\"", "problem: HTTP 403"));
  EXPECT_EQ(AddImages("", rig_.world, Record()), "");
}

TEST_F(WorldViews, OddEvidenceIsLeftAlone) {
  for (const char* text : {"", "{}", "{\"images\"", "{\"images\":[1,2]}", "{\"images\":{\"x\":{}}}", "{\"images\":7}"})
    EXPECT_THAT(ReadImages(text, *rig_.decoder), IsEmpty()) << text;
  EXPECT_THAT(ReadImages(R"({"images":{")" + Digest('a') + R"(":{}}})", *rig_.decoder), IsEmpty());
}

}  // namespace
}  // namespace seaworthy::wiring
