// What autoscalers and scanners of other projects say of a workload, who its neighbours are, and where copies of it
// stand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/likeness.h"
#include "cache/world_rig.h"

namespace seaworthy::cache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string ScaledObject(std::string_view name, std::string_view target) {
  return Manifest("keda.sh/v1alpha1", "ScaledObject",
                  "name: " + std::string(name) + ", namespace: shop, uid: so-" + std::string(name),
                  "spec: {scaleTargetRef: {" + std::string(target) + "}, minReplicaCount: 2}");
}

TEST(WorldScalers, StandWithTheWorkloadThatTheyTargetWhicheverComesFirst) {
  WorldRig rig;
  rig.Apply(ScaledObject("a", "name: web"));
  rig.Apply(Deployment());
  rig.Apply(ScaledObject("b", "name: web, kind: Deployment"));
  rig.Apply(ScaledObject("c", "name: web, kind: StatefulSet"));
  const WorkloadRecord* web = rig.Find("Deployment", "web");
  EXPECT_THAT(Names(web->scaled_objects), ElementsAre("a", "b")) << "the kind is Deployment where none is named";
  rig.world.TakeTouches();
  rig.Apply(ScaledObject("b", "name: api"));
  EXPECT_THAT(Names(web->scaled_objects), ElementsAre("a"));
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), web->subject, {Kind::kScaledObject}));
  rig.Delete(ScaledObject("a", "name: web"));
  EXPECT_THAT(web->scaled_objects, IsEmpty());
}

std::string Report(std::string_view name, std::string_view owner_kind, std::string_view owner) {
  return Manifest("aquasecurity.github.io/v1alpha1", "VulnerabilityReport",
                  "name: " + std::string(name) + ", namespace: shop, uid: r-" + std::string(name) +
                      Owned("apps/v1", owner_kind, owner, "o1"));
}

TEST(WorldReports, ConcernTheWorkloadWhoseReplicaSetWasScanned) {
  WorldRig rig;
  rig.Apply(Deployment());
  rig.Apply(ReplicaSet("web-1", "1", "uid: s1" + Owned("apps/v1", "Deployment", "web", "d1")));
  rig.world.TakeTouches();
  rig.Apply(Report("of-set", "ReplicaSet", "web-1"));
  const WorkloadRecord* web = rig.Find("Deployment", "web");
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), web->subject, {Kind::kVulnerabilityReport}));
  const auto about = rig.Ns("shop")->reports.find(std::pair<std::string_view, std::string_view>("ReplicaSet", "web-1"));
  ASSERT_NE(about, rig.Ns("shop")->reports.end());
  EXPECT_THAT(Names(about->second), ElementsAre("of-set"));
  rig.Apply(Report("of-set", "StatefulSet", "db"));
  EXPECT_EQ(rig.Ns("shop")->reports.begin()->first.second, "db") << "it went with its owner";
  rig.Delete(Report("of-set", "StatefulSet", "db"));
  EXPECT_THAT(rig.Ns("shop")->reports, IsEmpty());
}

TEST(WorldNeighbours, AreToldOnceOfWhoComesAndGoes) {
  WorldRig rig;
  rig.Apply(Deployment());
  rig.Apply(Manifest("v1", "Node", "name: n1, uid: n1"));
  const WorkloadRecord* web = rig.Find("Deployment", "web");
  const NodeRecord* node = rig.world.FindNode(rig.pool.Intern("n1"));
  rig.world.TakeTouches();
  node->onlookers = {web->subject};
  rig.Apply(Pod("other", "uid: p1", "status: {phase: Running}", ", nodeName: n1"));
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), web->subject, {Kind::kPod}));
  rig.Apply(Pod("another", "uid: p2", "status: {phase: Running}", ", nodeName: n1"));
  EXPECT_FALSE(WorldRig::Touched(rig.world.TakeTouches(), web->subject, {Kind::kPod})) << "it has not looked since";
  node->onlookers = {web->subject};
  rig.Delete(Pod("another", "uid: p2", "status: {phase: Running}", ", nodeName: n1"));
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), web->subject, {Kind::kPod}));
}

std::string In(std::string_view ns, std::string_view image, std::string_view env = "a", std::string_view name = "web") {
  return Manifest("apps/v1", "Deployment",
                  "name: " + std::string(name) + ", namespace: " + std::string(ns) + ", uid: d-" + std::string(ns) +
                      std::string(name),
                  "spec: {template: {metadata: {labels: {app: web, env: " + std::string(ns) +
                      "}}, spec: {containers: [{name: app, image: \"" + std::string(image) +
                      "\", env: [{name: E, value: " + std::string(env) +
                      "}], resources: {limits: {memory: 64Mi}}}]}}}\n");
}

TEST(WorldCopies, AreAlikeButForTagsAndValues) {
  WorldRig rig;
  rig.Apply(In("prod", "r.example:5000/web:1.0"));
  rig.Apply(In("staging", "r.example:5000/web:1.1", "b"));
  rig.Apply(In("other", "r.example:5000/blog:1.0"));
  rig.Apply(In("prod", "r.example:5000/web:1.0", "a", "api"));
  const WorkloadRecord* prod = rig.Find("Deployment", "web", "prod");
  EXPECT_EQ(rig.world.Alike(*prod).size(), 2u);
  EXPECT_EQ(rig.world.Alike(*rig.Find("Deployment", "web", "other")).size(), 1u) << "another image";
  EXPECT_EQ(rig.world.Alike(*rig.Find("Deployment", "api", "prod")).size(), 1u) << "another name";
  rig.world.TakeTouches();
  rig.Apply(In("staging", "r.example:5000/blog:1.1"));
  EXPECT_EQ(rig.world.Alike(*prod).size(), 1u);
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), rig.Ns("prod")->subject, {Kind::kDeployment}))
      << "its copy is none any more";
}

std::string Killed(std::string_view at, std::string_view reason = "OOMKilled", int restarts = 1) {
  return "status: {phase: Running, containerStatuses: [{name: app, restartCount: " + std::to_string(restarts) +
         ", state: {running: {startedAt: \"2026-11-24T11:30:00Z\"}}, lastState: {terminated: {reason: " +
         std::string(reason) + ", exitCode: 137, finishedAt: \"" + std::string(at) + "\"}}}]}";
}

TEST(WorldIncidents, OutliveThePodAndItsLastState) {
  WorldRig rig;
  rig.Apply(Deployment());
  rig.Apply(ReplicaSet("web-1", "1", "uid: s1" + Owned("apps/v1", "Deployment", "web", "d1")));
  const std::string meta =
      "uid: p1, labels: {pod-template-hash: \"1\"}" + Owned("apps/v1", "ReplicaSet", "web-1", "s1");
  rig.Apply(Pod("web-1-a", meta, Killed("2026-11-24T10:00:00Z")));
  const WorkloadRecord* web = rig.Find("Deployment", "web");
  ASSERT_TRUE(web->restarts.has_value());
  EXPECT_THAT(web->restarts->incidents, IsEmpty()) << "the status still shows it";
  rig.Apply(Pod("web-1-a", meta, Killed("2026-11-24T11:00:00Z", "Error", 2)));
  ASSERT_EQ(web->restarts->incidents.size(), 1u);
  EXPECT_EQ(web->restarts->incidents[0].container, "app");
  EXPECT_EQ(web->restarts->incidents[0].revision, "1");
  const Timestamp first = web->restarts->incidents[0].time;
  rig.Apply(Pod("web-1-a", meta, Killed("2026-11-24T11:30:00Z", "OOMKilled", 3)));
  rig.Delete(Pod("web-1-a", meta, Killed("2026-11-24T11:30:00Z", "OOMKilled", 3)));
  ASSERT_EQ(web->restarts->incidents.size(), 1u) << "the newest of a container and revision";
  EXPECT_EQ(web->restarts->incidents[0].time.seconds, first.seconds + 5400);
}

TEST(WorldIncidents, AnEvictionForStorageIsOne) {
  WorldRig rig;
  rig.Apply(Deployment());
  rig.Apply(ReplicaSet("web-1", "1", "uid: s1" + Owned("apps/v1", "Deployment", "web", "d1")));
  const std::string meta =
      "uid: p1, labels: {pod-template-hash: \"1\"}" + Owned("apps/v1", "ReplicaSet", "web-1", "s1");
  const std::string gone =
      "status: {phase: Failed, reason: Evicted, message: \"Pod ephemeral local storage usage exceeds the total limit "
      "of containers 1Gi. \", startTime: \"2026-11-24T10:00:00Z\"}";
  rig.Apply(Pod("web-1-a", meta, gone));
  rig.Delete(Pod("web-1-a", meta, gone));
  const WorkloadRecord* web = rig.Find("Deployment", "web");
  ASSERT_EQ(web->restarts->incidents.size(), 1u);
  EXPECT_EQ(web->restarts->incidents[0].what, RestartEvidence::Incident::What::kStorageEviction);
}

}  // namespace
}  // namespace seaworthy::cache
