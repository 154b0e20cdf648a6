#include "checks/common/node_loss.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace seaworthy::checks {
namespace {

constexpr std::int64_t kGi = std::int64_t{1} << 30;

// A cluster without a cache: nodes, and pods on them.
class Cluster {
 public:
  Text T(std::string_view text) { return pool_.Intern(text); }

  Node& AddNode(std::string_view name, std::int64_t cpu_milli, std::int64_t gi, std::int64_t pods = 110) {
    auto node = std::make_unique<Node>();
    node->meta.name = T(name);
    node->meta.labels = Labels({{T("kubernetes.io/hostname"), T(name)}});
    node->allocatable.cpu_milli = cpu_milli;
    node->allocatable.memory_bytes = gi * kGi;
    node->allocatable_pods = pods;
    node->conditions.push_back({T("Ready"), T("True"), {}, {}});
    auto record = std::make_unique<NodeRecord>();
    record->node = node.get();
    record->name = node->meta.name;
    list_.push_back(record.get());
    records_.push_back(std::move(record));
    nodes_.push_back(std::move(node));
    return *nodes_.back();
  }

  PodSpecPtr Spec(std::int64_t cpu_milli, std::int64_t gi) {
    auto spec = std::make_shared<PodSpec>();
    Container container;
    container.name = T("app");
    container.resources.edit().requests.cpu_milli = cpu_milli;
    container.resources.edit().requests.memory_bytes = gi * kGi;
    spec->containers.push_back(std::move(container));
    return spec;
  }

  Pod& AddPod(std::size_t node, PodSpecPtr spec, std::string_view owner_kind = "ReplicaSet") {
    auto pod = std::make_unique<Pod>();
    pod->meta.namespace_ = T("shop");
    pod->meta.name = T("pod-" + std::to_string(pods_.size()));
    OwnerRef owner;
    owner.kind = T(owner_kind);
    owner.controller = true;
    pod->meta.owners.push_back(owner);
    pod->spec = std::move(spec);
    pod->node = records_[node]->name;
    records_[node]->pods.push_back(pod.get());
    pods_.push_back(std::move(pod));
    return *pods_.back();
  }

  NodeLoss Simulate() const { return SimulateNodeLoss(list_); }

 private:
  TextPool pool_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<NodeRecord>> records_;
  std::vector<NodeRecord*> list_;
  std::vector<std::unique_ptr<Pod>> pods_;
};

TEST(NodeLoss, LeavesNoTraceOfOneSimulationInTheNext) {
  Cluster cluster;
  const PodSpecPtr spec = cluster.Spec(1000, 1);
  for (int n = 0; n < 3; ++n) cluster.AddNode("node-" + std::to_string(n), 2000, 8);
  for (std::size_t n = 0; n < 3; ++n) cluster.AddPod(n, spec);
  const NodeLoss loss = cluster.Simulate();
  EXPECT_EQ(loss.workers, 3u);
  EXPECT_EQ(loss.not_absorbed, 0u);
}

TEST(NodeLoss, NamesTheFirstNodeAndWhatItsPodLacks) {
  Cluster cluster;
  cluster.AddNode("node-a", 2000, 8);
  cluster.AddNode("node-b", 2000, 8);
  cluster.AddPod(1, cluster.Spec(1500, 1));
  cluster.AddPod(0, cluster.Spec(1000, 1));
  const NodeLoss loss = cluster.Simulate();
  EXPECT_EQ(loss.not_absorbed, 2u);
  ASSERT_NE(loss.node, nullptr);
  EXPECT_EQ(loss.node->name, "node-a");
  EXPECT_EQ(loss.short_of, NodeLoss::Short::kCpu);
}

// 3 + 3 into 4 + 2 only goes when the large ones are placed first.
TEST(NodeLoss, PlacesTheLargestFirst) {
  Cluster cluster;
  cluster.AddNode("node-a", 6000, 32);
  cluster.AddNode("node-b", 3000, 32);
  cluster.AddNode("node-c", 3000, 32);
  cluster.AddPod(0, cluster.Spec(1000, 1));
  cluster.AddPod(0, cluster.Spec(2000, 1));
  cluster.AddPod(0, cluster.Spec(3000, 1));
  EXPECT_EQ(cluster.Simulate().not_absorbed, 0u);
}

TEST(NodeLoss, AmountsOfStrangersDoNotOverflow) {
  Cluster cluster;
  cluster.AddNode("node-a", std::numeric_limits<std::int64_t>::max(), 8);
  cluster.AddNode("node-b", 2000, 8);
  for (int i = 0; i < 200; ++i) cluster.AddPod(0, cluster.Spec(std::numeric_limits<std::int64_t>::max(), 1));
  EXPECT_EQ(cluster.Simulate().not_absorbed, 1u);
}

TEST(NodeLoss, StaticAndDaemonSetPodsStayAndTakeRoom) {
  Cluster cluster;
  cluster.AddNode("node-a", 2000, 8);
  cluster.AddNode("node-b", 2000, 8);
  cluster.AddPod(0, cluster.Spec(2000, 1), "Node");
  cluster.AddPod(1, cluster.Spec(1500, 1), "DaemonSet");
  EXPECT_EQ(cluster.Simulate().not_absorbed, 0u);
  cluster.AddPod(1, cluster.Spec(500, 1));
  EXPECT_EQ(cluster.Simulate().not_absorbed, 1u);
}

// Selectors by hostname are one class of pods each: they must not cost a pass over all nodes each.
TEST(NodeLoss, PodsPinnedToHostsFitNowhereElse) {
  Cluster cluster;
  for (int n = 0; n < 100; ++n) cluster.AddNode("node-" + std::to_string(1000 + n), 4000, 16);
  for (std::size_t n = 0; n < 100; ++n) {
    auto spec = std::make_shared<PodSpec>(*cluster.Spec(100, 1));
    spec->node_selector =
        Labels({{cluster.T("kubernetes.io/hostname"), cluster.T("node-" + std::to_string(1000 + n))}});
    cluster.AddPod(n, spec);
  }
  const NodeLoss loss = cluster.Simulate();
  EXPECT_EQ(loss.not_absorbed, 100u);
  EXPECT_EQ(loss.short_of, NodeLoss::Short::kNode);
}

TEST(NodeLoss, LabelsThatAreAskedForSeparateNodes) {
  Cluster cluster;
  for (int n = 0; n < 4; ++n) {
    Node& node = cluster.AddNode("node-" + std::to_string(n), 2000, 8);
    node.meta.labels = Labels({{cluster.T("disk"), cluster.T(n < 2 ? "ssd" : "hdd")}});
  }
  auto spec = std::make_shared<PodSpec>(*cluster.Spec(1500, 1));
  spec->node_selector = Labels({{cluster.T("disk"), cluster.T("ssd")}});
  cluster.AddPod(0, spec);
  EXPECT_EQ(cluster.Simulate().not_absorbed, 0u);
  cluster.AddPod(1, spec);
  EXPECT_EQ(cluster.Simulate().not_absorbed, 2u);
}

// 5,000 nodes in mixed pools and 150,000 pods of 3,000 templates.
void FillLargest(Cluster& cluster, std::int64_t cpu_milli, std::int64_t gi) {
  constexpr std::size_t kNodes = 5000, kPodsOfANode = 30;
  for (std::size_t n = 0; n < kNodes; ++n) {
    // Half of the nodes run short of memory, the other half of CPU: what makes a search by maxima go astray.
    Node& node = cluster.AddNode("node-" + std::to_string(10000 + n), n % 2 == 0 ? cpu_milli : 2 * cpu_milli,
                                 n % 2 == 0 ? 2 * gi : gi);
    node.meta.labels = Labels({{cluster.T("kubernetes.io/hostname"), node.meta.name},
                               {cluster.T("pool"), cluster.T("pool-" + std::to_string(n % 5))},
                               {cluster.T("topology.kubernetes.io/zone"), cluster.T("zone-" + std::to_string(n % 3))}});
  }
  std::vector<PodSpecPtr> any, by_pool[5];
  for (int i = 0; i < 3000; ++i) {
    auto spec = std::make_shared<PodSpec>(*cluster.Spec(100 + i % 7 * 100, 1 + i % 4));
    const int pool = i % 5;
    if (i % 3 == 0) spec->node_selector = Labels({{cluster.T("pool"), cluster.T("pool-" + std::to_string(pool))}});
    (i % 3 == 0 ? by_pool[pool] : any).push_back(std::move(spec));
  }
  for (std::size_t n = 0; n < kNodes; ++n) {
    for (std::size_t p = 0; p < kPodsOfANode; ++p) {
      const auto& choice = p % 3 == 0 ? by_pool[n % 5] : any;
      cluster.AddPod(n, choice[(n * 31 + p * 97) % choice.size()]);
    }
  }
}

// No timed tests: they are about the bound on the work, which is what time follows.
TEST(NodeLoss, TheLargestClusterIsWithinTheWorkThatIsAllowed) {
  Cluster cluster;
  FillLargest(cluster, 16000, 96);
  const NodeLoss loss = cluster.Simulate();
  EXPECT_FALSE(loss.exhausted);
  EXPECT_EQ(loss.workers, 5000u);
  EXPECT_EQ(loss.not_absorbed, 0u);
}

TEST(NodeLoss, TheLargestClusterWithoutRoomIsToo) {
  Cluster cluster;
  FillLargest(cluster, 11000, 69);
  const NodeLoss loss = cluster.Simulate();
  EXPECT_FALSE(loss.exhausted);
  EXPECT_EQ(loss.workers, 5000u);
  EXPECT_GT(loss.not_absorbed, 0u);
}

}  // namespace
}  // namespace seaworthy::checks
