// What the writer does while all is well: when it writes, what, in which order, and what it leaves alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinks/testing/writer_rig.h"

namespace seaworthy::sinks::report {
namespace {

using namespace sinks::testing;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST_F(WriterTest, WritesOnceAndNoMore) {
  Publish(Web());
  loop_.Advance(249ms);
  EXPECT_EQ(Writes(), 0u);
  loop_.Advance(1ms);
  EXPECT_EQ(Writes(), 1u);
  loop_.Advance(20min);
  EXPECT_EQ(api_.calls().size(), 1u);
  EXPECT_EQ(api_.calls()[0].target, kWeb + "?fieldManager=seaworthy&force=true&fieldValidation=Strict");
  EXPECT_TRUE(Right(kWeb, 1));
  EXPECT_EQ(Results(WriteResult::kCreated), 1u);
  EXPECT_EQ(writer_->stats().pending, 0u);
  EXPECT_EQ(writer_->stats().tampered, 0u);
}

TEST_F(WriterTest, RestartWithoutAChangeWritesNothing) {
  evidence_ = R"({"checks":{"pdb":{"since":1795000000}}})";
  Publish(Web());
  Publish(Nightly());
  writer_->Publish(Shop());
  writer_->Publish(TheCluster());
  loop_.Advance(10s);
  EXPECT_EQ(Writes(), 4u);
  api_.Forget();
  Restart();
  writer_->Publish(Shop());
  writer_->Publish(TheCluster());
  loop_.Advance(20min);
  EXPECT_EQ(api_.calls().size(), 0u);
}

TEST_F(WriterTest, UpdatesCarryUidAndVersionAndCreationsDoNot) {
  Publish(Web());
  loop_.Advance(1s);
  EXPECT_THAT(api_.calls()[0].body, ::testing::Not(HasSubstr("resourceVersion")));
  Publish(Scored(50));
  loop_.Advance(10s);
  ASSERT_EQ(Writes(), 2u);
  EXPECT_THAT(api_.calls()[1].body,
              HasSubstr(R"("resourceVersion":"101","uid":"aaaaaaaa-aaaa-aaaa-0000-000000000001")"));
}

TEST_F(WriterTest, DebouncesButNotForever) {
  const MonoTime begin = clock_.Now();
  for (int i = 0; i < 30; ++i) {
    Publish(Scored(i));
    loop_.Advance(100ms);
  }
  ASSERT_EQ(Writes(), 1u);
  EXPECT_EQ(api_.calls()[0].at - begin, 2s);
}

TEST_F(WriterTest, SpacesWritesOfOneObjectAndTheLastValueWins) {
  for (int i = 0; i < 600; ++i) {
    Publish(Scored(i % 97));
    loop_.Advance(100ms);
  }
  EXPECT_LE(Writes(), 13u);
  EXPECT_GE(Writes(), 12u);
  for (std::size_t i = 1; i < api_.calls().size(); ++i) EXPECT_GE(api_.calls()[i].at - api_.calls()[i - 1].at, 5s);
  loop_.Advance(10s);
  EXPECT_TRUE(Right(kWeb, 1));
}

TEST_F(WriterTest, AChangeThatGoesBackIsNotWritten) {
  Publish(Web());
  loop_.Advance(10s);
  Publish(Scored(10));
  loop_.Advance(100ms);
  Publish(Web());
  loop_.Advance(1min);
  EXPECT_EQ(Writes(), 1u);
}

TEST_F(WriterTest, FirstFillKeepsToTheBudgetAndWritesTheWorstFirst) {
  for (std::uint32_t i = 1; i <= 400; ++i) Publish(Numbered(i, (i * 37) % 100));
  writer_->Publish(TheCluster());
  const MonoTime begin = clock_.Now();
  loop_.Advance(40s);
  EXPECT_EQ(Writes(), 401u);
  EXPECT_THAT(api_.calls()[0].target, HasSubstr("ClusterAudit"));
  std::size_t in_a_second = 0, inversions = 0;
  int last = 0;
  for (const auto& call : api_.calls()) {
    if (call.at - begin <= 1250ms) ++in_a_second;
    const std::size_t at = call.target.find("-w");
    if (at == std::string::npos) continue;
    const int score = (std::stoi(call.target.substr(at + 2)) * 37) % 100;
    if (score < last) ++inversions;
    last = score;
  }
  EXPECT_LE(in_a_second, 61u);
  EXPECT_EQ(inversions, 0u);
  EXPECT_GT(api_.calls().back().at - begin, 17s);
}

TEST_F(WriterTest, WaitingTooLongGetsATurn) {
  options_.rate = 1;
  options_.burst = 1;
  Restart();
  Publish(Numbered(1000, 99));
  for (std::uint32_t i = 1; i <= 60; ++i) Publish(Numbered(i, 1));
  for (int round = 0; round < 20; ++round) {
    for (std::uint32_t i = 1; i <= 60; ++i) Publish(Numbered(i, 2 + round));
    loop_.Advance(3s);
  }
  EXPECT_TRUE(Right("/WorkloadAudit/shop/deployment-w1000", 1000));
}

TEST_F(WriterTest, AtMostFourInFlight) {
  api_.latency = 2s;
  for (std::uint32_t i = 1; i <= 10; ++i) Publish(Numbered(i, i));
  loop_.Advance(1s);
  EXPECT_EQ(Writes(), 4u);
  EXPECT_EQ(writer_->stats().in_flight, 4u);
  loop_.Advance(2s);
  EXPECT_EQ(Writes(), 8u);
}

TEST_F(WriterTest, WritesOnlyWhenSyncedAndLeading) {
  Restart(false);
  leading_ = false;
  Publish(Web());
  loop_.Advance(1min);
  EXPECT_EQ(api_.calls().size(), 0u);
  writer_->SetSynced(true);
  loop_.Advance(1min);
  EXPECT_EQ(api_.calls().size(), 0u);
  leading_ = true;
  loop_.Advance(1s);
  EXPECT_EQ(Writes(), 1u);
}

TEST_F(WriterTest, AStandbyAgreesWithWhatTheLeaderWrote) {
  // The leader: another process with the same world.
  Publish(Web());
  loop_.Advance(1s);
  Restart();
  leading_ = false;
  loop_.Advance(1h);
  leading_ = true;
  loop_.Advance(1min);
  EXPECT_EQ(Writes(), 1u);
}

TEST_F(WriterTest, WhatTheCollectorTakesWithTheSubjectIsNotRestored) {
  Publish(Web());
  loop_.Advance(10s);
  api_.Delete(kWeb);  // seen first
  loop_.Advance(1s);
  Remove(1);
  loop_.Advance(1h);
  EXPECT_EQ(Writes(), 1u);
  EXPECT_EQ(writer_->stats().tampered, 0u);
  EXPECT_EQ(writer_->stats().objects, 0u);
}

TEST_F(WriterTest, TheReportOfAnEarlierSubjectOfThatNameIsReplaced) {
  Publish(Web(1));
  loop_.Advance(10s);
  const Uid old = api_.objects.at(kWeb).uid;
  Remove(1);
  Publish(Web(7));  // another uid
  loop_.Advance(10s);
  EXPECT_FALSE(api_.objects.at(kWeb).uid == old);
  EXPECT_EQ(api_.objects.at(kWeb).owner_uid, Web(7).uid.ToString());
  EXPECT_EQ(api_.Count(Method::kDelete), 1u);
  EXPECT_THAT(api_.calls()[1].body, HasSubstr(R"("preconditions":{"resourceVersion":"101","uid":")" + old.ToString()));
  loop_.Advance(1h);
  EXPECT_EQ(Results(WriteResult::kCreated), 2u);
}

TEST_F(WriterTest, WithoutAnOwnerTheWriterDeletesItself) {
  WorkloadReport report = Web();
  report.uid = Uid{};
  Publish(report);
  loop_.Advance(10s);
  Remove(1);
  loop_.Advance(10s);
  EXPECT_TRUE(api_.objects.empty());
}

TEST_F(WriterTest, OneNameStaysWithTheSubjectThatCameFirst) {
  world_.workloads.emplace(1, Workload(1, "db", "Cluster", "main", {}, 50));
  world_.workloads.emplace(2, Workload(2, "db", "Cluster", "main", {}, 60));
  writer_->Publish(world_.workloads.at(1));
  writer_->Publish(world_.workloads.at(2));
  loop_.Advance(1min);
  EXPECT_EQ(api_.calls().size(), 1u);
  EXPECT_TRUE(Right("/WorkloadAudit/db/cluster-main", 1));
}

TEST_F(WriterTest, SweepDeletesOnProofAlone) {
  for (std::uint32_t i = 1; i <= 30; ++i) Publish(Numbered(i, i));
  loop_.Advance(1min);
  for (std::uint32_t i = 1; i <= 3; ++i) world_.workloads.erase(i);
  Restart();  // it never heard of the three
  const std::string alive = Numbered(3, 3).uid.ToString();
  api_.fault = [&](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (!request.target.starts_with("/subject/")) return std::nullopt;
    if (request.target.ends_with(alive)) return Result<HttpResponse>(FakeApi::Answer(200, "{}"));
    return Result<HttpResponse>(FakeApi::Answer(404, R"({"kind":"Status","reason":"NotFound"})"));
  };
  subjects_known_ = false;
  loop_.Advance(31min);
  EXPECT_EQ(api_.objects.size(), 30u);
  subjects_known_ = true;
  loop_.Advance(31min);
  EXPECT_EQ(api_.objects.size(), 28u);
  EXPECT_TRUE(api_.objects.contains("/WorkloadAudit/shop/deployment-w3"));
  EXPECT_FALSE(writer_->stats().sweep_stopped);
}

// Found by kill -9 of API servers for ten minutes: the garbage collector had missed a deletion, and the report stood
// for half an hour.
TEST_F(WriterTest, SweepComesSoonAfterASubjectWent) {
  Publish(Web());
  Publish(Nightly());
  loop_.Advance(10min);
  Remove(1);
  int asked = 0;
  api_.fault = [&](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (!request.target.starts_with("/subject/")) return std::nullopt;
    ++asked;
    return Result<HttpResponse>(FakeApi::Answer(404, R"({"kind":"Status","reason":"NotFound"})"));
  };
  loop_.Advance(30s);
  EXPECT_EQ(asked, 0) << "it may be collected yet";
  loop_.Advance(1min);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(api_.objects.size(), 1u);
  loop_.Advance(20min);
  EXPECT_EQ(asked, 1) << "nothing else went";
}

TEST_F(WriterTest, SweepSaysNothingAMinuteAfterMuchWent) {
  for (std::uint32_t i = 1; i <= 60; ++i) Publish(Numbered(i, i));
  loop_.Advance(10min);
  for (std::uint32_t i = 1; i <= 20; ++i) Remove(i);
  loop_.Advance(5min);
  EXPECT_FALSE(writer_->stats().sweep_stopped) << "the garbage collector may still be at it";
  loop_.Advance(30min);
  EXPECT_TRUE(writer_->stats().sweep_stopped);
  EXPECT_EQ(api_.objects.size(), 60u);
}

// Found by the simulation: an answer that came after the watch's event made it forget of what kind the owner is.
TEST_F(WriterTest, SweepKnowsTheSubjectThoughTheAnswerCameLast) {
  api_.watch_delay = 1ms;
  Publish(Web());
  loop_.Advance(1min);
  Remove(1);
  api_.fault = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (!request.target.starts_with("/subject/")) return std::nullopt;
    return Result<HttpResponse>(FakeApi::Answer(404, R"({"kind":"Status","reason":"NotFound"})"));
  };
  loop_.Advance(31min);
  EXPECT_EQ(api_.objects.size(), 0u);
}

// Found by the simulation: a watch that had been silent told of a report that had been deleted and written anew since,
// and of that deletion; the new one was written a second time.
TEST_F(WriterTest, AnEarlierIncarnationThatIsToldOfLateIsNotTheOneThatIsThere) {
  Publish(Web());
  loop_.Advance(1min);
  ASSERT_EQ(Writes(), 1u);
  AuditObject earlier(Kind::kWorkloadAudit);
  earlier.meta.namespace_ = pool_.Intern("shop");
  earlier.meta.name = pool_.Intern("deployment-web");
  earlier.meta.uid = Uid::Parse("00000000-0000-4000-8000-00000000aaaa");
  earlier.resource_version = "1";
  writer_->OnObserved(earlier, {});
  writer_->OnObservedDelete(Kind::kWorkloadAudit, "shop", "deployment-web", earlier.meta.uid);
  loop_.Advance(5min);
  EXPECT_EQ(Writes(), 1u);
}

// Found by the simulation: the subject lives, but as a part of another workload, or as none any more (a Rollout without
// a template of its own whose pods have gone).
TEST_F(WriterTest, SweepDeletesTheReportOfWhatIsNoWorkloadAnyMore) {
  Publish(Web());
  loop_.Advance(1min);
  Remove(1);
  std::size_t asked = 0;
  api_.fault = [&](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (!request.target.starts_with("/subject/")) return std::nullopt;
    ++asked;
    return Result<HttpResponse>(FakeApi::Answer(200, R"({"kind":"Rollout","metadata":{"name":"web"}})"));
  };
  loop_.Advance(31min);
  EXPECT_EQ(api_.objects.size(), 1u) << "it is there, and nobody knows that it is no workload";
  EXPECT_GT(asked, 0u);
  subjects_gone_ = true;
  asked = 0;
  loop_.Advance(31min);
  EXPECT_EQ(api_.objects.size(), 0u);
  EXPECT_EQ(asked, 0u) << "the cache knows";
}

// Found by the simulation: an operator's object outlives its pods, and cannot be asked for.
TEST_F(WriterTest, SweepDeletesTheReportOfWhatWasKnownByItsPodsAlone) {
  Publish(Web());
  loop_.Advance(1min);
  Remove(1);
  subjects_known_ = false;
  loop_.Advance(31min);
  EXPECT_EQ(api_.objects.size(), 1u);
  subjects_gone_ = true;
  loop_.Advance(31min);
  EXPECT_EQ(api_.objects.size(), 0u);
}

TEST_F(WriterTest, SweepIsNotFooledByAKindThatIsNotServed) {
  Publish(Web());
  loop_.Advance(1min);
  world_.workloads.clear();
  Restart();
  api_.fault = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (!request.target.starts_with("/subject/")) return std::nullopt;
    return Result<HttpResponse>(FakeApi::Answer(404, "404 page not found"));
  };
  loop_.Advance(2h);
  EXPECT_EQ(api_.objects.size(), 1u);
}

TEST_F(WriterTest, SweepStopsWhenTooMuchWouldGo) {
  for (std::uint32_t i = 1; i <= 60; ++i) Publish(Numbered(i, i));
  loop_.Advance(1min);
  for (std::uint32_t i = 1; i <= 20; ++i) world_.workloads.erase(i);
  Restart();
  api_.fault = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (!request.target.starts_with("/subject/")) return std::nullopt;
    return Result<HttpResponse>(FakeApi::Answer(404, R"({"reason":"NotFound"})"));
  };
  loop_.Advance(2h);
  EXPECT_TRUE(writer_->stats().sweep_stopped);
  EXPECT_EQ(api_.objects.size(), 60u);
}

TEST_F(WriterTest, BreakerStopsCreatingNotUpdating) {
  for (std::uint32_t i = 1; i <= 130; ++i) Publish(Numbered(i, i % 100));
  loop_.Advance(1min);
  world_.workloads.clear();
  Restart();
  Publish(Numbered(1, 77));
  Publish(Web(500));
  loop_.Advance(1min);
  EXPECT_TRUE(writer_->stats().breaker_open);
  EXPECT_TRUE(Right("/WorkloadAudit/shop/deployment-w1", 1));
  EXPECT_FALSE(api_.objects.contains(kWeb));
}

TEST_F(WriterTest, StopWaitsForAnswers) {
  api_.latency = 2s;
  Publish(Web());
  Publish(Nightly());
  loop_.Advance(300ms);
  bool stopped = false;
  writer_->Stop([&] { stopped = true; });
  Publish(Scored(3, 9));
  loop_.Advance(1s);
  EXPECT_FALSE(stopped);
  loop_.Advance(1s);
  EXPECT_TRUE(stopped);
  loop_.Advance(1min);
  EXPECT_EQ(Writes(), 2u);
}

// Whatever goes wrong meanwhile: once it stops, the server holds what was found, and nothing is written any more.
}  // namespace
// ---- Reports of openreports.io

TEST_F(WriterTest, WritesReportsOfWorkloadsAloneOnceAndPutsThemBack) {
  options_.kind = Kind::kOpenReport;
  Restart();
  Publish(Scored(60));
  writer_->Publish(Shop());
  writer_->Publish(TheCluster());
  loop_.Advance(std::chrono::seconds(10));
  ASSERT_EQ(api_.objects.size(), 1u);
  const std::string target = "/Report/shop/seaworthy-deployment-web";
  ASSERT_TRUE(api_.objects.contains(target)) << api_.objects.begin()->first;
  EXPECT_EQ(Writes(), 1u);
  EXPECT_EQ(Results(WriteResult::kCreated), 1u);

  Restart();
  loop_.Advance(std::chrono::minutes(10));
  EXPECT_EQ(Writes(), 1u) << "a restart writes nothing";

  const std::string right = api_.objects.at(target).status;
  api_.Edit(target, R"({"results":[],"scope":{},"source":"seaworthy","summary":{}})");
  loop_.Advance(std::chrono::minutes(1));
  EXPECT_EQ(api_.objects.at(target).status, right);
  EXPECT_EQ(writer_->stats().tampered, 1u);
}

}  // namespace seaworthy::sinks::report
