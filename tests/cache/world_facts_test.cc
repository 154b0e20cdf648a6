// Facts of the whole cluster (cluster_facts.h) and of one subject (Context::Once): how long they are kept.
#include <gtest/gtest.h>

#include "cache/world_rig.h"
#include "seaworthy/check.h"

namespace seaworthy::cache {
namespace {

struct NodeNames {
  static constexpr KindSet kRestsOn = {Kind::kNode};
  explicit NodeNames(const Snapshot& snapshot) {
    for (const NodeRecord* record : snapshot.Nodes()) names += record->name.str() + " ";
    ++made;
  }
  std::string names;
  static inline int made = 0;
};

std::string NodeOf(std::string_view name, std::string_view version, std::string_view more = "") {
  return Manifest("v1", "Node",
                  "name: " + std::string(name) + ", uid: 5b1a5ab3-6e7b-4a3f-8d5e-00000000000" +
                      std::string(name.substr(1)) + ", resourceVersion: \"" + std::string(version) + "\"",
                  "status:\n  allocatable: {cpu: \"4\"}\n  conditions:\n  - {type: Ready, status: \"True\", "
                  "lastHeartbeatTime: \"2026-11-24T11:0" +
                      std::string(version) + ":00Z\"}\n" + std::string(more));
}

class WorldFacts : public ::testing::Test {
 protected:
  void SetUp() override { NodeNames::made = 0; }
  const std::string& Names() { return rig.world.Fact<NodeNames>().names; }
  WorldRig rig;
};

TEST_F(WorldFacts, AreMadeWhenAskedForAndKept) {
  rig.Apply(NodeOf("n1", "1"));
  EXPECT_EQ(NodeNames::made, 0);
  EXPECT_EQ(Names(), "n1 ");
  EXPECT_EQ(Names(), "n1 ");
  EXPECT_EQ(NodeNames::made, 1);
}

TEST_F(WorldFacts, AreMadeAgainAfterAnObjectCameChangedOrWent) {
  rig.Apply(NodeOf("n1", "1"));
  EXPECT_EQ(Names(), "n1 ");
  rig.Apply(NodeOf("n2", "2"));
  EXPECT_EQ(Names(), "n1 n2 ");
  rig.Apply(NodeOf("n2", "3", "spec: {unschedulable: true}\n"));
  EXPECT_EQ(Names(), "n1 n2 ");
  EXPECT_EQ(NodeNames::made, 3);
  rig.Delete(NodeOf("n1", "4"));
  EXPECT_EQ(Names(), "n2 ");
  rig.Snapshot(Kind::kNode, {});
  EXPECT_EQ(Names(), "");
}

TEST_F(WorldFacts, AreMadeAgainAfterTheStateOfTheirKindChanged) {
  Names();
  rig.Tell(EventType::kDenied, Kind::kNode);
  Names();
  EXPECT_EQ(NodeNames::made, 2);
}

TEST_F(WorldFacts, OutliveHeartbeatsOtherKindsAndWhatIsSentTwice) {
  rig.Apply(NodeOf("n1", "1"));
  Names();
  rig.Apply(NodeOf("n1", "2"));
  rig.Apply(NodeOf("n1", "2"));
  rig.Apply(Manifest("v1", "Namespace", "name: shop"));
  EXPECT_EQ(Names(), "n1 ");
  EXPECT_EQ(NodeNames::made, 1);
}

TEST_F(WorldFacts, OfASubjectAreMadeOnceAndReadTheirKindsForAllWhoAsk) {
  rig.Apply(Manifest("apps/v1", "Deployment", "name: web, namespace: shop",
                     "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: "
                     "{containers: [{name: app, image: web}]}}}\n"));
  int made = 0;
  struct Answer {
    std::size_t services;
  };
  Context context(rig.world, WallTime(std::chrono::seconds(kNow)));
  context.Of(*rig.Find("Deployment", "web"), Tier::kStandard);
  const auto ask = [&] {
    return context
        .Once<Answer>([&] {
          ++made;
          return Answer{context.Services().items.size()};
        })
        .services;
  };
  EXPECT_EQ(ask(), 0U);
  context.ClearTouched();
  static_cast<void>(context.Pods());
  EXPECT_EQ(ask(), 0U);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(context.touched(), (KindSet{Kind::kService, Kind::kPod}));
  // Bound again, it is another subject.
  context.Of(*rig.Find("Deployment", "web"), Tier::kStandard);
  ask();
  EXPECT_EQ(made, 2);
}

}  // namespace
}  // namespace seaworthy::cache
