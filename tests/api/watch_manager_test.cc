#include "api/watch_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "api/testing/watcher_rig.h"

namespace seaworthy::api::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// All kinds but the server's version, which is told with discovery.
constexpr std::size_t kWatched = kKindCount - 1;

// A server with all built-in kinds, as far as discovery is concerned; streams are answered by the tests.
class ManagerRig {
 public:
  explicit ManagerRig(KindSet kinds = KindSet::All(), bool follow_crds = false) : transport(&loop), rng(5) {
    transport.responder = [this](const HttpRequest& request) { return Respond(request); };
    manager = std::make_unique<WatchManager>(&transport, &loop, &loop, &rng, &decoder, &sink,
                                             WatchManager::Options{.kinds = kinds, .follow_crds = follow_crds});
  }

  std::optional<Result<HttpResponse>> Respond(const HttpRequest& request) {
    if (down) return Result<HttpResponse>(Status(Code::kUnavailable, "refused"));
    if (request.target == "/version") {
      HttpResponse answer = JsonAnswer(R"({"major":"1","minor":"36","gitVersion":")" + git_version + R"("})");
      answer.head.date = std::chrono::time_point_cast<std::chrono::milliseconds>(loop.Wall() - 90s);
      return Result<HttpResponse>(answer);
    }
    if (request.target == "/api" || request.target == "/apis")
      return Result<HttpResponse>(JsonAnswer(Document(request.target == "/api")));
    if (request.target.ends_with("selfsubjectaccessreviews")) {
      reviews.push_back(request.body);
      return Result<HttpResponse>(
          JsonAnswer(allowed ? R"({"status":{"allowed":true}})" : R"({"status":{"allowed":false}})", 201));
    }
    return std::nullopt;
  }

  static std::string VersionOf(const KindInfo& info) {
    return std::string(info.versions.substr(0, info.versions.find(',')));
  }

  std::string Document(bool core) const {
    std::map<std::string, std::map<std::string, std::string>> groups;  // group -> version -> resources
    for (const KindInfo& info : KindTable()) {
      if (info.group.empty() != core || hidden.Has(info.kind)) continue;
      std::string& resources = groups[std::string(info.group)][VersionOf(info)];
      resources += (resources.empty() ? "" : ",") + std::string(R"({"resource":")") + std::string(info.resource) +
                   R"(","verbs":["list","watch"]})";
    }
    std::string items;
    for (const auto& [group, versions] : groups) {
      std::string list;
      for (const auto& [version, resources] : versions) {
        list += (list.empty() ? "" : ",") + std::string(R"({"version":")") + version +
                R"(","freshness":"Current","resources":[)" + resources + "]}";
      }
      items += (items.empty() ? "" : ",") + std::string(R"({"metadata":{"name":")") + group + R"("},"versions":[)" +
               list + "]}";
    }
    return R"({"kind":"APIGroupDiscoveryList","items":[)" + items + "]}";
  }

  // Completes the snapshot of every open stream that is one.
  void CompleteSnapshots() {
    for (const FakeTransport::OpenStream& stream : std::list(transport.streams)) {
      if (!IsSnapshot(stream)) continue;
      completed.insert(stream.id);
      stream.observer->OnHead(JsonHead());
      stream.observer->OnBytes(Bookmark(stream.request) + "\n");
    }
  }
  static std::string Bookmark(const HttpRequest& request) {
    for (const KindInfo& info : KindTable()) {
      const std::string api = info.group.empty() ? VersionOf(info) : std::string(info.group) + "/" + VersionOf(info);
      if (!request.target.starts_with((info.group.empty() ? "/api/" : "/apis/") + api + "/" +
                                      std::string(info.resource) + "?"))
        continue;
      return R"({"type":"BOOKMARK","object":{"kind":")" + std::string(info.name) + R"(","apiVersion":")" + api +
             R"(","metadata":{"resourceVersion":"100","annotations":{"k8s.io/initial-events-end":"true"}}}})";
    }
    return {};
  }
  std::size_t Snapshots() const {
    return static_cast<std::size_t>(std::count_if(transport.streams.begin(), transport.streams.end(),
                                                  [this](const auto& stream) { return IsSnapshot(stream); }));
  }
  bool IsSnapshot(const FakeTransport::OpenStream& stream) const {
    return WatcherRig::Param(stream.request, "sendInitialEvents") == "true" && !completed.contains(stream.id);
  }
  void Start() {
    manager->Start();
    loop.Run();
  }
  void Sync() {
    Start();
    CompleteSnapshots();
    sink.Take();
  }
  Phase PhaseOf(Kind kind) { return manager->stats(kind)->phase; }

  VirtualLoop loop;
  FakeTransport transport;
  TestRng rng;
  TestDecoder decoder;
  TestSink sink;
  bool down = false, allowed = false;
  std::string git_version = "v1.36.3";
  KindSet hidden;
  std::set<Transport::StreamId> completed;
  std::vector<std::string> reviews;
  std::unique_ptr<WatchManager> manager;
};

TEST(WatchManager, WatchesEveryKindThatIsServedWithTwoRequestsAtMost) {
  ManagerRig rig;
  rig.hidden = {Kind::kWorkloadAudit, Kind::kNamespaceAudit, Kind::kClusterAudit};
  rig.Start();
  EXPECT_EQ(rig.Snapshots(), kWatched - 3) << "the first snapshots run together";
  rig.CompleteSnapshots();
  for (const KindInfo& info : KindTable()) {
    if (info.feed == Feed::kTold) continue;
    EXPECT_EQ(rig.PhaseOf(info.kind), rig.hidden.Has(info.kind) ? Phase::kAbsent : Phase::kWatch) << info.name;
    EXPECT_TRUE(rig.manager->stats(info.kind)->synced);
  }
  EXPECT_TRUE(rig.manager->manager_stats().discovered);
  EXPECT_EQ(rig.manager->manager_stats().server.minor, 36);
  EXPECT_EQ(rig.transport.requests.size(), 3 + kWatched - 3);
}

TEST(WatchManager, TellsTheServersVersionOnceAndWhenItChanges) {
  ManagerRig rig(KindSet{Kind::kServerVersion, Kind::kPod});
  rig.Start();
  EXPECT_EQ(rig.manager->stats(Kind::kServerVersion), nullptr);
  EXPECT_THAT(rig.sink.Take(), ::testing::IsSupersetOf({"init", "collect kubernetes@0", "replace"}))
      << "beside what the watch of pods says";
  rig.manager->Rediscover();
  rig.loop.RunFor(5s);
  EXPECT_THAT(rig.sink.Take(), IsEmpty());
  rig.git_version = "v1.37.0";
  rig.manager->Rediscover();
  rig.loop.RunFor(5s);
  EXPECT_THAT(rig.sink.Take(), ::testing::ElementsAre("init", "collect kubernetes@0", "replace"));
}

TEST(WatchManager, WatchesOnlyTheKindsThatItIsToldTo) {
  ManagerRig rig(KindSet{Kind::kPod, Kind::kNode});
  rig.Start();
  EXPECT_EQ(rig.transport.streams.size(), 2U);
  EXPECT_EQ(rig.manager->stats(Kind::kDeployment), nullptr);
}

TEST(WatchManager, TriesDiscoveryAgainUntilTheServerIsThere) {
  ManagerRig rig;
  rig.down = true;
  rig.Start();
  rig.loop.RunFor(10min);
  const std::size_t requests = rig.transport.requests.size();
  EXPECT_GT(requests, 20U);
  EXPECT_LT(requests, 90U);
  EXPECT_FALSE(rig.manager->manager_stats().discovered);
  EXPECT_THAT(rig.sink.events, IsEmpty());
  rig.down = false;
  rig.loop.RunFor(61s);
  EXPECT_GE(rig.Snapshots(), kWatched);
}

TEST(WatchManager, LaterSnapshotsRunTwoAtATime) {
  ManagerRig rig;
  rig.Sync();
  rig.loop.RunFor(1min);
  rig.manager->Relist(KindSet::All(), "test");
  std::set<std::string> relisted;
  for (std::size_t i = 0; i < 2 * kWatched && relisted.size() < kWatched; ++i) {
    rig.loop.RunFor(1s);
    EXPECT_LE(rig.Snapshots(), WatchManager::kSnapshotsAtOnce);
    for (const auto& stream : rig.transport.streams) {
      if (rig.IsSnapshot(stream)) relisted.insert(stream.request.target.substr(0, stream.request.target.find('?')));
    }
    rig.CompleteSnapshots();
  }
  EXPECT_EQ(relisted.size(), kWatched);
}

TEST(WatchManager, AWatcherThatLeavesItsTurnGivesItToTheNext) {
  ManagerRig rig(KindSet{Kind::kPod, Kind::kNode, Kind::kService});
  rig.Sync();
  rig.loop.RunFor(1min);
  rig.manager->Relist(KindSet::All(), "test");
  rig.loop.RunFor(2s);
  EXPECT_EQ(rig.Snapshots(), 2U);
  // Both fail, again and again: the third must get its chance.
  std::set<std::string> seen;
  for (int i = 0; i < 20; ++i) {
    for (const auto& stream : std::list(rig.transport.streams)) {
      if (!rig.IsSnapshot(stream)) continue;
      seen.insert(stream.request.target.substr(0, stream.request.target.find('?')));
      rig.transport.Cancel(stream.id);
      stream.observer->OnEnd(Status(Code::kUnavailable, "refused"));
    }
    rig.loop.RunFor(5s);
    EXPECT_LE(rig.Snapshots(), 2U);
  }
  EXPECT_EQ(seen.size(), 3U);
}

TEST(WatchManager, AsksForTheServedKindsEveryTenMinutes) {
  ManagerRig rig(KindSet{Kind::kPod});
  rig.Sync();
  rig.transport.opens_by_itself = true;
  rig.loop.RunFor(3h);
  const std::size_t runs = rig.transport.Count("/apis");
  EXPECT_GE(runs, 15U);
  EXPECT_LE(runs, 24U);
}

TEST(WatchManager, FindsAKindThatAppearsAndOneThatGoes) {
  ManagerRig rig(KindSet{Kind::kPod, Kind::kWorkloadAudit});
  rig.hidden = {Kind::kWorkloadAudit};
  rig.Sync();
  EXPECT_EQ(rig.PhaseOf(Kind::kWorkloadAudit), Phase::kAbsent);
  rig.hidden = {};
  rig.manager->Rediscover();
  rig.loop.RunFor(2s);
  rig.CompleteSnapshots();
  EXPECT_EQ(rig.PhaseOf(Kind::kWorkloadAudit), Phase::kWatch);
  // Its stream ends, the collection is not there, discovery confirms it.
  rig.hidden = {Kind::kWorkloadAudit};
  for (int i = 0; i < 2; ++i) {
    for (const auto& stream : std::list(rig.transport.streams)) {
      if (stream.request.target.find("workloadaudits") == std::string::npos) continue;
      rig.transport.Cancel(stream.id);
      stream.observer->OnHead(i == 0 ? JsonHead() : HttpHead{.status = 404, .content_type = "text/plain"});
      stream.observer->OnEnd(Status::Ok());
    }
    rig.loop.RunFor(5s);
  }
  EXPECT_EQ(rig.PhaseOf(Kind::kWorkloadAudit), Phase::kAbsent);
  EXPECT_EQ(rig.PhaseOf(Kind::kPod), Phase::kWatch);
  EXPECT_THAT(rig.sink.events, Contains("absent"));
}

TEST(WatchManager, ACrdEventLeadsToDiscoveryWithinSeconds) {
  ManagerRig rig(KindSet{Kind::kPod, Kind::kWorkloadAudit}, true);
  rig.hidden = {Kind::kWorkloadAudit};
  rig.Start();
  ASSERT_EQ(rig.transport.calls.size(), 1U);
  EXPECT_THAT(rig.transport.calls.front().request.target, HasSubstr("customresourcedefinitions?limit=1"));
  EXPECT_THAT(rig.transport.calls.front().request.accept, HasSubstr("PartialObjectMetadata"));
  rig.transport.Answer(JsonAnswer(R"({"kind":"PartialObjectMetadataList","metadata":{"resourceVersion":"77"}})"));
  const HttpRequest request = rig.transport.stream_request();
  EXPECT_THAT(request.target, HasSubstr("customresourcedefinitions?watch=1"));
  EXPECT_EQ(WatcherRig::Param(request, "resourceVersion"), "77");
  const FakeTransport::OpenStream crds = rig.transport.streams.back();
  rig.CompleteSnapshots();
  rig.loop.RunFor(1min);
  crds.observer->OnHead(JsonHead());
  crds.observer->OnBytes(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"80"}}})"
                         "\n");
  rig.loop.RunFor(10s);
  const std::size_t before = rig.transport.Count("/apis?") + rig.manager->manager_stats().discovery_runs;
  crds.observer->OnBytes(R"({"type":"ADDED","object":{"metadata":{"name":"x","resourceVersion":"81"}}})"
                         "\n");
  rig.loop.RunFor(2s);
  EXPECT_EQ(rig.manager->manager_stats().discovery_runs, before + 1);
  // The document may follow the CRD late: one look more.
  rig.hidden = {};
  rig.loop.RunFor(6s);
  EXPECT_EQ(rig.manager->manager_stats().discovery_runs, before + 2);
  EXPECT_EQ(rig.PhaseOf(Kind::kWorkloadAudit), Phase::kSnapshot);
  // The watch goes on from what it saw.
  rig.transport.Cancel(crds.id);
  crds.observer->OnEnd(Status::Ok());
  rig.loop.RunFor(3s);
  EXPECT_EQ(rig.transport.Count("resourceVersion=81"), 1U);
}

TEST(WatchManager, WithoutPermissionForCrdsThePollRemains) {
  ManagerRig rig(KindSet{Kind::kPod}, true);
  rig.Start();
  rig.transport.Answer(JsonAnswer(StatusJson(403, "Forbidden"), 403));
  rig.loop.RunFor(9min);
  EXPECT_EQ(rig.transport.Count("customresourcedefinitions"), 1U);
  rig.loop.RunFor(2min);
  EXPECT_EQ(rig.transport.Count("customresourcedefinitions"), 2U);
}

TEST(WatchManager, AsksEachMinuteWhetherADeniedKindIsPermittedAgain) {
  ManagerRig rig(KindSet{Kind::kPod, Kind::kNode});
  rig.Sync();
  const auto deny = [&] {
    for (const auto& stream : std::list(rig.transport.streams)) {
      if (stream.request.target.find("/pods") == std::string::npos) continue;
      rig.transport.Cancel(stream.id);
      stream.observer->OnHead(JsonHead(403));
      stream.observer->OnBytes(StatusJson(403, "Forbidden"));
      stream.observer->OnEnd(Status::Ok());
    }
  };
  for (const auto& stream : std::list(rig.transport.streams)) {
    if (stream.request.target.find("/pods") == std::string::npos) continue;
    rig.transport.Cancel(stream.id);
    stream.observer->OnEnd(Status::Ok());
  }
  rig.loop.RunFor(1s);
  // Long enough for the watcher's own pauses to have grown.
  for (int i = 0; i < 20 * 60; ++i) {
    deny();
    rig.loop.RunFor(1s);
  }
  EXPECT_GE(rig.reviews.size(), 10U);
  EXPECT_THAT(rig.reviews.back(), HasSubstr(R"("resource":"pods")"));
  EXPECT_THAT(rig.reviews.back(), HasSubstr(R"("verb":"watch")"));
  deny();
  EXPECT_EQ(rig.PhaseOf(Kind::kPod), Phase::kDenied);
  EXPECT_EQ(rig.PhaseOf(Kind::kNode), Phase::kWatch) << "other kinds are unaffected";
  rig.allowed = true;
  rig.loop.RunFor(61s);
  EXPECT_EQ(rig.PhaseOf(Kind::kPod), Phase::kWatch);
}

TEST(WatchManager, AllComeBackOnceOneFindsTheServerAgain) {
  ManagerRig rig;
  rig.Sync();
  rig.down = true;
  // Until every kind waits for half a minute or more.
  for (int second = 0; second < 180; ++second) {
    for (const auto& stream : std::list(rig.transport.streams)) {
      rig.transport.Cancel(stream.id);
      stream.observer->OnEnd(Status(Code::kUnavailable, "refused"));
    }
    rig.loop.RunFor(1s);
  }
  rig.down = false;
  rig.transport.opens_by_itself = true;
  rig.loop.RunFor(15s);
  EXPECT_EQ(rig.transport.streams.size(), kWatched);
}

TEST(WatchManager, MeasuresTheClockSkew) {
  ManagerRig rig(KindSet{Kind::kPod});
  rig.Start();
  ASSERT_TRUE(rig.manager->manager_stats().clock_skew.has_value());
  EXPECT_EQ(*rig.manager->manager_stats().clock_skew, 90s);
}

TEST(WatchManager, StopsEverything) {
  ManagerRig rig(KindSet::All(), true);
  rig.Sync();
  rig.manager->Relist(KindSet::All(), "test");
  rig.loop.RunFor(500ms);
  rig.manager->Stop();
  EXPECT_THAT(rig.transport.streams, IsEmpty());
  const std::size_t requests = rig.transport.requests.size();
  rig.manager->Rediscover();
  rig.loop.RunFor(1h);
  EXPECT_EQ(rig.transport.requests.size(), requests);
  rig.manager.reset();
  while (!rig.transport.calls.empty()) rig.transport.Answer(JsonAnswer("{}"));
  rig.loop.RunFor(1h);
}

TEST(WatchManager, DestructionMidwayLeavesNothingBehind) {
  for (int step = 0; step < 6; ++step) {
    ManagerRig rig(KindSet::All(), true);
    if (step == 5) rig.transport.responder = nullptr;
    if (step > 0) rig.manager->Start();
    if (step > 1) rig.loop.Run();
    if (step > 2) rig.CompleteSnapshots();
    if (step > 3) {
      rig.manager->Relist(KindSet::All(), "test");
      rig.loop.RunFor(500ms);
    }
    rig.manager.reset();
    EXPECT_THAT(rig.transport.streams, IsEmpty());
    rig.loop.RunFor(1h);
    while (!rig.transport.calls.empty()) rig.transport.Answer(JsonAnswer("{}"));
    rig.loop.RunFor(1h);
  }
}

}  // namespace
}  // namespace seaworthy::api::testing
