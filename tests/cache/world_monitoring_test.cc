// Routes, monitors, probes, alerts and maintenance pages: who is joined with whom, in whatever order they come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cache/world_rig.h"
#include "seaworthy/check.h"

namespace seaworthy::cache {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Deployment(std::string_view name, std::string_view labels = "") {
  return Manifest("apps/v1", "Deployment",
                  "name: " + std::string(name) + ", namespace: shop, uid: d-" + std::string(name) + ", labels: {" +
                      std::string(labels) + "}",
                  "spec: {selector: {matchLabels: {app: " + std::string(name) +
                      "}}, template: {metadata: {labels: {app: " + std::string(name) +
                      "}}, spec: {containers: [{name: app, image: web:1}]}}}\n");
}
std::string Service(std::string_view name, std::string_view labels = "") {
  return Manifest("v1", "Service",
                  "name: " + std::string(name) + ", namespace: shop, uid: s-" + std::string(name) + ", labels: {" +
                      std::string(labels) + "}",
                  "spec: {selector: {app: " + std::string(name) + "}, ports: [{name: http, port: 80}]}\n");
}
std::string Route(std::string_view ns, std::string_view backend) {
  return Manifest("gateway.networking.k8s.io/v1", "HTTPRoute",
                  "name: r, namespace: " + std::string(ns) + ", uid: r-" + std::string(ns),
                  "spec: {rules: [{backendRefs: [{" + std::string(backend) + "}]}]}\n");
}
std::string Monitor(std::string_view kind, std::string_view ns, std::string_view spec) {
  return Manifest("monitoring.coreos.com/v1", kind,
                  "name: m, namespace: " + std::string(ns) + ", uid: m-" + std::string(ns),
                  "spec: {" + std::string(spec) + "}\n");
}

// All orders of arrival end in the same indexes, and taking all away in any order leaves nothing.
void InAnyOrder(std::vector<std::string> yamls, const std::vector<std::string>& expected) {
  std::sort(yamls.begin(), yamls.end());
  std::string first;
  do {
    WorldRig rig;
    for (const std::string& yaml : yamls) rig.Apply(yaml);
    const std::string text = rig.Text();
    for (const std::string& part : expected) ASSERT_THAT(text, HasSubstr(part));
    if (first.empty()) first = text;
    ASSERT_EQ(text, first);
    for (const std::string& yaml : yamls) rig.Delete(yaml);
    ASSERT_EQ(rig.Text(), WorldRig().Text());
  } while (std::next_permutation(yamls.begin(), yamls.end()));
}

TEST(WorldRoutes, OfAMeshExposeNothing) {
  const std::string mesh =
      Manifest("gateway.networking.k8s.io/v1", "HTTPRoute", "name: mesh, namespace: shop, uid: mesh",
               "spec: {parentRefs: [{group: \"\", kind: Service, name: web}], rules: [{backendRefs: [{name: web, port: "
               "80}]}]}\n");
  InAnyOrder({Deployment("web"), Service("web"), Route("shop", "name: web, port: 80"), mesh}, {"routes=[shop/r ]"});
}

TEST(WorldRoutes, NameServicesOfAnyNamespace) {
  InAnyOrder({Deployment("web"), Service("web"), Route("edge", "name: web, namespace: shop, port: 80"),
              Route("shop", "name: web, port: 80")},
             {"routes=[edge/r shop/r ]"});
  InAnyOrder({Service("web"), Route("shop", "name: web, kind: ServiceImport, group: multicluster.x-k8s.io")},
             {"routes=[]"});
}

TEST(WorldRoutes, TouchTheWorkloadsBehindAndTheNamespaceThatIsJudgedByIt) {
  WorldRig rig;
  rig.Apply(Deployment("web"));
  rig.Apply(Service("web"));
  rig.world.TakeTouches();
  rig.Apply(Route("edge", "name: web, namespace: shop"));
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), rig.Find("Deployment", "web")->subject, {Kind::kHttpRoute}));
  rig.Delete(Service("web"));
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), rig.Ns("edge")->subject, {Kind::kService}));
  rig.Apply(Service("web"));
  rig.world.TakeTouches();
  rig.Apply(Route("edge", "name: other, namespace: shop"));
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), rig.Find("Deployment", "web")->subject, {Kind::kHttpRoute}));
  EXPECT_THAT(rig.Text(), HasSubstr("routes=[]"));
}

TEST(WorldMonitors, SelectServicesAndPodsWhereTheySayTheyDo) {
  const std::string web = Service("web", "release: one");
  InAnyOrder({Deployment("web"), web,
              Monitor("ServiceMonitor", "shop", "selector: {matchLabels: {release: one}}, endpoints: [{port: http}]")},
             {" monitors=[shop/m ]"});
  InAnyOrder(
      {Deployment("web"), web, Monitor("ServiceMonitor", "monitoring", "selector: {}, namespaceSelector: {any: true}")},
      {" monitors=[monitoring/m ]"});
  InAnyOrder({Deployment("web"), web,
              Monitor("ServiceMonitor", "monitoring", "selector: {}, namespaceSelector: {matchNames: [blog, shop]}")},
             {" monitors=[monitoring/m ]"});
  InAnyOrder({Deployment("web"), Monitor("PodMonitor", "shop", "selector: {matchLabels: {app: web}}")},
             {" monitors=[shop/m ]"});
  for (const char* spec :
       {"selector: {}", "endpoints: []", "selector: {matchLabels: {release: two}}, namespaceSelector: {any: true}"}) {
    WorldRig rig;
    rig.Apply(Deployment("web"));
    rig.Apply(web);
    rig.Apply(Monitor("ServiceMonitor", "monitoring", spec));
    EXPECT_THAT(rig.Text(), Not(HasSubstr("monitors=[monitoring/m"))) << spec;
  }
}

TEST(WorldMonitors, TouchWhomTheySelectAndNobodyElse) {
  WorldRig rig;
  rig.Apply(Deployment("web"));
  rig.Apply(Deployment("api"));
  rig.Apply(Service("web", "release: one"));
  rig.world.TakeTouches();
  const std::uint32_t web = rig.Find("Deployment", "web")->subject, api = rig.Find("Deployment", "api")->subject;
  rig.Apply(Monitor("ServiceMonitor", "shop", "selector: {matchLabels: {release: one}}"));
  std::vector<Touch> touches = rig.world.TakeTouches();
  EXPECT_TRUE(WorldRig::Touched(touches, web, {Kind::kServiceMonitor}));
  EXPECT_FALSE(WorldRig::Touched(touches, api, {Kind::kServiceMonitor}));
  rig.Apply(Monitor("ServiceMonitor", "shop", "selector: {matchLabels: {release: two}}"));
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), web, {Kind::kServiceMonitor}));
  rig.Apply(Monitor("PodMonitor", "shop", "selector: {matchLabels: {app: api}}"));
  touches = rig.world.TakeTouches();
  EXPECT_FALSE(WorldRig::Touched(touches, web, {Kind::kPodMonitor}));
  EXPECT_TRUE(WorldRig::Touched(touches, api, {Kind::kPodMonitor}));
}

TEST(WorldMonitors, AWriteThatChangesNothingThatIsKeptTouchesNobody) {
  WorldRig rig;
  rig.Apply(Deployment("web"));
  const auto config = [](std::string_view version, std::string_view label) {
    return Manifest("v1", "ConfigMap",
                    "name: lock, namespace: shop, uid: c, resourceVersion: '" + std::string(version) +
                        "', labels: {a: " + std::string(label) + "}, annotations: {renewed: '" + std::string(version) +
                        "'}",
                    "data: {holder: " + std::string(version) + "}\n");
  };
  rig.Apply(config("7", "x"));
  rig.world.TakeTouches();
  rig.Apply(config("8", "x"));
  EXPECT_THAT(rig.world.TakeTouches(), IsEmpty());
  rig.Apply(config("9", "y"));
  EXPECT_THAT(rig.world.TakeTouches(), Not(IsEmpty()));
}

TEST(WorldMonitors, ANamespaceThatHasSomeTouchesWhoeverPrometheusChoosesFor) {
  const std::string ns = Manifest("v1", "Namespace", "name: monitoring, uid: n, labels: {a: b}");
  const auto everybody = [](const std::vector<Touch>& touches) {
    return std::any_of(touches.begin(), touches.end(), [](const Touch& touch) {
      return touch.scope == Touch::Scope::kEverything && touch.kinds.Has(Kind::kPrometheus);
    });
  };
  WorldRig rig;
  rig.Apply(ns);
  EXPECT_FALSE(everybody(rig.world.TakeTouches()));
  rig.Apply(Monitor("ServiceMonitor", "monitoring", "selector: {}, namespaceSelector: {any: true}"));
  rig.world.TakeTouches();
  rig.Delete(ns);
  EXPECT_TRUE(everybody(rig.world.TakeTouches()));
}

TEST(WorldAlerts, AreFoundByWhatTheyName) {
  const auto rule = [](std::string_view name, std::string_view what, std::string_view expr) {
    return Manifest(
        "monitoring.coreos.com/v1", "PrometheusRule",
        "name: " + std::string(name) + ", namespace: monitoring, uid: p-" + std::string(name),
        "spec: {groups: [{name: g, rules: [{" + std::string(what) + ": Down, expr: '" + std::string(expr) + "'}]}]}\n");
  };
  const std::string one = rule("one", "alert", R"(up{namespace="shop", job="web"} == 0)"),
                    two = rule("two", "alert", R"(x{pod=~"web-.*"} > 1)"),
                    three = rule("three", "record", R"(up{job="web"})"),
                    four = rule("four", "alert", R"(up{job="shop/web"} == 0)");
  InAnyOrder({Deployment("web"), one, two, three, four},
             {"alerts=[monitoring/four:0:0:job=shop/web monitoring/one:0:0:job=web ]",
              "alerts=[monitoring/one:0:0:namespace=shop ]", "patterns=[monitoring/two:0:0:pod=web-* ]"});
  WorldRig rig;
  rig.Apply(one);
  rig.Apply(rule("one", "alert", R"(up{job="api"} == 0)"));
  EXPECT_THAT(rig.world.AlertsNaming(rig.pool.Intern("web")), IsEmpty());
  EXPECT_EQ(rig.world.AlertsNaming(rig.pool.Intern("api")).size(), 1u);
}

TEST(WorldProbes, AreFoundByHost) {
  const auto probe = [](std::string_view kind, std::string_view version, std::string_view spec) {
    return Manifest(version, kind, "name: p, namespace: monitoring, uid: p-" + std::string(kind),
                    "spec: {" + std::string(spec) + "}\n");
  };
  const std::string one =
      probe("Probe", "monitoring.coreos.com/v1",
            "targets: {staticConfig: {static: ['https://shop.example/a', 'https://shop.example/b']}}");
  const std::string two = probe("VMProbe", "operator.victoriametrics.com/v1beta1",
                                "targets: {staticConfig: {targets: ['shop.example:443']}}");
  const std::string three =
      probe("EndpointMonitor", "endpointmonitor.stakater.com/v1alpha1", "url: 'https://shop.example'");
  WorldRig rig;
  for (const std::string& yaml : {three, two, one}) rig.Apply(yaml);
  const auto kinds = [&] {
    std::vector<Kind> found;
    for (const Extension* extension : rig.world.ProbesOf(rig.pool.Intern("shop.example")))
      found.push_back(extension->kind);
    return found;
  };
  EXPECT_THAT(kinds(), ElementsAre(Kind::kProbe, Kind::kVmProbe, Kind::kEndpointMonitor));
  rig.Delete(one);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kVmProbe, Kind::kEndpointMonitor));
  rig.Tell(EventType::kAbsent, Kind::kVmProbe);
  rig.Delete(three);
  EXPECT_THAT(kinds(), IsEmpty());
}

TEST(WorldMaintenance, PagesAreKeptByTheirLabel) {
  const std::string label = "app.kubernetes.io/component: maintenance-page";
  InAnyOrder({Deployment("web"), Deployment("sorry", label), Service("sorry", label)},
             {"pages=[shop/sorry shop/sorry ]"});
  WorldRig rig;
  rig.Apply(Deployment("web"));
  rig.world.TakeTouches();
  const auto everybody_in = [](const std::vector<Touch>& touches) {
    return std::any_of(touches.begin(), touches.end(), [](const Touch& touch) {
      return touch.scope == Touch::Scope::kNamespaceWorkloads && touch.kinds.Has(Kind::kService);
    });
  };
  rig.Apply(Deployment("sorry"));
  EXPECT_FALSE(everybody_in(rig.world.TakeTouches()));
  rig.Apply(Deployment("sorry", label));
  EXPECT_TRUE(everybody_in(rig.world.TakeTouches()));
  rig.Apply(Deployment("sorry"));
  EXPECT_TRUE(everybody_in(rig.world.TakeTouches()));
  EXPECT_THAT(rig.Text(), HasSubstr("pages=[]"));
}

}  // namespace
}  // namespace seaworthy::cache
