// Objects and the joins between them: whose a pod is, what selects a workload, what a snapshot replaces.
#include "cache/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "cache/world_rig.h"

namespace seaworthy::cache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ---------------------------------------------------------------- owners

TEST(WorldOwners, AChainJoinsInWhateverOrderItArrives) {
  const std::vector<std::string> objects = {
      Deployment("web", "uid: d1, annotations: {deployment.kubernetes.io/revision: \"1\"}"),
      ReplicaSet("web-h1", "h1",
                 "uid: r1, annotations: {deployment.kubernetes.io/revision: \"1\"}" +
                     Owned("apps/v1", "Deployment", "web", "d1")),
      Pod("web-h1-a",
          "uid: p1, labels: {app: web, pod-template-hash: h1}" + Owned("apps/v1", "ReplicaSet", "web-h1", "r1")),
      Manifest("v1", "Service", "name: web, namespace: shop, uid: s1",
               "spec: {selector: {app: web}, ports: [{port: 80}]}"),
      Manifest("policy/v1", "PodDisruptionBudget", "name: web, namespace: shop, uid: b1",
               "spec: {selector: {matchLabels: {app: web}}}"),
      Manifest("autoscaling/v2", "HorizontalPodAutoscaler", "name: web, namespace: shop, uid: h1",
               "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 3}"),
  };
  std::vector<std::size_t> order(objects.size());
  std::iota(order.begin(), order.end(), 0);
  std::string expected;
  do {
    WorldRig rig;
    for (const std::size_t index : order) rig.Apply(objects[index]);
    if (expected.empty()) {
      expected = rig.Text();
      const WorkloadRecord* web = rig.Find("Deployment", "web");
      ASSERT_NE(web, nullptr);
      EXPECT_THAT(Names(web->pods), ElementsAre("web-h1-a"));
      EXPECT_THAT(Names(web->replica_sets), ElementsAre("web-h1"));
      EXPECT_EQ(web->current_revision, "h1");
      EXPECT_THAT(Names(web->services.items), ElementsAre("web"));
      EXPECT_THAT(Names(web->budgets.items), ElementsAre("web"));
      EXPECT_THAT(Names(web->autoscalers), ElementsAre("web"));
    }
    ASSERT_EQ(rig.Text(), expected);
    for (const std::size_t index : order) rig.Delete(objects[index]);
    ASSERT_THAT(rig.world.Namespaces(), IsEmpty()) << "something of the namespace was left";
    for (const KindInfo& info : KindTable()) ASSERT_EQ(rig.world.ResidentBytes(info.kind), 0u) << info.name;
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(WorldOwners, AnOperatorsStatefulSetIsASubjectOfItsOwn) {
  WorldRig rig;
  rig.Apply(Manifest("apps/v1", "StatefulSet",
                     "name: db, namespace: shop, uid: s1" + Owned("example.com/v1", "Database", "db", "o1"),
                     Template()));
  rig.Apply(Pod("db-0", "uid: p1" + Owned("apps/v1", "StatefulSet", "db", "s1")));
  ASSERT_NE(rig.Find("StatefulSet", "db"), nullptr);
  EXPECT_THAT(Names(rig.Find("StatefulSet", "db")->pods), ElementsAre("db-0"));
  EXPECT_EQ(rig.Find("Database", "db"), nullptr);
}

TEST(WorldOwners, PodsOfARolloutAreGroupedUnderIt) {
  WorldRig rig;
  const std::string set = ReplicaSet("web-h1", "h1", "uid: r1" + Owned("argoproj.io/v1alpha1", "Rollout", "web", "o1"));
  rig.Apply(Pod("web-h1-a", "uid: p1, labels: {app: web}, creationTimestamp: \"2026-11-24T10:00:00Z\"" +
                                Owned("apps/v1", "ReplicaSet", "web-h1", "r1")));
  EXPECT_EQ(rig.Find("Rollout", "web"), nullptr) << "whose the set is, is not known yet";
  rig.Apply(set);
  const WorkloadRecord* rollout = rig.Find("Rollout", "web");
  ASSERT_NE(rollout, nullptr);
  EXPECT_EQ(rollout->workload->workload_class, WorkloadClass::kOther);
  EXPECT_EQ(rollout->workload->api_version, "argoproj.io/v1alpha1");
  EXPECT_EQ(rollout->workload->meta.uid, Uid::Parse("o1"));
  EXPECT_THAT(Names(rollout->replica_sets), ElementsAre("web-h1"));
  EXPECT_EQ(rig.Find("ReplicaSet", "web-h1"), nullptr);
  rig.Delete(set);
  EXPECT_EQ(rig.Find("Rollout", "web"), nullptr) << "nothing shows whose pods these are";
}

std::string Rollout(std::string_view meta, std::string_view spec) {
  return Manifest("argoproj.io/v1alpha1", "Rollout", "name: web, namespace: shop, uid: o1" + std::string(meta),
                  "spec: {" + std::string(spec) + "}\n");
}
constexpr std::string_view kRolloutTemplate =
    "selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, "
    "image: web}]}}";

TEST(WorldOwners, ARolloutIsAWorkloadWithoutAPod) {
  WorldRig rig;
  rig.Apply(Rollout(", generation: 3, labels: {team: red}", "replicas: 5, " + std::string(kRolloutTemplate)));
  const WorkloadRecord* rollout = rig.Find("Rollout", "web");
  ASSERT_NE(rollout, nullptr);
  const std::uint32_t subject = rollout->subject;
  EXPECT_EQ(rollout->workload->replicas, OptInt(5));
  EXPECT_EQ(rollout->workload->meta.generation, 3);
  EXPECT_EQ(rollout->workload->meta.labels.Get("team"), "red");
  const std::string set = ReplicaSet("web-h1", "h1", "uid: r1" + Owned("argoproj.io/v1alpha1", "Rollout", "web", "o1"));
  rig.Apply(set);
  const std::string pod =
      Pod("web-h1-a", "uid: p1, labels: {app: web, v: \"1\"}" + Owned("apps/v1", "ReplicaSet", "web-h1", "r1"));
  rig.Apply(pod);
  EXPECT_EQ(rollout->subject, subject);
  EXPECT_THAT(Names(rollout->pods), ElementsAre("web-h1-a"));
  EXPECT_EQ(rollout->workload->template_labels.Get("v"), "1") << "the newest pod's";
  EXPECT_EQ(rollout->workload->replicas, OptInt(5)) << "not the pods that there are";
  EXPECT_EQ(rollout->workload->status.replicas, OptInt(1));
  rig.Delete(pod);
  ASSERT_EQ(rig.Find("Rollout", "web"), rollout) << "it goes on without pods";
  EXPECT_EQ(rollout->workload->template_labels.Get("v"), "");
  rig.Apply(Rollout(", generation: 4", "replicas: 2, " + std::string(kRolloutTemplate)));
  EXPECT_EQ(rollout->subject, subject);
  EXPECT_EQ(rollout->workload->replicas, OptInt(2));
  EXPECT_FALSE(rollout->workload->meta.labels.Has("team"));
  rig.Delete(Rollout("", std::string(kRolloutTemplate)));
  EXPECT_EQ(rig.Find("Rollout", "web"), nullptr);
}

TEST(WorldOwners, PodsOfARolloutThatGoesAreAGroupAgain) {
  WorldRig rig;
  const std::string set = ReplicaSet("web-h1", "h1", "uid: r1" + Owned("argoproj.io/v1alpha1", "Rollout", "web", "o1"));
  rig.Apply(set);
  rig.Apply(Pod("web-h1-a", "uid: p1, labels: {app: web}" + Owned("apps/v1", "ReplicaSet", "web-h1", "r1")));
  const WorkloadRecord* rollout = rig.Find("Rollout", "web");
  ASSERT_NE(rollout, nullptr);
  EXPECT_EQ(rollout->workload->replicas, OptInt(1));
  // A Deployment has the template (workloadRef); how many there are to be, it says itself.
  rig.Apply(Rollout(", generation: 3, labels: {team: red}", "replicas: 4, workloadRef: {kind: Deployment, name: web}"));
  EXPECT_EQ(rollout->workload->replicas, OptInt(4));
  EXPECT_EQ(rollout->workload->meta.generation, 3);
  rig.Delete(Rollout("", "replicas: 4"));
  ASSERT_EQ(rig.Find("Rollout", "web"), rollout);
  EXPECT_EQ(rollout->workload->replicas, OptInt(1));
  EXPECT_EQ(rollout->workload->meta.generation, 0);
  EXPECT_EQ(rollout->workload->meta.labels.Get("team"), "");
  EXPECT_EQ(rollout->workload->meta.labels.Get("app"), "web");
}

TEST(WorldOwners, AGroupOfPodsFollowsItsNewestPod) {
  WorldRig rig;
  rig.Apply(Pod("db-1", "uid: p1, labels: {app: db, v: \"1\"}, creationTimestamp: \"2026-11-24T10:00:00Z\"" +
                            Owned("postgresql.cnpg.io/v1", "Cluster", "db", "o1")));
  const std::uint32_t subject = rig.Find("Cluster", "db")->subject;
  rig.Apply(Pod("db-2", "uid: p2, labels: {app: db, v: \"2\"}, creationTimestamp: \"2026-11-24T11:00:00Z\"" +
                            Owned("postgresql.cnpg.io/v2", "Cluster", "db", "o2")));
  const WorkloadRecord* db = rig.Find("Cluster", "db");
  EXPECT_EQ(db->subject, subject);
  EXPECT_EQ(db->workload->template_labels.Get("v"), "2");
  EXPECT_EQ(db->workload->api_version, "postgresql.cnpg.io/v2");
  EXPECT_EQ(db->workload->meta.uid, Uid::Parse("o2"))
      << "an audit that an object of the past owns would be collected as garbage";
  EXPECT_EQ(db->workload->replicas.value_or(0), 2);
  rig.Delete(Pod("db-2", "uid: p2"));
  EXPECT_EQ(db->workload->template_labels.Get("v"), "1");
  rig.Delete(Pod("db-1", "uid: p1"));
  EXPECT_EQ(rig.Find("Cluster", "db"), nullptr);
}

TEST(WorldOwners, ASnapshotThatReplacesAllPodsKeepsTheGroup) {
  WorldRig rig;
  const auto pod = [](std::string_view name, std::string_view uid) {
    return Pod(name, "uid: " + std::string(uid) + Owned("postgresql.cnpg.io/v1", "Cluster", "db", "o1"));
  };
  rig.Apply(pod("db-1", "p1"));
  const std::uint32_t subject = rig.Find("Cluster", "db")->subject;
  rig.world.TakeTouches();
  rig.Snapshot(Kind::kPod, {pod("db-1", "p1-again"), pod("db-2", "p2")});
  EXPECT_EQ(rig.Find("Cluster", "db")->subject, subject);
  for (const Touch& touch : rig.world.TakeTouches()) EXPECT_NE(touch.scope, Touch::Scope::kRemoved);
  rig.Snapshot(Kind::kPod, {});
  EXPECT_EQ(rig.Find("Cluster", "db"), nullptr);
}

TEST(WorldOwners, PodsOfJobsBelongToCronJobsOnly) {
  WorldRig rig;
  rig.Apply(Manifest("batch/v1", "CronJob", "name: report, namespace: shop, uid: c1",
                     "spec: {schedule: \"@daily\", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, "
                     "containers: [{name: app, image: web:1.0.0}]}}}}}"));
  const auto job = [](std::string_view name, const std::string& meta) {
    return Manifest("batch/v1", "Job", "name: " + std::string(name) + ", namespace: shop, " + meta, Template());
  };
  rig.Apply(Pod("db-1", "uid: p1" + Owned("postgresql.cnpg.io/v1", "Cluster", "db", "o1")));
  rig.Apply(job("report-1", "uid: j1" + Owned("batch/v1", "CronJob", "report", "c1")));
  rig.Apply(job("db-init", "uid: j2" + Owned("postgresql.cnpg.io/v1", "Cluster", "db", "o1")));
  rig.Apply(job("once", "uid: j3"));
  rig.Apply(Pod("report-1-a", "uid: p2" + Owned("batch/v1", "Job", "report-1", "j1")));
  rig.Apply(Pod("db-init-a", "uid: p3" + Owned("batch/v1", "Job", "db-init", "j2")));
  rig.Apply(Pod("once-a", "uid: p4" + Owned("batch/v1", "Job", "once", "j3")));
  EXPECT_THAT(Names(rig.Find("CronJob", "report")->pods), ElementsAre("report-1-a"));
  EXPECT_THAT(Names(rig.Find("CronJob", "report")->jobs), ElementsAre("report-1"));
  EXPECT_THAT(Names(rig.Find("Cluster", "db")->pods), ElementsAre("db-1"));
  EXPECT_THAT(Names(rig.Ns("shop")->workloads), ElementsAre("Cluster/db", "CronJob/report"));
  EXPECT_THAT(rig.Ns("shop")->bare_pods, IsEmpty());
}

TEST(WorldOwners, LeavesOutMirrorPodsRunnersAndOtherGroupsNamesakes) {
  WorldRig rig;
  rig.Apply(Deployment());
  rig.Apply(Pod("static", "uid: p1, annotations: {kubernetes.io/config.mirror: x}"));
  rig.Apply(Pod("static-2", "uid: p2" + Owned("v1", "Node", "n1", "n")));
  rig.Apply(Pod("runner", "uid: p3" + Owned("actions.example/v1", "Runner", "r", "o"), "status: {phase: Running}",
                ", restartPolicy: Never"));
  rig.Apply(Pod("fake", "uid: p4" + Owned("example.com/v1", "Deployment", "web", "d1")));
  EXPECT_THAT(Names(rig.Ns("shop")->workloads), ElementsAre("Deployment/web"));
  EXPECT_THAT(rig.Find("Deployment", "web")->pods, IsEmpty());
  EXPECT_THAT(rig.Ns("shop")->bare_pods, IsEmpty());
  rig.Apply(Pod("bare", "uid: p5"));
  EXPECT_THAT(Names(rig.Ns("shop")->bare_pods), ElementsAre("bare"));
}

TEST(WorldOwners, AReplicaSetWithoutItsDeploymentIsNobodysSubject) {
  WorldRig rig;
  const std::string pod = Pod("web-h1-a", "uid: p1" + Owned("apps/v1", "ReplicaSet", "web-h1", "r1"));
  rig.Apply(ReplicaSet("web-h1", "h1", "uid: r1" + Owned("apps/v1", "Deployment", "web", "d1")));
  rig.Apply(pod);
  EXPECT_THAT(rig.Ns("shop")->workloads, IsEmpty());
  rig.Apply(Deployment("web", "uid: d2"));
  EXPECT_THAT(rig.Find("Deployment", "web")->pods, IsEmpty()) << "it is of an earlier Deployment of that name";
  rig.Apply(ReplicaSet("web-h1", "h1", "uid: r1"));  // orphaned on purpose
  EXPECT_THAT(Names(rig.Find("ReplicaSet", "web-h1")->pods), ElementsAre("web-h1-a"));
  rig.Apply(ReplicaSet("web-h1", "h1", "uid: r1" + Owned("apps/v1", "Deployment", "web", "d2")));  // and adopted
  EXPECT_EQ(rig.Find("ReplicaSet", "web-h1"), nullptr);
  EXPECT_THAT(Names(rig.Find("Deployment", "web")->pods), ElementsAre("web-h1-a"));
}

TEST(WorldOwners, ADeploymentThatGoesLeavesItsPodsUntilTheyGo) {
  WorldRig rig;
  const std::string set = ReplicaSet("web-h1", "h1", "uid: r1" + Owned("apps/v1", "Deployment", "web", "d1"));
  const std::string pod = Pod("web-h1-a", "uid: p1" + Owned("apps/v1", "ReplicaSet", "web-h1", "r1"),
                              "status: {phase: Running}", ", nodeName: n1");
  for (const std::string& yaml : {Deployment(), set, pod}) rig.Apply(yaml);
  rig.Delete(Deployment());
  EXPECT_THAT(rig.Ns("shop")->workloads, IsEmpty());
  rig.Apply(Deployment("web", "uid: d2"));
  EXPECT_THAT(rig.Find("Deployment", "web")->pods, IsEmpty());
  rig.Delete(pod);
  rig.Delete(set);
  EXPECT_NE(rig.Find("Deployment", "web"), nullptr);
}

TEST(WorldOwners, APodManifestInAScanIsAWorkload) {
  WorldRig rig(World::Mode::kOffline);
  rig.Apply(Pod("web", "labels: {app: web}"));
  rig.Apply(
      Manifest("v1", "Service", "name: web, namespace: shop", "spec: {selector: {app: web}, ports: [{port: 80}]}"));
  const WorkloadRecord* web = rig.Find("Pod", "web");
  ASSERT_NE(web, nullptr);
  EXPECT_EQ(web->workload->meta.name, "web");
  EXPECT_THAT(Names(web->services.items), ElementsAre("web"));
  rig.Apply(Pod("web", "labels: {app: other}"));  // the same manifest again: the later one counts
  ASSERT_NE(rig.Find("Pod", "web"), nullptr);
  EXPECT_THAT(rig.Find("Pod", "web")->services.items, IsEmpty());
}

// ---------------------------------------------------------------- joins

TEST(WorldJoins, FollowLabelsAndSelectors) {
  WorldRig rig;
  rig.Apply(Deployment());
  const auto service = [](std::string_view selector, std::string_view more = "") {
    return Manifest("v1", "Service", "name: s, namespace: shop, uid: s1",
                    "spec: {selector: {" + std::string(selector) + "}, ports: [{port: 80}]" + std::string(more) + "}");
  };
  rig.Apply(service("app: web"));
  const WorkloadRecord* web = rig.Find("Deployment", "web");
  EXPECT_THAT(web->services.items, SizeIs(1));
  rig.Apply(service("app: web", ", type: ExternalName"));
  EXPECT_THAT(web->services.items, IsEmpty()) << "a DNS name has no endpoints";
  rig.Apply(service("app: api"));
  EXPECT_THAT(web->services.items, IsEmpty());
  rig.Apply(Deployment("web", "uid: d1", Template("app: api")));
  EXPECT_THAT(web->services.items, SizeIs(1));
  EXPECT_THAT(Names(rig.Ns("shop")->services.front()->workloads), ElementsAre("Deployment/web"));
  rig.Apply(Manifest("networking.k8s.io/v1", "Ingress", "name: i, namespace: shop",
                     "spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}"));
  EXPECT_THAT(Names(rig.Ns("shop")->services.front()->ingresses), ElementsAre("i"));
  rig.Apply(Manifest("discovery.k8s.io/v1", "EndpointSlice",
                     "name: s-1, namespace: shop, labels: {kubernetes.io/service-name: s}", "endpoints: []"));
  EXPECT_THAT(Names(rig.Ns("shop")->services.front()->slices), ElementsAre("s-1"));
}

TEST(WorldJoins, KeepTheFirstOfTooManyWhateverComesAndGoes) {
  WorldRig rig;
  rig.Apply(Deployment());
  const auto budget = [](int number, std::string_view selector = "{}") {
    char name[16];
    std::snprintf(name, sizeof name, "b%03d", number);
    return Manifest("policy/v1", "PodDisruptionBudget",
                    "name: " + std::string(name) + ", namespace: shop, uid: " + name,
                    "spec: {selector: " + std::string(selector) + "}");
  };
  const int all = static_cast<int>(kMaxSelecting) + 3;
  for (int i = all - 1; i >= 0; --i) rig.Apply(budget(i));
  const SelectingList<PodDisruptionBudget>& budgets = rig.Find("Deployment", "web")->budgets;
  EXPECT_TRUE(budgets.truncated);
  EXPECT_EQ(Names(budgets.items).front(), "b000");
  EXPECT_EQ(Names(budgets.items).back(), "b063");
  rig.Delete(budget(1));
  EXPECT_EQ(Names(budgets.items)[1], "b002");
  EXPECT_EQ(Names(budgets.items).back(), "b064");
  rig.Apply(budget(2, "{matchLabels: {app: other}}"));
  EXPECT_EQ(Names(budgets.items)[1], "b003");
  EXPECT_TRUE(budgets.truncated);
  rig.Delete(budget(66));
  EXPECT_FALSE(budgets.truncated);
  EXPECT_THAT(budgets.items, SizeIs(kMaxSelecting));
  for (int i = 0; i < all; ++i) rig.Delete(budget(i));
  EXPECT_THAT(budgets.items, IsEmpty());
}

TEST(WorldJoins, ABindingStandsWithTheNamespaceWhoseAccountsItNames) {
  WorldRig rig;
  rig.Apply(Deployment());
  const auto binding = [](std::string_view subjects) {
    return Manifest("rbac.authorization.k8s.io/v1", "RoleBinding", "name: b, namespace: other, uid: b1",
                    "roleRef: {kind: Role, name: r}\nsubjects: [" + std::string(subjects) + "]");
  };
  for (const char* subject :
       {"{kind: ServiceAccount, namespace: shop, name: web}", "{kind: User, name: \"system:serviceaccount:shop:web\"}",
        "{kind: Group, name: \"system:serviceaccounts:shop\"}"}) {
    rig.world.TakeTouches();
    rig.Apply(binding(subject));
    EXPECT_THAT(rig.Ns("shop")->role_bindings, SizeIs(1)) << subject;
    const std::vector<Touch> touches = rig.world.TakeTouches();
    EXPECT_TRUE(std::any_of(touches.begin(), touches.end(), [&](const Touch& touch) {
      return touch.scope == Touch::Scope::kNamespaceWorkloads && touch.subject == rig.Ns("shop")->subject;
    })) << subject;
    rig.Delete(binding(subject));
    EXPECT_THAT(rig.Ns("shop")->role_bindings, IsEmpty()) << subject;
  }
  rig.Apply(binding("{kind: ServiceAccount, namespace: nowhere, name: web}, {kind: ServiceAccount, name: web}"));
  EXPECT_EQ(rig.Ns("nowhere"), nullptr) << "a name in a binding makes no namespace";
  EXPECT_THAT(rig.Ns("other")->role_bindings, SizeIs(1)) << "without a namespace the binding's own is meant";
  rig.Apply(Manifest("v1", "ServiceAccount", "name: web, namespace: nowhere"));
  EXPECT_THAT(rig.Ns("nowhere")->role_bindings, SizeIs(1));
}

TEST(WorldJoins, NodesListThePodsThatOccupyThem) {
  WorldRig rig;
  const auto pod = [](std::string_view phase, std::string_view node) {
    return Pod("a", "uid: p1", "status: {phase: " + std::string(phase) + "}",
               node.empty() ? "" : ", nodeName: " + std::string(node));
  };
  rig.Apply(pod("Pending", ""));
  rig.Apply(pod("Running", "n1"));
  EXPECT_EQ(rig.world.FindNode(rig.pool.Intern("n1")), nullptr) << "known from a pod only";
  rig.Apply(Manifest("v1", "Node", "name: n1, uid: n"));
  EXPECT_THAT(Names(rig.world.FindNode(rig.pool.Intern("n1"))->pods), ElementsAre("a"));
  rig.Apply(pod("Succeeded", "n1"));
  EXPECT_THAT(rig.world.FindNode(rig.pool.Intern("n1"))->pods, IsEmpty());
  rig.Delete(Manifest("v1", "Node", "name: n1, uid: n"));
  rig.Delete(pod("Succeeded", "n1"));
  EXPECT_THAT(rig.world.Nodes(), IsEmpty());
}

TEST(WorldJoins, ANodeThatListsOtherImagesConcernsPodsThatHaveEndedOnItToo) {
  WorldRig rig;
  const auto node = [](std::string_view size) {
    return Manifest("v1", "Node", "name: n1, uid: n1",
                    "status: {images: [{names: [\"web:1.0.0\"], sizeBytes: " + std::string(size) + "}]}");
  };
  rig.Apply(node("1"));
  rig.Apply(Pod("db-0", "uid: p1" + Owned("db.example/v1", "Cluster", "db", "c1"), "status: {phase: Failed}",
                ", nodeName: n1"));
  const WorkloadRecord* db = rig.Find("Cluster", "db");
  ASSERT_NE(db, nullptr);
  rig.world.TakeTouches();
  rig.Apply(node("2"));
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), db->subject, {Kind::kNode}));
}

TEST(WorldJoins, EligibleNodesFollowTheNodes) {
  WorldRig rig;
  rig.Apply(Deployment());
  const PodSpec& spec = *rig.Find("Deployment", "web")->workload->spec;
  const auto node = [](std::string_view ready, std::string_view zone) {
    return Manifest("v1", "Node", "name: n1, uid: n, labels: {topology.kubernetes.io/zone: " + std::string(zone) + "}",
                    "status: {conditions: [{type: Ready, status: \"" + std::string(ready) + "\"}]}");
  };
  EXPECT_THAT(rig.world.Eligible(spec).nodes, IsEmpty());
  rig.Apply(node("True", "a"));
  EXPECT_THAT(rig.world.Eligible(spec).nodes, SizeIs(1));
  EXPECT_EQ(rig.world.Eligible(spec).zones, 1u);
  rig.Apply(node("False", "a"));
  EXPECT_THAT(rig.world.Eligible(spec).nodes, IsEmpty());
}

// ---------------------------------------------------------------- revisions

TEST(WorldRevisions, ADeploymentsSetOfItsRevisionIsCurrentElseTheYoungest) {
  WorldRig rig;
  rig.Apply(Deployment());
  const auto set = [](std::string_view hash, std::string_view revision, std::string_view created) {
    return ReplicaSet("web-" + std::string(hash), hash,
                      "uid: " + std::string(hash) + ", creationTimestamp: \"" + std::string(created) +
                          "\", annotations: {deployment.kubernetes.io/revision: \"" + std::string(revision) + "\"}" +
                          Owned("apps/v1", "Deployment", "web", "d1"));
  };
  rig.Apply(set("h1", "1", "2026-11-24T10:00:00Z"));
  rig.Apply(set("h2", "2", "2026-11-24T11:00:00Z"));
  EXPECT_EQ(rig.Find("Deployment", "web")->current_revision, "h2");
  rig.world.TakeTouches();
  rig.Apply(Deployment("web", "uid: d1, annotations: {deployment.kubernetes.io/revision: \"1\"}"));
  EXPECT_EQ(rig.Find("Deployment", "web")->current_revision, "h1") << "rolled back";
  EXPECT_TRUE(WorldRig::Touched(rig.world.TakeTouches(), rig.Ns("shop")->subject, {Kind::kPod}));
}

// What a newer CRD lets in, an operator that does not know of the field must not refuse.
TEST(World, WhatAnApiServerLetInIsNotRefused) {
  const std::string attestation = Manifest(
      "audit.seaworthy.dev/v1alpha1", "Attestation", "name: load, namespace: shop",
      "spec: {checks: [load-test], selector: {matchLabels: {app: web}}, by: ann, performedAt: 2026-11-01T00:00:00Z, "
      "newField: 1}");
  for (const World::Mode mode : {World::Mode::kCluster, World::Mode::kOffline}) {
    WorldRig rig(mode);
    if (mode == World::Mode::kOffline) rig.Tell(EventType::kInit, Kind::kAttestation);
    rig.Send(mode == World::Mode::kOffline ? EventType::kInitApply : EventType::kApply,
             testing::Decoded(*rig.decoder, attestation));
    if (mode == World::Mode::kOffline) rig.Tell(EventType::kInitDone, Kind::kAttestation);
    const Object* found = rig.world.Find(Kind::kAttestation, {rig.pool.Intern("shop"), rig.pool.Intern("load")});
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(static_cast<const Attestation*>(found)->refused.empty(), mode == World::Mode::kCluster);
  }
}

}  // namespace
}  // namespace seaworthy::cache
