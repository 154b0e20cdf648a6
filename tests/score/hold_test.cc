// Complaints about status: how long they wait, what is shown meanwhile, and what motion does to it.
#include "score/hold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "score/engine_rig.h"
#include "score/motion.h"

namespace seaworthy::score {
namespace {

using cache::Manifest;
using cache::Template;

// Says what label `say` of the workload says; `since` in seconds before kNow.
Outcome Says(const Context& context) {
  const Labels& labels = context.workload().meta.labels;
  const std::string_view say = labels.Get("say");
  Outcome outcome = say == "fail"      ? Outcome::Fail("it fails")
                    : say == "warn"    ? Outcome::Warn("it warns")
                    : say == "na"      ? Outcome::Na("nothing to judge")
                    : say == "unknown" ? Outcome::Unknown(UnknownCause::kNotObserved, "who knows")
                                       : Outcome::Pass();
  outcome.settled = labels.Has("settled");
  if (const Text* ago = labels.Find("ago")) outcome.since.seconds = kNow - std::stol(ago->str());
  return outcome;
}
constexpr Check kStatus = {.id = "status",
                           .section = Section::kReplicas,
                           .severity = Severity::kHigh,
                           .subject = SubjectType::kWorkload,
                           .holds = true,
                           .run = Says};
constexpr Check kQuick = {.id = "quick",
                          .section = Section::kReplicas,
                          .severity = Severity::kHigh,
                          .subject = SubjectType::kWorkload,
                          .holds = true,
                          .hold_minutes = 5,
                          .run = Says};

class HoldTest : public ::testing::Test {
 protected:
  // A Deployment, an hour old and at rest, whose label is `say`.
  void Say(std::string_view say, std::int64_t at, std::string_view labels = "", std::string_view status = kAtRest) {
    rig_.Apply(Manifest("apps/v1", "Deployment",
                        "name: web, namespace: shop, uid: d1, generation: 1, creationTimestamp: "
                        "\"2026-11-24T11:00:00Z\", labels: {say: " +
                            std::string(say) + std::string(labels) + "}",
                        Template() + "status: {" + std::string(status) + "}"));
    rig_.Work(at);
  }
  void Wait(std::int64_t until) {
    while (rig_.engine.NextDue() && *rig_.engine.NextDue() <= At(until))
      rig_.Work(std::chrono::floor<std::chrono::seconds>(rig_.engine.NextDue()->time_since_epoch()).count());
    rig_.Work(until);
  }
  Verdict Shown(const std::string& check = "status") { return rig_.sink.reports["web"].verdicts.at(check); }

  static constexpr std::string_view kAtRest =
      "observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1";
  static constexpr std::string_view kRolling =
      "observedGeneration: 1, replicas: 2, updatedReplicas: 1, availableReplicas: 1";
  EngineRig rig_{{&kStatus, &kQuick}};
};

TEST_F(HoldTest, AComplaintIsShownOnceItHasLastedAPassAtOnce) {
  Say("pass", kNow);
  Say("fail", kNow + 10);
  EXPECT_EQ(Shown(), Verdict::kPass) << "the last decided verdict stays";
  Wait(kNow + 309);
  EXPECT_EQ(Shown("quick"), Verdict::kPass);
  Wait(kNow + 310);
  EXPECT_EQ(Shown("quick"), Verdict::kFail) << "this one waits for 5 minutes";
  Wait(kNow + 609);
  EXPECT_EQ(Shown(), Verdict::kPass);
  Wait(kNow + 610);
  EXPECT_EQ(Shown(), Verdict::kFail);
  EXPECT_EQ(rig_.Told("web").since.at("status"), kNow + 610) << "when it was decided";
  Say("pass", kNow + 700);
  EXPECT_EQ(Shown(), Verdict::kPass);
}

TEST_F(HoldTest, WithoutADecidedVerdictItIsUnknown) {
  Say("fail", kNow);
  EXPECT_EQ(Shown(), Verdict::kUnknown);
  EXPECT_THAT(rig_.Told("web").messages.at("status"), ::testing::HasSubstr("10 minutes"));
  Wait(kNow + 600);
  EXPECT_EQ(Shown(), Verdict::kFail);
}

TEST_F(HoldTest, ACountThatBreaksOffBeginsAnew) {
  Say("pass", kNow);
  Say("fail", kNow + 10);
  Say("pass", kNow + 500);
  Say("fail", kNow + 510);
  Wait(kNow + 1109);
  EXPECT_EQ(Shown(), Verdict::kPass);
  Wait(kNow + 1110);
  EXPECT_EQ(Shown(), Verdict::kFail);
}

TEST_F(HoldTest, UnknownAndNaAreShownAtOnce) {
  Say("pass", kNow);
  Say("unknown", kNow + 1);
  EXPECT_EQ(Shown(), Verdict::kUnknown);
  Say("fail", kNow + 2);
  EXPECT_EQ(Shown(), Verdict::kUnknown) << "nothing is decided any more";
  Say("na", kNow + 3);
  EXPECT_EQ(Shown(), Verdict::kNa);
}

TEST_F(HoldTest, TheObjectsOwnTimeDecidesUnlessItIsOfTheFuture) {
  Say("fail", kNow, ", ago: \"590\"");
  EXPECT_EQ(Shown(), Verdict::kUnknown);
  Wait(kNow + 10);
  EXPECT_EQ(Shown(), Verdict::kFail);
  Say("pass", kNow + 11);
  Say("fail", kNow + 12, ", ago: \"-100000\"");
  Wait(kNow + 612);
  EXPECT_EQ(Shown(), Verdict::kFail) << "another machine's clock must not put it off for ever";
}

TEST_F(HoldTest, WhatRestsOnSpecsDoesNotWait) {
  Say("pass", kNow);
  Say("fail", kNow + 1, ", settled: \"\"");
  EXPECT_EQ(Shown(), Verdict::kFail);
}

TEST_F(HoldTest, WhatGetsWorseHasToLastAnewWhatGetsBetterHasNot) {
  Say("warn", kNow);
  Wait(kNow + 600);
  EXPECT_EQ(Shown(), Verdict::kWarn);
  Say("fail", kNow + 700);
  EXPECT_EQ(Shown(), Verdict::kWarn);
  Wait(kNow + 1300);
  EXPECT_EQ(Shown(), Verdict::kFail);
  Say("warn", kNow + 1400);
  EXPECT_EQ(Shown(), Verdict::kWarn) << "it has been at least that for long";
}

TEST_F(HoldTest, ARolloutSuspendsJudgementUntilItHasSettled) {
  Say("pass", kNow);
  Say("fail", kNow + 10, "", kRolling);
  Wait(kNow + 609);
  EXPECT_EQ(Shown(), Verdict::kPass);
  Say("fail", kNow + 609, "", kAtRest);
  EXPECT_EQ(Shown(), Verdict::kPass);
  Wait(kNow + 610);
  EXPECT_EQ(Shown(), Verdict::kFail) << "the rollout is over and it has lasted";
}

TEST_F(HoldTest, ARolloutThatNeverEndsIsJudgedInTheEnd) {
  Say("pass", kNow, "", kRolling);
  Say("fail", kNow + 500, ", ago: \"1000\"", kRolling);
  Wait(kNow + 599);
  EXPECT_EQ(Shown(), Verdict::kPass) << "it has lasted for long, but the rollout suspends judgement";
  Wait(kNow + 600);
  EXPECT_EQ(Shown(), Verdict::kFail) << "ten minutes after the rollout was first seen, not after the complaint was";
}

TEST_F(HoldTest, TheEndOfARolloutShowsWhatWasSuspended) {
  Say("pass", kNow, "", kRolling);
  Say("fail", kNow + 10, ", ago: \"1000\"", kRolling);
  EXPECT_EQ(Shown(), Verdict::kPass);
  Say("fail", kNow + 20, ", ago: \"1000\"", kAtRest);
  EXPECT_EQ(Shown(), Verdict::kFail);
}

TEST_F(HoldTest, AReplicaSetThatIsHeardOfLateMovesTheEnd) {
  Say("pass", kNow, "", kRolling);
  Say("fail", kNow + 1, ", ago: \"1000\"", kRolling);
  Wait(kNow + 5);
  EXPECT_EQ(Shown(), Verdict::kPass);
  // The rollout began 9 minutes ago. Nothing that the check reads has changed.
  rig_.Apply(cache::ReplicaSet(
      "web-h1", "h1",
      "uid: r1, creationTimestamp: \"2026-11-24T11:51:00Z\"" + cache::Owned("apps/v1", "Deployment", "web", "d1")));
  rig_.Work(kNow + 6);
  EXPECT_EQ(Shown(), Verdict::kPass);
  Wait(kNow + 60);
  EXPECT_EQ(Shown(), Verdict::kFail);
}

// ---------------------------------------------------------------- motion

struct MotionRig {
  const WorkloadRecord& Deployment(std::string_view status, std::string_view spec = "",
                                   std::string_view created = "2026-11-24T10:00:00Z") {
    rig.Apply(Manifest(
        "apps/v1", "Deployment",
        "name: web, namespace: shop, uid: d1, generation: 2, creationTimestamp: \"" + std::string(created) + "\"",
        "spec: {replicas: 2" + std::string(spec) +
            ", selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: "
            "[{name: a, image: b}]}}}\n"
            "status: {" +
            std::string(status) + "}"));
    return *rig.Find("Deployment", "web");
  }
  cache::WorldRig rig;
};
constexpr std::string_view kSettled = "observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2";

TEST(Motion, IsTheControllersWord) {
  MotionRig rig;
  EXPECT_FALSE(MotionOf(rig.Deployment(kSettled), kNow).rolling);
  EXPECT_TRUE(MotionOf(rig.Deployment("observedGeneration: 1, replicas: 2, updatedReplicas: 2"), kNow).rolling)
      << "it has not seen the change";
  EXPECT_TRUE(MotionOf(rig.Deployment("observedGeneration: 2, replicas: 2, updatedReplicas: 1"), kNow).rolling);
  EXPECT_TRUE(MotionOf(rig.Deployment("observedGeneration: 2, replicas: 3, updatedReplicas: 2"), kNow).rolling)
      << "old pods are left";
  const auto progressing = [&](std::string_view status, std::string_view reason) {
    return MotionOf(rig.Deployment(std::string(kSettled) + ", conditions: [{type: Progressing, status: \"" +
                                   std::string(status) + "\", reason: " + std::string(reason) + "}]"),
                    kNow)
        .rolling;
  };
  EXPECT_TRUE(progressing("True", "ReplicaSetUpdated")) << "all are there but not yet available";
  EXPECT_FALSE(progressing("True", "NewReplicaSetAvailable"));
  EXPECT_FALSE(progressing("False", "ProgressDeadlineExceeded"));
}

TEST(Motion, LastsForTenMinutesOrItsDeadline) {
  MotionRig rig;
  constexpr std::string_view kOld = "observedGeneration: 1";
  EXPECT_EQ(MotionOf(rig.Deployment(kOld), kNow).limit_seconds, 600);
  EXPECT_EQ(MotionOf(rig.Deployment(kOld, ", progressDeadlineSeconds: 60"), kNow).limit_seconds, 600);
  EXPECT_EQ(MotionOf(rig.Deployment(kOld, ", progressDeadlineSeconds: 1800"), kNow).limit_seconds, 1800);
  EXPECT_EQ(MotionOf(rig.Deployment(kOld, ", progressDeadlineSeconds: 2147483647"), kNow).limit_seconds, 600)
      << "that is how people write none";
}

TEST(Motion, BeginsWithTheCurrentReplicaSet) {
  MotionRig rig;
  EXPECT_FALSE(MotionOf(rig.Deployment("observedGeneration: 1"), kNow).since.set());
  rig.rig.Apply(cache::ReplicaSet(
      "web-h1", "h1",
      "uid: r1, creationTimestamp: \"2026-11-24T11:55:00Z\"" + cache::Owned("apps/v1", "Deployment", "web", "d1")));
  EXPECT_EQ(MotionOf(rig.Deployment("observedGeneration: 1"), kNow).since.seconds, kNow - 300);
}

TEST(Motion, AWorkloadIsYoungForTenMinutes) {
  MotionRig rig;
  EXPECT_EQ(MotionOf(rig.Deployment(kSettled, "", "2026-11-24T11:55:00Z"), kNow).young_until, kNow + 300);
  EXPECT_EQ(MotionOf(rig.Deployment(kSettled, "", "2026-11-24T11:50:00Z"), kNow).young_until, 0);
  EXPECT_EQ(MotionOf(rig.Deployment(kSettled, "", "2026-11-25T11:50:00Z"), kNow).young_until, 0)
      << "of the future: a complaint waits anyway";
}

TEST(Motion, OfStatefulSetsAndDaemonSets) {
  cache::WorldRig rig;
  const auto set = [&](std::string_view status) -> const WorkloadRecord& {
    rig.Apply(Manifest("apps/v1", "StatefulSet", "name: db, namespace: shop, uid: s1",
                       Template() + "status: {" + std::string(status) + "}"));
    return *rig.Find("StatefulSet", "db");
  };
  EXPECT_FALSE(MotionOf(set("replicas: 1, updateRevision: a, currentRevision: a"), kNow).rolling);
  EXPECT_TRUE(MotionOf(set("replicas: 1, updateRevision: b, currentRevision: a"), kNow).rolling);
  EXPECT_TRUE(MotionOf(set("replicas: 2, updateRevision: a, currentRevision: a"), kNow).rolling) << "it scales";
  const auto daemons = [&](std::string_view status) -> const WorkloadRecord& {
    rig.Apply(Manifest("apps/v1", "DaemonSet", "name: agent, namespace: shop, uid: a1",
                       Template() + "status: {" + std::string(status) + "}"));
    return *rig.Find("DaemonSet", "agent");
  };
  EXPECT_FALSE(MotionOf(daemons("desiredNumberScheduled: 3, updatedNumberScheduled: 3"), kNow).rolling);
  EXPECT_TRUE(MotionOf(daemons("desiredNumberScheduled: 3, updatedNumberScheduled: 2"), kNow).rolling);
}

}  // namespace
}  // namespace seaworthy::score
