#include "wiring/sources/log_sampling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/testing/fake_transport.h"
#include "cache/decode.h"
#include "seaworthy/extension.h"

namespace seaworthy::wiring {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Told : public WatchSink {
 public:
  void Accept(WatchEvent event) override {
    switch (event.type) {
      case EventType::kApply: {
        const auto& extension = static_cast<const Extension&>(*event.object);
        std::string text = extension.meta.namespace_.str() + "/" + extension.meta.name.str();
        for (const Extension::Fact& fact : extension.facts) text += " " + fact.path.str() + "=" + fact.value.str();
        events.push_back(text);
        break;
      }
      case EventType::kInitDone: break;
      case EventType::kInit: break;
      case EventType::kDenied: events.push_back("denied"); break;
      case EventType::kDegraded: events.push_back("degraded"); break;
      case EventType::kLive: events.push_back("live"); break;
      default: events.push_back("?"); break;
    }
  }
  std::vector<std::string> Take() { return std::exchange(events, {}); }
  std::vector<std::string> events;
};

class LogSamplingTest : public ::testing::Test {
 protected:
  LogSamplingTest() : transport_(&loop_) {
    transport_.responder = [this](const HttpRequest&) -> std::optional<Result<HttpResponse>> { return answer_; };
    sampling_ = std::make_unique<LogSampling>(transport_, loop_, loop_, *decoder_, told_, [this](auto done) {
      loop_.Post([this, done = std::move(done)] { done(subjects_); });
    });
    sampling_->Start();
  }
  static HttpResponse Log(int structured, int other) {
    std::string text;
    for (int i = 0; i < structured; ++i) text += "{\"secret\":\"hunter2\"}\n";
    for (int i = 0; i < other; ++i) text += "password is hunter2\n";
    return {{.status = 200, .content_type = "text/plain"}, text};
  }

  api::testing::VirtualLoop loop_;
  TextPool pool_;
  std::unique_ptr<ObjectDecoder> decoder_ = cache::MakeDecoder(pool_);
  api::testing::FakeTransport transport_;
  Told told_;
  std::vector<LogSubject> subjects_ = {{"shop", "Deployment", "web", 0xabc, "web-1", {"app", "side"}}};
  std::optional<Result<HttpResponse>> answer_ = Log(40, 10);
  std::unique_ptr<LogSampling> sampling_;
};

TEST_F(LogSamplingTest, CountsAndKeepsNothingElse) {
  loop_.RunFor(seconds(13));
  EXPECT_THAT(told_.Take(), ElementsAre("shop/Deployment/web revision=0000000000000abc containers[].name=app "
                                        "containers[].name=side containers[].lines=50 containers[].lines=50 "
                                        "containers[].structured=40 containers[].structured=40"));
  ASSERT_EQ(transport_.requests.size(), 2u);
  EXPECT_EQ(transport_.requests[0].target,
            "/api/v1/namespaces/shop/pods/web-1/log?container=app&tailLines=50&limitBytes=262144");
}

TEST_F(LogSamplingTest, TooFewLinesAreAskedForAgainAnHourLater) {
  answer_ = Log(3, 0);
  loop_.RunFor(minutes(50));
  EXPECT_EQ(transport_.requests.size(), 2u);
  loop_.RunFor(minutes(15));
  EXPECT_EQ(transport_.requests.size(), 4u);
}

TEST_F(LogSamplingTest, ARefusalIsToldAndEndsTheRound) {
  subjects_.assign(20, subjects_[0]);
  answer_ = api::testing::JsonAnswer(
      R"({"kind":"Status","code":403,"reason":"Forbidden","message":"cannot get resource pods/log"})", 403);
  loop_.RunFor(seconds(20));
  EXPECT_THAT(told_.Take(), ElementsAre("denied"));
  EXPECT_EQ(transport_.requests.size(), 1u);
  EXPECT_THAT(sampling_->problem(), HasSubstr("pods/log"));
  subjects_.resize(1);
  answer_ = Log(50, 0);
  loop_.RunFor(minutes(12));
  const std::vector<std::string> told = told_.Take();
  ASSERT_GE(told.size(), 2u);
  EXPECT_EQ(told[0], "live");
  EXPECT_THAT(told[1], HasSubstr("shop/Deployment/web"));
}

TEST_F(LogSamplingTest, ThePermissionMayBeOfSomeNamespacesOnly) {
  subjects_.push_back({"blog", "Deployment", "web", 0xabc, "web-1", {"app"}});
  transport_.responder = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (request.target.find("/blog/") != std::string::npos)
      return api::testing::JsonAnswer(R"({"kind":"Status","code":403,"reason":"Forbidden"})", 403);
    return Log(50, 0);
  };
  loop_.RunFor(seconds(20));
  EXPECT_THAT(told_.Take(), ElementsAre(HasSubstr("shop/Deployment/web")));
  EXPECT_EQ(sampling_->problem(), "");
}

TEST_F(LogSamplingTest, APodThatHasGoneIsNobodysFault) {
  answer_ = api::testing::JsonAnswer(R"({"kind":"Status","code":404,"reason":"NotFound"})", 404);
  loop_.RunFor(minutes(30));
  EXPECT_THAT(told_.Take(), IsEmpty());
}

TEST_F(LogSamplingTest, MayGoWhileAnAnswerIsUnderWay) {
  answer_.reset();
  loop_.RunFor(seconds(12));
  sampling_.reset();
  transport_.Answer(Log(1, 1));
  loop_.RunFor(minutes(5));
  EXPECT_THAT(told_.Take(), IsEmpty());
}

}  // namespace
}  // namespace seaworthy::wiring
