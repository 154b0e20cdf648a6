// Events in the order of a stream: duplicates, incarnations, snapshots, sources that come and go; and what each
// touches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/world_rig.h"

namespace seaworthy::cache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Budget(std::string_view name, std::string_view meta = "") {
  return Manifest("policy/v1", "PodDisruptionBudget",
                  "name: " + std::string(name) + ", namespace: shop" + std::string(meta), "spec: {selector: {}}");
}

TEST(WorldEvents, TheSameStateAgainIsADuplicate) {
  WorldRig rig;
  const std::string web = Deployment("web", "uid: d1, resourceVersion: \"7\"");
  rig.Apply(web);
  rig.world.TakeTouches();
  rig.Apply(web);
  EXPECT_EQ(rig.world.duplicates(), 1u);
  EXPECT_THAT(rig.world.TakeTouches(), IsEmpty());
  rig.Apply(Deployment("web", "uid: d1, resourceVersion: \"8\""));
  EXPECT_EQ(rig.world.duplicates(), 1u);
  EXPECT_FALSE(rig.world.TakeTouches().empty());
}

TEST(WorldEvents, AnotherUidIsAnotherObject) {
  WorldRig rig;
  rig.Apply(Deployment("web", "uid: d1"));
  const std::uint32_t subject = rig.Find("Deployment", "web")->subject;
  rig.world.TakeTouches();
  rig.Apply(Deployment("web", "uid: d2"));
  const std::vector<Touch> touches = rig.world.TakeTouches();
  const auto removed = std::find_if(touches.begin(), touches.end(), [&](const Touch& t) {
    return t.scope == Touch::Scope::kRemoved && t.subject == subject;
  });
  ASSERT_NE(removed, touches.end());
  // The id is used again at once: whoever reads the touches in order drops the old one before meeting the new.
  const std::uint32_t now = rig.Find("Deployment", "web")->subject;
  const auto born = std::find_if(touches.begin(), touches.end(), [&](const Touch& t) {
    return t.scope == Touch::Scope::kSubject && t.subject == now && t.kinds == KindSet::All() && t.direct;
  });
  ASSERT_NE(born, touches.end());
  EXPECT_LT(removed, born);
  for (auto touch = touches.begin(); touch < removed; ++touch)
    EXPECT_FALSE(touch->scope == Touch::Scope::kSubject && touch->kinds == KindSet::All() && touch->subject == now);
}

TEST(WorldEvents, ALateDeletionOfAnEarlierOneIsVoid) {
  WorldRig rig;
  rig.Apply(Deployment("web", "uid: d2"));
  rig.Delete(Deployment("web", "uid: d1"));
  EXPECT_NE(rig.Find("Deployment", "web"), nullptr);
  rig.Delete(Deployment("unheard-of", "uid: d9"));
  rig.Delete(Deployment("web", "uid: d2"));
  EXPECT_EQ(rig.Find("Deployment", "web"), nullptr);
}

TEST(WorldEvents, ASnapshotShowsWhenItIsCompleteAndReplacesByADiff) {
  WorldRig rig;
  rig.Apply(Budget("a", ", uid: a, resourceVersion: \"1\""));
  rig.Apply(Budget("b", ", uid: b, resourceVersion: \"2\""));
  rig.world.TakeTouches();
  const auto budgets = [&] {
    std::vector<std::string> names;
    for (const BudgetRecord* record : rig.Ns("shop")->budgets) names.push_back(record->budget->meta.name.str());
    return names;
  };
  rig.Tell(EventType::kInit, Kind::kPodDisruptionBudget);
  rig.Stage(Budget("never", ", uid: n"));
  rig.Tell(EventType::kInit, Kind::kPodDisruptionBudget);  // the list broke off and begins anew
  rig.Stage(Budget("b", ", uid: b, resourceVersion: \"2\""));
  rig.Stage(Budget("c", ", uid: c, resourceVersion: \"3\""));
  EXPECT_THAT(budgets(), ElementsAre("a", "b")) << "half a snapshot must not be seen";
  EXPECT_THAT(rig.world.TakeTouches(), IsEmpty());
  const std::uint32_t kept = rig.Ns("shop")->budgets[1]->subject;
  rig.Tell(EventType::kInitDone, Kind::kPodDisruptionBudget);
  EXPECT_THAT(budgets(), ElementsAre("b", "c"));
  EXPECT_FALSE(WorldRig::Touched(rig.world.TakeTouches(), kept, KindSet::All())) << "b did not change";
}

TEST(WorldEvents, ADeniedKindIsFrozenAnAbsentOneGone) {
  WorldRig rig;
  rig.Apply(Budget("a"));
  rig.Tell(EventType::kInit, Kind::kPodDisruptionBudget);
  rig.Stage(Budget("b"));
  rig.Tell(EventType::kDenied, Kind::kPodDisruptionBudget, "forbidden");
  EXPECT_EQ(rig.world.State(Kind::kPodDisruptionBudget), SourceState::kDenied);
  EXPECT_EQ(rig.world.ObjectCount(Kind::kPodDisruptionBudget), 1u) << "missing information never means deleted";
  rig.Tell(EventType::kLive, Kind::kPodDisruptionBudget);
  EXPECT_EQ(rig.world.State(Kind::kPodDisruptionBudget), SourceState::kLive);
  rig.Stage(Budget("c"));
  rig.Tell(EventType::kInitDone, Kind::kPodDisruptionBudget);
  EXPECT_NE(rig.Ns("shop")->budgets.front()->budget->meta.name, "c")
      << "the end of a snapshot that the denial had ended";
  EXPECT_EQ(rig.world.ObjectCount(Kind::kPodDisruptionBudget), 1u);
  rig.Tell(EventType::kAbsent, Kind::kPodDisruptionBudget, "not served");
  EXPECT_EQ(rig.world.State(Kind::kPodDisruptionBudget), SourceState::kAbsent);
  EXPECT_EQ(rig.Ns("shop"), nullptr);
}

TEST(WorldEvents, APermissionAloneMakesNoKindLive) {
  TextPool pool;
  World world(World::Mode::kCluster, pool);
  world.Accept({EventType::kDenied, Kind::kPod, nullptr, "forbidden"});
  world.Accept({EventType::kLive, Kind::kPod, nullptr, {}});
  EXPECT_EQ(world.State(Kind::kPod), SourceState::kPending) << "nobody has seen a pod yet";
}

TEST(WorldEvents, WhatCannotBeReadStaysAsItWasAndSaysSo) {
  WorldRig rig;
  rig.Apply(Deployment("web", "uid: d1"));
  rig.Apply(Budget("b", ", uid: b"));
  const SubjectRef web = rig.world.Subject(rig.Find("Deployment", "web")->subject);
  EXPECT_EQ(rig.world.Unreadable(web), "");
  rig.world.TakeTouches();
  rig.Tell(EventType::kUnreadable, Kind::kDeployment, "shop/web: nested too deeply");
  EXPECT_EQ(rig.world.Unreadable(web), "nested too deeply");
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), web.workload->subject, {Kind::kDeployment}));
  rig.Tell(EventType::kUnreadable, Kind::kDeployment, "shop/unheard-of: nested too deeply");
  rig.Apply(Deployment("web", "uid: d1, resourceVersion: \"9\""));
  EXPECT_EQ(rig.world.Unreadable(web), "");
  // Within a snapshot it counts as present.
  rig.Tell(EventType::kInit, Kind::kDeployment);
  rig.Tell(EventType::kUnreadable, Kind::kDeployment, "shop/web: nested too deeply");
  rig.Tell(EventType::kInitDone, Kind::kDeployment);
  ASSERT_NE(rig.Find("Deployment", "web"), nullptr);
  EXPECT_EQ(rig.world.Unreadable(rig.world.Subject(rig.Find("Deployment", "web")->subject)), "nested too deeply");
  rig.Snapshot(Kind::kDeployment, {Deployment("web", "uid: d1, resourceVersion: \"9\"")});
  EXPECT_EQ(rig.world.Unreadable(rig.world.Subject(rig.Find("Deployment", "web")->subject)), "");
  // Other subjects have objects of their own.
  rig.Tell(EventType::kUnreadable, Kind::kPodDisruptionBudget, "shop/b: bad");
  EXPECT_EQ(rig.world.Unreadable(rig.world.Subject(rig.Ns("shop")->budgets[0]->subject)), "bad");
  EXPECT_EQ(rig.world.Unreadable(rig.world.Subject(rig.Ns("shop")->subject)), "");
}

TEST(WorldEvents, ANamespaceLivesAsLongAsAnythingIsInIt) {
  WorldRig rig;
  rig.Apply(Manifest("v1", "ServiceAccount", "name: a, namespace: shop"));
  EXPECT_EQ(rig.Ns("shop")->object, nullptr);
  rig.Apply(Manifest("v1", "Namespace", "name: shop"));
  EXPECT_NE(rig.Ns("shop")->object, nullptr);
  rig.Delete(Manifest("v1", "ServiceAccount", "name: a, namespace: shop"));
  EXPECT_NE(rig.Ns("shop"), nullptr);
  rig.Delete(Manifest("v1", "Namespace", "name: shop"));
  EXPECT_EQ(rig.Ns("shop"), nullptr);
}

TEST(WorldEvents, AFullSetOfObjectsIsHeldOnceAndFindable) {
  WorldRig rig;
  for (const char* name : {"b", "c", "a"}) rig.Apply(Deployment(name, "uid: " + std::string(name)));
  rig.Apply(Manifest("apps/v1", "DaemonSet", "name: b, namespace: shop, uid: x", Template()));
  EXPECT_THAT(Names(rig.Ns("shop")->workloads),
              ElementsAre("DaemonSet/b", "Deployment/a", "Deployment/b", "Deployment/c"));
  for (const WorkloadRecord* record : rig.Ns("shop")->workloads) {
    EXPECT_EQ(rig.world.FindWorkload("shop", record->workload->kind_name, record->workload->meta.name), record);
  }
  EXPECT_EQ(rig.world.FindWorkload("shop", "Deployment", "ab"), nullptr);
  EXPECT_EQ(rig.world.FindWorkload("shoq", "Deployment", "a"), nullptr);
  EXPECT_EQ(rig.world.ObjectCount(Kind::kDeployment), 3u);
}

}  // namespace
}  // namespace seaworthy::cache
