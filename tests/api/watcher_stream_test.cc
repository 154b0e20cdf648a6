// RELIABILITY.md 1.3: events, ends and errors of a watch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "api/testing/watcher_rig.h"

namespace seaworthy::api::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Watcher, WatchesFromItsVersionWithATimeoutOfFourToEightMinutes) {
  WatcherRig rig;
  rig.Sync();
  int shortest = std::numeric_limits<int>::max(), longest = 0;
  for (int i = 0; i < 200; ++i) {
    rig.loop.RunFor(1min);
    rig.transport.End();
    ASSERT_TRUE(rig.NextStream(1s));
    const HttpRequest request = rig.transport.stream_request();
    EXPECT_EQ(WatcherRig::Param(request, "resourceVersion"), "100");
    EXPECT_EQ(WatcherRig::Param(request, "allowWatchBookmarks"), "true");
    EXPECT_EQ(WatcherRig::Param(request, "sendInitialEvents"), "(none)");
    const int timeout = std::stoi(WatcherRig::Param(request, "timeoutSeconds"));
    shortest = std::min(shortest, timeout);
    longest = std::max(longest, timeout);
    rig.transport.Open();
  }
  EXPECT_GE(shortest, 240);
  EXPECT_LT(longest, 480);
  EXPECT_LT(shortest, 260);
  EXPECT_GT(longest, 460);
}

TEST(Watcher, AppliesAddedAndModifiedAlikeAndRemovesDeleted) {
  WatcherRig rig;
  rig.Sync();
  rig.Line("ADDED", PodJson("b", 101));
  rig.Line("MODIFIED", PodJson("c", 102));
  rig.Line("DELETED", PodJson("a", 103));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("apply ns/b@101", "apply ns/c@102", "delete ns/a@103"));
  EXPECT_EQ(rig.watcher->resource_version(), "103");
}

TEST(Watcher, AdvancesOnBookmarks) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.Line(BookmarkJson(150));
  EXPECT_EQ(rig.watcher->resource_version(), "150");
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
}

TEST(Watcher, HandsOnAReplayedEventForTheSinkToRecognize) {
  WatcherRig rig;
  rig.Sync();
  rig.Line("MODIFIED", PodJson("a", 101));
  rig.Line("MODIFIED", PodJson("a", 101));
  EXPECT_EQ(rig.phase(), Phase::kWatch);
  EXPECT_EQ(rig.watcher->resource_version(), "101");
}

TEST(Watcher, IgnoresUnknownEventTypesAndForeignKindsWithoutAdvancing) {
  WatcherRig rig;
  rig.Sync();
  rig.Line("SURPRISE", PodJson("a", 101));
  rig.Line("MODIFIED", R"({"kind":"Node","apiVersion":"v1","metadata":{"name":"n","resourceVersion":"102"}})");
  rig.Line("MODIFIED", R"({"kind":"Pod","apiVersion":"v2","metadata":{"name":"n","resourceVersion":"103"}})");
  EXPECT_EQ(rig.phase(), Phase::kWatch);
  EXPECT_EQ(rig.watcher->resource_version(), "100");
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
  EXPECT_EQ(rig.stats().events[static_cast<std::size_t>(FrameType::kUnknown)], 3U);
}

TEST(Watcher, AcceptsCrlfAndBlankLines) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.Bytes("\r\n\n" + EventJson("ADDED", PodJson("b", 101)) + "\r\n\n");
  EXPECT_THAT(rig.sink.Take(), ElementsAre("apply ns/b@101"));
}

TEST(Watcher, RelistsWhenAnEventIsOlderThanWhatWasApplied) {
  WatcherRig rig;
  rig.Sync();
  rig.loop.RunFor(1min);
  rig.Line("MODIFIED", PodJson("a", 99));
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
  EXPECT_EQ(rig.stats().version_regressions, 1U);
  EXPECT_EQ(rig.stats().relists.at("version_regression"), 1U);
  ASSERT_TRUE(rig.NextStream(2s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "sendInitialEvents"), "true");
}

TEST(Watcher, OlderVersionsAreOnlyAnAlarmBefore135) {
  WatcherRig rig(ServerVersion{1, 34, "v1.34.0"});
  rig.Sync();
  rig.Line("MODIFIED", PodJson("a", 99));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("apply ns/a@99"));
  EXPECT_EQ(rig.stats().version_regressions, 1U);
  EXPECT_EQ(rig.phase(), Phase::kWatch);
}

TEST(Watcher, ComparesVersionsAsNumbersOfAnyLength) {
  WatcherRig rig;
  rig.Sync();
  rig.Line("MODIFIED", PodJson("a", 999));
  rig.Line("MODIFIED", PodJson("a", 1000));
  EXPECT_EQ(rig.stats().version_regressions, 0U);
}

TEST(Watcher, RelistsAfterAnEventWithoutAVersion) {
  WatcherRig rig;
  rig.Sync();
  rig.loop.RunFor(1min);
  rig.Line("MODIFIED", R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"ns"}})");
  EXPECT_EQ(rig.stats().relists.at("decode_error"), 1U);
}

TEST(Watcher, RelistsAfterALineThatNobodyCanRead) {
  WatcherRig rig;
  rig.Sync();
  rig.loop.RunFor(1min);
  rig.transport.Line("}{");
  EXPECT_EQ(rig.stats().relists.at("decode_error"), 1U);
}

TEST(Watcher, NamesAnUnreadableObjectAndGoesOn) {
  WatcherRig rig;
  rig.Sync();
  rig.Line("MODIFIED", PodJson("bad", 101, R"(,"labels":{"poison":"1"})"));
  rig.Line(
      "MODIFIED",
      R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"twice","namespace":"ns","resourceVersion":"102"},"x":1,"x":2})");
  const std::vector<std::string> events = rig.sink.Take();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0], "unreadable ns/bad: poison");
  EXPECT_THAT(events[1], ::testing::StartsWith("unreadable ns/twice: "));
  EXPECT_EQ(rig.watcher->resource_version(), "102");
  EXPECT_EQ(rig.phase(), Phase::kWatch);
}

TEST(Watcher, ADeletionIsToldEvenIfItsObjectIsUnreadable) {
  WatcherRig rig;
  rig.Sync();
  rig.Line("DELETED", PodJson("bad", 101, R"(,"labels":{"poison":"1"})"));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("delete ns/bad@101"));
}

TEST(Watcher, SkipsALineOverTheCapAndNamesItsObject) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.Bytes(
      R"({"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"huge","namespace":"ns","resourceVersion":"101"},"spec":{"x":")");
  const std::string block(1 << 20, '<');
  for (int i = 0; i < 20; ++i) rig.transport.Bytes(block);
  rig.transport.Bytes("\"}}}\n");
  rig.Line("MODIFIED", PodJson("a", 102));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("unreadable ns/huge: larger than 16 MiB", "apply ns/a@102"));
  EXPECT_EQ(rig.watcher->resource_version(), "102");
}

TEST(Watcher, ResumesAtItsVersionAfterACleanEnd) {
  WatcherRig rig;
  rig.Sync();
  rig.Line("MODIFIED", PodJson("a", 101));
  rig.loop.RunFor(5min);
  rig.transport.End();
  EXPECT_EQ(rig.phase(), Phase::kWatch);
  ASSERT_TRUE(rig.NextStream(200ms));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "101");
  EXPECT_EQ(rig.stats().restarts.at("eof"), 1U);
  EXPECT_THAT(rig.stats().relists, IsEmpty());
}

TEST(Watcher, DropsAPartialLineHoweverTheStreamEnds) {
  for (const Status& end : {Status::Ok(), Status(Code::kUnavailable, "reset")}) {
    WatcherRig rig;
    rig.Sync();
    rig.Line("MODIFIED", PodJson("a", 101));
    const std::string line = EventJson("MODIFIED", PodJson("a", 102));
    rig.transport.Bytes(line.substr(0, line.size() / 2));
    rig.transport.End(end);
    EXPECT_THAT(rig.sink.Take(), ElementsAre("apply ns/a@101"));
    EXPECT_EQ(rig.stats().partial_frames, 1U);
    ASSERT_TRUE(rig.NextStream(5s));
    EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "101");
    // The rest of the line does not spill into the new stream.
    rig.transport.Open();
    rig.transport.Line(line);
    EXPECT_THAT(rig.sink.Take(), ElementsAre("apply ns/a@102"));
  }
}

TEST(Watcher, ACutAtAnyByteGivesTheSameState) {
  const std::vector<std::string> lines = {EventJson("MODIFIED", PodJson("a", 101)),
                                          EventJson("ADDED", PodJson("b", 102)),
                                          EventJson("DELETED", PodJson("a", 103))};
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    WatcherRig rig;
    rig.Sync();
    rig.loop.RunFor(2s);
    rig.transport.Bytes(all.substr(0, cut));
    rig.transport.End(cut % 2 == 0 ? Status::Ok() : Status(Code::kUnavailable, "reset"));
    ASSERT_TRUE(rig.NextStream(5s));
    // The server's part: everything after the version that is asked for.
    const int from = std::stoi(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"));
    rig.transport.Open();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (static_cast<int>(i) + 101 > from) rig.transport.Line(lines[i]);
    }
    ASSERT_THAT(rig.sink.Take(), ElementsAre("apply ns/a@101", "apply ns/b@102", "delete ns/a@103"))
        << "cut at " << cut;
  }
}

TEST(Watcher, BacksOffWhenAWatchEndsAtOnceWithoutAnEvent) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End();
  ASSERT_TRUE(rig.NextStream(1s));
  // A minute of that.
  const std::size_t before = rig.transport.requests.size();
  const MonoTime begin = rig.loop.Now();
  while (rig.loop.Now() - begin < 2min) {
    if (!rig.NextStream(2min)) break;
    rig.transport.Open();
    rig.transport.End();
    EXPECT_EQ(rig.phase(), Phase::kBackoff);
  }
  EXPECT_LT(rig.transport.requests.size() - before, 12U);
  // Then 30 to 60 s each: at most 0.05 requests a second.
  const std::size_t settled = rig.transport.requests.size();
  const MonoTime since = rig.loop.Now();
  while (rig.loop.Now() - since < 1h) {
    ASSERT_TRUE(rig.NextStream(2min));
    rig.transport.Open();
    rig.transport.End();
  }
  EXPECT_LE(rig.transport.requests.size() - settled, 3600U / 30U + 1);
  EXPECT_THAT(rig.stats().relists, IsEmpty());
  EXPECT_GT(rig.stats().very_short_watches, 10U);
}

TEST(Watcher, BacksOffAfterSomeShortWatchesWithoutAnEvent) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(rig.NextStream(300ms));
    rig.transport.Open();
    rig.loop.RunFor(5s);
    rig.transport.End();
  }
  EXPECT_EQ(rig.phase(), Phase::kBackoff);
  EXPECT_EQ(rig.stats().restarts.at("early_end"), 1U);
}

}  // namespace
}  // namespace seaworthy::api::testing
