#include "wiring/sources/pod_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/testing/fake_transport.h"
#include "cache/decode.h"

namespace seaworthy::wiring {
namespace {

using api::testing::JsonAnswer;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kTwo[] = R"({"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[
  {"metadata":{"name":"web-0","namespace":"shop"},"timestamp":"2026-11-24T12:00:00Z","window":"15s","containers":[{"name":"app","usage":{"cpu":"12345678n","memory":"51200Ki"}}]},
  {"metadata":{"name":"web-1","namespace":"shop"},"timestamp":"2026-11-24T12:00:00Z","window":"15s","containers":[]}]})";

class Told : public WatchSink {
 public:
  void Accept(WatchEvent event) override {
    std::string text;
    switch (event.type) {
      case EventType::kInit: text = "init"; break;
      case EventType::kInitApply: text = event.object->meta.name.str(); break;
      case EventType::kInitDone: text = "done"; break;
      case EventType::kAbsent: text = "absent"; break;
      case EventType::kDenied: text = "denied"; break;
      case EventType::kDegraded: text = "degraded"; break;
      default: text = "?"; break;
    }
    events.push_back(text);
  }
  std::vector<std::string> Take() { return std::exchange(events, {}); }
  std::vector<std::string> events;
};

class PodMetricsTest : public ::testing::Test {
 protected:
  PodMetricsTest() : transport_(&loop_) {
    transport_.responder = [this](const HttpRequest&) { return answer_; };
    metrics_ = std::make_unique<PodMetrics>(transport_, loop_, loop_, *decoder_, told_, [this](auto done) {
      loop_.Post([this, done = std::move(done)] { done(namespaces_); });
    });
    metrics_->Start();
  }

  api::testing::VirtualLoop loop_;
  TextPool pool_;
  std::unique_ptr<ObjectDecoder> decoder_ = cache::MakeDecoder(pool_);
  api::testing::FakeTransport transport_;
  Told told_;
  std::vector<std::string> namespaces_;
  std::optional<Result<HttpResponse>> answer_ = JsonAnswer(kTwo);
  std::unique_ptr<PodMetrics> metrics_;
};

TEST_F(PodMetricsTest, AsksOnceAMinute) {
  loop_.RunFor(seconds(6));
  EXPECT_THAT(told_.Take(), ElementsAre("init", "web-0", "web-1", "done"));
  ASSERT_EQ(transport_.requests.size(), 1u);
  EXPECT_EQ(transport_.requests[0].target, "/apis/metrics.k8s.io/v1beta1/pods");
  loop_.RunFor(minutes(10));
  EXPECT_EQ(transport_.requests.size(), 11u);
}

TEST_F(PodMetricsTest, InALargeClusterOneNamespaceIsAskedAfterTheOther) {
  namespaces_ = {"blog", "shop"};
  loop_.RunFor(seconds(6));
  ASSERT_EQ(transport_.requests.size(), 2u);
  EXPECT_EQ(transport_.Count("/namespaces/blog/pods"), 1u);
  EXPECT_EQ(transport_.Count("/namespaces/shop/pods"), 1u);
  EXPECT_THAT(told_.Take(), ElementsAre("init", "web-0", "web-1", "web-0", "web-1", "done"));
}

TEST_F(PodMetricsTest, WhereNobodyServesItItIsAskedSeldom) {
  answer_ = HttpResponse{{.status = 404, .content_type = "text/plain"}, "404 page not found"};
  loop_.RunFor(seconds(6));
  EXPECT_THAT(told_.Take(), ElementsAre("absent"));
  loop_.RunFor(minutes(20));
  EXPECT_EQ(transport_.requests.size(), 5u);
  EXPECT_THAT(told_.Take(), IsEmpty());
  answer_ = JsonAnswer(kTwo);
  loop_.RunFor(minutes(5));
  EXPECT_THAT(told_.Take(), ElementsAre("init", "web-0", "web-1", "done"));
}

TEST_F(PodMetricsTest, ARefusalIsTold) {
  answer_ = JsonAnswer(
      R"({"kind":"Status","status":"Failure","code":403,"reason":"Forbidden","message":"pods.metrics.k8s.io is forbidden"})",
      403);
  loop_.RunFor(seconds(6));
  EXPECT_THAT(told_.Take(), ElementsAre("denied"));
  EXPECT_THAT(metrics_->problem(), ::testing::HasSubstr("forbidden"));
}

TEST_F(PodMetricsTest, ASilenceOfMinutesIsToldOnce) {
  loop_.RunFor(seconds(6));
  told_.Take();
  answer_ = Result<HttpResponse>(Status(Code::kUnavailable, "connection refused"));
  loop_.RunFor(minutes(4));
  EXPECT_THAT(told_.Take(), IsEmpty()) << "it may be restarting";
  loop_.RunFor(minutes(20));
  EXPECT_THAT(told_.Take(), ElementsAre("degraded"));
  answer_ = JsonAnswer(kTwo);
  loop_.RunFor(minutes(1));
  EXPECT_THAT(told_.Take(), ElementsAre("init", "web-0", "web-1", "done"));
  EXPECT_EQ(metrics_->problem(), "");
}

TEST_F(PodMetricsTest, ANamespaceThatFailsDoesNotSpoilTheOthers) {
  namespaces_ = {"blog", "shop"};
  transport_.responder = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (request.target.find("blog") != std::string::npos) return JsonAnswer(R"({"kind":"Status","code":500})", 500);
    return JsonAnswer(kTwo);
  };
  loop_.RunFor(seconds(6));
  EXPECT_THAT(told_.Take(), ElementsAre("init", "web-0", "web-1", "done"));
}

TEST_F(PodMetricsTest, ARoundInWhichEverythingFailsIsCutShort) {
  namespaces_.assign(100, "shop");
  answer_ = Result<HttpResponse>(Status(Code::kUnavailable, "connection refused"));
  loop_.RunFor(seconds(6));
  EXPECT_EQ(transport_.requests.size(), 3u);
}

TEST_F(PodMetricsTest, AnAnswerThatIsNoListIsNone) {
  answer_ = JsonAnswer("{\"items\":[{");
  loop_.RunFor(seconds(6));
  EXPECT_THAT(told_.Take(), ElementsAre("init")) << "what is not finished is no snapshot";
}

TEST_F(PodMetricsTest, MayGoWhileAnAnswerIsUnderWay) {
  answer_.reset();
  loop_.RunFor(seconds(6));
  metrics_.reset();
  transport_.Answer(JsonAnswer(kTwo));
  loop_.RunFor(minutes(5));
  EXPECT_THAT(told_.Take(), IsEmpty());
}

}  // namespace
}  // namespace seaworthy::wiring
