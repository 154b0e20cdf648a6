#include "cache/promql_matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "cache/url_host.h"

namespace seaworthy::cache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Read(std::string_view expression) {
  std::vector<std::string> texts;
  for (const PromqlMatcher& matcher : PromqlMatchers(expression)) texts.push_back(matcher.label + "=" + matcher.value);
  return texts;
}

TEST(PromqlMatchers, ReadsWhatIsAskedForAndNotWhatIsRuledOut) {
  EXPECT_THAT(
      Read(R"x(sum by (namespace) (rate(http_requests_total{namespace="shop", code!~"5..", job='web',}[5m])) > 0)x"),
      ElementsAre("namespace=shop", "job=web"));
  EXPECT_THAT(Read("up{job=`web`} == 0 # and {job=\"comment\"}"), ElementsAre("job=web"));
  EXPECT_THAT(Read(R"x({"http.requests", "k8s.namespace"="shop"} > 1)x"), ElementsAre("k8s.namespace=shop"));
  EXPECT_THAT(Read(R"x(a{x="1"} / b{x="1"})x"), ElementsAre("x=1"));
  EXPECT_THAT(Read(R"x(label_replace(up, "a", "{b=\"c\"}", "d", ""))x"), IsEmpty());
  EXPECT_THAT(Read(R"x(a{x="say \"hi\""})x"), ElementsAre("x=say \"hi\""));
  EXPECT_THAT(Read("up == 0"), IsEmpty());
}

TEST(PromqlMatchers, ReducesRegularExpressionsToWhatIsLiteral) {
  EXPECT_THAT(Read(R"x(a{n=~"shop|blog"})x"), ElementsAre("n=shop", "n=blog"));
  EXPECT_THAT(Read(R"x(a{n=~"^(shop|blog)$"})x"), ElementsAre("n=shop", "n=blog"));
  EXPECT_THAT(Read(R"x(a{n=~"(?:web|api)-.*"})x"), ElementsAre("n=web-*", "n=api-*"));
  EXPECT_THAT(Read(R"x(a{n=~"web-[0-9]+"})x"), ElementsAre("n=web-*"));
  EXPECT_THAT(Read(R"x(a{n=~"web-\\d+"})x"), ElementsAre("n=web-*"));
  EXPECT_THAT(Read(R"x(a{n=~"shop\\.example"})x"), ElementsAre("n=shop.example"));
  EXPECT_THAT(Read(R"x(a{n=~".*-db"})x"), ElementsAre("n=*-db"));
  EXPECT_THAT(Read(R"x(a{n=~"webs?"})x"), ElementsAre("n=web*"));
  EXPECT_THAT(Read(R"x(a{n=~".*", m=~".+", o=~"", p=""})x"), IsEmpty());
  EXPECT_THAT(Read(R"x(a{n=~"(kube-.*|default|logging)"})x"), ElementsAre("n=kube-*", "n=default", "n=logging"));
}

TEST(PromqlMatchers, EndsWithWhateverItIsGiven) {
  for (const char* odd : {"{", "{a", "{a=", "{a=\"", "{a=\"b", "{=\"b\"}", "{{{{", "{a==\"b\"}", "{(}", "a{b=~\"(((\"}",
                          "a{b=~\"[\"}", "a{b=~\"\\\"}", "\"", "{,,,}"})
    Read(odd);
  // Alternatives of alternatives multiply: the work is bounded.
  std::string bomb = "a{b=~\"";
  for (int i = 0; i < 6; ++i) bomb += "(" + std::string(400, '|') + ")";
  bomb += "\"}";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_LE(Read(bomb).size(), 64u);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  std::string many = "a{b=~\"x0";
  for (int i = 1; i < 500; ++i) many += "|x" + std::to_string(i);
  EXPECT_EQ(Read(many + "\"}").size(), 64u);
}

TEST(UrlHost, LeavesOutWhatMayBeSecret) {
  EXPECT_EQ(HostOfUrl("https://shop.example/health"), "shop.example");
  EXPECT_EQ(HostOfUrl("https://me:secret@Shop.Example:8443?x=1"), "shop.example");
  EXPECT_EQ(HostOfUrl("shop.example:443"), "shop.example");
  EXPECT_EQ(HostOfUrl("shop.example."), "shop.example");
  EXPECT_EQ(HostOfUrl("https://[2001:db8::1]:443/"), "2001:db8::1");
  EXPECT_EQ(HostOfUrl("https://"), "");
  EXPECT_EQ(HostOfUrl(""), "");
}

}  // namespace
}  // namespace seaworthy::cache
