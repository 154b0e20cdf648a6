#include "api/url.h"

#include <gtest/gtest.h>

namespace seaworthy::api {
namespace {

TEST(Url, BuildsPathsOfCollectionsAndObjects) {
  EXPECT_EQ(*CollectionPath(Info(Kind::kPod), "v1"), "/api/v1/pods");
  EXPECT_EQ(*CollectionPath(Info(Kind::kPod), "v1", "shop"), "/api/v1/namespaces/shop/pods");
  EXPECT_EQ(*CollectionPath(Info(Kind::kDeployment), "v1"), "/apis/apps/v1/deployments");
  EXPECT_EQ(*CollectionPath(Info(Kind::kNode), "v1", "ignored"), "/api/v1/nodes");
  EXPECT_EQ(*ObjectPath(Info(Kind::kDeployment), "v1", "shop", "web"), "/apis/apps/v1/namespaces/shop/deployments/web");
  EXPECT_EQ(*ObjectPath(Info(Kind::kDeployment), "v1", "shop", "web", "status"),
            "/apis/apps/v1/namespaces/shop/deployments/web/status");
  EXPECT_EQ(*ObjectPath(Info(Kind::kNode), "v1", "", "n1"), "/api/v1/nodes/n1");
  EXPECT_EQ(*GroupVersionPath("", "v1"), "/api/v1");
  EXPECT_EQ(*GroupVersionPath("apps", "v1"), "/apis/apps/v1");
}

TEST(Url, WantsANamespaceExactlyForNamespacedKinds) {
  EXPECT_EQ(ObjectPath(Info(Kind::kDeployment), "v1", "", "web").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(ObjectPath(Info(Kind::kNode), "v1", "shop", "n1").status().code(), Code::kInvalidArgument);
}

TEST(Url, RefusesSegmentsThatCouldMoveWithinThePath) {
  for (const char* hostile : {"", ".", "..", "a/b", "/", "../../secrets", "%2e%2e", "a%2fb", "%"}) {
    EXPECT_EQ(ObjectPath(Info(Kind::kPod), "v1", "shop", hostile).status().code(), Code::kInvalidArgument) << hostile;
    EXPECT_EQ(ObjectPath(Info(Kind::kPod), "v1", hostile, "web").status().code(), Code::kInvalidArgument) << hostile;
    EXPECT_EQ(CollectionPath(Info(Kind::kPod), hostile).status().code(), Code::kInvalidArgument) << hostile;
    EXPECT_EQ(JoinPath({"api", hostile}).status().code(), Code::kInvalidArgument) << hostile;
  }
  // As a subresource or a namespace, an empty text means "none".
  EXPECT_EQ(ObjectPath(Info(Kind::kPod), "v1", "shop", "web", "..").status().code(), Code::kInvalidArgument);
}

TEST(Url, EncodesEverythingOutsideTheUnreservedSet) {
  EXPECT_EQ(PercentEncode("AZaz09-._~"), "AZaz09-._~");
  for (int c = 0; c < 256; ++c) {
    const std::string one(1, static_cast<char>(c));
    const std::string encoded = PercentEncode(one);
    const bool unreserved =
        std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~").find(one) !=
        std::string::npos;
    EXPECT_EQ(encoded.size(), unreserved ? 1U : 3U) << c;
  }
  EXPECT_EQ(*ObjectPath(Info(Kind::kClusterRoleBinding), "v1", "", "system:node?x=1#y z\r\nHost: evil"),
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system%3Anode%3Fx%3D1%23y%20z%0D%0AHost%3A%20evil");
}

TEST(Url, BuildsQueriesFromTypedPairs) {
  EXPECT_EQ(Query().str(), "");
  EXPECT_EQ(Query().AddInt("limit", 500).Add("continue", "a+b/c=&d").AddFlag("watch", true).AddFlag("x", false).str(),
            "?limit=500&continue=a%2Bb%2Fc%3D%26d&watch=true&x=false");
}

}  // namespace
}  // namespace seaworthy::api
