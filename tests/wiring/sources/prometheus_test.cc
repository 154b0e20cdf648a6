#include "wiring/sources/prometheus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/testing/fake_transport.h"
#include "cache/decode.h"
#include "cache/extension_table.h"
#include "seaworthy/extension.h"

namespace seaworthy::wiring {
namespace {

using api::testing::JsonAnswer;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

std::string Series(const std::string& labels, const std::string& value) {
  return R"({"metric":{)" + labels + R"(},"value":[1795521600.123,")" + value + R"("]})";
}
std::string Vector(const std::vector<std::string>& series = {}) {
  std::string joined;
  for (const std::string& one : series) joined += (joined.empty() ? "" : ",") + one;
  return R"({"status":"success","data":{"resultType":"vector","result":[)" + joined + "]}}";
}
std::string Claim(const std::string& name, const std::string& value) {
  return Series(R"("namespace":"shop","persistentvolumeclaim":")" + name + "\"", value);
}

// The percent-encoded query, readable.
std::string Decoded(const std::string& target) {
  std::string text;
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] == '%') {
      text += static_cast<char>(std::stoi(target.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      text += target[i];
    }
  }
  return text;
}

class Told : public WatchSink {
 public:
  void Accept(WatchEvent event) override {
    const std::string kind(Info(event.kind).name);
    switch (event.type) {
      case EventType::kInit: facts[event.kind].clear(); break;
      case EventType::kInitApply: {
        const auto& extension = static_cast<const Extension&>(*event.object);
        std::string text = extension.meta.namespace_.str() + "/" + extension.meta.name.str() + ":";
        for (const Extension::Fact& fact : extension.facts) text += " " + fact.path.str() + "=" + fact.value.str();
        facts[event.kind].push_back(text);
        versions[event.kind].push_back(extension.meta.resource_version);
        break;
      }
      case EventType::kInitDone: events.push_back(kind + " done"); break;
      case EventType::kDenied: events.push_back(kind + " denied"); break;
      case EventType::kDegraded: events.push_back(kind + " degraded"); break;
      default: events.push_back(kind + " ?"); break;
    }
  }
  std::map<Kind, std::vector<std::string>> facts;
  std::map<Kind, std::vector<std::uint64_t>> versions;
  std::vector<std::string> events;
};

class PrometheusTest : public ::testing::Test {
 protected:
  void Start(PrometheusOptions options = {}) {
    auto transport = std::make_unique<api::testing::FakeTransport>(&loop_);
    transport_ = transport.get();
    transport_->responder = [this](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
      if (failure_) return *failure_;
      const std::string query = Decoded(request.target);
      for (const auto& [part, answer] : answers_) {
        if (query.find(part) != std::string::npos) return JsonAnswer(answer);
      }
      return JsonAnswer(Vector());
    };
    prometheus_ =
        std::make_unique<Prometheus>(std::move(options), std::move(transport), loop_, loop_, *decoder_, told_);
    prometheus_->Start();
    loop_.RunFor(seconds(1));
  }
  // By a part of the query; the first that is found counts.
  void Answer(std::string part, std::string body) { answers_.emplace_back(std::move(part), std::move(body)); }

  api::testing::VirtualLoop loop_;
  TextPool pool_;
  std::unique_ptr<ObjectDecoder> decoder_ = cache::MakeDecoder(pool_);
  Told told_;
  std::vector<std::pair<std::string, std::string>> answers_;
  std::optional<Result<HttpResponse>> failure_;
  api::testing::FakeTransport* transport_ = nullptr;
  std::unique_ptr<Prometheus> prometheus_;
};

TEST_F(PrometheusTest, ARoundEveryFiveMinutesEndsWithASnapshotOfEachKind) {
  Start();
  EXPECT_THAT(told_.events, UnorderedElementsAre("VolumeStats done", "ContainerThrottling done", "ScrapeTarget done",
                                                 "AlertDelivery done"));
  const std::size_t queries = transport_->requests.size();
  loop_.RunFor(minutes(4));
  EXPECT_EQ(transport_->requests.size(), queries);
  loop_.RunFor(minutes(1));
  EXPECT_EQ(transport_->requests.size(), 2 * queries);
}

TEST_F(PrometheusTest, VolumesAreRoundedDownAndJoinedByClaim) {
  Answer("offset 7d", Vector({Claim("data", "1"), Claim("gone", "1")}));
  Answer("[7d:1h]", Vector({Claim("data", "0.0491"), Claim("gone", "0.2")}));
  Answer("predict_linear", Vector({Claim("data", "-0.2"), Claim("logs", "0.10")}));
  Answer("inodes_free", Vector({Claim("data", "0.999")}));
  Answer("available_bytes", Vector({Claim("data", "0.0299"), Claim("logs", "0.12"), Claim("odd", "NaN")}));
  Answer("capacity_bytes", Vector({Claim("data", "21474836480"), Claim("logs", "1e+11"), Claim("odd", "5")}));
  Start();
  EXPECT_THAT(
      told_.facts[Kind::kVolumeStats],
      ElementsAre("shop/data: capacityBytes=21474836480 freePercent=2 inodesFreePercent=99 fullWithinDays=4 "
                  "filling=true usedPercentAtMost=4 observedDays=7",
                  "shop/logs: capacityBytes=100000000000 freePercent=12 filling=true", "shop/odd: capacityBytes=5"));
}

TEST_F(PrometheusTest, AFewBytesLessAreNotFilling) {
  Answer("offset 7d", Vector({}));
  Answer("[7d:1h]", Vector({}));
  Answer("predict_linear", Vector({Claim("data", "0.118")}));
  Answer("available_bytes", Vector({Claim("data", "0.1205")}));
  Answer("capacity_bytes", Vector({Claim("data", "100")}));
  Start();
  EXPECT_THAT(told_.facts[Kind::kVolumeStats], ElementsAre("shop/data: capacityBytes=100 freePercent=12"));
}

TEST_F(PrometheusTest, ThrottlingIsByPodInStepsOfFive) {
  Answer("throttled_periods", Vector({Series(R"("namespace":"shop","pod":"web-0","container":"app")", "0.339"),
                                      Series(R"("namespace":"shop","pod":"web-0","container":"proxy")", "0.07")}));
  Answer("count by (namespace) (container_cpu_cfs_periods", Vector({Series(R"("namespace":"shop")", "12")}));
  Start();
  EXPECT_THAT(
      told_.facts[Kind::kContainerThrottling],
      ElementsAre(
          "shop/.:",
          "shop/web-0: containers[].name=app containers[].name=proxy containers[].percent=30 containers[].percent=5"));
}

TEST_F(PrometheusTest, TargetsAreFoundUnderEitherPairOfLabels) {
  Answer("kubernetes_pod_name", Vector({Series(R"("kubernetes_namespace":"shop","kubernetes_pod_name":"db-0")", "0")}));
  Answer("(up{pod", Vector({Series(R"("namespace":"shop","pod":"web-0","container":"app")", "1")}));
  Start();
  EXPECT_THAT(told_.facts[Kind::kScrapeTarget],
              ElementsAre("shop/db-0: targets[].up=0", "shop/web-0: targets[].container=app targets[].up=1"));
}

TEST_F(PrometheusTest, DeliveryOfAlertsIsOneObject) {
  Answer("notifications_alertmanagers_discovered", Vector({Series("", "2")}));
  Answer("prometheus_notifications_sent_total", Vector({Series("", "341.2")}));
  Answer("prometheus_notifications_errors_total", Vector({Series("", "0")}));
  Answer("sum(increase(alertmanager_notifications_total", Vector({Series("", "0")}));
  Answer("by (integration)",
         Vector({Series(R"("integration":"slack")", "12"), Series(R"("integration":"email")", "1")}));
  Start();
  EXPECT_THAT(told_.facts[Kind::kAlertDelivery],
              ElementsAre("/prometheus: alertmanagers=2 sent=some sendErrors=none notified=none "
                          "failingIntegrations[]=email failingIntegrations[]=slack"));
}

TEST_F(PrometheusTest, WhatDoesNotKnowASeriesSaysNothingAboutIt) {
  Start();
  for (const auto& [kind, facts] : told_.facts) EXPECT_THAT(facts, IsEmpty()) << Info(kind).name;
  EXPECT_EQ(prometheus_->problem(), "");
}

TEST_F(PrometheusTest, WhatStaysAsItIsHasTheSameVersion) {
  Answer("available_bytes", Vector({Claim("data", "0.5001")}));
  Answer("capacity_bytes", Vector({Claim("data", "100")}));
  Start();
  answers_[0].second = Vector({Claim("data", "0.5049")});
  loop_.RunFor(minutes(5));
  answers_[0].second = Vector({Claim("data", "0.51")});
  loop_.RunFor(minutes(5));
  const std::vector<std::uint64_t>& versions = told_.versions[Kind::kVolumeStats];
  ASSERT_EQ(versions.size(), 3u);
  EXPECT_EQ(versions[0], versions[1]);
  EXPECT_NE(versions[1], versions[2]);
  EXPECT_NE(versions[0], 0u);
}

TEST_F(PrometheusTest, MatchersStandInEverySelector) {
  Start({.matchers = R"(cluster="prod-1")"});
  for (const HttpRequest& request : transport_->requests) {
    EXPECT_THAT(request.target, ::testing::StartsWith("/api/v1/query?query="));
    const std::string query = Decoded(request.target);
    EXPECT_THAT(query, AllOf(Not(HasSubstr("$")), Not(HasSubstr("#"))));
    std::size_t selectors = 0, with = 0;
    for (std::size_t at = 0; (at = query.find('{', at)) != std::string::npos; ++at) ++selectors;
    for (std::size_t at = 0; (at = query.find(R"(cluster="prod-1"})", at)) != std::string::npos; ++at) ++with;
    EXPECT_GT(selectors, 0u) << query;
    EXPECT_EQ(selectors, with) << query;
  }
}

TEST_F(PrometheusTest, WithoutMatchersNothingIsAdded) {
  Start();
  for (const HttpRequest& request : transport_->requests)
    EXPECT_THAT(Decoded(request.target),
                AllOf(Not(HasSubstr("$")), Not(HasSubstr("#")), Not(HasSubstr(",}")), Not(HasSubstr("{}"))));
}

TEST_F(PrometheusTest, ARefusalIsTold) {
  failure_ = Result<HttpResponse>(HttpResponse{{.status = 401, .content_type = "text/plain"}, "Unauthorized"});
  Start();
  EXPECT_THAT(told_.events, Each(HasSubstr("denied")));
  EXPECT_EQ(told_.events.size(), 4u);
  EXPECT_THAT(prometheus_->problem(), HasSubstr("401"));
  loop_.RunFor(minutes(30));
  EXPECT_EQ(told_.events.size(), 4u) << "once";
}

TEST_F(PrometheusTest, ASilenceOfMinutesIsToldAndEnds) {
  Start();
  told_.events.clear();
  failure_ = Result<HttpResponse>(Status(Code::kUnavailable, "prometheus.monitoring: no answer"));
  loop_.RunFor(minutes(6));
  EXPECT_THAT(told_.events, IsEmpty());
  loop_.RunFor(minutes(6));
  EXPECT_THAT(told_.events, UnorderedElementsAre("VolumeStats degraded", "ContainerThrottling degraded",
                                                 "ScrapeTarget degraded", "AlertDelivery degraded"));
  failure_.reset();
  told_.events.clear();
  loop_.RunFor(minutes(6));
  EXPECT_THAT(told_.events, UnorderedElementsAre("VolumeStats done", "ContainerThrottling done", "ScrapeTarget done",
                                                 "AlertDelivery done"));
}

TEST_F(PrometheusTest, AQueryThatTheServerCannotAnswerSpoilsOnlyItsGroup) {
  answers_.emplace_back("predict_linear", R"({"status":"error","errorType":"bad_data","error":"parse error"})");
  Start();
  EXPECT_THAT(told_.events,
              UnorderedElementsAre("ContainerThrottling done", "ScrapeTarget done", "AlertDelivery done"));
}

TEST_F(PrometheusTest, OddAnswersAreNoVectors) {
  support::Tree tree;
  for (const char* body :
       {"", "<html>", "[]", "{}", R"({"status":"success"})",
        R"({"status":"success","data":{"resultType":"matrix","result":[]}})", R"({"status":"error","error":"x"})"}) {
    EXPECT_FALSE(Prometheus::ReadVector(body, tree).ok()) << body;
  }
  const auto samples = Prometheus::ReadVector(
      Vector({R"({})", R"({"metric":{},"value":[]})", R"({"metric":{},"value":[1,"+Inf"]})",
              R"({"metric":{},"value":[1,"x"]})", R"({"metric":{"a":"b"},"value":[1,"-1.5e3"]})"}),
      tree);
  ASSERT_TRUE(samples.ok());
  ASSERT_EQ(samples->size(), 1u);
  EXPECT_EQ((*samples)[0].value, -1500);
  EXPECT_EQ((*samples)[0].Label("a"), "b");
  EXPECT_EQ((*samples)[0].Label("c"), "");
}

}  // namespace
}  // namespace seaworthy::wiring
