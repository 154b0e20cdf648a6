#include "cache/annotations.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace seaworthy::cache {
namespace {

class AnnotationsTest : public testing::Test {
 protected:
  Labels Kept(std::string_view json, List<CredentialFact>* facts = nullptr) {
    const Status status = support::ParseJson(json, tree_);
    EXPECT_TRUE(status.ok()) << status.message();
    return KeepAnnotations(tree_.root(), pool_, facts);
  }
  TextPool pool_;
  support::Tree tree_;
};

TEST_F(AnnotationsTest, KeepsTheFixedListOnly) {
  const Labels kept = Kept(R"({"seaworthy.dev/owner":"shop","example.com/anything":"x","prometheus.io/scrape":"true",
                               "meta.helm.sh/release-name":"web","example.com/owner":"a","kubernetes.io/ingress.class":"nginx",
                               "kubernetes.io/ingress.class.x":"no"})");
  EXPECT_EQ(kept.size(), 5U);
  EXPECT_EQ(kept.Get("seaworthy.dev/owner"), "shop");
  EXPECT_EQ(kept.Get("example.com/owner"), "a");
  EXPECT_FALSE(kept.Has("example.com/anything"));
}

TEST_F(AnnotationsTest, KeepsOnlyThePresenceOfWhatChangesByItself) {
  const Labels kept = Kept(R"({"checksum/config":"abc","kubernetes.io/config.mirror":"0123"})");
  EXPECT_TRUE(kept.Has("checksum/config"));
  EXPECT_EQ(kept.Get("checksum/config"), "");
  EXPECT_TRUE(kept.Has("kubernetes.io/config.mirror"));
}

TEST_F(AnnotationsTest, CutsLongValuesAtACharacter) {
  std::string value(kMaxAnnotationValue - 1, 'a');
  value += "\xC3\xA9\xC3\xA9";
  EXPECT_EQ(Kept("{\"owner\":\"" + value + "\"}").Get("owner"), std::string(kMaxAnnotationValue - 1, 'a'));
}

TEST_F(AnnotationsTest, EmptiesAValueThatHoldsACredential) {
  List<CredentialFact> facts;
  const Labels kept =
      Kept(R"({"seaworthy.dev/runbook":"https://u:s3cr3t@wiki/","example.com/dsn":"redis://:s3cr3t@cache/",
                               "nginx.ingress.kubernetes.io/auth-secret":"basic-auth","owner":"shop"})",
           &facts);
  EXPECT_TRUE(kept.Has("seaworthy.dev/runbook"));
  EXPECT_EQ(kept.Get("seaworthy.dev/runbook"), "");
  EXPECT_EQ(kept.Get("owner"), "shop");
  ASSERT_EQ(facts.size(), 2U);
  EXPECT_EQ(facts[0].where, "annotation[seaworthy.dev/runbook]");
  EXPECT_EQ(facts[1].where, "annotation[example.com/dsn]");
  EXPECT_EQ(facts[1].evidence, CredentialFact::Evidence::kUrlUserInfo);
  // Without a list of facts the value is emptied all the same.
  EXPECT_EQ(Kept(R"({"owner":"https://u:s3cr3t@wiki/"})").Get("owner"), "");
}

TEST_F(AnnotationsTest, NeverKeepsWhatWasApplied) {
  List<CredentialFact> facts;
  const Labels kept =
      Kept(R"({"kubectl.kubernetes.io/last-applied-configuration":"{\"x\":\"redis://:s3cr3t@cache/\"}"})", &facts);
  EXPECT_TRUE(kept.empty());
  EXPECT_TRUE(facts.empty());
}

TEST_F(AnnotationsTest, ToleratesValuesThatAreNoStrings) {
  EXPECT_EQ(Kept(R"({"owner":7,"team":null,"contact":{"a":"b"}})").Get("owner"), "7");
}

TEST(LastApplied, GivesItsApiVersion) {
  EXPECT_EQ(LastAppliedApiVersion(R"({"apiVersion":"apps/v1","kind":"Deployment"})"), "apps/v1");
  EXPECT_EQ(LastAppliedApiVersion(R"({"kind":"Deployment"})"), "");
  EXPECT_EQ(LastAppliedApiVersion(R"({"apiVersion":"apps\u002fv1"})"), "");
  EXPECT_EQ(LastAppliedApiVersion(R"({"apiVersion":")"), "");
  EXPECT_EQ(LastAppliedApiVersion("{\"apiVersion\":\"" + std::string(1000, 'x') + "\"}"), "");
  EXPECT_EQ(LastAppliedApiVersion(""), "");
}

}  // namespace
}  // namespace seaworthy::cache
