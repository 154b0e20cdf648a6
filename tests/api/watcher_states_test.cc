// RELIABILITY.md 1.4 and 1.5: permission, credentials, absence, silence, proof of life.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/watcher_rig.h"

namespace seaworthy::api::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
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

TEST(Watcher, BelievesA403OnlyAfterTenSecondsIfItCouldWatchBefore) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End();
  ASSERT_TRUE(rig.NextStream(1s));
  // A server that starts: everything is forbidden until its own caches are filled.
  const MonoTime begin = rig.loop.Now();
  while (rig.loop.Now() - begin < 6s) {
    Refuse(rig);
    EXPECT_EQ(rig.phase(), Phase::kBackoff);
    ASSERT_TRUE(rig.NextStream(2s));
  }
  rig.transport.Open();
  EXPECT_EQ(rig.phase(), Phase::kWatch);
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
  // And what was forgiven is forgotten.
  rig.loop.RunFor(1min);
  rig.transport.End();
  ASSERT_TRUE(rig.NextStream(1s));
  Refuse(rig);
  EXPECT_EQ(rig.phase(), Phase::kBackoff);
}

TEST(Watcher, FreezesWhatItKnowsWhenItIsDeniedAndAsksAgainSlowly) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End();
  ASSERT_TRUE(rig.NextStream(1s));
  Deny(rig);
  EXPECT_EQ(rig.phase(), Phase::kDenied);
  EXPECT_TRUE(rig.stats().degraded);
  EXPECT_THAT(rig.sink.Take(), ElementsAre("denied"));
  MonoTime last = rig.loop.Now();
  Duration longest{};
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(rig.NextStream(6min));
    EXPECT_GE(rig.loop.Now() - last, 30s);
    longest = std::max(longest, rig.loop.Now() - last);
    last = rig.loop.Now();
    EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "100");
    Deny(rig);
  }
  EXPECT_GT(longest, 150s);
  EXPECT_LE(longest, 5min);
  // Said once; nothing is deleted, nothing stalls.
  rig.watcher->Tick();
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
}

TEST(Watcher, IsLiveAgainOnceItMayWatch) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End();
  ASSERT_TRUE(rig.NextStream(1s));
  Deny(rig);
  rig.sink.Take();
  rig.loop.RunFor(5s);
  rig.watcher->RetryIfDenied();
  ASSERT_TRUE(rig.transport.has_stream());
  rig.transport.Open();
  EXPECT_EQ(rig.phase(), Phase::kWatch);
  EXPECT_THAT(rig.sink.Take(), ElementsAre("gap", "live"));
  EXPECT_FALSE(rig.stats().degraded);
}

TEST(Watcher, ADeniedSnapshotIsTakenOncePermitted) {
  WatcherRig rig;
  rig.Discover();
  Deny(rig);
  EXPECT_THAT(rig.sink.Take(), ElementsAre("init", "denied"));
  EXPECT_FALSE(rig.stats().synced);
  ASSERT_TRUE(rig.NextStream(2s)) << "a first look again soon";
  Refuse(rig);
  EXPECT_FALSE(rig.NextStream(29s)) << "then slowly";
  ASSERT_TRUE(rig.NextStream(31s));
  rig.sink.Take();
  rig.transport.Open();
  rig.transport.Line(BookmarkJson(100, true));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("replace", "live"));
}

TEST(Watcher, AnErrorEventCanDenyToo) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.Line(EventJson("ERROR", StatusJson(403, "Forbidden")));
  ASSERT_TRUE(rig.NextStream(2s));
  Deny(rig);
  EXPECT_EQ(rig.phase(), Phase::kDenied);
}

TEST(Watcher, KeepsEverythingWhenItsCredentialIsNotAccepted) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End();
  MonoTime last = rig.loop.Now();
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(rig.NextStream(61s));
    EXPECT_LE(rig.loop.Now() - last, 60s);
    last = rig.loop.Now();
    rig.transport.Refuse(JsonHead(401), StatusJson(401, "Unauthorized"));
    EXPECT_EQ(rig.phase(), Phase::kUnauthenticated);
  }
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
  ASSERT_TRUE(rig.NextStream(61s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "100");
}

TEST(Watcher, SaysThatItIsStaleAfterFiveMinutesWithoutProgress) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End(Status(Code::kUnavailable, "refused"));
  const MonoTime begin = rig.loop.Now();
  for (int i = 0; i < 20; ++i) {
    if (rig.NextStream(61s)) rig.transport.End(Status(Code::kUnavailable, "refused"));
    rig.watcher->Tick();
    EXPECT_EQ(rig.sink.events.empty(), rig.loop.Now() - begin < Watcher::kStaleAfter);
  }
  EXPECT_THAT(rig.sink.Take(), ElementsAre("stalled"));
  EXPECT_TRUE(rig.stats().degraded);
  ASSERT_TRUE(rig.NextStream(61s));
  rig.transport.Open();
  EXPECT_THAT(rig.sink.Take(), ElementsAre("gap", "live"));
}

TEST(Watcher, AShortBreakIsNoGap) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End(Status(Code::kUnavailable, "reset"));
  ASSERT_TRUE(rig.NextStream(5s));
  rig.transport.Open();
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
}

TEST(Watcher, AQuietStreamIsNotStale) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.opens_by_itself = true;
  for (int i = 0; i < 60; ++i) {
    rig.loop.RunFor(1min);
    rig.watcher->Tick();
  }
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
}

TEST(Watcher, CutsAStreamAfter150SecondsOfSilenceOnceBookmarksCame) {
  WatcherRig rig;
  rig.Sync();  // that had one bookmark
  rig.loop.RunFor(60s);
  rig.transport.Line(BookmarkJson(101));
  rig.loop.RunFor(149s);
  EXPECT_TRUE(rig.transport.has_stream());
  rig.loop.RunFor(2s);
  EXPECT_EQ(rig.stats().restarts.at("stalled"), 1U);
  ASSERT_TRUE(rig.NextStream(1s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "101");
}

TEST(Watcher, WithoutBookmarksSilenceIsBoundedByTheTimeout) {
  WatcherRig rig;
  rig.Sync();
  const int timeout = std::stoi(WatcherRig::Param(rig.transport.stream_request(), "timeoutSeconds"));
  rig.loop.RunFor(std::chrono::seconds(timeout + 9));
  EXPECT_TRUE(rig.transport.has_stream());
  EXPECT_THAT(rig.stats().restarts, IsEmpty());
  rig.loop.RunFor(1100ms);
  EXPECT_EQ(rig.stats().restarts.at("stalled"), 1U);
  // And the transport's own limit lies outside of that.
  EXPECT_GT(rig.transport.requests.front().idle_limit, std::chrono::seconds(timeout + 10));
}

TEST(Watcher, A404AloneRemovesNothing) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End();
  ASSERT_TRUE(rig.NextStream(1s));
  rig.transport.Refuse({.status = 404, .content_type = "text/plain"}, "404 page not found");
  EXPECT_EQ(rig.host.discoveries, 1);
  EXPECT_EQ(rig.phase(), Phase::kBackoff);
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
  // Discovery still has it: go on.
  rig.watcher->OnDiscovered({true, "v1"});
  ASSERT_TRUE(rig.NextStream(5s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "100");
}

TEST(Watcher, A404AndDiscoveryTogetherRemoveTheKind) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End();
  ASSERT_TRUE(rig.NextStream(1s));
  rig.transport.Refuse(JsonHead(404), StatusJson(404, "NotFound"));
  rig.watcher->OnDiscovered({true, {}});
  EXPECT_EQ(rig.phase(), Phase::kAbsent);
  EXPECT_THAT(rig.sink.Take(), ElementsAre("absent"));
  const std::size_t requests = rig.transport.requests.size();
  rig.loop.RunFor(1h);
  EXPECT_EQ(rig.transport.requests.size(), requests) << "no retry loop (k/k #79610)";
}

TEST(Watcher, DiscoveryAloneRemovesNothingUntilTheCollectionAnswers404) {
  WatcherRig rig;
  rig.Sync();
  rig.watcher->OnDiscovered({true, {}});
  ASSERT_EQ(rig.transport.calls.size(), 1U);
  EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/pods?limit=1");
  rig.transport.Answer(JsonAnswer(ListJson(100, {})));
  EXPECT_EQ(rig.phase(), Phase::kWatch);
  rig.watcher->OnDiscovered({true, {}});
  rig.transport.Answer(Status(Code::kUnavailable, "refused"));
  EXPECT_EQ(rig.phase(), Phase::kWatch);
  rig.watcher->OnDiscovered({true, {}});
  rig.transport.Answer(JsonAnswer(StatusJson(404, "NotFound"), 404));
  EXPECT_EQ(rig.phase(), Phase::kAbsent);
}

TEST(Watcher, ComesBackWhenTheKindIsServedAgainTwentyTimes) {
  WatcherRig rig;
  for (int i = 0; i < 20; ++i) {
    rig.watcher->OnDiscovered({true, "v1"});
    ASSERT_TRUE(rig.NextStream(2s));
    rig.transport.Open();
    rig.Line("ADDED", PodJson("a", 50));
    rig.transport.Line(BookmarkJson(100 + i, true));
    EXPECT_EQ(rig.phase(), Phase::kWatch);
    rig.transport.End();
    ASSERT_TRUE(rig.NextStream(1s));
    rig.transport.Refuse(JsonHead(404), StatusJson(404, "NotFound"));
    rig.watcher->OnDiscovered({true, {}});
    EXPECT_EQ(rig.phase(), Phase::kAbsent);
    EXPECT_TRUE(rig.transport.streams.empty());
  }
  EXPECT_EQ(rig.stats().relists.at("reserved"), 19U);
}

TEST(Watcher, BacksOffExponentiallyWithJitterForEver) {
  WatcherRig rig;
  rig.Discover();
  std::vector<Duration> waits;
  for (int i = 0; i < 300; ++i) {
    const MonoTime begin = rig.loop.Now();
    rig.transport.End(Status(Code::kUnavailable, "refused"));
    ASSERT_TRUE(rig.NextStream(61s)) << "a watcher never gives up";
    waits.push_back(rig.loop.Now() - begin);
  }
  Duration step = 800ms;
  for (const Duration wait : waits) {
    EXPECT_GE(wait, step);
    EXPECT_LT(wait, 2 * step);
    step = std::min<Duration>(2 * step, 30s);
  }
  EXPECT_NE(waits[100], waits[101]);
}

TEST(Watcher, ComesSoonerWhenOthersFoundTheServerBack) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.End(Status(Code::kUnavailable, "reset"));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(rig.NextStream(61s));
    rig.transport.End(Status(Code::kUnavailable, "refused"));
  }
  rig.watcher->RetryIfDisconnected();
  ASSERT_TRUE(rig.NextStream(2s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "100");
  // Whoever was told to stay away stays away.
  rig.transport.Refuse(JsonHead(503), StatusJson(503, "ServiceUnavailable"));
  rig.watcher->RetryIfDisconnected();
  EXPECT_FALSE(rig.NextStream(25s));
}

TEST(Watcher, TellsTheOthersWhenItFindsTheServerBack) {
  WatcherRig rig;
  rig.Sync();
  EXPECT_EQ(rig.host.returns, 0);
  rig.transport.End();
  ASSERT_TRUE(rig.NextStream(1s));
  rig.transport.Open();
  EXPECT_EQ(rig.host.returns, 0) << "it was never away";
  rig.transport.End(Status(Code::kUnavailable, "reset"));
  ASSERT_TRUE(rig.NextStream(5s));
  EXPECT_EQ(rig.host.returns, 0);
  rig.transport.Open();
  EXPECT_EQ(rig.host.returns, 1);
}

TEST(Watcher, StoppingCancelsAndIsFinal) {
  WatcherRig rig;
  rig.Sync();
  rig.watcher->Stop();
  EXPECT_FALSE(rig.transport.has_stream());
  rig.watcher->OnDiscovered({true, "v1"});
  rig.watcher->Relist("test");
  rig.watcher->RetryIfDenied();
  rig.loop.RunFor(1h);
  EXPECT_EQ(rig.phase(), Phase::kStopped);
  EXPECT_FALSE(rig.transport.has_stream());
  EXPECT_EQ(rig.loop.pending(), 0U);
}

TEST(Watcher, DestructionInAnyStateLeavesNothingBehind) {
  for (int state = 0; state < 7; ++state) {
    WatcherRig rig(state == 2 ? ServerVersion{1, 30, "v1.30.0"} : ServerVersion{1, 36, "v1.36.0"});
    if (state > 0) rig.Discover();
    if (state > 2) {
      rig.transport.Open();
      rig.transport.Line(BookmarkJson(100, true));
    }
    if (state == 4) rig.transport.End(Status(Code::kUnavailable, "reset"));
    if (state == 5) rig.transport.Line(EventJson("ERROR", StatusJson(403, "Forbidden")));
    if (state == 6) rig.loop.RunFor(13min);
    rig.watcher.reset();
    EXPECT_TRUE(rig.transport.streams.empty());
    // What cannot be cancelled may still be answered.
    while (!rig.transport.calls.empty()) rig.transport.Answer(JsonAnswer(ListJson(1, {})));
    rig.loop.RunFor(1h);
  }
}

}  // namespace
}  // namespace seaworthy::api::testing
