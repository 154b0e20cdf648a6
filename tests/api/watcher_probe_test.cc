// RELIABILITY.md 1.5: proof of life and truth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/watcher_rig.h"

namespace seaworthy::api::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

void Refuse(WatcherRig& rig) { rig.transport.Refuse(JsonHead(403), StatusJson(403, "Forbidden")); }

// Refused until it believes it.
void Deny(WatcherRig& rig) {
  Refuse(rig);
  while (rig.phase() != Phase::kDenied) {
    ASSERT_TRUE(rig.NextStream(3s));
    Refuse(rig);
  }
}

// Keeps the stream alive with bookmarks until a probe is sent.
void RunToProbe(WatcherRig& rig, int version) {
  const MonoTime begin = rig.loop.Now();
  while (rig.transport.calls.empty() && rig.loop.Now() - begin < 20min) {
    rig.loop.RunFor(30s);
    if (rig.transport.has_stream()) rig.transport.Line(BookmarkJson(version));
  }
  ASSERT_EQ(rig.transport.calls.size(), 1U);
  EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/pods?limit=1");
}

TEST(Watcher, ProbesEveryTenMinutesThroughReconnects) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.opens_by_itself = true;
  const MonoTime begin = rig.loop.Now();
  std::vector<Duration> at;
  while (rig.loop.Now() - begin < 3h) {
    rig.loop.RunFor(30s);
    if (!rig.transport.calls.empty()) {
      at.push_back(rig.loop.Now() - begin);
      rig.transport.Answer(JsonAnswer(ListJson(100, {})));
    }
    // Every stream lives for four minutes.
    if (rig.transport.has_stream() && (rig.loop.Now() - begin) / 30s % 8 == 0) rig.transport.End();
    rig.loop.RunFor(1s);
    if (rig.transport.has_stream()) rig.transport.Line(BookmarkJson(100));
  }
  EXPECT_GE(at.size(), 13U);
  EXPECT_LE(at.size(), 23U);
  EXPECT_THAT(rig.stats().relists, IsEmpty());
}

TEST(Watcher, RelistsWhenAProbeFindsAServerThatWentBackInTime) {
  WatcherRig rig;
  rig.Sync();
  RunToProbe(rig, 5000);
  rig.transport.Answer(JsonAnswer(ListJson(4000, {})));
  EXPECT_EQ(rig.stats().version_regressions, 1U);
  EXPECT_EQ(rig.stats().relists.at("version_regression"), 1U);
}

// An etcd restored from a backup passes the version of our watch within minutes, since other clients write; from then
// on nothing shows.
TEST(Watcher, ProbesAtOnceWhenAServerThatWasAwayIsBack) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.Line(BookmarkJson(5000));
  rig.transport.End(Status(Code::kUnavailable, "reset"));
  ASSERT_TRUE(rig.NextStream(3s));
  // As a server that is starting up: it knows nobody's permissions yet.
  Refuse(rig);
  ASSERT_TRUE(rig.NextStream(3s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "5000");
  rig.transport.Open();
  EXPECT_TRUE(rig.transport.calls.empty());
  ASSERT_TRUE(rig.loop.RunUntil([&] { return !rig.transport.calls.empty(); }, 1s));
  EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/pods?limit=1");
  rig.transport.Answer(JsonAnswer(ListJson(4000, {})));
  EXPECT_EQ(rig.stats().relists.at("version_regression"), 1U);
}

TEST(Watcher, AnOrdinaryEndOfAStreamIsNoReasonForAProbe) {
  WatcherRig rig;
  rig.Sync();
  rig.loop.RunFor(4min);
  rig.transport.End();
  ASSERT_TRUE(rig.NextStream(3s));
  rig.transport.Open();
  rig.loop.RunFor(30s);
  EXPECT_TRUE(rig.transport.calls.empty());
}

TEST(Watcher, ResumesAStreamThatDoesNotReachWhatAProbeSawAndRelistsTheSecondTime) {
  WatcherRig rig;
  rig.Sync();
  RunToProbe(rig, 200);
  rig.transport.Answer(JsonAnswer(ListJson(900, {})));
  // Bookmarks come, but they never get there.
  for (int i = 0; i < 4; ++i) {
    rig.loop.RunFor(29s);
    if (rig.transport.has_stream()) rig.transport.Line(BookmarkJson(200));
  }
  EXPECT_EQ(rig.stats().restarts.at("stalled"), 1U);
  EXPECT_THAT(rig.stats().relists, IsEmpty());
  ASSERT_TRUE(rig.transport.has_stream() || rig.NextStream(1s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "200");
  rig.transport.Open();
  RunToProbe(rig, 200);
  rig.transport.Answer(JsonAnswer(ListJson(900, {})));
  for (int i = 0; i < 4; ++i) {
    rig.loop.RunFor(29s);
    if (rig.transport.has_stream() && rig.phase() == Phase::kWatch) rig.transport.Line(BookmarkJson(200));
  }
  EXPECT_EQ(rig.stats().relists.at("probe"), 1U);
}

TEST(Watcher, AStreamThatReachesWhatAProbeSawIsFine) {
  WatcherRig rig;
  rig.Sync();
  RunToProbe(rig, 200);
  rig.transport.Answer(JsonAnswer(ListJson(900, {})));
  rig.transport.Line(BookmarkJson(901));
  rig.loop.RunFor(95s);
  EXPECT_THAT(rig.stats().restarts, IsEmpty());
}

TEST(Watcher, AStreamWithoutBookmarksMayLagBehindAProbe) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.opens_by_itself = true;
  ASSERT_TRUE(rig.loop.RunUntil([&] { return !rig.transport.calls.empty(); }, 20min));
  rig.transport.Answer(JsonAnswer(ListJson(900, {})));
  const std::uint64_t stalled = rig.stats().restarts.contains("stalled") ? rig.stats().restarts.at("stalled") : 0;
  rig.loop.RunFor(95s);
  EXPECT_EQ(rig.stats().restarts.contains("stalled") ? rig.stats().restarts.at("stalled") : 0, stalled);
  EXPECT_THAT(rig.stats().relists, IsEmpty());
}

TEST(Watcher, AProbeNoticesThatThePermissionIsGoneWhileTheStreamLives) {
  WatcherRig rig;
  rig.Sync();
  RunToProbe(rig, 200);
  rig.transport.Answer(JsonAnswer(StatusJson(403, "Forbidden"), 403));
  EXPECT_FALSE(rig.transport.has_stream());
  ASSERT_TRUE(rig.NextStream(2s));
  Deny(rig);
  EXPECT_EQ(rig.phase(), Phase::kDenied);
}

TEST(Watcher, AFailedProbeProvesNothing) {
  WatcherRig rig;
  rig.Sync();
  RunToProbe(rig, 200);
  rig.transport.Answer(Status(Code::kUnavailable, "reset"));
  EXPECT_EQ(rig.phase(), Phase::kWatch);
  RunToProbe(rig, 201);
  rig.transport.Answer(HttpResponse{{.status = 200, .content_type = "text/html"}, "<html>"});
  EXPECT_EQ(rig.phase(), Phase::kWatch);
}

}  // namespace
}  // namespace seaworthy::api::testing
