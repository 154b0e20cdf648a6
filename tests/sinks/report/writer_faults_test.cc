// What the writer does when answers are bad, missing or late, and when others meddle.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinks/testing/writer_rig.h"

namespace seaworthy::sinks::report {
namespace {

using namespace sinks::testing;
using namespace std::chrono_literals;

TEST_F(WriterTest, AConflictIsReadAndRedone) {
  Publish(Web());
  loop_.Advance(10s);
  api_.watcher = nullptr;  // the watch lags
  api_.Edit(kWeb, R"({"score":1})");
  Publish(Scored(50));
  loop_.Advance(1s);
  EXPECT_TRUE(Right(kWeb, 1));
  EXPECT_EQ(Results(WriteResult::kConflict), 1u);
  EXPECT_EQ(api_.Count(Method::kGet), 1u);
}

// etcd was restored from a backup: all versions are lower than those that were known.
TEST_F(WriterTest, AStoreThatWentBackIsWrittenAnew) {
  Publish(Web());
  loop_.Advance(10s);
  const auto backup = api_.objects.at(kWeb);
  Publish(Scored(50));
  loop_.Advance(10s);
  api_.objects.at(kWeb) = backup;
  api_.ListTo(*writer_);
  loop_.Advance(1min);
  EXPECT_TRUE(Right(kWeb, 1));
  EXPECT_EQ(api_.Count(Method::kGet), 1u);
  EXPECT_EQ(Writes(), 3u);
}

TEST_F(WriterTest, AConflictWithAStoreThatWentBackEnds) {
  Publish(Web());
  loop_.Advance(10s);
  const auto backup = api_.objects.at(kWeb);
  Publish(Scored(50));
  loop_.Advance(10s);
  api_.objects.at(kWeb) = backup;  // and the watch has not said so
  Publish(Scored(60));
  loop_.Advance(1min);
  EXPECT_TRUE(Right(kWeb, 1));
  EXPECT_EQ(Results(WriteResult::kConflict), 1u);
}

TEST_F(WriterTest, WhatTheWatchBringsWhileItReadsIsNotForgotten) {
  Publish(Web());
  loop_.Advance(10s);
  api_.latency = 500ms;
  int conflicts = 0;
  api_.fault = [&](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (request.method == Method::kPatch && conflicts++ == 0) return Result<HttpResponse>(FakeApi::Answer(409));
    return std::nullopt;
  };
  Publish(Scored(50));
  while (api_.Count(Method::kGet) == 0) loop_.Advance(10ms);
  api_.Edit(kWeb, R"({"score":1})");  // told before the answer to the read, which is older
  loop_.Advance(1min);
  EXPECT_TRUE(Right(kWeb, 1));
}

TEST_F(WriterTest, ARejectionIsFinalUntilTheContentChanges) {
  api_.fault = Always(422);
  Publish(Web());
  loop_.Advance(1h);
  EXPECT_EQ(Writes(), 1u);
  EXPECT_EQ(Results(WriteResult::kRejected), 1u);
  api_.fault = nullptr;
  Publish(Web());
  loop_.Advance(1min);
  EXPECT_EQ(Writes(), 1u);
  Publish(Scored(50));
  loop_.Advance(1min);
  EXPECT_EQ(Writes(), 2u);
}

TEST_F(WriterTest, AnOldSchemaIsARejectionThatEndsWithANewSchema) {
  api_.fault = Always(
      500, R"({"message":"failed to create typed patch object: .status.novelty: field not declared in schema"})");
  Publish(Web());
  loop_.Advance(1h);
  EXPECT_EQ(Writes(), 1u);
  api_.fault = nullptr;
  writer_->SetSynced(true);
  loop_.Advance(1s);
  EXPECT_TRUE(Right(kWeb, 1));
}

TEST_F(WriterTest, WhatIsTooLargeIsTriedOnceMoreWithLess) {
  api_.fault = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (request.body.find("\"passed\":[") == std::string::npos) return std::nullopt;
    return Result<HttpResponse>(FakeApi::Answer(500, "etcdserver: request is too large"));
  };
  Publish(Web());
  loop_.Advance(1min);
  EXPECT_EQ(Writes(), 2u);
  EXPECT_TRUE(Right(kWeb, 1));
  api_.fault = Always(413);
  Publish(Scored(5));
  loop_.Advance(1h);
  EXPECT_EQ(Writes(), 3u);
}

TEST_F(WriterTest, ForbiddenBacksOffToMinutesAndIsShown) {
  api_.fault = Always(403, R"({"reason":"Forbidden"})");
  for (std::uint32_t i = 1; i <= 20; ++i) Publish(Numbered(i, i));
  loop_.Advance(1h);
  EXPECT_TRUE(writer_->stats().degraded);
  EXPECT_LT(Writes(), 4u * 20);
  api_.fault = nullptr;
  loop_.Advance(7min);
  EXPECT_FALSE(writer_->stats().degraded);
  EXPECT_EQ(api_.objects.size(), 20u);
}

TEST_F(WriterTest, ATerminatingNamespaceIsLeftAlone) {
  api_.fault = Always(403, R"({"reason":"Forbidden","details":{"causes":[{"reason":"NamespaceTerminating"}]}})");
  for (std::uint32_t i = 1; i <= 200; ++i) Publish(Numbered(i, i % 100));
  loop_.Advance(4min);
  EXPECT_LE(Writes(), 4u);
  EXPECT_FALSE(writer_->stats().degraded);
}

TEST_F(WriterTest, ThrottlingHalvesTheRateAndWaitsAsTold) {
  int left = 3;
  api_.fault = [&left](const HttpRequest&) -> std::optional<Result<HttpResponse>> {
    if (left-- <= 0) return std::nullopt;
    HttpResponse response = FakeApi::Answer(429);
    response.head.retry_after = 7s;
    return Result<HttpResponse>(response);
  };
  Publish(Web());
  loop_.Advance(1s);
  EXPECT_EQ(Writes(), 1u);
  EXPECT_DOUBLE_EQ(writer_->stats().rate, 10);
  loop_.Advance(6s);
  EXPECT_EQ(Writes(), 1u);
  loop_.Advance(30s);
  EXPECT_EQ(Writes(), 4u);
  EXPECT_TRUE(Right(kWeb, 1));
  EXPECT_LT(writer_->stats().rate, 10);
  loop_.Advance(10min);
  EXPECT_DOUBLE_EQ(writer_->stats().rate, 20);
}

TEST_F(WriterTest, AnUnansweredWriteIsReadBeforeItIsSentAgain) {
  api_.watcher = nullptr;
  api_.lose_answers = true;
  Publish(Web());
  loop_.Advance(500ms);
  EXPECT_EQ(Writes(), 1u);
  api_.lose_answers = false;
  loop_.Advance(1min);
  EXPECT_EQ(Writes(), 1u);  // it had worked
  EXPECT_EQ(api_.Count(Method::kGet), 1u);
  EXPECT_EQ(Results(WriteResult::kUnknown), 1u);
}

TEST_F(WriterTest, AnOutageIsWaitedOutWithFewRequests) {
  api_.fault = [](const HttpRequest&) { return Result<HttpResponse>(Status(Code::kUnavailable, "refused")); };
  for (std::uint32_t i = 1; i <= 100; ++i) Publish(Numbered(i, i));
  loop_.Advance(10min);
  EXPECT_LT(api_.calls().size(), 120u);
  api_.fault = nullptr;
  loop_.Advance(1min);
  EXPECT_EQ(api_.objects.size(), 100u);
}

TEST_F(WriterTest, ACredentialThatIsNotTakenIsAnOutage) {
  for (const int status : {401, 503}) {
    api_.Forget();
    api_.fault = Always(status);
    for (std::uint32_t i = 1; i <= 100; ++i) Publish(Numbered(i, i + static_cast<std::uint32_t>(status % 7)));
    loop_.Advance(10min);
    EXPECT_LT(api_.calls().size(), 120u);
    api_.fault = nullptr;
    loop_.Advance(1min);
    EXPECT_EQ(api_.objects.size(), 100u);
    EXPECT_TRUE(Right("/WorkloadAudit/shop/deployment-w100", 100));
  }
}

TEST_F(WriterTest, APoisonObjectBacksOffAndHoldsUpNobody) {
  api_.fault = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (request.method != Method::kPatch || request.target.find("-w1?") == std::string::npos) return std::nullopt;
    return Result<HttpResponse>(FakeApi::Answer(500));
  };
  for (std::uint32_t i = 1; i <= 5; ++i) Publish(Numbered(i, i));
  loop_.Advance(10s);
  EXPECT_EQ(api_.objects.size(), 4u);
  loop_.Advance(1h);
  EXPECT_LT(Writes(), 40u);
}

TEST_F(WriterTest, ForeignEditsArePutBackAtMostEveryThirtySeconds) {
  Publish(Web());
  loop_.Advance(10s);
  const MonoTime begin = clock_.Now();
  for (int i = 0; i < 120; ++i) {
    api_.Edit(kWeb, R"({"score":)" + std::to_string(1000 + i) + "}");
    loop_.Advance(1s);
  }
  EXPECT_GE(writer_->stats().tampered, 3u);
  EXPECT_LE(writer_->stats().tampered, 5u);
  EXPECT_LE(Results(WriteResult::kUpdated), 5u);
  EXPECT_LE(api_.calls()[1].at - begin, 1s);
  loop_.Advance(35s);
  EXPECT_TRUE(Right(kWeb, 1));
}

// Found by the simulation: its text had been thrown away once it was written, and what was sent was no JSON.
TEST_F(WriterTest, AForeignEditOfANamespacesReportIsPutBackWhole) {
  const std::string target = "/NamespaceAudit/shop/namespace";
  writer_->Publish(Shop());
  loop_.Advance(10s);
  const std::string before = api_.objects.at(target).status;
  api_.Edit(target, R"({"score":1000})");
  loop_.Advance(35s);
  EXPECT_EQ(api_.objects.at(target).status, before);
  EXPECT_EQ(Results(WriteResult::kRejected), 0u);
}

TEST_F(WriterTest, ADeletionThatAListShowsIsNoticedToo) {
  Publish(Web());
  Publish(Nightly());
  loop_.Advance(10s);
  api_.watcher = nullptr;
  api_.Delete(kWeb);
  loop_.Advance(1min);
  EXPECT_EQ(api_.objects.size(), 1u);
  api_.ListTo(*writer_);
  writer_->OnListed(Kind::kWorkloadAudit, {{"shop", "cronjob-nightly"}});
  loop_.Advance(35s);
  EXPECT_EQ(api_.objects.size(), 2u);
  EXPECT_EQ(Writes(), 3u);
}

// Found by kill -9 of API servers for ten minutes: written while the watch began anew, it was taken for gone, the event
// that brought it for one of an object long deleted, and it was written a second time.
TEST_F(WriterTest, AListFromBeforeAWriteDoesNotMakeItAnew) {
  api_.watcher = nullptr;
  Publish(Web());
  loop_.Advance(1s);
  ASSERT_EQ(Writes(), 1u);
  writer_->OnListed(Kind::kWorkloadAudit, {});
  api_.ListTo(*writer_);  // its event
  loop_.Advance(1min);
  EXPECT_EQ(Writes(), 1u);
  EXPECT_EQ(api_.Count(Method::kGet), 1u);
  // Gone indeed: the read says so.
  Publish(Scored(50));
  loop_.Advance(10s);
  ASSERT_EQ(Writes(), 2u);
  api_.objects.clear();
  writer_->OnListed(Kind::kWorkloadAudit, {});
  loop_.Advance(1min);
  EXPECT_EQ(Writes(), 3u);
  EXPECT_EQ(api_.objects.size(), 1u);
}

TEST_F(WriterTest, ADeletedReportComesBack) {
  Publish(Web());
  writer_->Publish(Shop());
  writer_->Publish(TheCluster());
  loop_.Advance(10s);
  api_.Delete(kWeb);
  api_.Delete("/NamespaceAudit/shop/namespace");
  api_.Delete("/ClusterAudit//cluster");
  loop_.Advance(35s);
  EXPECT_EQ(api_.objects.size(), 3u);
  EXPECT_EQ(writer_->stats().tampered, 3u);
}

TEST_F(WriterTest, AServerThatStoresSomethingElseIsNotWrittenToForEver) {
  api_.fault = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (request.method != Method::kPatch) return std::nullopt;
    return Result<HttpResponse>(FakeApi::Answer(
        200,
        R"({"metadata":{"uid":"aaaaaaaa-aaaa-aaaa-0000-000000000001","resourceVersion":"5"},"status":{"score":71}})"));
  };
  WorkloadReport report = Web();
  report.uid = Uid{};
  Publish(report);
  loop_.Advance(1h);
  EXPECT_EQ(Writes(), 1u);
}

TEST_F(WriterTest, LateAnswersDoNotTouchAWriterThatIsGone) {
  Publish(Web());
  loop_.Advance(250ms);
  api_.watcher = nullptr;
  writer_.reset();
  loop_.Advance(1min);
}

TEST_F(WriterTest, ConvergesAfterAnySequenceOfFaults) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    support::SeededRng dice(seed);
    api_.objects.clear();
    world_.workloads.clear();
    api_.fault = nullptr;
    Restart();
    api_.Forget();
    const auto roll = [&dice](std::uint64_t sides) { return dice.Next() % sides; };
    for (int step = 0; step < 300; ++step) {
      const auto subject = static_cast<std::uint32_t>(1 + roll(8));
      switch (roll(12)) {
        case 0:
          if (world_.workloads.contains(subject)) Remove(subject);
          break;
        case 1: api_.fault = Always(static_cast<int>(roll(2) == 0 ? 500 : 429)); break;
        case 2: api_.fault = nullptr; break;
        case 3: api_.lose_answers = roll(2) == 0; break;
        case 4:
          if (!api_.objects.empty()) api_.Edit(api_.objects.begin()->first, R"({"score":12345})");
          break;
        case 5:
          if (!api_.objects.empty()) api_.Delete(api_.objects.rbegin()->first);
          break;
        case 6: leading_ = roll(4) != 0; break;
        case 7:
          if (roll(10) == 0) Restart();
          break;
        case 8: api_.watch_delay = std::chrono::milliseconds(roll(3000)); break;
        default: Publish(Numbered(subject, static_cast<double>(roll(100)))); break;
      }
      loop_.Advance(std::chrono::milliseconds(roll(1500)));
    }
    api_.fault = nullptr;
    api_.lose_answers = false;
    leading_ = true;
    loop_.Advance(10min);
    for (const auto& [subject, report] : world_.workloads) {
      EXPECT_TRUE(Right("/WorkloadAudit/shop/deployment-w" + std::to_string(subject), subject)) << subject;
    }
    EXPECT_EQ(writer_->stats().pending, 0u);
    const std::size_t writes = Writes();
    loop_.Advance(40min);  // the sweeper may delete meanwhile: there is no garbage collector here
    EXPECT_EQ(Writes(), writes);
  }
}

}  // namespace
}  // namespace seaworthy::sinks::report
