// Kinds of other projects are kept as the facts that the table names, and as nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cache/decode.h"
#include "seaworthy/extension.h"
#include "testing/manifest.h"

namespace seaworthy::cache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DecodeExtensions : public ::testing::Test {
 protected:
  std::unique_ptr<Extension> Decode(const std::string& yaml) {
    ObjectPtr object = testing::Decoded(*decoder_, yaml);
    return std::unique_ptr<Extension>(static_cast<Extension*>(object.release()));
  }
  static std::vector<std::string> Values(const Extension& extension, std::string_view path) {
    std::vector<std::string> values;
    for (const Extension::Fact* fact : extension.All(path)) values.push_back(fact->value.str());
    return values;
  }

  TextPool pool_;
  std::unique_ptr<ObjectDecoder> decoder_ = MakeDecoder(pool_);
};

TEST_F(DecodeExtensions, ElementsOfListsKeepTogether) {
  const auto route = Decode(R"(
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  hostnames: [a.example, b.example]
  rules:
    - backendRefs: [{name: one, port: 80}, {name: two}]
    - filters: [{type: RequestRedirect}]
    - backendRefs: [{name: three, port: 8080, namespace: other}]
)");
  EXPECT_THAT(Values(*route, "spec.hostnames[]"), ElementsAre("a.example", "b.example"));
  const auto names = route->All("spec.rules[].backendRefs[].name");
  ASSERT_EQ(names.size(), 3u);
  EXPECT_EQ(route->Beside(*names[0], "spec.rules[].backendRefs[].port"), "80");
  EXPECT_EQ(route->Beside(*names[1], "spec.rules[].backendRefs[].port"), "");
  EXPECT_EQ(route->Beside(*names[2], "spec.rules[].backendRefs[].port"), "8080");
  EXPECT_EQ(route->Beside(*names[2], "spec.rules[].backendRefs[].namespace"), "other");
  EXPECT_THAT(route->Within(0, "spec.rules[].backendRefs[].name"), ElementsAre("one", "two"));
}

TEST_F(DecodeExtensions, AnElementThatIsThereCountsThoughNothingOfItIsKept) {
  const auto monitor = Decode(R"(
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: shop}
spec: {selector: {}, endpoints: [{interval: 30s}, {port: web}]}
)");
  EXPECT_THAT(Values(*monitor, "spec.endpoints[]?"), ElementsAre("true", "true"));
  EXPECT_THAT(monitor->Within(0, "spec.endpoints[].port"), IsEmpty());
  EXPECT_THAT(monitor->Within(1, "spec.endpoints[].port"), ElementsAre("web"));
  ASSERT_NE(monitor->SelectorAt("spec.selector{}"), nullptr);
  EXPECT_TRUE(monitor->SelectorAt("spec.selector{}")->Matches(Labels()));
}

TEST_F(DecodeExtensions, TimesAreSeconds) {
  const auto certificate = Decode(R"(
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web, namespace: shop}
status: {notAfter: "2026-11-24T12:00:00Z", notBefore: yesterday}
)");
  EXPECT_EQ(certificate->IntAt("status.notAfter{time}").value_or(0), 1'795'521'600);
  EXPECT_FALSE(certificate->Has("status.notBefore{time}"));
}

TEST_F(DecodeExtensions, OfUrlsOnlyTheHostIsKept) {
  const auto probe = Decode(R"(
apiVersion: monitoring.coreos.com/v1
kind: Probe
metadata: {name: web, namespace: shop}
spec: {targets: {staticConfig: {static: ["https://me:secret@Shop.example:8443/health?token=secret", "blog.example", ""]}}}
)");
  EXPECT_THAT(Values(*probe, "spec.targets.staticConfig.static[]{host}"), ElementsAre("shop.example", "blog.example"));
}

TEST_F(DecodeExtensions, OfRulesWhatTheyAskForIsKept) {
  const auto rules = Decode(R"(
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: web, namespace: shop}
spec:
  groups:
    - name: a
      rules:
        - {record: x, expr: 'up{job="x"}'}
        - {alert: Down, expr: 'up{job="web", namespace="shop"} == 0', annotations: {runbook_url: "https://wiki.example"}}
    - name: b
      rules:
        - {alert: Slow, expr: 'latency{job=~"api|db"} > 1'}
)");
  EXPECT_THAT(Values(*rules, "spec.groups[].rules[].expr{matchers}"),
              ElementsAre("job=x", "job=web", "namespace=shop", "job=api", "job=db"));
  const auto alerts = rules->All("spec.groups[].rules[].alert");
  ASSERT_EQ(alerts.size(), 2u);
  EXPECT_EQ(rules->Beside(*alerts[0], "spec.groups[].rules[].annotations.runbook_url?"), "true");
  EXPECT_EQ(rules->Beside(*alerts[1], "spec.groups[].rules[].annotations.runbook_url?"), "");
  EXPECT_EQ(rules->Beside(*alerts[1], "spec.groups[].rules[].expr{matchers}"), "job=api");
}

}  // namespace
}  // namespace seaworthy::cache
