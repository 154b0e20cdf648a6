// RELIABILITY.md 1.5: the hourly comparison of the cache with the server.
#include "api/divergence_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/watcher_rig.h"

namespace seaworthy::api::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakeIndex : public AuditIndex {
 public:
  void Collect(Kind kind, std::size_t, std::uint64_t, std::function<void(AuditEntries)> done) override {
    kinds.push_back(kind);
    done(entries);
  }
  void Add(const std::string& name, std::uint64_t version, const std::string& uid = {}) {
    entries.entries.push_back({"ns", name, Uid::Parse(uid.empty() ? "u-" + name : uid), version});
  }
  AuditEntries entries;
  std::vector<Kind> kinds;
};

// A manager that watches Pods, synced at version 100.
struct AuditRig {
  AuditRig()
      : transport(&loop),
        rng(3),
        watches(&transport, &loop, &loop, &rng, &decoder, &sink, {.kinds = KindSet{Kind::kPod}, .follow_crds = false}) {
    transport.responder = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
      if (request.target == "/version") return Result<HttpResponse>(JsonAnswer(R"({"major":"1","minor":"36"})"));
      if (request.target == "/apis")
        return Result<HttpResponse>(JsonAnswer(R"({"kind":"APIGroupDiscoveryList","items":[]})"));
      if (request.target != "/api") return std::nullopt;
      return Result<HttpResponse>(
          JsonAnswer(R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1",)"
                     R"("freshness":"Current","resources":[{"resource":"pods","verbs":["list","watch"]}]}]}]})"));
    };
    watches.Start();
    loop.Run();
    transport.Open();
    transport.Line(BookmarkJson(100, true));
    audit = std::make_unique<DivergenceAudit>(&transport, &loop, &rng, &watches, &index);
    audit->on_divergence = [this](std::string_view what) { difference = what; };
  }
  void Begin() {
    audit->Audit(Kind::kPod);
    ASSERT_EQ(transport.calls.size(), 1U);
  }
  void AnswerList(const std::vector<std::string>& pods, int version = 100, std::string_view next = {}) {
    transport.Answer(JsonAnswer(ListJson(version, pods, next)));
  }
  void ExpectDivergence(const std::string& what) {
    EXPECT_EQ(audit->stats().divergences.at(Kind::kPod), 1U);
    EXPECT_THAT(difference, HasSubstr(what));
    EXPECT_EQ(watches.stats(Kind::kPod)->relists.at("divergence"), 1U);
  }
  void ExpectAgreement() {
    EXPECT_EQ(audit->stats().rounds, 1U);
    EXPECT_THAT(audit->stats().divergences, IsEmpty());
    EXPECT_EQ(difference, "");
    EXPECT_THAT(watches.stats(Kind::kPod)->relists, IsEmpty());
  }

  VirtualLoop loop;
  FakeTransport transport;
  TestRng rng;
  TestDecoder decoder;
  TestSink sink;
  FakeIndex index;
  WatchManager watches;
  std::unique_ptr<DivergenceAudit> audit;
  std::string difference;  // as it was told last
};

TEST(DivergenceAudit, ListsMetadataExactlyAtTheVersionOfTheStream) {
  AuditRig rig;
  rig.index.Add("a", 50);
  rig.index.Add("b", 60);
  rig.Begin();
  const HttpRequest first = rig.transport.calls.front().request;
  EXPECT_EQ(first.target, "/api/v1/pods?limit=500&resourceVersion=100&resourceVersionMatch=Exact");
  EXPECT_THAT(first.accept, HasSubstr("PartialObjectMetadataList"));
  rig.AnswerList({PodJson("a", 50)}, 100, "t");
  EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/pods?limit=500&continue=t");
  rig.AnswerList({PodJson("b", 60)});
  rig.ExpectAgreement();
  EXPECT_TRUE(rig.transport.has_stream()) << "never pauses the stream";
}

TEST(DivergenceAudit, FindsAnObjectThatTheServerDoesNotHave) {
  AuditRig rig;
  rig.index.Add("a", 50);
  rig.index.Add("ghost", 60);
  rig.Begin();
  rig.AnswerList({PodJson("a", 50)});
  rig.ExpectDivergence("Pod ns/ghost: not on the server");
}

TEST(DivergenceAudit, FindsAnOldVersionAndAnotherIncarnation) {
  {
    AuditRig rig;
    rig.index.Add("a", 50);
    rig.Begin();
    rig.AnswerList({PodJson("a", 51)});
    rig.ExpectDivergence("version 50 here, 51 on the server");
  }
  AuditRig rig;
  rig.index.Add("a", 50, "another");
  rig.Begin();
  rig.AnswerList({PodJson("a", 50)});
  rig.ExpectDivergence("another incarnation");
}

TEST(DivergenceAudit, LeavesWhatMovedOnSinceToItsEvents) {
  AuditRig rig;
  rig.index.Add("changed", 101);
  rig.index.Add("recreated", 102, "new-uid");
  rig.index.Add("created", 103);
  rig.Begin();
  rig.AnswerList({PodJson("changed", 50), PodJson("recreated", 51)});
  rig.ExpectAgreement();
}

TEST(DivergenceAudit, AsksOnceMoreForWhatIsMissingHere) {
  {
    AuditRig rig;
    rig.Begin();
    rig.AnswerList({PodJson("deleted", 50), PodJson("replaced", 51)});
    // The last first.
    EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/namespaces/ns/pods/replaced");
    rig.transport.Answer(JsonAnswer(R"({"metadata":{"uid":"another"}})"));
    EXPECT_EQ(rig.transport.calls.front().request.target, "/api/v1/namespaces/ns/pods/deleted");
    rig.transport.Answer(JsonAnswer(StatusJson(404, "NotFound"), 404));
    rig.ExpectAgreement();
  }
  AuditRig rig;
  rig.Begin();
  rig.AnswerList({PodJson("lost", 50)});
  rig.transport.Answer(JsonAnswer(PodJson("lost", 50)));
  rig.ExpectDivergence("Pod ns/lost: missing here");
}

TEST(DivergenceAudit, ManyMissingObjectsNeedNoProof) {
  AuditRig rig;
  rig.Begin();
  std::vector<std::string> pods;
  for (int i = 0; i < 30; ++i) pods.push_back(PodJson("p" + std::to_string(i), 50));
  rig.AnswerList(pods);
  rig.ExpectDivergence("more than a few");
}

TEST(DivergenceAudit, AnUnreadableObjectIsNoDifference) {
  AuditRig rig;
  rig.transport.Line(EventJson("MODIFIED", PodJson("bad", 101, R"(,"labels":{"poison":"1"})")));
  rig.Begin();
  rig.AnswerList({PodJson("bad", 101)}, 101);
  rig.ExpectAgreement();
}

TEST(DivergenceAudit, SkipsTheRoundWhenTheVersionIsGoneOrTheAnswerIsAnother) {
  for (const Result<HttpResponse>& answer :
       {Result<HttpResponse>(JsonAnswer(StatusJson(410, "Expired"), 410)),
        Result<HttpResponse>(Status(Code::kUnavailable, "reset")), Result<HttpResponse>(JsonAnswer(ListJson(105, {}))),
        Result<HttpResponse>(JsonAnswer("{"))}) {
    AuditRig rig;
    rig.index.Add("a", 50);
    rig.Begin();
    rig.transport.Answer(answer);
    EXPECT_EQ(rig.audit->stats().skipped, 1U);
    EXPECT_THAT(rig.audit->stats().divergences, IsEmpty());
    rig.Begin();  // free for the next
  }
}

TEST(DivergenceAudit, TakesOneNamespaceOfALargeKind) {
  AuditRig rig;
  rig.index.entries.name_space = "ns";
  rig.index.Add("a", 50);
  rig.Begin();
  EXPECT_THAT(rig.transport.calls.front().request.target, ::testing::StartsWith("/api/v1/namespaces/ns/pods?"));
}

TEST(DivergenceAudit, ComesToEachKindOnceAnHourAndOnlyWhileItIsWatched) {
  AuditRig rig;
  rig.transport.opens_by_itself = true;
  rig.audit->Start();
  for (int i = 0; i < 10 * 60; ++i) {
    rig.loop.RunFor(1min);
    while (!rig.transport.calls.empty()) rig.AnswerList({});
  }
  EXPECT_GE(rig.index.kinds.size(), 8U);
  EXPECT_LE(rig.index.kinds.size(), 12U);
  rig.watches.Stop();
  const std::size_t before = rig.index.kinds.size();
  rig.loop.RunFor(2h);
  EXPECT_EQ(rig.index.kinds.size(), before);
}

TEST(DivergenceAudit, AnAnswerAfterItsEndFindsNobody) {
  AuditRig rig;
  rig.index.Add("ghost", 50);
  rig.Begin();
  rig.audit->Stop();
  rig.AnswerList({});
  EXPECT_THAT(rig.audit->stats().divergences, IsEmpty());
  rig.Begin();
  rig.audit.reset();
  rig.AnswerList({});
}

}  // namespace
}  // namespace seaworthy::api::testing
