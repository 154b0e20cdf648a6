#include "sinks/http/token_reviewer.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/manual_loop.h"

namespace seaworthy::sinks::http {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Decision = Authorizer::Decision;

// An API server that knows the tokens "prom" (may read /metrics) and "dev" (may not).
class ReviewingServer final : public Transport {
 public:
  void Unary(HttpRequest request, Done done) override {
    EXPECT_EQ(request.channel, Channel::kReview);
    requests.push_back(request);
    waiting.emplace_back(std::move(request), std::move(done));
  }
  StreamId Stream(HttpRequest, StreamObserver*) override { return 0; }
  void Cancel(StreamId) override {}

  void Answer() {
    while (!waiting.empty()) {
      auto [request, done] = std::move(waiting.front());
      waiting.erase(waiting.begin());
      if (down) {
        done(Status(Code::kUnavailable, "connection refused"));
        continue;
      }
      HttpResponse response;
      response.head.status = status;
      const json body = json::parse(request.body);
      json answer = body;
      if (body["kind"] == "TokenReview") {
        const std::string token = body["spec"]["token"];
        const bool known = token == "prom" || token == "dev";
        answer["status"] = {{"authenticated", known}};
        if (known)
          answer["status"]["user"] = {{"username", "system:serviceaccount:monitoring:" + token},
                                      {"uid", "1-" + token},
                                      {"groups", {"system:authenticated"}},
                                      {"extra", {{"a/b", {"c"}}}}};
      } else {
        answer["status"] = {
            {"allowed", body["spec"]["user"] == "system:serviceaccount:monitoring:prom" &&
                            body["spec"]["nonResourceAttributes"] == json({{"path", "/metrics"}, {"verb", "get"}})}};
      }
      response.body = garbage ? "<html>" : answer.dump();
      done(response);
    }
  }

  std::vector<HttpRequest> requests;
  std::vector<std::pair<HttpRequest, Done>> waiting;
  bool down = false, garbage = false;
  int status = 201;
};

class TokenReviewerTest : public ::testing::Test {
 protected:
  void Ask(const std::string& token, std::vector<Decision>& decisions, const std::string& path = "/metrics") {
    Request request;
    request.path = path;
    request.bearer_token = token;
    reviewer_.Authorize(request, Reply<Decision>([&decisions](Decision decision) { decisions.push_back(decision); },
                                                 Decision::kUnavailable));
  }
  Decision Get(const std::string& token, const std::string& path = "/metrics") {
    std::vector<Decision> decisions;
    Ask(token, decisions, path);
    server_.Answer();
    EXPECT_EQ(decisions.size(), 1U);
    return decisions.empty() ? Decision::kUnavailable : decisions[0];
  }
  std::size_t Asked() { return std::exchange(server_.requests, {}).size(); }

  support::ManualClock clock_;
  ReviewingServer server_;
  std::vector<std::string> notes_;
  TokenReviewer reviewer_{server_, clock_, [this](std::string_view message, std::string_view detail) {
                            notes_.push_back(std::string(message) + ": " + std::string(detail));
                          }};
};

TEST_F(TokenReviewerTest, AsksWhoItIsAndWhatTheyMay) {
  EXPECT_EQ(Get("prom"), Decision::kAllow);
  ASSERT_EQ(server_.requests.size(), 2U);
  EXPECT_EQ(server_.requests[0].target, "/apis/authentication.k8s.io/v1/tokenreviews");
  EXPECT_EQ(server_.requests[1].target, "/apis/authorization.k8s.io/v1/subjectaccessreviews");
  const json spec = json::parse(server_.requests[1].body)["spec"];
  EXPECT_EQ(spec["groups"], json({"system:authenticated"}));
  EXPECT_EQ(spec["uid"], "1-prom");
  EXPECT_EQ(spec["extra"]["a/b"], json({"c"}));
  EXPECT_EQ(Get("dev"), Decision::kForbidden);
  EXPECT_EQ(Get("stranger"), Decision::kUnauthenticated);
  EXPECT_EQ(Get("prom", "/other"), Decision::kForbidden) << "what is allowed is the path, not the token";
}

TEST_F(TokenReviewerTest, KeepsAnswersForTheirTime) {
  Get("prom");
  EXPECT_EQ(Asked(), 2U);
  clock_.Advance(59s);
  EXPECT_EQ(Get("prom"), Decision::kAllow);
  EXPECT_EQ(Asked(), 0U);
  clock_.Advance(2s);
  EXPECT_EQ(Get("prom"), Decision::kAllow);
  EXPECT_EQ(Asked(), 1U) << "the user again, the permission not yet";
  clock_.Advance(5min);
  EXPECT_EQ(Get("prom"), Decision::kAllow);
  EXPECT_EQ(Asked(), 2U);
  Get("dev");
  Asked();
  clock_.Advance(31s);
  EXPECT_EQ(Get("dev"), Decision::kForbidden);
  EXPECT_EQ(Asked(), 1U) << "the permission again, the user not yet";
}

TEST_F(TokenReviewerTest, EqualQuestionsAreAskedOnce) {
  std::vector<Decision> decisions;
  for (int i = 0; i < 4; ++i) Ask("prom", decisions);
  EXPECT_EQ(server_.requests.size(), 1U);
  server_.Answer();
  EXPECT_THAT(decisions, ElementsAre(Decision::kAllow, Decision::kAllow, Decision::kAllow, Decision::kAllow));
  EXPECT_EQ(Asked(), 2U);
}

TEST_F(TokenReviewerTest, FailsClosed) {
  Get("prom");
  server_.down = true;
  EXPECT_EQ(Get("prom"), Decision::kAllow) << "what is known stays known for its time";
  clock_.Advance(61s);
  EXPECT_EQ(Get("prom"), Decision::kUnavailable);
  EXPECT_THAT(notes_, ElementsAre("a token could not be reviewed: connection refused"));
  server_.down = false;
  EXPECT_EQ(Get("prom"), Decision::kAllow) << "a failure is not remembered";
  clock_.Advance(5min);
  for (const bool garbage : {true, false}) {
    server_.garbage = garbage;
    server_.status = garbage ? 201 : 403;
    EXPECT_EQ(Get("prom"), Decision::kUnavailable);
    EXPECT_THAT(notes_.back(), HasSubstr(garbage ? "the answer has no status" : "may not create reviews"));
  }
}

TEST_F(TokenReviewerTest, StrangersNeitherFloodTheServerNorKeepOutTheScraper) {
  Get("prom");
  clock_.Advance(61s);
  Asked();
  std::vector<Decision> decisions;
  for (int i = 0; i < 100; ++i) Ask("stranger " + std::to_string(i), decisions);
  server_.Answer();
  EXPECT_EQ(Asked(), 5U);
  EXPECT_EQ(std::count(decisions.begin(), decisions.end(), Decision::kUnauthenticated), 5);
  EXPECT_EQ(std::count(decisions.begin(), decisions.end(), Decision::kUnavailable), 95);
  EXPECT_EQ(Get("prom"), Decision::kAllow);
  Asked();
  clock_.Advance(999ms);
  for (int i = 100; i < 200; ++i) Ask("stranger " + std::to_string(i), decisions);
  EXPECT_EQ(Asked(), 0U) << "no second has more than five, wherever it begins";
  clock_.Advance(1ms);
  EXPECT_EQ(Get("dev"), Decision::kForbidden) << "a second later there is room for a newcomer";
}

TEST_F(TokenReviewerTest, AValidTokenDoesNotFloodTheServerWithPaths) {
  Get("prom");
  Get("dev");
  clock_.Advance(31s);
  Asked();
  std::vector<Decision> decisions;
  for (int i = 0; i < 100; ++i) Ask("dev", decisions, "/" + std::to_string(i));
  server_.Answer();
  EXPECT_EQ(Asked(), 5U);
  EXPECT_EQ(std::count(decisions.begin(), decisions.end(), Decision::kAllow), 0);
  clock_.Advance(5min);
  for (int i = 100; i < 200; ++i) Ask("dev", decisions, "/" + std::to_string(i));
  server_.Answer();
  EXPECT_EQ(Get("prom"), Decision::kAllow) << "whose permission has to be looked up again in the same moment";
}

TEST_F(TokenReviewerTest, RemembersSoManyTokensAndNoMore) {
  Get("prom");
  for (int i = 0; i < 3000; ++i) {
    clock_.Advance(200ms);
    Get("stranger " + std::to_string(i));
  }
  Asked();
  EXPECT_EQ(Get("stranger 2999"), Decision::kUnauthenticated);
  EXPECT_EQ(Asked(), 0U) << "the newest is remembered";
}

}  // namespace
}  // namespace seaworthy::sinks::http
