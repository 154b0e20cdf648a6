// RELIABILITY.md 1.3 and 1.4: what a watch does about each error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/watcher_rig.h"

namespace seaworthy::api::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

TEST(Watcher, RelistsAfterGone) {
  const std::vector<std::string> statuses = {StatusJson(410, "Expired"), StatusJson(410, "Gone"),
                                             StatusJson(0, "Expired")};
  for (const std::string& status : statuses) {
    WatcherRig rig;
    rig.Sync();
    rig.loop.RunFor(1min);
    rig.transport.Line(EventJson("ERROR", status));
    EXPECT_FALSE(rig.transport.has_stream());
    EXPECT_EQ(rig.stats().relists.at("gone"), 1U);
    ASSERT_TRUE(rig.NextStream(1s));
    EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "sendInitialEvents"), "true");
  }
}

// A server that crashes again and again: its cache begins anew, so that it answers 410 each time. The wait for the
// connection is enough.
TEST(Watcher, RelistsAtOnceAfterGoneWhereTheConnectionWasLost) {
  WatcherRig rig;
  rig.Sync();
  for (int round = 0; round < 4; ++round) {
    rig.transport.End(Status(Code::kUnavailable, "reset"));
    ASSERT_TRUE(rig.NextStream(1min));
    rig.transport.Open();
    rig.transport.Line(EventJson("ERROR", StatusJson(410, "Expired")));
    ASSERT_TRUE(rig.NextStream(2s)) << "round " << round;
    EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "sendInitialEvents"), "true");
    rig.transport.Open();
    rig.transport.Line(BookmarkJson(200 + round, true));
    EXPECT_EQ(rig.phase(), Phase::kWatch);
  }
  EXPECT_EQ(rig.stats().relists.at("gone"), 4U);
}

TEST(Watcher, RelistsAfterGoneAsAnHttpStatus) {
  WatcherRig rig;
  rig.Sync();
  rig.loop.RunFor(1min);
  rig.transport.End();
  ASSERT_TRUE(rig.NextStream(1s));
  rig.transport.Refuse(JsonHead(410), StatusJson(410, "Expired"));
  EXPECT_EQ(rig.stats().relists.at("gone"), 1U);
}

TEST(Watcher, DoesNotRelistInALoop) {
  WatcherRig rig;
  rig.Sync();
  rig.loop.RunFor(1min);
  const MonoTime begin = rig.loop.Now();
  int relists = 0;
  while (rig.loop.Now() - begin < 10min) {
    rig.transport.Line(EventJson("ERROR", StatusJson(410, "Expired")));
    ASSERT_TRUE(rig.NextStream(2min));
    rig.transport.Open();
    rig.transport.Line(BookmarkJson(100, true));
    ++relists;
  }
  EXPECT_LT(relists, 25);
}

TEST(Watcher, WaitsAndAsksWithoutAVersionWhenItsVersionIsTooLarge) {
  const std::vector<std::string> statuses = {
      StatusJson(504, "Timeout",
                 R"(,"details":{"causes":[{"reason":"ResourceVersionTooLarge"}],"retryAfterSeconds":1})"),
      R"({"kind":"Status","code":504,"reason":"Timeout","message":"Too large resource version: 9, current: 5"})"};
  for (const std::string& status : statuses) {
    WatcherRig rig;
    rig.Sync();
    rig.transport.Line(EventJson("ERROR", status));
    EXPECT_EQ(rig.phase(), Phase::kBackoff);
    rig.loop.RunFor(799ms);
    EXPECT_FALSE(rig.transport.has_stream());
    ASSERT_TRUE(rig.NextStream(10s));
    EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "(none)");
    EXPECT_EQ(rig.stats().relists.at("version_too_large"), 1U);
  }
}

TEST(Watcher, WaitsAsLongAsItIsToldWhenThrottledAndResumes) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.Line(EventJson("ERROR", StatusJson(429, "TooManyRequests", R"(,"details":{"retryAfterSeconds":7})")));
  rig.loop.RunFor(6999ms);
  EXPECT_FALSE(rig.transport.has_stream());
  ASSERT_TRUE(rig.NextStream(2s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "100");
  EXPECT_THAT(rig.stats().relists, IsEmpty());
}

TEST(Watcher, ResumesAfterServerErrorsAndRelistsAtTheThirdInARow) {
  WatcherRig rig;
  rig.Sync();
  for (int i = 1; i <= 2; ++i) {
    rig.transport.Line(EventJson("ERROR", StatusJson(500, "InternalError")));
    ASSERT_TRUE(rig.NextStream(60s));
    EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "100") << i;
    rig.transport.Open();
  }
  rig.transport.Line(EventJson("ERROR", StatusJson(500, "InternalError")));
  ASSERT_TRUE(rig.NextStream(60s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "sendInitialEvents"), "true");
  EXPECT_EQ(rig.stats().relists.at("watch_failures"), 1U);
}

TEST(Watcher, ProgressForgivesFailures) {
  WatcherRig rig;
  rig.Sync();
  for (int i = 1; i <= 6; ++i) {
    rig.Line("MODIFIED", PodJson("a", 100 + i));
    rig.transport.Line(EventJson("ERROR", StatusJson(500, "InternalError")));
    ASSERT_TRUE(rig.NextStream(60s));
    rig.transport.Open();
  }
  EXPECT_THAT(rig.stats().relists, IsEmpty());
}

TEST(Watcher, OverloadAndLostConnectionsNeverLeadToARelist) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End(Status(Code::kUnavailable, "reset"));
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(rig.NextStream(60s));
    switch (i % 4) {
      case 0: rig.transport.End(Status(Code::kUnavailable, "connection refused")); break;
      case 1: rig.transport.Refuse(JsonHead(503), StatusJson(503, "ServiceUnavailable")); break;
      case 2: rig.transport.Refuse({.status = 429, .content_type = "text/plain"}, "slow down"); break;
      default: rig.transport.Refuse(JsonHead(500), StatusJson(500, "InternalError")); break;
    }
  }
  ASSERT_TRUE(rig.NextStream(60s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "100");
  EXPECT_THAT(rig.stats().relists, IsEmpty());
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
}

TEST(Watcher, AnswersOfIntermediariesAreCountedAndNotParsed) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End();
  ASSERT_TRUE(rig.NextStream(1s));
  rig.transport.Refuse({.status = 200, .content_type = "text/html"}, EventJson("ADDED", PodJson("evil", 200)) + "\n");
  EXPECT_EQ(rig.phase(), Phase::kBackoff);
  ASSERT_TRUE(rig.NextStream(60s));
  rig.transport.Refuse({.status = 410, .content_type = "text/html"}, "<html>");
  ASSERT_TRUE(rig.NextStream(60s));
  rig.transport.Refuse({.status = 406, .content_type = "application/json"}, StatusJson(406, "NotAcceptable"));
  EXPECT_EQ(rig.stats().bad_content_types, 3U);
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
  EXPECT_THAT(rig.stats().relists, IsEmpty());
}

TEST(Watcher, NothingOfAStreamThatWasLeftTouchesTheSink) {
  WatcherRig rig;
  rig.Sync();
  rig.loop.RunFor(1min);
  // Two lines in one read; the first one ends the stream.
  rig.transport.Bytes(EventJson("ERROR", StatusJson(410, "Gone")) + "\n" + EventJson("ADDED", PodJson("late", 101)) +
                      "\n");
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
}

}  // namespace
}  // namespace seaworthy::api::testing
