// Verdicts that rest on other workloads: their tier, their priority, their place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "score/engine_rig.h"

namespace seaworthy::score {
namespace {

using cache::Manifest;

Outcome OfPriority(const Context& context) {
  const OptInt highest = context.HighestAuxiliaryPriority();
  return Outcome::Warn(highest.has_value() ? std::to_string(*highest) : "none");
}
Outcome OfNeighbours(const Context& context) {
  std::string tiers;
  for (const Pod* own : context.Pods()) {
    const NodeRecord* node = context.FindNode(own->node);
    if (node == nullptr) continue;
    for (const Pod* pod : context.PodsOn(*node)) {
      if (const WorkloadRecord* record = context.WorkloadOf(*pod))
        tiers += std::string(TierName(context.TierOf(*record))) + " ";
    }
  }
  return Outcome::Warn("beside: " + tiers);
}

constexpr Check Make(std::string_view id, Outcome (*run)(const Context&), KindSet reads) {
  Check check{.id = id, .section = Section::kPlacement, .severity = Severity::kHigh, .subject = SubjectType::kWorkload};
  check.reads = reads;
  check.run = run;
  return check;
}
constexpr Check kPriority = Make("priority", OfPriority, {Kind::kPriorityClass});
constexpr Check kNeighbours = Make("neighbours", OfNeighbours, {Kind::kPod, Kind::kNode, Kind::kNamespace});

std::string Namespace(std::string_view name, std::string_view tier, int generation = 1) {
  return Manifest("v1", "Namespace",
                  "name: " + std::string(name) + ", uid: ns-" + std::string(name) + ", resourceVersion: \"" +
                      std::to_string(generation) + "\"" +
                      (tier.empty() ? "" : ", labels: {seaworthy.dev/tier: " + std::string(tier) + "}"));
}
std::string Class(std::string_view name, int value) {
  return Manifest("scheduling.k8s.io/v1", "PriorityClass",
                  "name: " + std::string(name) + ", uid: c-" + std::string(name),
                  "value: " + std::to_string(value) + "\n");
}
std::string InTools(std::string_view name, std::string_view priority_class) {
  return Manifest("apps/v1", "Deployment",
                  "name: " + std::string(name) + ", namespace: tools, uid: t-" + std::string(name),
                  "spec: {template: {metadata: {labels: {app: " + std::string(name) + "}}, spec: {priorityClassName: " +
                      std::string(priority_class) + ", containers: [{name: app, image: a}]}}}\n");
}

TEST(Peers, TheHighestPriorityOfAuxiliaryWorkloadsReachesEverybody) {
  EngineRig rig({&kPriority});
  rig.Apply(cache::Deployment());
  rig.Work();
  EXPECT_EQ(rig.Told("web").messages.at("priority"), "none");
  rig.Apply(Class("low", 5));
  rig.Apply(Class("high", 50));
  rig.Apply(Class("system", 2'000'001'000));
  rig.Apply(Namespace("tools", "auxiliary"));
  rig.Apply(InTools("a", "low"));
  rig.Work();
  EXPECT_EQ(rig.Told("web").messages.at("priority"), "5");
  rig.Apply(InTools("b", "high"));
  rig.Apply(InTools("c", "system"));
  rig.Work();
  EXPECT_EQ(rig.Told("web").messages.at("priority"), "50") << "the system's own classes are above everybody";
  rig.Delete(InTools("b", "high"));
  rig.Work();
  EXPECT_EQ(rig.Told("web").messages.at("priority"), "5");
  rig.Apply(Namespace("tools", "standard", 2));
  rig.Work();
  EXPECT_EQ(rig.Told("web").messages.at("priority"), "none");
  EXPECT_TRUE(rig.engine.undeclared_reads().empty());
}

TEST(Peers, ANeighboursTierReachesWhoLookedAtIt) {
  EngineRig rig({&kNeighbours});
  rig.Apply(Manifest("v1", "Node", "name: n1, uid: n1"));
  rig.Apply(cache::Deployment());
  rig.Apply(cache::ReplicaSet("web-1", "1", "uid: s1" + cache::Owned("apps/v1", "Deployment", "web", "d1")));
  rig.Apply(cache::Pod("web-1-a", "uid: p1" + cache::Owned("apps/v1", "ReplicaSet", "web-1", "s1"),
                       "status: {phase: Running}", ", nodeName: n1"));
  rig.Work();
  EXPECT_EQ(rig.Told("web").messages.at("neighbours"), "beside: standard ");
  rig.Apply(
      Manifest("apps/v1", "StatefulSet", "name: db, namespace: tools, uid: db",
               "spec: {template: {metadata: {labels: {app: db}}, spec: {containers: [{name: app, image: a}]}}}\n"));
  rig.Apply(Manifest("v1", "Pod",
                     "name: db-0, namespace: tools, uid: p2" + cache::Owned("apps/v1", "StatefulSet", "db", "db"),
                     "spec: {nodeName: n1, containers: [{name: app, image: a}]}\nstatus: {phase: Running}\n"));
  rig.Work();
  EXPECT_EQ(rig.Told("web").messages.at("neighbours"), "beside: standard standard ");
  rig.Apply(Namespace("tools", "auxiliary"));
  rig.Work();
  EXPECT_EQ(rig.Told("web").messages.at("neighbours"), "beside: standard auxiliary ");
  EXPECT_TRUE(rig.engine.undeclared_reads().empty());
}

}  // namespace
}  // namespace seaworthy::score
