// RELIABILITY.md 1.2: discovery, snapshots by watch-list and by pages, relists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/watcher_rig.h"

namespace seaworthy::api::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kOldServer[] = "v1.33.0";
ServerVersion Old() { return {1, 33, kOldServer}; }

TEST(Watcher, WaitsForDiscoveryBeforeItAsksForAnything) {
  WatcherRig rig;
  rig.loop.RunFor(1h);
  EXPECT_THAT(rig.transport.requests, IsEmpty());
  rig.watcher->OnDiscovered({false, {}});
  rig.loop.RunFor(1h);
  EXPECT_EQ(rig.phase(), Phase::kDiscover);
  EXPECT_THAT(rig.transport.requests, IsEmpty());
}

TEST(Watcher, IsAbsentWhenTheServerDoesNotHaveTheKind) {
  WatcherRig rig;
  rig.watcher->OnDiscovered({true, {}});
  rig.loop.RunFor(1h);
  EXPECT_EQ(rig.phase(), Phase::kAbsent);
  EXPECT_TRUE(rig.stats().synced);
  EXPECT_THAT(rig.sink.events, ElementsAre("absent"));
  EXPECT_THAT(rig.transport.requests, IsEmpty());
}

TEST(Watcher, StreamsItsFirstSnapshotWithoutAResourceVersion) {
  WatcherRig rig;
  rig.Discover();
  const HttpRequest& request = rig.transport.stream_request();
  EXPECT_THAT(request.target, ::testing::StartsWith("/api/v1/pods?"));
  EXPECT_EQ(request.channel, Channel::kWatch);
  EXPECT_EQ(WatcherRig::Param(request, "watch"), "1");
  EXPECT_EQ(WatcherRig::Param(request, "sendInitialEvents"), "true");
  EXPECT_EQ(WatcherRig::Param(request, "resourceVersionMatch"), "NotOlderThan");
  EXPECT_EQ(WatcherRig::Param(request, "allowWatchBookmarks"), "true");
  EXPECT_EQ(WatcherRig::Param(request, "resourceVersion"), "(none)");
  EXPECT_EQ(rig.phase(), Phase::kSnapshot);
}

TEST(Watcher, ReplacesAtTheEndOfTheInitialEventsAndKeepsTheStream) {
  WatcherRig rig;
  rig.Discover();
  rig.transport.Open();
  // In no order of versions: they are synthetic.
  rig.Line("ADDED", PodJson("b", 90));
  rig.Line("ADDED", PodJson("a", 50));
  EXPECT_EQ(rig.watcher->resource_version(), "");
  EXPECT_THAT(rig.sink.Take(), ElementsAre("init", "collect ns/b@90", "collect ns/a@50"));
  rig.transport.Line(BookmarkJson(100, true));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("replace"));
  EXPECT_EQ(rig.phase(), Phase::kWatch);
  EXPECT_EQ(rig.watcher->resource_version(), "100");
  EXPECT_EQ(rig.stats().objects, 2U);
  EXPECT_TRUE(rig.stats().synced);
  rig.Line("MODIFIED", PodJson("a", 101));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("apply ns/a@101"));
  EXPECT_EQ(rig.transport.requests.size(), 1U);
}

TEST(Watcher, AnOrdinaryBookmarkIsNotTheEndOfTheInitialEvents) {
  WatcherRig rig;
  rig.Discover();
  rig.transport.Open();
  rig.transport.Line(BookmarkJson(99));
  EXPECT_EQ(rig.phase(), Phase::kSnapshot);
  EXPECT_FALSE(rig.stats().synced);
}

TEST(Watcher, ADeletionAmongTheInitialEventsIsToldAfterTheReplacement) {
  WatcherRig rig;
  rig.Discover();
  rig.transport.Open();
  rig.Line("ADDED", PodJson("a", 50));
  rig.Line("DELETED", PodJson("a", 99));
  rig.transport.Line(BookmarkJson(100, true));
  EXPECT_THAT(rig.sink.events, ElementsAre("init", "collect ns/a@50", "replace", "delete ns/a@99"));
}

TEST(Watcher, DiscardsASnapshotWhoseStreamEndsBeforeItsEnd) {
  WatcherRig rig;
  rig.Discover();
  rig.transport.Open();
  rig.Line("ADDED", PodJson("a", 50));
  rig.transport.End();
  EXPECT_THAT(rig.sink.Take(), ElementsAre("init", "collect ns/a@50"));
  EXPECT_EQ(rig.phase(), Phase::kBackoff);
  ASSERT_TRUE(rig.NextStream(5s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "sendInitialEvents"), "true");
  EXPECT_THAT(rig.sink.Take(), ElementsAre("init"));
}

TEST(Watcher, ListsInPagesAfterTwoWatchListsThatEndedEarly) {
  WatcherRig rig;
  rig.Discover();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(rig.NextStream(60s));
    rig.transport.Open();
    rig.Line("ADDED", PodJson("a", 50));
    rig.transport.End();
  }
  EXPECT_TRUE(rig.loop.RunUntil([&] { return !rig.transport.calls.empty(); }, 60s));
  EXPECT_THAT(rig.transport.calls.front().request.target, HasSubstr("limit=500"));
}

TEST(Watcher, ListsInPagesWhenTheServerRefusesToStreamAndRemembersForAnHour) {
  for (const int code : {400, 422}) {
    WatcherRig rig;
    rig.Discover();
    rig.transport.Refuse(JsonHead(code), StatusJson(code, "Invalid"));
    ASSERT_EQ(rig.transport.calls.size(), 1U);
    EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/pods?limit=500");
    rig.transport.Answer(JsonAnswer(ListJson(100, {PodJson("a", 50)})));
    EXPECT_EQ(rig.phase(), Phase::kWatch);
    EXPECT_THAT(rig.sink.Take(), ElementsAre("init", "init", "collect ns/a@50", "replace"));
    EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "100");

    rig.loop.RunFor(30min);
    rig.watcher->Relist("test");
    rig.loop.RunFor(2s);
    EXPECT_EQ(rig.transport.calls.size(), 1U) << "still in pages";
    rig.transport.Answer(JsonAnswer(ListJson(200, {})));
    rig.loop.RunFor(40min);
    rig.transport.calls.clear();
    rig.watcher->Relist("test");
    rig.loop.RunFor(2s);
    EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "sendInitialEvents"), "true");
  }
}

TEST(Watcher, AnotherServerVersionIsAskedToStreamAgainAtOnce) {
  WatcherRig rig;
  rig.Discover();
  rig.transport.Refuse(JsonHead(422), StatusJson(422, "Invalid"));
  rig.transport.Answer(JsonAnswer(ListJson(100, {})));
  rig.host.version.git_version = "v1.37.0";
  rig.watcher->Relist("test");
  rig.loop.RunFor(2s);
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "sendInitialEvents"), "true");
}

TEST(Watcher, ListsInPagesWhenInitialEventsStopComing) {
  WatcherRig rig;
  rig.Discover();
  rig.transport.Open();
  // Progress counts, not the total.
  for (int i = 0; i < 10; ++i) {
    rig.loop.RunFor(25s);
    rig.Line("ADDED", PodJson("p" + std::to_string(i), 50 + i));
  }
  EXPECT_TRUE(rig.transport.has_stream());
  EXPECT_TRUE(rig.loop.RunUntil([&] { return !rig.transport.has_stream(); }, 31s));
  ASSERT_EQ(rig.transport.calls.size(), 1U);
  EXPECT_THAT(rig.transport.calls.front().request.target, HasSubstr("limit=500"));
  EXPECT_EQ(rig.stats().restarts.at("no_initial_events_end"), 1U);
}

TEST(Watcher, ListsInPagesOnServersBefore134) {
  WatcherRig rig(Old());
  rig.Discover();
  ASSERT_EQ(rig.transport.calls.size(), 1U);
  EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/pods?limit=500");
}

TEST(Watcher, PublishesPagesTogetherAtTheVersionOfTheFirst) {
  WatcherRig rig(Old());
  rig.Discover();
  rig.transport.Answer(JsonAnswer(ListJson(100, {PodJson("a", 50)}, "to/ken+=")));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("init", "collect ns/a@50"));
  ASSERT_EQ(rig.transport.calls.size(), 1U);
  const std::string target = rig.transport.calls.front().request.target;
  EXPECT_EQ(target, "/api/v1/pods?limit=500&continue=to%2Fken%2B%3D");
  EXPECT_THAT(target, Not(HasSubstr("resourceVersion")));
  rig.transport.Answer(JsonAnswer(ListJson(100, {PodJson("b", 60)})));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("collect ns/b@60", "replace"));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "100");
  EXPECT_EQ(rig.stats().objects, 2U);
}

TEST(Watcher, StartsOverWhenAPageTokenExpiresAndNeverUsesTheTokenThatComesWithIt) {
  WatcherRig rig(Old());
  rig.Discover();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/pods?limit=500");
    rig.transport.Answer(JsonAnswer(ListJson(100 + i, {PodJson("a", 50)}, "t" + std::to_string(i))));
    rig.transport.Answer(JsonAnswer(
        R"({"kind":"Status","apiVersion":"v1","metadata":{"continue":"inconsistent"},"reason":"Expired","code":410})",
        410));
    EXPECT_THAT(rig.sink.Take(), ElementsAre("init", "collect ns/a@50", "init"));
    EXPECT_EQ(rig.transport.Count("inconsistent"), 0U);
    // The kInit of the restart belongs to the next round.
    rig.sink.events = {"init"};
  }
  // After two restarts in pages: one piece.
  ASSERT_EQ(rig.transport.calls.size(), 1U);
  EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/pods");
  rig.transport.Answer(JsonAnswer(ListJson(110, {PodJson("a", 50), PodJson("b", 60)})));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("init", "collect ns/a@50", "collect ns/b@60", "replace"));
}

TEST(Watcher, StartsOverWhenPagesAreOfDifferentVersions) {
  WatcherRig rig(Old());
  rig.Discover();
  rig.transport.Answer(JsonAnswer(ListJson(100, {PodJson("a", 50)}, "t")));
  rig.transport.Answer(JsonAnswer(ListJson(101, {PodJson("b", 60)})));
  EXPECT_EQ(rig.phase(), Phase::kSnapshot);
  EXPECT_FALSE(rig.stats().synced);
  EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/pods?limit=500");
}

TEST(Watcher, AFailedPageDropsAllPages) {
  WatcherRig rig(Old());
  rig.Discover();
  rig.transport.Answer(JsonAnswer(ListJson(100, {PodJson("a", 50)}, "t")));
  rig.transport.Answer(Status(Code::kUnavailable, "reset"));
  EXPECT_EQ(rig.phase(), Phase::kBackoff);
  EXPECT_THAT(rig.sink.Take(), ElementsAre("init", "collect ns/a@50"));
  EXPECT_TRUE(rig.loop.RunUntil([&] { return !rig.transport.calls.empty(); }, 5s));
  EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/pods?limit=500");
}

TEST(Watcher, DoesNotFollowATokenInCircles) {
  WatcherRig rig(Old());
  rig.Discover();
  rig.transport.Answer(JsonAnswer(ListJson(100, {PodJson("a", 50)}, "t")));
  rig.transport.Answer(JsonAnswer(ListJson(100, {PodJson("a", 50)}, "t")));
  EXPECT_EQ(rig.phase(), Phase::kBackoff);
}

TEST(Watcher, DropsAListThatIsCutOffOrHasNoVersion) {
  for (const std::string& body :
       {ListJson(100, {PodJson("a", 50)}).substr(0, 120), std::string(R"({"kind":"PodList","items":[]})")}) {
    WatcherRig rig(Old());
    rig.Discover();
    rig.transport.Answer(JsonAnswer(body));
    EXPECT_EQ(rig.phase(), Phase::kBackoff);
    EXPECT_FALSE(rig.stats().synced);
  }
}

TEST(Watcher, AnUnreadableObjectOfASnapshotIsNamedAndTheOthersCount) {
  WatcherRig rig(Old());
  rig.Discover();
  const std::string doubled =
      R"({"metadata":{"name":"twice","namespace":"ns","uid":"u","resourceVersion":"1"},"spec":{"x":1,"x":2}})";
  rig.transport.Answer(
      JsonAnswer(ListJson(100, {PodJson("bad", 40, R"(,"labels":{"poison":"1"})"), doubled, PodJson("a", 50)})));
  ASSERT_EQ(rig.sink.events.size(), 5U);
  EXPECT_EQ(rig.sink.events[1], "unreadable ns/bad: poison");
  EXPECT_THAT(rig.sink.events[2], ::testing::StartsWith("unreadable ns/twice: "));
  EXPECT_EQ(rig.sink.events[3], "collect ns/a@50");
  EXPECT_EQ(rig.stats().unreadable, 2U);
}

TEST(Watcher, ALaterSnapshotSaysThatTimeWentByUnobserved) {
  WatcherRig rig;
  rig.Sync();
  rig.loop.RunFor(1min);
  rig.transport.Line(EventJson("ERROR", StatusJson(410, "Expired")));
  ASSERT_TRUE(rig.NextStream(2s));
  rig.transport.Open();
  rig.transport.Line(BookmarkJson(200, true));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("init", "gap", "replace"));
}

TEST(Watcher, OnlyLaterSnapshotsWaitTheirTurnAndAreJittered) {
  WatcherRig rig;
  rig.Sync();
  EXPECT_THAT(rig.host.firsts, ElementsAre(true));
  rig.loop.RunFor(1min);
  rig.watcher->Relist("test");
  rig.loop.Run();
  EXPECT_FALSE(rig.transport.has_stream());
  ASSERT_TRUE(rig.NextStream(1s));
  EXPECT_THAT(rig.host.firsts, ElementsAre(true, false));
  EXPECT_EQ(rig.stats().relists.at("test"), 1U);
}

TEST(Watcher, ARelistDuringASnapshotBeginsItAnew) {
  WatcherRig rig;
  rig.Discover();
  rig.transport.Open();
  rig.Line("ADDED", PodJson("a", 50));
  rig.watcher->Relist("policy");
  ASSERT_TRUE(rig.NextStream(2s));
  EXPECT_EQ(rig.transport.streams.size(), 1U);
  EXPECT_THAT(rig.sink.Take(), ElementsAre("init", "collect ns/a@50", "init"));
}

TEST(Watcher, ASnapshotAtAnotherVersionFollowsWhenThatIsServed) {
  WatcherRig rig;
  rig.Sync();
  rig.watcher->OnDiscovered({true, "v2"});
  ASSERT_TRUE(rig.NextStream(2s));
  EXPECT_THAT(rig.transport.stream_request().target, ::testing::StartsWith("/api/v2/pods?"));
  EXPECT_EQ(rig.stats().relists.at("version_changed"), 1U);
}

TEST(Watcher, NeverAsksForResourceVersionZero) {
  WatcherRig rig;
  rig.Sync();
  rig.transport.Line(EventJson("ERROR", StatusJson(410, "Gone")));
  rig.loop.RunFor(5min);
  for (const HttpRequest& request : rig.transport.requests) {
    EXPECT_NE(WatcherRig::Param(request, "resourceVersion"), "0");
  }
}

}  // namespace
}  // namespace seaworthy::api::testing
