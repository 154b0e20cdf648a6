// Who declares to depend on whom, and which Jobs are smoke tests of whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/world_rig.h"

namespace seaworthy::cache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string App(const std::string& name, const std::string& depends_on, const std::string& ns = "shop",
                int replicas = 1) {
  return Manifest("apps/v1", "Deployment",
                  "name: " + name + ", namespace: " + ns + ", uid: " + name + "-" + ns +
                      ", annotations: {seaworthy.dev/depends-on: \"" + depends_on + "\"}",
                  "spec: {replicas: " + std::to_string(replicas) +
                      ", selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: "
                      "{containers: [{name: a, image: b}]}}}\n");
}
const std::string kDb = Manifest("apps/v1", "StatefulSet", "name: db, namespace: shop, uid: db1", Template());

std::vector<std::string> Dependants(const WorkloadRecord* record) {
  std::vector<std::string> names;
  for (const WorkloadRecord* one : record->dependants)
    names.push_back(one->workload->meta.namespace_.str() + "/" + one->workload->meta.name.str());
  return names;
}

TEST(WorldDependants, AreFoundInWhateverOrderTheyCome) {
  WorldRig rig;
  rig.Apply(App("web", "StatefulSet/db=5"));
  rig.Apply(kDb);
  rig.Apply(App("blog", "shop/StatefulSet/db=5", "blog"));
  rig.Apply(App("other", "StatefulSet/db=5", "blog"));  // of its own namespace
  EXPECT_THAT(Dependants(rig.Find("StatefulSet", "db")), ElementsAre("blog/blog", "shop/web"));
  rig.Delete(kDb);
  rig.Apply(kDb);
  EXPECT_THAT(Dependants(rig.Find("StatefulSet", "db")), ElementsAre("blog/blog", "shop/web"));
}

TEST(WorldDependants, FollowTheAnnotationAndTheWorkload) {
  WorldRig rig;
  rig.Apply(kDb);
  rig.Apply(App("web", "StatefulSet/db=5, StatefulSet/db=6"));
  EXPECT_THAT(Dependants(rig.Find("StatefulSet", "db")), ElementsAre("shop/web"));
  rig.Apply(App("web", "StatefulSet/cache=5"));
  EXPECT_THAT(Dependants(rig.Find("StatefulSet", "db")), IsEmpty());
  rig.Apply(App("web", "StatefulSet/db=5"));
  rig.Delete(App("web", "StatefulSet/db=5"));
  EXPECT_THAT(Dependants(rig.Find("StatefulSet", "db")), IsEmpty());
}

TEST(WorldDependants, AReplicaMoreTouchesWhatItDependsOn) {
  WorldRig rig;
  rig.Apply(kDb);
  rig.Apply(App("web", "StatefulSet/db=5"));
  const std::uint32_t db = rig.Find("StatefulSet", "db")->subject;
  rig.world.TakeTouches();
  rig.Apply(App("web", "StatefulSet/db=5", "shop", 2));
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), db, {Kind::kDeployment}));
  rig.Apply(Manifest(
      "autoscaling/v2", "HorizontalPodAutoscaler", "name: web, namespace: shop, uid: h1",
      "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 9}\n"));
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), db, {Kind::kHorizontalPodAutoscaler}));
}

TEST(WorldDependants, WhatIsDependedOnTouchesThemAsItComesAndGoes) {
  WorldRig rig;
  rig.Apply(App("web", "StatefulSet/db=5"));
  const std::uint32_t web = rig.Find("Deployment", "web")->subject;
  rig.world.TakeTouches();
  rig.Apply(kDb);
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), web, {Kind::kDeployment}));
  rig.Delete(kDb);
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), web, {Kind::kDeployment}));
}

// ---------------------------------------------------------------- smoke tests

std::string SmokeJob(const std::string& name, const std::string& of, const std::string& status) {
  return Manifest("batch/v1", "Job",
                  "name: " + name + ", namespace: shop, uid: j-" + name +
                      (of.empty() ? "" : ", labels: {seaworthy.dev/smoke-test-of: " + of + "}"),
                  "spec: {template: {metadata: {labels: {job: x}}, spec: {restartPolicy: Never, containers: [{name: a, "
                  "image: b}]}}}\nstatus: " +
                      status + "\n");
}
std::string Passed(const std::string& at) {
  return "{completionTime: \"2026-11-24T" + at + "Z\", conditions: [{type: Complete, status: \"True\"}]}";
}
std::string Failed(const std::string& at) {
  return "{conditions: [{type: Failed, status: \"True\", lastTransitionTime: \"2026-11-24T" + at + "Z\"}]}";
}

TEST(WorldSmokeTests, TheNewestThatEndedIsKept) {
  WorldRig rig;
  rig.Apply(Deployment());
  const WorkloadRecord* web = rig.Find("Deployment", "web");
  rig.Apply(SmokeJob("s1", "web", "{active: 1}"));
  EXPECT_FALSE(web->smoke_test.has_value());
  rig.Apply(SmokeJob("s1", "web", Passed("11:00:00")));
  ASSERT_TRUE(web->smoke_test.has_value());
  EXPECT_TRUE(web->smoke_test->passed);
  rig.Apply(SmokeJob("s0", "web", Failed("10:00:00")));
  EXPECT_TRUE(web->smoke_test->passed) << "an older one";
  rig.Apply(SmokeJob("s2", "deployment.web", Failed("11:30:00")));
  EXPECT_FALSE(web->smoke_test->passed);
  EXPECT_EQ(web->smoke_test->job, "s2");
  rig.Delete(SmokeJob("s2", "deployment.web", Failed("11:30:00")));
  EXPECT_EQ(web->smoke_test->job, "s2") << "it was seen";
}

TEST(WorldSmokeTests, AWorkloadThatComesLaterFindsThem) {
  WorldRig rig;
  rig.Apply(SmokeJob("s1", "web", Passed("11:00:00")));
  rig.Apply(SmokeJob("s2", "api", Passed("11:00:00")));
  rig.Apply(SmokeJob("s3", "", Passed("11:50:00")));
  rig.Apply(SmokeJob("s4", "statefulset.web", Passed("11:50:00")));
  rig.Apply(Deployment());
  EXPECT_EQ(rig.Find("Deployment", "web")->smoke_test->job, "s1");
}

}  // namespace
}  // namespace seaworthy::cache
