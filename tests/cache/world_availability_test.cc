// What the watch sees of a workload's pods: rollouts, losses, stops.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "cache/world_rig.h"

namespace seaworthy::cache {
namespace {

using ::testing::SizeIs;

struct Spec {
  std::string image = "web:1", revision = "1";
  int generation = 1, observed = 1, replicas = 3, updated = 3, total = 3, available = 3;
  std::string more = {};  // of the spec
};

std::string Web(const Spec& s) {
  return Manifest("apps/v1", "Deployment",
                  "name: web, namespace: shop, uid: d1, generation: " + std::to_string(s.generation) +
                      ", annotations: {deployment.kubernetes.io/revision: \"" + s.revision + "\"}",
                  "spec: {replicas: " + std::to_string(s.replicas) + ", selector: {matchLabels: {app: web}}, " +
                      s.more + " template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: \"" +
                      s.image + "\"}]}}}\nstatus: {observedGeneration: " + std::to_string(s.observed) +
                      ", replicas: " + std::to_string(s.total) + ", updatedReplicas: " + std::to_string(s.updated) +
                      ", readyReplicas: " + std::to_string(s.available) +
                      ", availableReplicas: " + std::to_string(s.available) + "}\n");
}

std::string Set(const std::string& hash, const std::string& revision) {
  return ReplicaSet("web-" + hash, hash,
                    "uid: r-" + hash + ", annotations: {deployment.kubernetes.io/revision: \"" + revision + "\"}" +
                        Owned("apps/v1", "Deployment", "web", "d1"));
}

std::string Of(const std::string& hash, const std::string& name, bool ready, const std::string& meta = {},
               const std::string& more = {}, const std::string& node = "n1") {
  return Manifest(
      "v1", "Pod",
      "name: web-" + hash + "-" + name + ", namespace: shop, uid: p-" + hash + name +
          ", creationTimestamp: \"2026-11-24T11:59:30Z\", labels: {app: web, pod-template-hash: " + hash + "}" + meta +
          Owned("apps/v1", "ReplicaSet", "web-" + hash, "r-" + hash),
      "spec: {nodeName: " + node +
          ", containers: [{name: app, image: web:1}]}\nstatus: {phase: Running, conditions: [{type: Ready, status: \"" +
          (ready ? std::string("True") : std::string("False")) + "\", lastTransitionTime: \"2026-11-24T12:00:00Z\"}" +
          more + "]}\n");
}
constexpr const char* kGoing = ", deletionTimestamp: \"2026-11-24T12:30:00Z\", deletionGracePeriodSeconds: 30";

std::string Slice(const std::vector<std::string>& pods, const std::string& name = "web-1",
                  const std::string& conditions = "ready: true") {
  std::string endpoints;
  for (const std::string& pod : pods)
    endpoints += (endpoints.empty() ? "" : ", ") + std::string("{addresses: [10.0.0.1], conditions: {") + conditions +
                 "}, targetRef: {kind: Pod, name: " + pod + "}}";
  return Manifest("discovery.k8s.io/v1", "EndpointSlice",
                  "name: " + name + ", namespace: shop, uid: s-" + name + ", labels: {kubernetes.io/service-name: web}",
                  "addressType: IPv4\nendpoints: [" + endpoints + "]\n");
}
const std::string kService = Manifest("v1", "Service", "name: web, namespace: shop, uid: v1",
                                      "spec: {selector: {app: web}, ports: [{port: 80}]}\n");

class Availability : public ::testing::Test {
 protected:
  // Three ready pods of revision 1.
  void SetUp() override {
    rig_.Apply(Web({}));
    rig_.Apply(Set("h1", "1"));
    for (const char* name : {"a", "b", "c"}) rig_.Apply(Of("h1", name, true));
    rig_.At(kNow + 100);
  }
  const AvailabilityEvidence* Seen() { return rig_.Find("Deployment", "web")->availability.get(); }
  void Release(Spec s = {}) {
    s.image = "web:2", s.generation = 2, s.observed = 1;
    rig_.Apply(Web(s));
  }
  void Finish(Spec s = {}) {
    s.image = "web:2", s.generation = s.observed = 2, s.revision = "2";
    rig_.Apply(Web(s));
  }
  // One new pod after another before an old one goes, then the end.
  void RollWell() {
    rig_.Apply(Set("h2", "2"));
    for (const char* name : {"a", "b", "c"}) {
      rig_.Apply(Of("h2", name, false));
      rig_.Apply(Of("h2", name, true));
      rig_.Apply(Of("h1", name, true, kGoing));
      rig_.Delete(Of("h1", name, true, kGoing));
    }
  }
  WorldRig rig_;
};

// ---------------------------------------------------------------- rollouts

TEST_F(Availability, OfNothingSeenIsNone) { EXPECT_EQ(Seen(), nullptr); }

TEST_F(Availability, AWatchedRolloutTellsItsLowest) {
  Release();
  ASSERT_NE(Seen(), nullptr);
  EXPECT_TRUE(Seen()->current.has_value());
  EXPECT_FALSE(Seen()->last.has_value());
  RollWell();
  rig_.At(kNow + 160);
  rig_.world.TakeTouches();
  Finish();
  ASSERT_TRUE(Seen()->last.has_value());
  const RolloutEvidence& last = *Seen()->last;
  EXPECT_FALSE(Seen()->current.has_value());
  EXPECT_EQ(last.revision, "2");
  EXPECT_EQ(last.at_start, 3);
  EXPECT_EQ(last.unavailable, 0) << "25 % of 3, rounded down";
  EXPECT_EQ(last.lowest, 3);
  EXPECT_FALSE(last.Fell());
  EXPECT_EQ(last.started.seconds, kNow + 100);
  EXPECT_EQ(last.ended.seconds, kNow + 160);
  EXPECT_TRUE(WorldRig::Touched(rig_.world.TakeTouches(), rig_.Find("Deployment", "web")->subject, {Kind::kPod}));
  EXPECT_TRUE(Seen()->losses.empty()) << "pods that a rollout replaces are not lost";
}

TEST_F(Availability, AFallIsSeenAtOnceAndStaysSeen) {
  Release();
  rig_.Apply(Of("h1", "a", true, kGoing));
  rig_.At(kNow + 130);
  rig_.world.TakeTouches();
  rig_.Apply(Of("h1", "b", true, kGoing));
  ASSERT_TRUE(Seen()->current->Fell());
  EXPECT_EQ(Seen()->current->lowest, 1);
  EXPECT_EQ(Seen()->current->lowest_at.seconds, kNow + 130);
  EXPECT_TRUE(WorldRig::Touched(rig_.world.TakeTouches(), rig_.Find("Deployment", "web")->subject, {Kind::kPod}));
  rig_.Apply(Set("h2", "2"));
  for (const char* name : {"a", "b", "c"}) rig_.Apply(Of("h2", name, true));
  Finish();
  EXPECT_EQ(Seen()->last->lowest, 1);
  EXPECT_TRUE(Seen()->last->Fell());
}

TEST_F(Availability, MaxUnavailableMayBeGone) {
  const std::string one = "strategy: {rollingUpdate: {maxUnavailable: 1}},";
  Release({.more = one});
  rig_.Apply(Of("h1", "a", true, kGoing));
  EXPECT_EQ(Seen()->current->lowest, 2);
  EXPECT_FALSE(Seen()->current->Fell());
  rig_.Apply(Of("h1", "b", true, kGoing));
  EXPECT_TRUE(Seen()->current->Fell());
}

TEST_F(Availability, RecreateHasToLeaveOneAndDoesNot) {
  Release({.more = "strategy: {type: Recreate},"});
  EXPECT_EQ(Seen()->current->Floor(), 1);
  for (const char* name : {"a", "b", "c"}) rig_.Apply(Of("h1", name, true, kGoing));
  EXPECT_TRUE(Seen()->current->Fell());
}

TEST_F(Availability, PodsThatWereToldOfBeforeTheReleaseDoNotHideIt) {
  for (const char* name : {"a", "b", "c"}) rig_.Apply(Of("h1", name, true, kGoing));
  Release({.more = "strategy: {type: Recreate},"});
  ASSERT_TRUE(Seen()->current.has_value());
  EXPECT_EQ(Seen()->current->at_start, 3) << "as the controller had counted last";
  EXPECT_TRUE(Seen()->current->Fell());
  EXPECT_TRUE(Seen()->losses.empty());
}

TEST_F(Availability, AFirstRolloutOrOneOutOfAnOutageIsNotJudged) {
  for (const char* name : {"a", "b", "c"}) rig_.Apply(Of("h1", name, false));
  rig_.Apply(Web({.available = 0}));
  Release({.available = 0});
  EXPECT_TRUE(Seen() == nullptr || !Seen()->current.has_value());
}

TEST_F(Availability, FewerThanDesiredAtItsBeginLowerTheFloor) {
  rig_.Apply(Of("h1", "a", false));
  Release();
  EXPECT_EQ(Seen()->current->at_start, 2);
  EXPECT_EQ(Seen()->current->Floor(), 2);
}

TEST_F(Availability, AScaleChangeVoidsIt) {
  Release();
  Release({.replicas = 4});
  EXPECT_FALSE(Seen()->current.has_value());
  Finish({.replicas = 4, .updated = 4, .total = 4, .available = 4});
  EXPECT_FALSE(Seen()->last.has_value());
}

TEST_F(Availability, ALostNodeVoidsIt) {
  const auto node = [](const char* ready) {
    return Manifest("v1", "Node", "name: n1, uid: n1",
                    std::string("status: {conditions: [{type: Ready, status: \"") + ready + "\"}]}\n");
  };
  rig_.Apply(node("True"));
  Release();
  rig_.Apply(node("Unknown"));
  EXPECT_FALSE(Seen()->current.has_value());
  rig_.Apply(Web({.image = "web:3", .generation = 3}));
  ASSERT_TRUE(Seen()->current.has_value());
  rig_.Delete(node("Unknown"));
  EXPECT_FALSE(Seen()->current.has_value());
}

TEST_F(Availability, AnEvictionVoidsIt) {
  Release();
  rig_.Apply(
      Of("h1", "a", true, kGoing, ", {type: DisruptionTarget, status: \"True\", reason: EvictionByEvictionAPI}"));
  EXPECT_FALSE(Seen()->current.has_value());
}

TEST_F(Availability, ASnapshotOrADenialVoidsWhatGoesOnAndKeepsWhatFell) {
  Release();
  rig_.Snapshot(Kind::kService, {});
  EXPECT_FALSE(Seen()->current.has_value());
  rig_.Apply(Web({.image = "web:3", .generation = 3}));
  rig_.Tell(EventType::kDenied, Kind::kEndpointSlice);
  EXPECT_FALSE(Seen()->current.has_value());
  rig_.Apply(Web({.image = "web:4", .generation = 4}));
  rig_.Apply(Of("h1", "a", true, kGoing));
  rig_.Snapshot(Kind::kNode, {});
  EXPECT_TRUE(Seen()->current.has_value()) << "nodes are not what is counted";
  rig_.Snapshot(Kind::kPod, {Of("h1", "b", true)});
  ASSERT_TRUE(Seen()->last.has_value());
  EXPECT_EQ(Seen()->last->lowest, 2) << "the snapshot's own steps are no states";
}

TEST_F(Availability, AChangeThatASnapshotBringsIsNoBegin) {
  rig_.Snapshot(Kind::kDeployment, {Web({.image = "web:2", .generation = 2})});
  EXPECT_TRUE(Seen() == nullptr || !Seen()->current.has_value());
}

TEST_F(Availability, APausedRolloutBeginsWhenItGoesOn) {
  const std::string paused = "paused: true,";
  Release({.more = paused});
  rig_.Apply(Of("h1", "a", false));
  EXPECT_FALSE(Seen()->current->Fell()) << "a pod that fails meanwhile is not its doing";
  Release({.more = paused + "minReadySeconds: 1,"});
  EXPECT_EQ(Seen()->current->at_start, 2);
  Release({.more = "minReadySeconds: 1,"});
  rig_.Apply(Of("h1", "b", true, kGoing));
  EXPECT_TRUE(Seen()->current->Fell());
}

TEST_F(Availability, ANewReleaseTakesTheOldOnesPlace) {
  Release();
  rig_.Apply(Of("h1", "a", true, kGoing));
  ASSERT_TRUE(Seen()->current->Fell());
  rig_.Apply(Web({.image = "web:3", .generation = 3}));
  EXPECT_TRUE(Seen()->last->Fell());
  EXPECT_EQ(Seen()->current->at_start, 2);
  EXPECT_FALSE(Seen()->current->Fell());
}

// ---------------------------------------------------------------- counted by endpoints

TEST_F(Availability, ReadyEndpointsCountWhereAServiceSelectsIt) {
  rig_.Apply(kService);
  rig_.Apply(Slice({"web-h1-a", "web-h1-b", "web-h1-c"}));
  Release();
  ASSERT_TRUE(Seen()->current->endpoints);
  rig_.Apply(Of("h1", "a", true, kGoing));
  EXPECT_FALSE(Seen()->current->Fell()) << "traffic follows the slice";
  rig_.Apply(Slice({"web-h1-b", "web-h1-c"}));
  EXPECT_EQ(Seen()->current->lowest, 2);
  EXPECT_TRUE(Seen()->current->Fell());
}

TEST_F(Availability, APodInSlicesOfTwoAddressFamiliesIsOne) {
  rig_.Apply(kService);
  rig_.Apply(Slice({"web-h1-a", "web-h1-b", "web-h1-c"}));
  rig_.Apply(Slice({"web-h1-a", "web-h1-b", "web-h1-c"}, "web-2"));
  Release();
  EXPECT_EQ(Seen()->current->at_start, 3);
}

TEST_F(Availability, TerminatingEndpointsDoNotCount) {
  rig_.Apply(kService);
  rig_.Apply(Slice({"web-h1-a", "web-h1-b"}));
  rig_.Apply(Slice({"web-h1-c"}, "web-2", "ready: false, serving: true, terminating: true"));
  Release();
  EXPECT_EQ(Seen()->current->at_start, 2);
}

TEST_F(Availability, PodsOfAnotherWorkloadBehindTheServiceDoNotCount) {
  rig_.Apply(kService);
  rig_.Apply(Manifest("apps/v1", "StatefulSet", "name: canary, namespace: shop, uid: x1", Template()));
  rig_.Apply(Pod("canary-0", "uid: x2, labels: {app: web}" + Owned("apps/v1", "StatefulSet", "canary", "x1")));
  rig_.Apply(Slice({"web-h1-a", "web-h1-b", "web-h1-c", "canary-0", "web-h1-not-told-yet"}));
  Release();
  EXPECT_EQ(Seen()->current->at_start, 4) << "a pod that is not known yet is its own by its name";
}

TEST_F(Availability, AServiceThatComesLaterIsNotHeldAgainstIt) {
  Release();
  rig_.Apply(kService);
  rig_.Apply(Slice({}));
  rig_.Apply(Of("h1", "a", false));
  EXPECT_EQ(Seen()->current->lowest, 2) << "pods were counted when it began";
}

TEST_F(Availability, AServiceThatIsTakenAwayVoidsIt) {
  rig_.Apply(kService);
  rig_.Apply(Slice({"web-h1-a", "web-h1-b", "web-h1-c"}));
  Release();
  rig_.Delete(kService);
  rig_.Apply(Of("h1", "a", false));
  EXPECT_FALSE(Seen()->current.has_value());
}

TEST_F(Availability, ASliceIsTakenAwayWithItsEndpoints) {
  rig_.Apply(kService);
  rig_.Apply(Slice({"web-h1-a", "web-h1-b", "web-h1-c"}));
  Release();
  rig_.Delete(Slice({"web-h1-a", "web-h1-b", "web-h1-c"}));
  EXPECT_EQ(Seen()->current->lowest, 0);
}

// ---------------------------------------------------------------- StatefulSets and other controllers

TEST(AvailabilityOfStatefulSets, OneMayBeGoneAtATime) {
  WorldRig rig;
  const auto db = [](int generation, const std::string& image, int updated, int available) {
    return Manifest(
        "apps/v1", "StatefulSet", "name: db, namespace: shop, uid: s1, generation: " + std::to_string(generation),
        "spec: {replicas: 2, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: "
        "{containers: [{name: app, image: \"" +
            image + "\"}]}}}\nstatus: {observedGeneration: " + std::to_string(generation) +
            ", replicas: 2, updatedReplicas: " + std::to_string(updated) +
            ", availableReplicas: " + std::to_string(available) + ", currentRevision: db-1, updateRevision: db-2}\n");
  };
  const auto pod = [](int ordinal, bool ready, const std::string& meta = {}, const std::string& uid = "1") {
    return Manifest("v1", "Pod",
                    "name: db-" + std::to_string(ordinal) + ", namespace: shop, uid: p" + std::to_string(ordinal) +
                        uid + meta + Owned("apps/v1", "StatefulSet", "db", "s1"),
                    std::string("spec: {containers: [{name: app, image: db:1}]}\nstatus: {phase: Running, conditions: "
                                "[{type: Ready, status: \"") +
                        (ready ? "True" : "False") + "\"}]}\n");
  };
  rig.Apply(db(1, "db:1", 2, 2));
  rig.Apply(pod(0, true));
  rig.Apply(pod(1, true));
  rig.Apply(db(2, "db:2", 0, 2));
  for (const int ordinal : {1, 0}) {
    rig.Apply(pod(ordinal, true, kGoing));
    rig.Delete(pod(ordinal, true, kGoing));
    rig.Apply(pod(ordinal, false, {}, "2"));
    rig.Apply(pod(ordinal, true, {}, "2"));
  }
  rig.Apply(db(2, "db:2", 2, 2));
  const AvailabilityEvidence* seen = rig.Find("StatefulSet", "db")->availability.get();
  ASSERT_TRUE(seen != nullptr && seen->last.has_value());
  EXPECT_EQ(seen->last->lowest, 1);
  EXPECT_FALSE(seen->last->Fell());
  EXPECT_EQ(seen->last->revision, "db-2");
}

TEST(AvailabilityOfOthers, AnArgoRolloutHasToLeaveOne) {
  WorldRig rig;
  const auto pod = [](const std::string& hash, const std::string& name, bool ready, const std::string& created,
                      const std::string& meta = {}) {
    return Manifest("v1", "Pod",
                    "name: " + name + ", namespace: shop, uid: " + name + ", creationTimestamp: \"2026-11-24T" +
                        created + "Z\", labels: {rollouts-pod-template-hash: " + hash + "}" + meta +
                        Owned("argoproj.io/v1alpha1", "Rollout", "web", "r1"),
                    std::string("spec: {restartPolicy: Always, containers: [{name: app, image: web:1}]}\nstatus: "
                                "{phase: Running, conditions: [{type: Ready, status: \"") +
                        (ready ? "True" : "False") + "\"}]}\n");
  };
  rig.Apply(pod("h1", "a", true, "10:00:00"));
  rig.Apply(pod("h1", "b", true, "10:00:00"));
  rig.Apply(pod("h2", "c", false, "11:00:00"));
  const AvailabilityEvidence* seen = rig.Find("Rollout", "web")->availability.get();
  ASSERT_TRUE(seen != nullptr && seen->current.has_value());
  EXPECT_EQ(seen->current->Floor(), 1);
  rig.Apply(pod("h2", "c", true, "11:00:00"));
  rig.Delete(pod("h1", "a", true, "10:00:00"));
  rig.Apply(pod("h2", "d", true, "11:00:00"));
  rig.Delete(pod("h1", "b", true, "10:00:00"));
  ASSERT_TRUE(seen->last.has_value());
  EXPECT_EQ(seen->last->lowest, 2);
  EXPECT_TRUE(seen->losses.empty());
}

// ---------------------------------------------------------------- losses

TEST_F(Availability, APodThatIsDeletedAndReplacedIsALossSurvived) {
  rig_.Apply(Of("h1", "a", true, kGoing));
  ASSERT_THAT(Seen()->losses, SizeIs(1));
  EXPECT_EQ(Seen()->losses[0].others, 2);
  EXPECT_EQ(Seen()->losses[0].allowed_seconds, 300);
  EXPECT_FALSE(Seen()->losses[0].replaced.set());
  rig_.Delete(Of("h1", "a", true, kGoing));
  EXPECT_THAT(Seen()->losses, SizeIs(1)) << "once";
  rig_.Apply(Of("h1", "d", false));
  rig_.At(kNow + 120);
  rig_.Apply(Of("h1", "d", true));
  EXPECT_EQ(Seen()->losses[0].lost.seconds, kNow + 100);
  EXPECT_EQ(Seen()->losses[0].replaced.seconds, kNow + 120);
  EXPECT_EQ(Seen()->losses[0].others, 2);
}

TEST_F(Availability, OthersThatGoMeanwhileAreCounted) {
  rig_.Apply(Of("h1", "a", true, kGoing));
  rig_.Apply(Of("h1", "b", false));
  rig_.Apply(Of("h1", "c", false));
  EXPECT_EQ(Seen()->losses[0].others, 0);
}

TEST_F(Availability, ALossByForceIsOne) {
  rig_.Delete(Of("h1", "a", true));
  ASSERT_THAT(Seen()->losses, SizeIs(1));
}

TEST_F(Availability, UnreadyIsNotGoneAndGoneUnreadyIsNoLoss) {
  rig_.Apply(Of("h1", "a", false));
  rig_.Apply(Of("h1", "a", false, kGoing));
  rig_.Delete(Of("h1", "a", false, kGoing));
  EXPECT_EQ(Seen(), nullptr);
}

TEST_F(Availability, AScaleDownIsNoLoss) {
  rig_.Apply(Web({.generation = 2, .observed = 2, .replicas = 2}));
  rig_.Apply(Of("h1", "a", true, kGoing));
  EXPECT_TRUE(Seen() == nullptr || Seen()->losses.empty());
}

TEST_F(Availability, AScaleDownThatIsHeardOfLateTakesItBack) {
  rig_.Apply(Of("h1", "a", true, kGoing));
  ASSERT_THAT(Seen()->losses, SizeIs(1));
  rig_.Apply(Web({.generation = 2, .observed = 1, .replicas = 2}));
  EXPECT_TRUE(Seen()->losses.empty());
}

TEST_F(Availability, AGapLeavesALossOpenThatIsThenForgotten) {
  rig_.Apply(Of("h1", "a", true, kGoing));
  rig_.Snapshot(Kind::kPod, {Of("h1", "b", true), Of("h1", "c", true)});
  EXPECT_TRUE(Seen()->losses.empty());
  rig_.Apply(Of("h1", "b", true, kGoing));
  rig_.At(kNow + 1000);
  rig_.Snapshot(Kind::kPod, {Of("h1", "c", true)});
  EXPECT_THAT(Seen()->losses, SizeIs(1)) << "what is overdue was judged already";
}

TEST_F(Availability, SlowStartersGetThreeTimesTheirStart) {
  for (const char* name : {"a", "b", "c"}) {
    std::string pod = Of("h1", name, true);
    pod.replace(pod.find("11:59:30"), 8, "11:50:00");
    rig_.Apply(pod);
  }
  rig_.Delete(Of("h1", "a", true));
  EXPECT_EQ(Seen()->losses[0].allowed_seconds, 3 * 600);
}

TEST_F(Availability, KeepsTheLastTen) {
  for (int i = 0; i < 13; ++i) {
    rig_.At(kNow + 1000 * (i + 1));
    rig_.Apply(Of("h1", "a", true, kGoing));
    rig_.Delete(Of("h1", "a", true, kGoing));
    rig_.Apply(Of("h1", "a", true));
  }
  ASSERT_THAT(Seen()->losses, SizeIs(AvailabilityEvidence::kLosses));
  EXPECT_EQ(Seen()->losses.front().lost.seconds, kNow + 4000);
}

// ---------------------------------------------------------------- stops

std::string Ended(const std::string& name, int code, const std::string& reason = "Error",
                  const std::string& meta = kGoing) {
  std::string pod = Of("h1", name, false, meta);
  pod.insert(pod.rfind("}\n"), ", containerStatuses: [{name: app, restartCount: 0, state: {terminated: {exitCode: " +
                                   std::to_string(code) + ", reason: " + reason +
                                   ", finishedAt: \"2026-11-24T12:01:00Z\"}}}]");
  return pod;
}

TEST_F(Availability, StopsAreTheExitCodesOfPodsThatWereAskedToGo) {
  rig_.Apply(Ended("a", 0, "Completed"));
  rig_.Apply(Ended("a", 0, "Completed"));
  EXPECT_EQ(Seen()->stops, "c") << "once each";
  rig_.Apply(Ended("b", 137));
  rig_.Apply(Of("h1", "c", true, kGoing));
  rig_.Delete(Ended("c", 1));
  EXPECT_EQ(Seen()->stops, "cke") << "the last word may come with the deletion";
}

TEST_F(Availability, WhatWasNotAskedOrWasForcedIsNoStop) {
  rig_.Apply(Ended("a", 1, "Error", ""));
  EXPECT_TRUE(Seen() == nullptr || Seen()->stops.empty()) << "a crash";
  rig_.Apply(Ended("b", 137, "Error", ", deletionTimestamp: \"2026-11-24T12:30:00Z\", deletionGracePeriodSeconds: 0"));
  rig_.Apply(Ended("c", 137, "OOMKilled"));
  EXPECT_TRUE(Seen() == nullptr || Seen()->stops.empty());
}

TEST_F(Availability, KeepsTheLastTwentyStops) {
  for (int i = 0; i < 25; ++i) {
    rig_.Apply(Of("h1", "z" + std::to_string(i), true));
    rig_.Apply(Ended("z" + std::to_string(i), i < 5 ? 137 : 143));
  }
  EXPECT_EQ(Seen()->stops, std::string(20, 'c'));
}

TEST(AvailabilityOffline, NobodyWatchesAScan) {
  WorldRig rig(World::Mode::kOffline);
  rig.Apply(Web({}));
  rig.Apply(Web({.image = "web:2", .generation = 2}));
  EXPECT_EQ(rig.Find("Deployment", "web")->availability, nullptr);
}

// ---------------------------------------------------------------- any sequence

// A rollout by a controller that does as it likes: what was seen as the lowest is the lowest there was.
TEST(AvailabilityProperty, TheLowestSeenIsTheLowestThereWas) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    WorldRig rig;
    const bool serving = seed % 2 == 0;
    std::map<std::string, bool> pods;  // by name without the hash: ready
    rig.Apply(Web({.replicas = 5, .updated = 5, .total = 5, .available = 5}));
    rig.Apply(Set("h1", "1"));
    if (serving) rig.Apply(kService);
    const auto tell = [&](const std::string& name) { rig.Apply(Of("h1", name, pods.at(name))); };
    const auto slice = [&] {
      std::vector<std::string> ready;
      for (const auto& [name, is_ready] : pods) {
        if (is_ready) ready.push_back("web-h1-" + name);
      }
      if (serving) rig.Apply(Slice(ready));
    };
    for (const char* name : {"a", "b", "c", "d", "e"}) pods[name] = true, tell(name);
    slice();
    const auto ready = [&] {
      return static_cast<int>(std::count_if(pods.begin(), pods.end(), [](const auto& pod) { return pod.second; }));
    };
    rig.Apply(Web({.image = "web:2", .generation = 2, .replicas = 5}));
    int lowest = ready();
    for (int step = 0; step < 30; ++step) {
      if (pods.size() < 8 && random() % 3 == 0) {
        const std::string name = "n" + std::to_string(step);
        pods[name] = random() % 2 == 0;
        tell(name);
      } else if (!pods.empty()) {
        const auto pod = std::next(pods.begin(), static_cast<std::ptrdiff_t>(random() % pods.size()));
        if (random() % 3 != 0) {
          pod->second = random() % 3 != 0;
          tell(pod->first);
        } else {
          const std::string name = pod->first;
          const bool was = pod->second;
          if (random() % 2 == 0) rig.Apply(Of("h1", name, was, kGoing));
          rig.Delete(Of("h1", name, was));
          pods.erase(pod);
        }
      }
      slice();
      lowest = std::min(lowest, ready());
    }
    rig.Apply(Web({.image = "web:2",
                   .revision = "2",
                   .generation = 2,
                   .observed = 2,
                   .replicas = 5,
                   .updated = 5,
                   .total = 5,
                   .available = 5}));
    const AvailabilityEvidence* seen = rig.Find("Deployment", "web")->availability.get();
    ASSERT_TRUE(seen != nullptr && seen->last.has_value()) << seed;
    EXPECT_EQ(seen->last->lowest, lowest) << seed;
    EXPECT_EQ(seen->last->Fell(), lowest < 4) << seed << ": 25 % of 5 is 1";
    EXPECT_EQ(seen->last->endpoints, serving);
  }
}

}  // namespace
}  // namespace seaworthy::cache
