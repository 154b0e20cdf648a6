#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cache/decoding.h"
#include "cache/spec_table.h"

namespace seaworthy::cache {
namespace {

class DecodePodTest : public DecodeTest {
 protected:
  struct Variant {
    std::string name = "web-1", node = "n1", volume = "kube-api-access-x7k2p", image = "web:1", owner = "ReplicaSet",
                extra = {};
  };
  // As the API server gives it: JSON in one line, with what it adds to a pod.
  static std::string PodJson(const Variant& v) {
    const std::string affinity =
        v.owner != "DaemonSet"
            ? ""
            : R"("affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
                                   {"matchFields":[{"key":"metadata.name","operator":"In","values":[")" +
                  v.node + R"("]}]}]}}},)";
    return R"({"metadata":{"name":")" + v.name + R"(","namespace":"shop","ownerReferences":[{"kind":")" + v.owner +
           R"(","name":"web","controller":true}]},"spec":{)" + affinity + R"("volumes":[{"name":")" + v.volume +
           R"(","projected":{"sources":[{"serviceAccountToken":{"path":"token"}}]}}],"containers":[{"name":"app","image":")" +
           v.image + R"(","volumeMounts":[{"name":")" + v.volume +
           R"(","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}],"nodeName":")" + v.node +
           R"(","hostname":")" + v.name + R"("})" + v.extra + "}";
  }
  std::unique_ptr<Pod> Make(const Variant& v) { return Json<Pod>(Kind::kPod, PodJson(v)); }
};

TEST_F(DecodePodTest, ReadsAPod) {
  const auto pod =
      Json<Pod>(Kind::kPod,
                R"({"metadata":{"name":"web-5d4-x","namespace":"shop","labels":{"app":"web","pod-template-hash":"5d4"},
    "annotations":{"kubernetes.io/config.mirror":"abc"},"deletionTimestamp":"2026-11-01T10:00:00Z","deletionGracePeriodSeconds":30},
    "spec":{"nodeName":"n1","containers":[{"name":"app"}]},
    "status":{"phase":"Running","reason":"Evicted","startTime":"2026-11-01T09:00:00Z",
      "conditions":[{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-01T09:01:00Z"}],
      "initContainerStatuses":[{"name":"init","ready":true,"state":{"terminated":{"reason":"Completed","exitCode":0,"finishedAt":"2026-11-01T09:00:30Z"}}}],
      "containerStatuses":[{"name":"app","ready":true,"started":true,"restartCount":3,"imageID":"docker.io/web@sha256:1",
        "state":{"running":{"startedAt":"2026-11-01T09:00:40Z"}},
        "lastState":{"terminated":{"reason":"OOMKilled","exitCode":137,"signal":9,"startedAt":"2026-11-01T09:00:31Z","finishedAt":"2026-11-01T09:00:39Z"}}}]}})");
  ASSERT_NE(pod, nullptr);
  EXPECT_EQ(pod->node, "n1");
  EXPECT_TRUE(pod->spec->node_name.empty());
  EXPECT_EQ(pod->phase, "Running");
  EXPECT_EQ(pod->reason, "Evicted");
  EXPECT_EQ(pod->template_hash_label, "5d4");
  EXPECT_TRUE(pod->mirror);
  EXPECT_TRUE(pod->started.set());
  EXPECT_TRUE(pod->meta.deleted.set());
  EXPECT_EQ(*pod->meta.deletion_grace_seconds, 30);
  EXPECT_TRUE(pod->IsReady());
  ASSERT_EQ(pod->containers.size(), 2U);
  EXPECT_TRUE(pod->containers[0].init);
  EXPECT_EQ(pod->containers[0].terminated->reason, "Completed");
  const ContainerStatus& app = pod->containers[1];
  EXPECT_TRUE(app.running);
  EXPECT_TRUE(app.running_since.set());
  EXPECT_EQ(app.restarts, 3);
  EXPECT_EQ(app.last_terminated->reason, "OOMKilled");
  EXPECT_EQ(app.last_terminated->exit_code, 137);
  EXPECT_EQ(app.last_terminated->signal, 9);
  EXPECT_GT(pod->resident_bytes(), sizeof(Pod));
}

TEST_F(DecodePodTest, KeepsTheMessageOfAContainerThatCannotBeCreated) {
  const auto waiting = [&](std::string_view reason, std::string_view message) {
    return Json<Pod>(
               Kind::kPod,
               R"({"metadata":{"name":"a"},"spec":{"containers":[]},"status":{"containerStatuses":[{"name":"a","state":{"waiting":{"reason":")" +
                   std::string(reason) + R"(","message":")" + std::string(message) + R"("}}}]}})")
        ->containers[0];
  };
  EXPECT_EQ(waiting("CreateContainerConfigError", "secret \\\"x\\\" not found").waiting_message,
            "secret \"x\" not found");
  EXPECT_EQ(waiting("CreateContainerConfigError", "secret \\\"x\\\" not found").waiting_reason,
            "CreateContainerConfigError");
  EXPECT_EQ(waiting("ImagePullBackOff", "Back-off pulling image").waiting_message, "");
  EXPECT_EQ(waiting("CreateContainerError", std::string(1000, 'x')).waiting_message.size(), 256U);
  EXPECT_EQ(waiting("CreateContainerError", "cannot reach redis://:s3cr3t@cache/").waiting_message, "");
}

TEST_F(DecodePodTest, SharesTheSpecOfPodsOfOneTemplate) {
  const auto a = Make({});
  const auto b = Make({.name = "web-2", .node = "n2", .volume = "kube-api-access-q99zz"});
  const auto c = Make({.name = "web-3", .image = "web:2"});
  EXPECT_EQ(a->spec, b->spec);
  EXPECT_NE(a->spec, c->spec);
  EXPECT_NE(a->spec->hash, c->spec->hash);
  EXPECT_NE(a->node, b->node);
}

// What the API server adds to a pod is not in the template; without it the containers are the same.
TEST_F(DecodePodTest, SharesContainersWithTheTemplate) {
  const auto pod = Make({});
  const std::string containers = R"([{"name":"app","image":"web:1"}])";
  const auto workload =
      Json<Workload>(Kind::kDeployment,
                     R"({"metadata":{"name":"web"},"spec":{"template":{"spec":{"containers":)" + containers + "}}}}");
  ASSERT_NE(workload, nullptr);
  EXPECT_TRUE(pod->spec->volumes.empty());
  EXPECT_TRUE(pod->spec->containers[0]->mounts.empty());
  EXPECT_EQ(&*pod->spec->containers[0], &*workload->spec->containers[0]);
}

// A volume of that name which holds anything else is the author's, and so are its mounts.
TEST_F(DecodePodTest, KeepsAVolumeThatOnlyHasTheNameOfTheTokens) {
  const auto pod = Json<Pod>(Kind::kPod, R"({"metadata":{"name":"a"},"spec":{
    "containers":[{"name":"app","volumeMounts":[{"name":"kube-api-access-x","mountPath":"/etc"}]}],
    "volumes":[{"name":"kube-api-access-x","hostPath":{"path":"/etc"}}]}})");
  ASSERT_EQ(pod->spec->volumes.size(), 1U);
  EXPECT_EQ(pod->spec->volumes[0].source, VolumeSource::kHostPath);
  ASSERT_EQ(pod->spec->containers[0]->mounts.size(), 1U);
}

TEST_F(DecodePodTest, SharesTheSpecOfADaemonSetsPods) {
  const auto a = Make({.owner = "DaemonSet"});
  const auto b = Make({.name = "web-2", .node = "n2", .owner = "DaemonSet"});
  EXPECT_EQ(a->spec, b->spec);
  EXPECT_FALSE(a->spec->has_required_node_affinity);
  EXPECT_TRUE(a->spec->node_affinity.empty());
  // One that waits for its node still says where it must go.
  const auto pending = Json<Pod>(
      Kind::kPod, R"({"metadata":{"name":"a","ownerReferences":[{"kind":"DaemonSet","name":"d","controller":true}]},
    "spec":{"containers":[],"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
    {"matchFields":[{"key":"metadata.name","operator":"In","values":["n3"]}]}]}}}}})");
  EXPECT_TRUE(pending->spec->has_required_node_affinity);
}

TEST_F(DecodePodTest, KeepsTheClaimsOfAStatefulSetsPodsApart) {
  const auto pod = [&](std::string_view ordinal) {
    return Json<Pod>(
        Kind::kPod,
        R"({"metadata":{"name":"db-)" + std::string(ordinal) +
            R"("},"spec":{"containers":[],"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data-db-)" +
            std::string(ordinal) + R"("}}]}})");
  };
  const auto zero = pod("0"), one = pod("1");
  EXPECT_NE(zero->spec, one->spec);
  EXPECT_EQ(one->spec->volumes[0].reference, "data-db-1");
}

TEST_F(DecodePodTest, DoesNotConfuseSpecsThatReadAlike) {
  const auto spec = [&](std::string_view json) {
    return Json<Pod>(Kind::kPod, R"({"metadata":{"name":"a"},"spec":)" + std::string(json) + "}")->spec;
  };
  const std::vector<PodSpecPtr> specs = {
      spec(R"({"containers":[{"name":"ab","image":"c"}]})"),
      spec(R"({"containers":[{"name":"a","image":"bc"}]})"),
      spec(R"({"containers":[{"name":"ab"},{"image":"c"}]})"),
      spec(R"({"initContainers":[{"name":"ab","image":"c"}]})"),
      spec(R"({"containers":[],"hostPID":true})"),
      spec(R"({"containers":[],"hostPID":false})"),
      spec(R"({"containers":[],"hostPID":null})"),
      spec(R"({"containers":[],"priority":1})"),
      spec(R"({"containers":[],"priority":"1"})"),
      spec(R"({"containers":[{"name":"kube-api-access-a"}]})"),
      spec(R"({"containers":[{"name":"kube-api-access-b"}]})"),
  };
  for (std::size_t i = 0; i < specs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(specs[i], specs[j]) << i << " " << j;
  }
}

TEST_F(DecodePodTest, LetsGoOfSpecsThatNobodyHolds) {
  constexpr std::size_t kPods = 20'000, kTables = 4, kFirstSweep = 256;
  for (std::size_t i = 0; i < kPods; ++i) {
    const auto pod = Make({.image = "web:" + std::to_string(i)});
    ASSERT_NE(pod, nullptr);
  }
  // What the tables have not swept yet: an image each, and the constant words that were met on the way.
  EXPECT_LT(pool_.size(), kTables * kFirstSweep);
}

TEST_F(DecodePodTest, DoesNotShareBetweenManifests) {
  constexpr std::string_view kPod = "{metadata: {name: a}, spec: {nodeName: n1, containers: [{name: app}]}}";
  const auto a = Yaml<Pod>(Kind::kPod, kPod);
  const auto b = Yaml<Pod>(Kind::kPod, kPod);
  EXPECT_NE(a->spec, b->spec);
  EXPECT_EQ(a->spec->node_name, "n1");  // its author wrote it
  EXPECT_EQ(a->spec->containers[0]->line, 1U);
}

TEST_F(DecodePodTest, NamesWhatIsWrong) {
  EXPECT_EQ(ErrorOf(Kind::kPod, "{metadata: {name: a}}"), "Pod a: spec: missing");
  EXPECT_EQ(ErrorOf(Kind::kPod, "{metadata: {name: a}, spec: {containers: x}}"), "Pod a: spec.containers: not a list");
}

TEST_F(DecodePodTest, IsThreadSafe) {
  std::vector<std::vector<std::unique_ptr<Pod>>> pods(4);
  std::vector<std::thread> threads;
  for (auto& mine : pods) {
    threads.emplace_back([this, &mine] {
      support::Tree tree;
      for (int i = 0; i < 200; ++i) {
        const Status parsed = support::ParseJson(
            PodJson({.name = "p" + std::to_string(i), .image = "web:" + std::to_string(i % 5)}), tree);
        if (!parsed.ok()) return;
        Result<ObjectPtr> object = decoder_->Decode(Kind::kPod, tree.root());
        if (object.ok()) mine.emplace_back(static_cast<Pod*>(object->release()));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : pods) {
    ASSERT_EQ(mine.size(), 200U);
    for (std::size_t i = 0; i < mine.size(); ++i) EXPECT_EQ(mine[i]->spec, pods[0][i % 5]->spec);
  }
}

TEST(SpecTable, SweepsDeadEntries) {
  SpecTable table;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    EXPECT_NE(table.Insert({i, i}, PodSpecPtr(new PodSpec)), nullptr);
  }
  EXPECT_LT(table.size(), 1000U);
}

TEST(SpecTable, GivesTheOneThatIsAlreadyHeld) {
  SpecTable table;
  const PodSpecPtr first = table.Insert({1, 2}, PodSpecPtr(new PodSpec));
  EXPECT_EQ(table.Insert({1, 2}, PodSpecPtr(new PodSpec)), first);
  EXPECT_EQ(table.Find({1, 2}), first);
  EXPECT_EQ(table.Find({2, 1}), nullptr);
}

}  // namespace
}  // namespace seaworthy::cache
