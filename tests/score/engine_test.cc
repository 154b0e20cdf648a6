// The queue and the publications of the engine, with checks that count how often they run.
#include "score/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "score/engine_rig.h"

namespace seaworthy::score {
namespace {

using cache::Deployment;
using cache::Manifest;
using cache::Template;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::map<std::string, int> g_runs;

int Runs(const std::string& id) { return g_runs[id]; }

Outcome OfPods(const Context& context) {
  ++g_runs["pods"];
  return Outcome::Fail(std::to_string(context.Pods().size()) + " pods");
}
Outcome OfServices(const Context& context) {
  ++g_runs["services"];
  return context.Services().items.empty() ? Outcome::Warn("no Service") : Outcome::Pass();
}
Outcome OfSpec(const Context& context) {
  ++g_runs["spec"];
  return context.spec().containers.empty() ? Outcome::Fail("none") : Outcome::Pass();
}
Outcome OfNodes(const Context& context) {
  ++g_runs["nodes"];
  return context.Nodes().empty() ? Outcome::Warn("no node") : Outcome::Pass();
}

constexpr Check Workload(std::string_view id, Outcome (*run)(const Context&), KindSet reads = {}) {
  Check check{.id = id, .section = Section::kHealth, .severity = Severity::kHigh, .subject = SubjectType::kWorkload};
  check.reads = reads;
  check.run = run;
  return check;
}
constexpr Check kPods = Workload("pods", OfPods, {Kind::kPod});
constexpr Check kServices = Workload("services", OfServices, {Kind::kService});
constexpr Check kSpec = Workload("spec", OfSpec);
constexpr Check kNodes = Workload("nodes", OfNodes, {Kind::kNode});

std::string Service() {
  return Manifest("v1", "Service", "name: s, namespace: shop, uid: s",
                  "spec: {selector: {app: web}, ports: [{port: 80}]}");
}
std::string Node(std::string_view name) {
  return Manifest("v1", "Node", "name: " + std::string(name) + ", uid: " + std::string(name));
}

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() { g_runs.clear(); }
};

TEST_F(EngineTest, RunsOnlyTheChecksThatReadWhatChanged) {
  EngineRig rig({&kPods, &kServices, &kSpec});
  rig.Apply(Deployment());
  rig.Work();
  EXPECT_THAT(g_runs, ::testing::UnorderedElementsAre(::testing::Pair("pods", 1), ::testing::Pair("services", 1),
                                                      ::testing::Pair("spec", 1)));
  rig.Apply(Service());
  rig.Work();
  EXPECT_EQ(Runs("services"), 2);
  EXPECT_EQ(Runs("pods"), 1);
  EXPECT_EQ(Runs("spec"), 1);
  EXPECT_EQ(rig.Told("web").verdicts.at("services"), Verdict::kPass);
  rig.Apply(Deployment("web", "uid: d1, generation: 2"));
  rig.Work();
  EXPECT_EQ(Runs("services"), 3) << "its own object concerns every check";
  EXPECT_EQ(Runs("spec"), 2);
  EXPECT_THAT(rig.engine.undeclared_reads(), IsEmpty());
}

TEST_F(EngineTest, NoticesACheckThatReadsWhatItDoesNotDeclare) {
  constexpr Check kLiar = Workload("liar", OfPods);
  EngineRig rig({&kLiar});
  rig.Apply(Deployment());
  rig.Work();
  EXPECT_THAT(rig.engine.undeclared_reads(), ElementsAre("liar: Pod"));
}

TEST_F(EngineTest, EvaluatesASliceAStep) {
  EngineRig rig({&kSpec});
  for (int i = 0; i < 5; ++i) rig.rig.Apply(Deployment("d" + std::to_string(i), "uid: d" + std::to_string(i)));
  rig.Flow();
  EXPECT_TRUE(rig.engine.Step(At(kNow), 3));  // the namespace came with the first of them
  EXPECT_EQ(Runs("spec"), 2);
  rig.Work();
  EXPECT_EQ(Runs("spec"), 5);
  EXPECT_FALSE(rig.engine.Step(At(kNow), 2));
}

TEST_F(EngineTest, ADirectChangeGoesBeforeAFanOut) {
  EngineRig rig({&kSpec, &kNodes});
  for (int i = 0; i < 40; ++i) rig.rig.Apply(Deployment("d" + std::to_string(i), "uid: d" + std::to_string(i)));
  rig.Flow();
  rig.Work();
  rig.Apply(Node("n1"));
  rig.engine.Step(At(kNow), 1);  // the fan-out is spread
  g_runs.clear();
  rig.sink.order.clear();
  rig.Apply(Deployment("d39", "uid: d39, generation: 2"));
  rig.engine.Step(At(kNow), 2);
  EXPECT_THAT(rig.sink.order, Contains("d39"));
}

TEST_F(EngineTest, AFanOutIsNotStarved) {
  EngineRig rig({&kSpec, &kNodes});
  for (int i = 0; i < 4; ++i) rig.rig.Apply(Deployment("d" + std::to_string(i), "uid: d" + std::to_string(i)));
  rig.Flow();
  rig.Work();
  rig.Apply(Node("n1"));
  g_runs.clear();
  // d0 changes faster than it is evaluated, for ever.
  for (int i = 0; i < 60; ++i) {
    rig.Apply(Deployment("d0", "uid: d0, generation: " + std::to_string(10 + i)));
    rig.engine.Step(At(kNow), 1);
  }
  for (const char* name : {"d1", "d2", "d3"}) EXPECT_EQ(rig.Told(name).verdicts.at("nodes"), Verdict::kPass) << name;
}

Outcome FailsAfterNoon(const Context& context) {
  ++g_runs["noon"];
  return context.now_seconds() < kNow + 100 ? Outcome::Pass().RecheckAt({kNow + 100})
                                            : Outcome::Fail("it is past noon");
}
constexpr Check kNoon = Workload("noon", FailsAfterNoon);

TEST_F(EngineTest, WakesWhenACheckAskedForIt) {
  EngineRig rig({&kNoon, &kServices});
  rig.Apply(Deployment());
  rig.Work();
  ASSERT_EQ(rig.engine.NextDue(), At(kNow + 100));
  rig.Apply(Service());
  rig.Work(kNow + 50);
  EXPECT_EQ(Runs("noon"), 1);
  EXPECT_EQ(rig.engine.NextDue(), At(kNow + 100));
  rig.Work(kNow + 99);
  EXPECT_EQ(Runs("noon"), 1) << "a partial evaluation must not forget, nor hasten, the other checks' times";
  rig.Work(kNow + 100);
  EXPECT_EQ(rig.Told("web").verdicts.at("noon"), Verdict::kFail);
  EXPECT_EQ(rig.Told("web").since.at("noon"), kNow + 100);
}

Outcome Throws(const Context& context) {
  if (context.workload().meta.name == "poison") throw std::runtime_error("no such index");
  return Outcome::Pass();
}
constexpr Check kThrows = Workload("throws", Throws);

TEST_F(EngineTest, APoisonousObjectHarmsNothingButItself) {
  EngineRig rig({&kThrows, &kSpec});
  for (const char* name : {"a", "poison", "z"}) rig.Apply(Deployment(name, "uid: " + std::string(name)));
  rig.Work();
  EXPECT_EQ(rig.Told("poison").verdicts.at("throws"), Verdict::kUnknown);
  EXPECT_THAT(rig.Told("poison").messages.at("throws"), ::testing::HasSubstr("no such index"));
  EXPECT_EQ(rig.Told("poison").verdicts.at("spec"), Verdict::kPass);
  for (const char* name : {"a", "z"}) EXPECT_EQ(rig.Told(name).verdicts.at("throws"), Verdict::kPass);
}

TEST_F(EngineTest, TellsWhatChangedAndNothingElse) {
  EngineRig rig({&kSpec});
  rig.Apply(Deployment("web", "uid: d1, labels: {owner: red}"));
  rig.Work();
  ASSERT_EQ(rig.sink.Times("web"), 1u);
  rig.engine.TouchAll();
  rig.Work();
  EXPECT_EQ(rig.sink.Times("web"), 1u) << "nothing is different";
  rig.Apply(Deployment("web", "uid: d1, labels: {owner: blue}"));
  rig.Work();
  EXPECT_EQ(rig.Told("web").owner, "blue") << "no verdict changed, but what is said of it did";
  rig.Apply(Deployment("web", "uid: d1, labels: {owner: blue}, generation: 5"));
  rig.Work();
  EXPECT_EQ(rig.Told("web").generation, 5);
}

TEST_F(EngineTest, ARemovedSubjectIsForgottenAndItsIdServesAnother) {
  EngineRig rig({&kSpec});
  rig.Apply(Deployment("web", "uid: d1"));
  rig.Apply(Deployment("api", "uid: d2"));
  rig.Work();
  EXPECT_EQ(rig.Told("ns shop").workloads, 2u);
  rig.rig.Delete(Deployment("web", "uid: d1"));
  rig.rig.Apply(Deployment("db", "uid: d3"));  // takes the id, in the same batch
  rig.Flow();
  rig.Work(kNow + 1);
  EXPECT_THAT(rig.sink.removed, ElementsAre("web"));
  EXPECT_TRUE(rig.sink.Has("db"));
  EXPECT_EQ(rig.Told("ns shop").workloads, 2u);
  rig.Delete(Deployment("db", "uid: d3"));
  rig.Work(kNow + 2);
  EXPECT_EQ(rig.Told("ns shop").workloads, 1u) << "the roll-up follows a removal";
  rig.Delete(Deployment("api", "uid: d2"));
  rig.Work(kNow + 3);
  EXPECT_FALSE(rig.sink.Has("ns shop"));
  EXPECT_EQ(rig.Told("cluster").workloads, 0u);
}

TEST_F(EngineTest, ATierThatChangesReachesTheReports) {
  EngineRig rig({&kSpec});
  const auto ns = [](std::string_view tier) {
    return Manifest("v1", "Namespace", "name: shop, uid: n, labels: {seaworthy.dev/tier: " + std::string(tier) + "}");
  };
  rig.Apply(ns("standard"));
  rig.Work();
  EXPECT_FALSE(rig.Told("ns shop").exempt);
  rig.Apply(ns("exempt"));
  rig.Work(kNow + 1);
  EXPECT_TRUE(rig.Told("ns shop").exempt) << "though no verdict of it changed and nothing is in it";
  rig.Apply(Deployment());
  rig.Work(kNow + 2);
  EXPECT_EQ(rig.Told("ns shop").workloads, 0u) << "exempt workloads are not averaged";
  EXPECT_TRUE(rig.Told("web").score.has_value()) << "but audited and shown";
}

Outcome OfCluster(const Context& context) {
  ++g_runs["cluster"];
  return context.now_seconds() < kNow + 1000 ? Outcome::Pass().RecheckAt({kNow + 1000}) : Outcome::Fail("later");
}
constexpr Check kCluster = {.id = "cluster",
                            .section = Section::kPlatform,
                            .severity = Severity::kHigh,
                            .subject = SubjectType::kCluster,
                            .run = OfCluster};

TEST_F(EngineTest, ClusterChecksRunAtIntervalsAndByTheClock) {
  EngineRig rig({&kCluster, &kSpec});
  rig.Work();
  ASSERT_EQ(Runs("cluster"), 1);
  for (int i = 1; i < 30; ++i) {
    rig.Apply(Deployment("web", "uid: d1, generation: " + std::to_string(i)));
    rig.Work(kNow + i);
  }
  EXPECT_EQ(Runs("cluster"), 1);
  ASSERT_EQ(rig.engine.NextDue(), At(kNow + 30));
  rig.Work(kNow + 30);
  EXPECT_EQ(Runs("cluster"), 2);
  ASSERT_EQ(rig.engine.NextDue(), At(kNow + 1000)) << "nothing changes any more, but the check has asked";
  rig.Work(kNow + 1000);
  EXPECT_EQ(rig.Told("cluster").verdicts.at("cluster"), Verdict::kFail);
}

TEST_F(EngineTest, ClusterChecksDoNotWaitForRestForEver) {
  EngineRig rig({&kCluster, &kSpec});
  rig.Work();
  for (int i = 1; i <= 61; ++i) {  // there is always one more to evaluate
    for (const char* name : {"a", "b", "c"})
      rig.Apply(Deployment(name, "uid: " + std::string(name) + ", generation: " + std::to_string(i)));
    ASSERT_TRUE(rig.engine.Step(At(kNow + i), 1));
  }
  EXPECT_EQ(Runs("cluster"), 2);
}

TEST_F(EngineTest, TheClustersRollUpIsToldAtMostFiveTimesASecond) {
  EngineRig rig({&kSpec});
  for (int i = 0; i < 100; ++i) {
    rig.Apply(Deployment("d" + std::to_string(i), "uid: d" + std::to_string(i)));
    while (rig.engine.Step(At(kNow) + std::chrono::milliseconds(10 * i), 16)) {
    }
  }
  EXPECT_LE(rig.sink.Times("cluster"), 5u);
  const auto due = rig.engine.NextDue();
  ASSERT_TRUE(due.has_value());
  rig.engine.Step(*due, 16);
  EXPECT_EQ(rig.Told("cluster").workloads, 100u);
}

std::uint8_t IsBeacon(const seaworthy::Workload& workload) { return workload.meta.name == "beacon"; }
Outcome SeesBeacon(const Context& context) {
  ++g_runs["beacon"];
  (void)context.State(Kind::kDeployment);
  (void)context.Nodes();
  for (const NamespaceRecord* ns : context.Namespaces()) {
    for (const WorkloadRecord* record : ns->workloads) {
      if (IsBeacon(*record->workload)) return Outcome::Pass();
    }
  }
  return Outcome::Fail("dark");
}
constexpr Check kBeacon = {.id = "beacon",
                           .section = Section::kHealth,
                           .severity = Severity::kHigh,
                           .subject = SubjectType::kWorkload,
                           .reads = {Kind::kDeployment, Kind::kNode, Kind::kNamespace},
                           .bears_on_all = IsBeacon,
                           .run = SeesBeacon};

TEST_F(EngineTest, AWorkloadThatBearsOnAllReevaluatesAll) {
  EngineRig rig({&kBeacon, &kSpec});
  const std::string beacon = Manifest("apps/v1", "StatefulSet", "name: beacon, namespace: other, uid: b", Template());
  rig.Apply(Deployment());
  rig.Work();
  EXPECT_EQ(rig.Told("web").verdicts.at("beacon"), Verdict::kFail);
  g_runs.clear();
  rig.Apply(beacon);
  rig.Work();
  EXPECT_EQ(rig.Told("web").verdicts.at("beacon"), Verdict::kPass);
  EXPECT_EQ(Runs("spec"), 1) << "only the newcomer's: the others are concerned by one check";
  g_runs.clear();
  rig.Apply(Deployment("api", "uid: d2"));
  rig.Work();
  EXPECT_EQ(Runs("beacon"), 1) << "an ordinary workload bears on nobody";
  rig.Delete(beacon);
  rig.Work();
  EXPECT_EQ(rig.Told("web").verdicts.at("beacon"), Verdict::kFail);
}

TEST_F(EngineTest, EverythingOfAnUnreadableObjectIsUnknown) {
  EngineRig rig({&kSpec, &kServices});
  rig.Apply(Deployment());
  rig.Work();
  rig.rig.Tell(EventType::kUnreadable, Kind::kDeployment, "shop/web: nested too deeply");
  rig.Flow();
  rig.Work();
  EXPECT_EQ(rig.Told("web").verdicts.at("spec"), Verdict::kUnknown);
  EXPECT_THAT(rig.Told("web").messages.at("services"), ::testing::HasSubstr("nested too deeply"));
  EXPECT_FALSE(rig.Told("web").score.has_value());
  rig.Apply(Deployment("web", "uid: d1, generation: 2"));
  rig.Work();
  EXPECT_EQ(rig.Told("web").verdicts.at("spec"), Verdict::kPass);
}

TEST_F(EngineTest, ASinkThatComesLateIsToldEverything) {
  EngineRig rig({&kSpec});
  rig.Apply(Deployment());
  rig.Apply(Node("n1"));
  rig.Work();
  Memory late;
  rig.engine.PublishAll(late);
  for (const char* name : {"web", "ns shop", "node n1", "cluster"}) EXPECT_TRUE(late.Has(name)) << name;
}

}  // namespace
}  // namespace seaworthy::score
