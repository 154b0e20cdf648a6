#include "api/classify.h"

#include <gtest/gtest.h>

#include <vector>

namespace seaworthy::api {
namespace {

using namespace std::chrono_literals;

constexpr char kJson[] = "application/json";

std::string StatusBody(int code, const std::string& reason, const std::string& more = {}) {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"m","reason":")" + reason +
         R"(","code":)" + std::to_string(code) + more + "}";
}

Verdict OfEvent(const std::string& body) {
  support::Tree tree;
  EXPECT_TRUE(support::ParseJson(body, tree).ok()) << body;
  return ClassifyErrorEvent(tree.root());
}

struct Case {
  int code;
  std::string reason;
  Action action;
  std::string label;
  bool suspicious_as_answer, suspicious_as_event;
};
const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      {410, "Expired", Action::kRelist, "gone", false, false},
      {410, "Gone", Action::kRelist, "gone", false, false},
      {401, "Unauthorized", Action::kUnauthenticated, "unauthorized", false, false},
      {403, "Forbidden", Action::kDenied, "forbidden", false, false},
      {404, "NotFound", Action::kRediscover, "not_found", false, false},
      {400, "BadRequest", Action::kUnsupported, "bad_request", true, true},
      {422, "Invalid", Action::kUnsupported, "bad_request", true, true},
      {406, "NotAcceptable", Action::kBackoff, "bad_content_type", false, false},
      {415, "UnsupportedMediaType", Action::kBackoff, "bad_content_type", false, false},
      {429, "TooManyRequests", Action::kBackoff, "throttled", false, false},
      {500, "InternalError", Action::kBackoff, "server_error", false, true},
      {502, "", Action::kBackoff, "server_error", false, false},
      {503, "ServiceUnavailable", Action::kBackoff, "server_error", false, false},
      {504, "Timeout", Action::kBackoff, "server_error", false, false},
      {405, "MethodNotAllowed", Action::kBackoff, "other", true, true},
      {409, "Conflict", Action::kBackoff, "other", true, true},
  };
  return cases;
}

TEST(Classify, AnswersAndEventsMeanTheSame) {
  for (const Case& expected : Cases()) {
    const std::string body = StatusBody(expected.code, expected.reason);
    const Verdict answer = ClassifyAnswer({.status = expected.code, .content_type = kJson}, body);
    const Verdict event = OfEvent(body);
    EXPECT_EQ(answer.action, expected.action) << expected.code;
    EXPECT_EQ(event.action, expected.action) << expected.code;
    EXPECT_EQ(answer.reason, expected.label) << expected.code;
    EXPECT_EQ(event.reason, expected.label) << expected.code;
    EXPECT_EQ(answer.suspicious, expected.suspicious_as_answer) << expected.code;
    EXPECT_EQ(event.suspicious, expected.suspicious_as_event) << expected.code;
  }
}

TEST(Classify, ReasonExpiredIsEnoughWithoutACode) {
  EXPECT_EQ(OfEvent(R"({"kind":"Status","reason":"Expired"})").action, Action::kRelist);
}

TEST(Classify, ATooLargeVersionIsNoOrdinaryTimeout) {
  const std::string by_cause = StatusBody(
      504, "Timeout",
      R"(,"details":{"causes":[{"reason":"Other"},{"reason":"ResourceVersionTooLarge"}],"retryAfterSeconds":1})");
  for (const Verdict& verdict : {OfEvent(by_cause), ClassifyAnswer({.status = 504, .content_type = kJson}, by_cause)}) {
    EXPECT_EQ(verdict.action, Action::kRelistWithoutRv);
    EXPECT_EQ(verdict.retry_after, 1s);
  }
  // Servers up to 1.18.5 say so only in words.
  EXPECT_EQ(
      OfEvent(R"({"kind":"Status","code":504,"message":"Timeout: Too large resource version: 9, current: 5"})").action,
      Action::kRelistWithoutRv);
}

TEST(Classify, TheLongerOfBothRetryAftersCountsAndIsCapped) {
  const std::string body = StatusBody(429, "TooManyRequests", R"(,"details":{"retryAfterSeconds":3})");
  EXPECT_EQ(ClassifyAnswer({.status = 429, .content_type = kJson, .retry_after = 7s}, body).retry_after, 7s);
  EXPECT_EQ(ClassifyAnswer({.status = 429, .content_type = kJson}, body).retry_after, 3s);
  EXPECT_EQ(OfEvent(StatusBody(429, "x", R"(,"details":{"retryAfterSeconds":99999999999})")).retry_after, 120s);
  EXPECT_FALSE(OfEvent(StatusBody(429, "x", R"(,"details":{"retryAfterSeconds":-5})")).retry_after.has_value());
}

TEST(Classify, OnlyJsonIsParsed) {
  EXPECT_EQ(ClassifyAnswer({.status = 200, .content_type = "application/json;stream=watch"}, "").action,
            Action::kProceed);
  for (const char* type :
       {"text/html", "text/html; charset=utf-8", "application/octet-stream", "", "application/jsonx/"}) {
    const HttpHead head{.status = 200, .content_type = type};
    if (IsJsonContentType(type)) continue;
    EXPECT_EQ(ClassifyAnswer(head, "{}").reason, "bad_content_type") << type;
  }
  // Whatever an intermediary's page claims, it is no word about our objects or rights.
  for (const int code : {403, 404, 410}) {
    const Verdict verdict = ClassifyAnswer({.status = code, .content_type = "text/html", .retry_after = 5s}, "<html>");
    EXPECT_EQ(verdict.action, Action::kBackoff) << code;
    EXPECT_EQ(verdict.reason, "bad_content_type") << code;
    EXPECT_EQ(verdict.retry_after, 5s);
  }
  EXPECT_EQ(ClassifyAnswer({.status = 403, .content_type = "text/plain"}, "blocked by policy").action,
            Action::kBackoff);
}

TEST(Classify, TheServersOwnPlainTextCounts) {
  EXPECT_EQ(ClassifyAnswer({.status = 404, .content_type = "text/plain; charset=utf-8"}, "404 page not found").action,
            Action::kRediscover);
  EXPECT_EQ(
      ClassifyAnswer({.status = 429, .content_type = "text/plain", .retry_after = 1s}, "Too many requests").reason,
      "throttled");
  EXPECT_EQ(ClassifyAnswer({.status = 503, .content_type = "text/plain"}, "service unavailable").reason,
            "server_error");
}

TEST(Classify, ABodyThatIsNoStatusLeavesTheCode) {
  for (const char* body :
       {"", "{", "[]", R"({"kind":"PodList","code":200})", R"({"kind":"Status","code":200,"reason":""})"}) {
    EXPECT_EQ(ClassifyAnswer({.status = 410, .content_type = kJson}, body).action, Action::kRelist) << body;
  }
}

TEST(Classify, TransportErrorsMeanWaitAndGoOn) {
  const Verdict lost = ClassifyTransportError(Status(Code::kUnavailable, "reset"));
  EXPECT_EQ(lost.action, Action::kBackoff);
  EXPECT_EQ(lost.reason, "connection");
  EXPECT_FALSE(lost.suspicious);
  EXPECT_EQ(ClassifyTransportError(Status(Code::kUnauthenticated, "no token")).action, Action::kUnauthenticated);
  EXPECT_EQ(ClassifyTransportError(Status(Code::kResourceExhausted, "64 MiB")).reason, "answer_too_large");
  EXPECT_EQ(ClassifyTransportError(Status(Code::kFailedPrecondition, "302")).reason, "redirect");
}

TEST(Classify, MessagesAreShort) {
  EXPECT_LE(OfEvent(R"({"kind":"Status","code":500,"message":")" + std::string(10'000, 'x') + "\"}").message.size(),
            256U);
}

}  // namespace
}  // namespace seaworthy::api
