#include "api/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "api/testing/fake_transport.h"

namespace seaworthy::api::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kVersion[] = R"({"major":"1","minor":"36","gitVersion":"v1.36.3"})";

std::string Resource(const std::string& name, const std::string& verbs = R"(["get","list","watch"])") {
  return R"({"resource":")" + name +
         R"(","responseKind":{"group":"","version":"","kind":"X"},"scope":"Namespaced","verbs":)" + verbs + "}";
}
std::string AggregatedVersion(const std::string& version, const std::string& resources,
                              const std::string& freshness = "Current") {
  return R"({"version":")" + version + R"(","freshness":")" + freshness + R"(","resources":[)" + resources + "]}";
}
std::string AggregatedGroup(const std::string& name, const std::string& versions) {
  return R"({"metadata":{)" + (name.empty() ? "" : R"("name":")" + name + "\"") + R"(},"versions":[)" + versions + "]}";
}
std::string Aggregated(const std::string& groups) {
  return R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[)" + groups +
         "]}";
}
std::string ResourceList(const std::string& name, const std::string& verbs = R"(["get","list","watch"])") {
  return R"({"kind":"APIResourceList","apiVersion":"v1","resources":[{"name":")" + name +
         R"(","kind":"X","namespaced":true,"verbs":)" + verbs + R"(},{"name":")" + name +
         R"(/status","kind":"X","namespaced":true,"verbs":["get"]}]})";
}

// A server that answers from a table; what is not in it is 404.
struct Rig {
  Rig() : transport(&loop), discovery(&transport) {
    Set("/version", JsonAnswer(kVersion));
    Set("/api", JsonAnswer(Aggregated(
                    AggregatedGroup("", AggregatedVersion("v1", Resource("pods") + "," + Resource("nodes"))))));
    Set("/apis", JsonAnswer(Aggregated(AggregatedGroup("apps", AggregatedVersion("v1", Resource("deployments"))))));
    transport.responder = [this](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
      const auto found = documents.find(request.target);
      if (found == documents.end())
        return Result<HttpResponse>(HttpResponse{{.status = 404, .content_type = "text/plain"}, "404 page not found"});
      return found->second;
    };
  }
  void Set(const std::string& target, Result<HttpResponse> answer) {
    documents.insert_or_assign(target, std::move(answer));
  }
  const DiscoveryResult& Run() {
    int done = 0;
    discovery.Run([&](const DiscoveryResult&) { ++done; });
    loop.Run();
    EXPECT_EQ(done, 1);
    return discovery.result();
  }
  VirtualLoop loop;
  FakeTransport transport;
  Discovery discovery;
  std::map<std::string, Result<HttpResponse>> documents;
};

TEST(Discovery, ReadsAggregatedDocuments) {
  Rig rig;
  const DiscoveryResult& result = rig.Run();
  EXPECT_EQ(rig.transport.requests.size(), 3U);
  EXPECT_THAT(rig.transport.requests.back().accept, HasSubstr("g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
  EXPECT_TRUE(result[Kind::kPod].served());
  EXPECT_EQ(result[Kind::kPod].version, "v1");
  EXPECT_TRUE(result[Kind::kDeployment].served());
  EXPECT_TRUE(result[Kind::kService].known);
  EXPECT_FALSE(result[Kind::kService].served());
  EXPECT_TRUE(result[Kind::kWorkloadAudit].known);
  EXPECT_FALSE(result[Kind::kWorkloadAudit].served());
  EXPECT_THAT(result.problems, IsEmpty());
}

TEST(Discovery, PrefersOurFirstVersionAndTakesTheNextBest) {
  Rig rig;
  rig.Set("/apis", JsonAnswer(Aggregated(AggregatedGroup(
                       "autoscaling", AggregatedVersion("v1", Resource("horizontalpodautoscalers")) + "," +
                                          AggregatedVersion("v2", Resource("horizontalpodautoscalers"))))));
  EXPECT_EQ(rig.Run()[Kind::kHorizontalPodAutoscaler].version, "v2");
  rig.Set("/apis", JsonAnswer(Aggregated(AggregatedGroup(
                       "autoscaling", AggregatedVersion("v2", Resource("horizontalpodautoscalers")) + "," +
                                          AggregatedVersion("v1", Resource("horizontalpodautoscalers"))))));
  EXPECT_EQ(rig.Run()[Kind::kHorizontalPodAutoscaler].version, "v2");
  rig.Set("/apis", JsonAnswer(Aggregated(
                       AggregatedGroup("autoscaling", AggregatedVersion("v1", Resource("horizontalpodautoscalers"))))));
  EXPECT_EQ(rig.Run()[Kind::kHorizontalPodAutoscaler].version, "v1");
  rig.Set("/apis", JsonAnswer(Aggregated(
                       AggregatedGroup("autoscaling", AggregatedVersion("v3", Resource("horizontalpodautoscalers"))))));
  EXPECT_FALSE(rig.Run()[Kind::kHorizontalPodAutoscaler].served()) << "not a version that we understand";
}

TEST(Discovery, AKindThatCannotBeListedAndWatchedIsNotServed) {
  Rig rig;
  rig.Set("/api",
          JsonAnswer(Aggregated(AggregatedGroup("", AggregatedVersion("v1", Resource("pods", R"(["get","list"])"))))));
  EXPECT_FALSE(rig.Run()[Kind::kPod].served());
}

TEST(Discovery, AStaleGroupKeepsItsPreviousAnswer) {
  Rig rig;
  EXPECT_TRUE(rig.Run()[Kind::kDeployment].served());
  rig.Set("/apis", JsonAnswer(Aggregated(AggregatedGroup("apps", AggregatedVersion("v1", "", "Stale")))));
  EXPECT_TRUE(rig.Run()[Kind::kDeployment].served());
  // Fresh and without it: that is a proof.
  rig.Set("/apis", JsonAnswer(Aggregated(AggregatedGroup("apps", AggregatedVersion("v1", "")))));
  EXPECT_FALSE(rig.Run()[Kind::kDeployment].served());
}

TEST(Discovery, AFailedDocumentRemovesNothing) {
  for (const Result<HttpResponse>& failure :
       {Result<HttpResponse>(Status(Code::kUnavailable, "reset")),
        Result<HttpResponse>(JsonAnswer(R"({"kind":"Status","code":503})", 503)), Result<HttpResponse>(JsonAnswer("{")),
        Result<HttpResponse>(JsonAnswer(R"({"kind":"PodList"})")),
        Result<HttpResponse>(HttpResponse{{.status = 200, .content_type = "text/html"}, "<html>"})}) {
    Rig rig;
    rig.Run();
    rig.Set("/apis", failure);
    const DiscoveryResult& result = rig.Run();
    EXPECT_TRUE(result[Kind::kDeployment].served());
    EXPECT_TRUE(result[Kind::kPod].served());
    EXPECT_THAT(result.problems, Not(IsEmpty()));
  }
}

TEST(Discovery, WhatWasNeverAnsweredIsUnknown) {
  Rig rig;
  rig.Set("/apis", Status(Code::kUnavailable, "reset"));
  const DiscoveryResult& result = rig.Run();
  EXPECT_FALSE(result[Kind::kDeployment].known);
  EXPECT_TRUE(result[Kind::kPod].known);
}

// --- Servers without aggregated discovery.

void UsePlainDocuments(Rig& rig) {
  rig.Set("/api", JsonAnswer(R"({"kind":"APIVersions","versions":["v1"]})"));
  rig.Set(
      "/apis",
      JsonAnswer(
          R"({"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}]},)"
          R"({"name":"autoscaling","versions":[{"version":"v2"},{"version":"v1"}]},{"name":"other","versions":[{"version":"v9"}]}]})"));
  rig.Set("/api/v1", JsonAnswer(ResourceList("pods")));
  rig.Set("/apis/apps/v1", JsonAnswer(ResourceList("deployments")));
  rig.Set("/apis/autoscaling/v1", JsonAnswer(ResourceList("horizontalpodautoscalers")));
  rig.Set("/apis/autoscaling/v2", JsonAnswer(ResourceList("horizontalpodautoscalers")));
}

TEST(Discovery, FallsBackToThePlainDocumentsOfTheGroupsItNeeds) {
  Rig rig;
  UsePlainDocuments(rig);
  const DiscoveryResult& result = rig.Run();
  EXPECT_EQ(result[Kind::kPod].version, "v1");
  EXPECT_EQ(result[Kind::kDeployment].version, "v1");
  EXPECT_EQ(result[Kind::kHorizontalPodAutoscaler].version, "v2");
  EXPECT_TRUE(result[Kind::kIngress].known);
  EXPECT_FALSE(result[Kind::kIngress].served());
  EXPECT_EQ(rig.transport.Count("/apis/other"), 0U);
  EXPECT_EQ(rig.transport.requests.size(), 7U);
}

TEST(Discovery, AFailedGroupKeepsItsPreviousAnswer) {
  Rig rig;
  UsePlainDocuments(rig);
  rig.Run();
  rig.Set("/apis/autoscaling/v2", JsonAnswer(R"({"kind":"Status","code":503})", 503));
  rig.Set("/apis/apps/v1", Status(Code::kUnavailable, "reset"));
  const DiscoveryResult& result = rig.Run();
  EXPECT_EQ(result[Kind::kHorizontalPodAutoscaler].version, "v2");
  EXPECT_TRUE(result[Kind::kDeployment].served());
  EXPECT_TRUE(result[Kind::kPod].served());
}

TEST(Discovery, AGroupThatIsNoLongerListedIsGone) {
  Rig rig;
  UsePlainDocuments(rig);
  rig.Run();
  rig.Set("/apis", JsonAnswer(R"({"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"version":"v1"}]}]})"));
  const DiscoveryResult& result = rig.Run();
  EXPECT_TRUE(result[Kind::kHorizontalPodAutoscaler].known);
  EXPECT_FALSE(result[Kind::kHorizontalPodAutoscaler].served());
}

// --- Versions and runs.

TEST(Discovery, KnowsWhatTheServersVersionCanDo) {
  const auto read = [](const std::string& major, const std::string& minor) {
    support::Tree tree;
    EXPECT_TRUE(
        support::ParseJson(R"({"major":")" + major + R"(","minor":")" + minor + R"(","gitVersion":"g"})", tree).ok());
    return Discovery::ReadVersion(tree.root());
  };
  EXPECT_FALSE(read("1", "33").StreamsLists());
  EXPECT_TRUE(read("1", "34+").StreamsLists());
  EXPECT_FALSE(read("1", "34").ComparesVersions());
  EXPECT_TRUE(read("1", "35").ComparesVersions());
  EXPECT_TRUE(read("2", "0").StreamsLists());
  EXPECT_FALSE(read("", "").known());
  EXPECT_FALSE(read("one", "x").StreamsLists());
}

TEST(Discovery, AnUnreachableVersionKeepsThePreviousOne) {
  Rig rig;
  EXPECT_EQ(rig.Run().version.minor, 36);
  rig.Set("/version", Status(Code::kUnavailable, "reset"));
  EXPECT_EQ(rig.Run().version.minor, 36);
}

TEST(Discovery, ACallDuringARunGetsARunOfItsOwnAfterwards) {
  Rig rig;
  rig.transport.responder = nullptr;
  std::vector<int> order;
  rig.discovery.Run([&](const DiscoveryResult&) { order.push_back(1); });
  rig.discovery.Run([&](const DiscoveryResult&) { order.push_back(2); });
  rig.discovery.Run([&](const DiscoveryResult&) { order.push_back(3); });
  EXPECT_EQ(rig.transport.calls.size(), 3U);
  for (int i = 0; i < 3; ++i) rig.transport.Answer(Status(Code::kUnavailable, "x"));
  EXPECT_THAT(order, ::testing::ElementsAre(1));
  EXPECT_EQ(rig.transport.calls.size(), 3U);
  for (int i = 0; i < 3; ++i) rig.transport.Answer(Status(Code::kUnavailable, "x"));
  EXPECT_THAT(order, ::testing::ElementsAre(1, 2, 3));
  EXPECT_EQ(rig.discovery.runs(), 2U);
}

}  // namespace
}  // namespace seaworthy::api::testing
