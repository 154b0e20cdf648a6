#include "wiring/core.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "cache/decode.h"
#include "support/json.h"
#include "support/manual_loop.h"
#include "wiring/cache_index.h"

namespace seaworthy::wiring {
namespace {

// Knows of a subject as a writer does: until it is told that it has gone.
struct Knowing final : Sink {
  void Publish(const WorkloadReport& report) override { known.insert(report.subject); }
  void Publish(const NamespaceReport&) override {}
  void Publish(const NodeReport&) override {}
  void Publish(const ClusterReport&) override {}
  void Remove(std::uint32_t subject) override { known.erase(subject); }
  std::set<std::uint32_t> known;
};

constexpr const char* kShop =
    R"({"metadata":{"name":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d4","resourceVersion":"3"}})";

class CoreTest : public ::testing::Test {
 protected:
  // Everything is there and empty, but for what `objects` says.
  void Begin(std::initializer_list<std::pair<Kind, std::string>> objects) {
    for (const KindInfo& info : KindTable()) {
      core_.Accept({EventType::kInit, info.kind, nullptr, {}});
      for (const auto& [kind, text] : objects) {
        if (kind == info.kind) core_.Accept({EventType::kInitApply, kind, Object(kind, text), {}});
      }
      core_.Accept({EventType::kInitDone, info.kind, nullptr, {}});
    }
    loop_.Advance(std::chrono::minutes(1));
  }
  ObjectPtr Object(Kind kind, const std::string& text) {
    support::Tree tree;
    EXPECT_TRUE(support::ParseJson(text, tree).ok()) << text;
    Result<ObjectPtr> decoded = decoder_->Decode(kind, tree.root());
    EXPECT_TRUE(decoded.ok()) << decoded.status().message();
    return *std::move(decoded);
  }

  support::ManualClock clock_;
  support::ManualLoop loop_{clock_};
  TextPool pool_;
  std::unique_ptr<ObjectDecoder> decoder_ = cache::MakeDecoder(pool_);
  Core core_{loop_, clock_, pool_, {}};
};

// Found by the simulation: the writer, told of a report in the same breath in which its subject went, asked for the
// report of nobody.
TEST_F(CoreTest, NobodyHearsOfAReportWhileItsSubjectIsHalfGone) {
  const std::string web =
      R"({"metadata":{"name":"web","namespace":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d3","resourceVersion":"7"},"spec":{"selector":{"matchLabels":{"app":"web"}},
    "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"app","image":"web:1"}]}}}})";
  Knowing sink;
  core_.engine().AddSink(&sink);
  Begin({{Kind::kNamespace,
          R"({"metadata":{"name":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d4","resourceVersion":"3"}})"},
         {Kind::kDeployment, web}});
  ASSERT_TRUE(core_.ready());
  ASSERT_EQ(sink.known.size(), 1u);
  std::size_t heard = 0;
  core_.on_own_object = [&](const WatchEvent&, const seaworthy::Object*) {
    ++heard;
    EXPECT_TRUE(sink.known.empty()) << "it would ask for the report of a subject that is not there";
  };
  core_.Accept({EventType::kDelete, Kind::kDeployment, Object(Kind::kDeployment, web), {}});
  core_.Accept(
      {EventType::kApply,
       Kind::kWorkloadAudit,
       Object(Kind::kWorkloadAudit,
              R"({"metadata":{"name":"deployment-web","namespace":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d5",
    "resourceVersion":"9"},"status":{"subject":{"kind":"Deployment","name":"web"}}})"),
       {}});
  loop_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(heard, 1u);
}

// Found by kill -9 of API servers: one that has just begun denies everything until it knows the roles, and the first
// audit was of no workload at all.
TEST_F(CoreTest, WhatMustBeReadAndMayNotBeHoldsUpTheFirstAudit) {
  bool ready = false;
  core_.on_ready = [&] { ready = true; };
  for (const KindInfo& info : KindTable()) {
    if (info.required) core_.Accept({EventType::kDenied, info.kind, nullptr, "HTTP 403"});
  }
  loop_.Advance(std::chrono::minutes(10));
  EXPECT_FALSE(ready);
  for (const KindInfo& info : KindTable()) {
    if (!info.required || info.kind == Kind::kPod) continue;
    core_.Accept({EventType::kInit, info.kind, nullptr, {}});
    core_.Accept({EventType::kInitDone, info.kind, nullptr, {}});
  }
  loop_.Advance(std::chrono::minutes(1));
  EXPECT_FALSE(ready) << "pods may not be read yet";
  core_.Accept({EventType::kInit, Kind::kPod, nullptr, {}});
  core_.Accept({EventType::kInitDone, Kind::kPod, nullptr, {}});
  loop_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(ready);
}

TEST_F(CoreTest, WhoLooksOnceJudgesWithoutWhatMayNotBeRead) {
  CoreOptions options;
  options.denied_is_an_answer = true;
  Core core(loop_, clock_, pool_, options);
  bool ready = false;
  core.on_ready = [&] { ready = true; };
  for (const KindInfo& info : KindTable()) core.Accept({EventType::kDenied, info.kind, nullptr, "HTTP 403"});
  loop_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(ready);
}

TEST_F(CoreTest, WhatReportsKeepIsTakenUpWhenTheyMayBeReadAtLast) {
  constexpr const char* kWeb =
      R"({"metadata":{"name":"web","namespace":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d3","resourceVersion":"7"},"spec":{"selector":{"matchLabels":{"app":"web"}},
    "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"app","image":"web:1"}]}}}})";
  constexpr const char* kAudit =
      R"({"metadata":{"name":"deployment-web","namespace":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d5","resourceVersion":"9",
    "ownerReferences":[{"kind":"Deployment","name":"web","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d3"}]},
    "status":{"subject":{"kind":"Deployment","name":"web"},
    "transitions":[{"check":"image-tag","from":"pass","to":"fail","cause":"workload","when":"2026-01-01T00:00:00Z"}]}})";
  core_.Accept({EventType::kDenied, Kind::kWorkloadAudit, nullptr, "HTTP 403"});
  for (const KindInfo& info : KindTable()) {
    if (info.kind == Kind::kWorkloadAudit) continue;
    core_.Accept({EventType::kInit, info.kind, nullptr, {}});
    if (info.kind == Kind::kNamespace) core_.Accept({EventType::kInitApply, info.kind, Object(info.kind, kShop), {}});
    if (info.kind == Kind::kDeployment) core_.Accept({EventType::kInitApply, info.kind, Object(info.kind, kWeb), {}});
    core_.Accept({EventType::kInitDone, info.kind, nullptr, {}});
  }
  loop_.Advance(std::chrono::minutes(1));
  ASSERT_TRUE(core_.ready());
  ASSERT_EQ(core_.engine().WorkloadIds().size(), 1u);
  const std::uint32_t web = core_.engine().WorkloadIds().front();
  EXPECT_TRUE(core_.engine().ReportOf(web).transitions.empty());
  core_.Accept({EventType::kInit, Kind::kWorkloadAudit, nullptr, {}});
  core_.Accept({EventType::kInitApply, Kind::kWorkloadAudit, Object(Kind::kWorkloadAudit, kAudit), {}});
  core_.Accept({EventType::kInitDone, Kind::kWorkloadAudit, nullptr, {}});
  loop_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(core_.engine().ReportOf(web).transitions.size(), 1u);
}

// Found by the simulation: the pod that was evicted went, the verdict stayed, and so did the report, which kept nothing
// of what had happened: after a restart it was forgotten.
TEST_F(CoreTest, WhatHappenedIsKeptThoughNoVerdictChanges) {
  const std::string web =
      R"({"metadata":{"name":"web","namespace":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d3","resourceVersion":"7"},
    "spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"app","image":"web:1"}]}}},
    "status":{"currentRevision":"web-1","updateRevision":"web-1"}})";
  const std::string pod =
      R"({"metadata":{"name":"web-0","namespace":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d6","resourceVersion":"8",
    "labels":{"app":"web","controller-revision-hash":"web-1"},
    "ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"web","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d3","controller":true}]},
    "spec":{"containers":[{"name":"app","image":"web:1"}]},
    "status":{"phase":"Failed","reason":"Evicted","message":"Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ",
      "startTime":"2025-12-31T23:50:00Z"}})";
  Begin({{Kind::kNamespace, kShop}, {Kind::kStatefulSet, web}, {Kind::kPod, pod}});
  ASSERT_TRUE(core_.ready());
  const std::uint32_t subject = core_.engine().WorkloadIds().front();
  const auto verdict = [&] {
    for (const Finding& finding : core_.engine().ReportOf(subject).findings) {
      if (std::string_view(finding.check->id) == "ephemeral-storage") return finding.verdict;
    }
    return Verdict::kUnknown;
  };
  ASSERT_EQ(verdict(), Verdict::kFail);
  std::size_t kept = 0;
  core_.on_kept = [&](std::uint32_t of) { kept += of == subject ? 1 : 0; };
  core_.Accept({EventType::kDelete, Kind::kPod, Object(Kind::kPod, pod), {}});
  loop_.Advance(std::chrono::seconds(30));
  EXPECT_EQ(verdict(), Verdict::kFail);
  EXPECT_EQ(kept, 1u);
  EXPECT_NE(core_.EvidenceOf(subject).find("incidents"), std::string::npos);
  loop_.Advance(std::chrono::minutes(30));
  EXPECT_EQ(kept, 1u);
}

// Ten thousand reports are as much memory as the pods that they are about.
TEST_F(CoreTest, ReportsAreToldOfAndNotKept) {
  const auto audit = [](std::string_view name, int version) {
    return R"({"metadata":{"name":")" + std::string(name) +
           R"(","namespace":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d5","resourceVersion":")" +
           std::to_string(version) +
           R"("},"status":{"subject":{"kind":"Deployment","name":"web"},"evidence":{"changed":7}}})";
  };
  std::vector<std::string> heard;
  core_.on_own_object = [&](const WatchEvent& event, const seaworthy::Object* object) {
    if (object != nullptr) heard.push_back((event.type == EventType::kDelete ? "-" : "+") + object->meta.name.str());
  };
  Begin({{Kind::kNamespace, kShop}, {Kind::kWorkloadAudit, audit("deployment-web", 9)}});
  ASSERT_TRUE(core_.ready());
  core_.Accept(
      {EventType::kApply, Kind::kWorkloadAudit, Object(Kind::kWorkloadAudit, audit("deployment-api", 10)), {}});
  core_.Accept(
      {EventType::kDelete, Kind::kWorkloadAudit, Object(Kind::kWorkloadAudit, audit("deployment-web", 11)), {}});
  loop_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(heard, (std::vector<std::string>{"+deployment-web", "+deployment-api", "-deployment-web"}));
  EXPECT_EQ(core_.world().State(Kind::kWorkloadAudit), SourceState::kLive);
  EXPECT_EQ(core_.world().ObjectCount(Kind::kWorkloadAudit), 0u);
  EXPECT_FALSE(core_.ForEach(Kind::kWorkloadAudit, [](auto...) {})) << "nobody here knows which there are";
  core_.each_own_object = [](Kind, const Core::EachObject& each) { each("shop", "deployment-api", Uid(), 10); };
  std::size_t known = 0;
  EXPECT_TRUE(core_.ForEach(Kind::kWorkloadAudit, [&](auto...) { ++known; }));
  EXPECT_EQ(known, 1u);
}

// ---- whose clock counts

TEST_F(CoreTest, AClockThatJumpsIsNotBelieved) {
  const WallTime before = core_.Wall();
  for (const auto jump : {std::chrono::hours(2), std::chrono::hours(-4)}) {
    clock_.SetWall(clock_.Wall() + jump);
    loop_.Advance(std::chrono::seconds(1));
    EXPECT_LT(core_.Wall() - before, std::chrono::minutes(1));
    EXPECT_GE(core_.Wall(), before);
  }
  // The API server says that it is right.
  core_.OnServerTime(clock_.Wall());
  EXPECT_EQ(core_.Wall(), clock_.Wall());
}

TEST_F(CoreTest, AClockThatIsOffGivesWayToTheServers) {
  const WallTime server = clock_.Wall() + std::chrono::hours(5);
  core_.OnServerTime(server);
  loop_.Advance(std::chrono::seconds(10));
  EXPECT_EQ(core_.Wall(), server + std::chrono::seconds(10));
  // Half a minute is within what two clocks may differ by.
  core_.OnServerTime(clock_.Wall() + std::chrono::seconds(30));
  EXPECT_EQ(core_.Wall(), clock_.Wall());
}

// What was told before somebody asks is in the answer.
TEST_F(CoreTest, TheCacheIsComparedAsItIsAfterAllThatWasTold) {
  Begin({{Kind::kNamespace, kShop}});
  CacheIndex index(core_, loop_, loop_);
  core_.Accept(
      {EventType::kApply,
       Kind::kNamespace,
       Object(Kind::kNamespace,
              R"({"metadata":{"name":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d4","resourceVersion":"8"}})"),
       {}});
  core_.Accept(
      {EventType::kApply,
       Kind::kNamespace,
       Object(Kind::kNamespace,
              R"({"metadata":{"name":"new","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d6","resourceVersion":"9"}})"),
       {}});
  std::map<std::string, std::uint64_t> seen;
  index.Collect(Kind::kNamespace, 10, 1, [&](const api::AuditEntries& entries) {
    for (const api::AuditEntry& entry : entries.entries) seen[entry.name] = entry.resource_version;
  });
  loop_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(seen, (std::map<std::string, std::uint64_t>{{"shop", 8}, {"new", 9}}));
}

}  // namespace
}  // namespace seaworthy::wiring
