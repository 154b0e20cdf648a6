// Answers as kube-apiserver 1.36 gave them (tests/e2e/crds.sh asks it again), and what the writer makes of them.
#include "sinks/report/answer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "sinks/report/write_budget.h"

namespace seaworthy::sinks::report {
namespace {

using namespace std::chrono_literals;

Answer Of(int status, std::string body = {}) {
  HttpResponse response;
  response.head.status = status;
  response.body = std::move(body);
  return Classify(Result<HttpResponse>(std::move(response)));
}

TEST(Answer, EachCodeIsAnInstruction) {
  EXPECT_EQ(Of(200), Answer::kOk);
  EXPECT_EQ(Of(201), Answer::kOk);
  EXPECT_EQ(Of(400), Answer::kRejected);
  EXPECT_EQ(Of(401), Answer::kFailed);
  EXPECT_EQ(Of(403, R"({"message":"deployments.apps is forbidden: User \"x\" cannot patch"})"), Answer::kForbidden);
  EXPECT_EQ(Of(403, R"({"message":"... unable to create new content in namespace shop because it is being terminated",)"
                    R"("details":{"causes":[{"reason":"NamespaceTerminating"}]},"code":403})"),
            Answer::kTerminating);
  EXPECT_EQ(Of(404), Answer::kNotFound);
  EXPECT_EQ(Of(409), Answer::kConflict);
  EXPECT_EQ(Of(413), Answer::kTooLarge);
  EXPECT_EQ(Of(500, "etcdserver: request is too large"), Answer::kTooLarge);
  EXPECT_EQ(Of(422, R"({"message":"... is invalid: status.grade: Unsupported value: \"x\""})"), Answer::kRejected);
  EXPECT_EQ(Of(422, R"({"message":"... is invalid: metadata.uid: Invalid value: \"y\": field is immutable"})"),
            Answer::kConflict);
  EXPECT_EQ(Of(429), Answer::kThrottled);
  EXPECT_EQ(
      Of(500, R"({"message":"failed to create typed patch object (shop/x): .status.y: field not declared in schema"})"),
      Answer::kRejected);
  EXPECT_EQ(Of(500), Answer::kFailed);
  EXPECT_EQ(Of(503), Answer::kFailed);
  EXPECT_EQ(Of(302), Answer::kFailed);
  EXPECT_EQ(Classify(Result<HttpResponse>(Status(Code::kUnavailable, "reset"))), Answer::kUnknown);
  EXPECT_EQ(Classify(Result<HttpResponse>(Status(Code::kResourceExhausted, "answer too large"))), Answer::kUnknown);
}

TEST(Answer, ReadsWhatTheServerHolds) {
  std::ifstream file(SEAWORTHY_SOURCE_DIR "/tests/sinks/report/server_answer.json");
  const std::string body(std::istreambuf_iterator<char>(file), {});
  support::Tree tree;
  const std::optional<Observation> seen = FromBody(body, Kind::kWorkloadAudit, tree);
  ASSERT_TRUE(seen);
  // The server sorts members as we do: its text of the status is ours.
  std::string status = body.substr(body.find("\"status\":{") + 9);
  status.erase(status.rfind('}'));
  support::SipHash hash;
  hash.Add(status);
  EXPECT_EQ(seen->hash, hash.Finish());
  EXPECT_TRUE(seen->uid.is_uuid());
  EXPECT_NE(VersionNumber(seen->resource_version), 0u);
  ASSERT_EQ(seen->owners.size(), 1u);
  EXPECT_EQ(seen->owners[0].uid.ToString(), "01020304-0506-0708-8000-000000000001");
  EXPECT_EQ(seen->conditions.ready, (ConditionState{"False", Timestamp{1'795'521'600}}));
  EXPECT_EQ(seen->conditions.evaluated, (ConditionState{"True", Timestamp{1'795'521'600}}));
}

TEST(Answer, WhatIsNoObjectIsNotTakenForOne) {
  support::Tree tree;
  for (const std::string_view body : {"", "{}", "null", "[]", "<html>", R"({"metadata":{"uid":"x"}})",
                                      R"({"metadata":{"resourceVersion":"1"}})", R"({"kind":"Status"})"}) {
    EXPECT_FALSE(FromBody(body, Kind::kWorkloadAudit, tree)) << body;
  }
}

TEST(Answer, VersionsAreNumbersOrNothing) {
  EXPECT_EQ(VersionNumber("123"), 123u);
  EXPECT_EQ(VersionNumber("abc"), 0u);
  EXPECT_EQ(VersionNumber("12x"), 0u);
  EXPECT_EQ(VersionNumber(""), 0u);
  EXPECT_EQ(VersionNumber("99999999999999999999999"), 0u);
}

TEST(WriteBudget, GivesItsBurstThenItsRate) {
  MonoTime now(1h);
  WriteBudget budget(20, 40, now);
  int taken = 0;
  while (budget.Take(now)) ++taken;
  EXPECT_EQ(taken, 40);
  for (int i = 0; i < 100; ++i) {
    now += budget.Wait(now);
    EXPECT_TRUE(budget.Take(now));
  }
  EXPECT_NEAR(std::chrono::duration<double>(now - MonoTime(1h)).count(), 5, 0.2);
}

TEST(WriteBudget, HalvesAndRecoversByOneEachTenSeconds) {
  MonoTime now(1h);
  WriteBudget budget(20, 40, now);
  budget.Throttled(now);
  EXPECT_FALSE(budget.Take(now));
  EXPECT_DOUBLE_EQ(budget.rate(now), 10);
  for (int i = 0; i < 10; ++i) budget.Throttled(now);
  EXPECT_DOUBLE_EQ(budget.rate(now), 1);
  EXPECT_DOUBLE_EQ(budget.rate(now + 9s), 1);
  EXPECT_DOUBLE_EQ(budget.rate(now + 50s), 6);
  EXPECT_DOUBLE_EQ(budget.rate(now + 1h), 20);
}

}  // namespace
}  // namespace seaworthy::sinks::report
