// The oracle of the design: after any sequence of events the incremental state equals an evaluation from scratch with the same evidence at
// the same time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "cache/decode.h"
#include "cache/world.h"
#include "checks/all_checks.h"
#include "score/engine.h"
#include "score/evidence.h"
#include "sinks/audit_report/json.h"
#include "support/json.h"

namespace seaworthy {
namespace {

using nlohmann::json;

constexpr std::int64_t kStart = 1'790'000'000;

// A small universe in which everything can meet everything: names collide, selectors overlap, owners come and go.
class Universe {
 public:
  explicit Universe(std::uint64_t seed) : random_(seed) {}

  // A random event: an object in a new state, or its deletion.
  std::pair<json, bool> Event(std::int64_t now) {
    const std::string ns = Pick({"shop", "blog"});
    const std::string app = Pick({"web", "api", "db"});
    json object;
    switch (random_() % 12) {
      case 0:
      case 1: object = Deployment(ns, app, now); break;
      case 2: object = ReplicaSet(ns, app, now); break;
      case 3:
      case 4:
      case 5: object = Pod(ns, app, now); break;
      case 6: object = Service(ns, app); break;
      case 7: object = Budget(ns, app); break;
      case 8: object = Node(now); break;
      case 9: object = Autoscaler(ns, app); break;
      case 10: object = Chance(2) ? Namespace(ns) : StatefulSet(ns, app, now); break;
      default: object = Chance(2) ? Policy(ns, app) : Ingress(ns, app); break;
    }
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    return {object, Chance(5)};
  }

 private:
  bool Chance(unsigned one_in) { return random_() % one_in == 0; }
  std::string Pick(std::initializer_list<const char*> of) { return *(of.begin() + random_() % of.size()); }
  std::string Time(std::int64_t seconds) { return sinks::audit_report::FormatTime({seconds}); }
  std::int64_t Ago(std::int64_t now) { return now - static_cast<std::int64_t>(random_() % 3000); }
  // Objects of one name are one incarnation mostly, another now and then.
  std::string Uid(const std::string& of) {
    if (Chance(30)) ++incarnation_[of];
    return of + "-" + std::to_string(incarnation_[of]);
  }
  json Meta(const std::string& kind, const std::string& ns, const std::string& name, std::int64_t now) {
    return {{"name", name}, {"namespace", ns}, {"uid", Uid(kind + ns + name)}, {"generation", 1 + random_() % 3}, {"creationTimestamp", Time(Ago(now))}};
  }
  json Labels(const std::string& app) {
    json labels = {{"app", app}};
    if (Chance(3)) labels["tier"] = Pick({"front", "back"});
    return labels;
  }
  json Template(const std::string& app) {
    json container = {{"name", "app"}, {"image", Pick({"web:1.2", "web:latest", "r.example/web:2.0.1"})}};
    if (Chance(2)) container["resources"] = {{"requests", {{"cpu", "100m"}, {"memory", "64Mi"}}}, {"limits", {{"memory", "128Mi"}}}};
    if (Chance(2)) container["readinessProbe"] = {{"httpGet", {{"path", "/"}, {"port", 8080}}}};
    if (Chance(2)) container["ports"] = json::array({{{"containerPort", 8080}, {"name", "http"}}});
    json spec = {{"containers", json::array({container})}};
    if (Chance(3)) spec["nodeSelector"] = {{"pool", Pick({"a", "b"})}};
    if (Chance(3)) {
      spec["topologySpreadConstraints"] = json::array(
          {{{"maxSkew", 1}, {"topologyKey", "kubernetes.io/hostname"}, {"whenUnsatisfiable", "ScheduleAnyway"}, {"labelSelector", {{"matchLabels", {{"app", app}}}}}}});
    }
    return {{"metadata", {{"labels", Labels(app)}}}, {"spec", spec}};
  }
  json Deployment(const std::string& ns, const std::string& app, std::int64_t now) {
    const int replicas = static_cast<int>(random_() % 4);
    json object = {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", Meta("Deployment", ns, app, now)}};
    object["metadata"]["annotations"] = {{"deployment.kubernetes.io/revision", std::to_string(1 + random_() % 2)}};
    object["metadata"]["managedFields"] = json::array({{{"manager", Pick({"kubectl-edit", "helm", "argocd-controller"})},
                                                        {"operation", "Update"},
                                                        {"time", Time(Ago(now))},
                                                        {"fieldsV1", {{"f:spec", {{"f:template", json::object()}}}}}}});
    object["spec"] = {{"replicas", replicas}, {"selector", {{"matchLabels", {{"app", app}}}}}, {"template", Template(app)}};
    object["status"] = {{"observedGeneration", 1 + random_() % 3}, {"replicas", replicas}, {"updatedReplicas", replicas},
                        {"readyReplicas", static_cast<int>(random_() % 4)}, {"availableReplicas", static_cast<int>(random_() % 4)},
                        {"conditions", json::array({{{"type", "Available"}, {"status", Pick({"True", "False"})}, {"lastTransitionTime", Time(Ago(now))}},
                                                    {{"type", "Progressing"}, {"status", "True"}, {"reason", Pick({"NewReplicaSetAvailable", "ReplicaSetUpdated"})}, {"lastTransitionTime", Time(Ago(now))}}})}};
    return object;
  }
  json StatefulSet(const std::string& ns, const std::string& app, std::int64_t now) {
    json object = Deployment(ns, app, now);
    object["kind"] = "StatefulSet";
    object["metadata"]["uid"] = Uid("StatefulSet" + ns + app);
    object["spec"]["serviceName"] = app;
    object["status"]["updateRevision"] = Pick({"r1", "r2"});
    object["status"]["currentRevision"] = "r1";
    return object;
  }
  json ReplicaSet(const std::string& ns, const std::string& app, std::int64_t now) {
    const std::string hash = Pick({"h1", "h2"});
    json object = {{"apiVersion", "apps/v1"}, {"kind", "ReplicaSet"}, {"metadata", Meta("ReplicaSet", ns, app + "-" + hash, now)}};
    object["metadata"]["labels"] = {{"app", app}, {"pod-template-hash", hash}};
    object["metadata"]["annotations"] = {{"deployment.kubernetes.io/revision", hash == "h1" ? "1" : "2"}};
    if (!Chance(6)) {
      object["metadata"]["ownerReferences"] = json::array({{{"apiVersion", Chance(8) ? "argoproj.io/v1alpha1" : "apps/v1"}, {"kind", Chance(8) ? "Rollout" : "Deployment"},
                                                            {"name", app}, {"uid", "Deployment" + ns + app + "-" + std::to_string(incarnation_["Deployment" + ns + app])}, {"controller", true}}});
    }
    object["spec"] = {{"replicas", 2}, {"selector", {{"matchLabels", {{"app", app}}}}}, {"template", Template(app)}};
    return object;
  }
  json Pod(const std::string& ns, const std::string& app, std::int64_t now) {
    const std::string hash = Pick({"h1", "h2"});
    json object = Template(app);
    object["apiVersion"] = "v1";
    object["kind"] = "Pod";
    const json labels = object["metadata"]["labels"];
    object["metadata"] = Meta("Pod", ns, app + "-" + hash + "-" + std::to_string(random_() % 3), now);
    object["metadata"]["labels"] = labels;
    object["metadata"]["labels"]["pod-template-hash"] = hash;
    if (Chance(10)) object["metadata"]["deletionTimestamp"] = Time(now);
    if (!Chance(6)) {
      const std::string kind = Chance(6) ? "Cluster" : Chance(6) ? "StatefulSet" : "ReplicaSet";
      json owner = {{"kind", kind}, {"controller", true}};
      owner["apiVersion"] = kind == "Cluster" ? "postgresql.cnpg.io/v1" : "apps/v1";
      owner["name"] = kind == "ReplicaSet" ? app + "-" + hash : app;
      owner["uid"] = kind + ns + owner["name"].get<std::string>() + "-" + std::to_string(incarnation_[kind + ns + owner["name"].get<std::string>()]);
      object["metadata"]["ownerReferences"] = json::array({owner});
    }
    if (!Chance(4)) object["spec"]["nodeName"] = Pick({"n1", "n2", "n3"});
    object["status"] = {{"phase", Pick({"Running", "Running", "Pending", "Failed"})},
                        {"conditions", json::array({{{"type", "Ready"}, {"status", Pick({"True", "False"})}, {"lastTransitionTime", Time(Ago(now))}}})},
                        {"containerStatuses", json::array({{{"name", "app"}, {"ready", true}, {"restartCount", static_cast<int>(random_() % 5)},
                                                           {"imageID", Pick({"r.example/web@sha256:aa", "r.example/web@sha256:bb"})},
                                                           {"state", Chance(3) ? json{{"waiting", {{"reason", Pick({"CrashLoopBackOff", "ImagePullBackOff"})}}}}
                                                                               : json{{"running", {{"startedAt", Time(Ago(now))}}}}}}})}};
    return object;
  }
  json Service(const std::string& ns, const std::string& app) {
    json object = {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", Meta("Service", ns, app, kStart)}};
    object["spec"] = {{"selector", Chance(4) ? json{{"tier", "front"}} : json{{"app", app}}}, {"ports", json::array({{{"port", 80}, {"targetPort", Chance(2) ? json("http") : json(8080)}}})}};
    return object;
  }
  json Budget(const std::string& ns, const std::string& app) {
    json object = {{"apiVersion", "policy/v1"}, {"kind", "PodDisruptionBudget"}, {"metadata", Meta("Pdb", ns, app, kStart)}};
    object["spec"] = {{"selector", Chance(4) ? json::object() : json{{"matchLabels", {{"app", app}}}}}};
    object["spec"][Chance(2) ? "minAvailable" : "maxUnavailable"] = Chance(2) ? json("50%") : json(1);
    object["status"] = {{"disruptionsAllowed", random_() % 2}, {"currentHealthy", 2}, {"desiredHealthy", 1}, {"expectedPods", 2}, {"observedGeneration", 1}};
    return object;
  }
  json Node(std::int64_t now) {
    json object = {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", Pick({"n1", "n2", "n3"})}, {"uid", "n"}, {"creationTimestamp", Time(Ago(now))}}}};
    object["metadata"]["labels"] = {{"pool", Pick({"a", "b"})}, {"topology.kubernetes.io/zone", Pick({"z1", "z2"})}};
    if (Chance(4)) object["spec"] = {{"unschedulable", true}};
    object["status"] = {{"allocatable", {{"cpu", "4"}, {"memory", "8Gi"}, {"pods", "110"}}},
                        {"conditions", json::array({{{"type", "Ready"}, {"status", Chance(4) ? "False" : "True"}, {"lastTransitionTime", Time(Ago(now))}}})},
                        {"images", json::array({{{"names", json::array({"web:1.2"})}, {"sizeBytes", Chance(2) ? 900'000'000 : 90'000'000}}})}};
    return object;
  }
  json Autoscaler(const std::string& ns, const std::string& app) {
    json object = {{"apiVersion", "autoscaling/v2"}, {"kind", "HorizontalPodAutoscaler"}, {"metadata", Meta("Hpa", ns, app, kStart)}};
    object["spec"] = {{"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", app}}}, {"minReplicas", 1 + random_() % 3}, {"maxReplicas", 5}};
    return object;
  }
  json Namespace(const std::string& ns) {
    json object = {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", ns}, {"uid", "ns-" + ns}}}};
    if (Chance(2)) object["metadata"]["labels"] = {{"seaworthy.dev/tier", Pick({"critical", "auxiliary"})}};
    return object;
  }
  json Policy(const std::string& ns, const std::string& app) {
    json object = {{"apiVersion", "networking.k8s.io/v1"}, {"kind", "NetworkPolicy"}, {"metadata", Meta("Netpol", ns, app, kStart)}};
    object["spec"] = {{"podSelector", Chance(2) ? json::object() : json{{"matchLabels", {{"app", app}}}}}, {"policyTypes", json::array({"Ingress"})}};
    return object;
  }
  json Ingress(const std::string& ns, const std::string& app) {
    json object = {{"apiVersion", "networking.k8s.io/v1"}, {"kind", "Ingress"}, {"metadata", Meta("Ingress", ns, app, kStart)}};
    object["spec"] = {{"rules", json::array({{{"host", "x.example"}, {"http", {{"paths", json::array({{{"path", "/"}, {"pathType", "Prefix"}, {"backend", {{"service", {{"name", app}, {"port", {{"number", 80}}}}}}}}})}}}}})}};
    return object;
  }

  std::mt19937_64 random_;
  std::map<std::string, int> incarnation_;
  std::uint64_t version_ = 0;
};

ObjectPtr Decode(const ObjectDecoder& decoder, const json& object) {
  support::Tree tree;
  EXPECT_TRUE(support::ParseJson(object.dump(), tree).ok());
  Result<ObjectPtr> decoded = decoder.Decode(*FindKind(object["apiVersion"].get<std::string>(), object["kind"].get<std::string>()), tree.root());
  EXPECT_TRUE(decoded.ok()) << decoded.status().message();
  return std::move(*decoded);
}

void Sync(cache::World& world) {
  for (const KindInfo& info : KindTable()) {
    world.Accept({EventType::kInit, info.kind, nullptr, {}});
    world.Accept({EventType::kInitDone, info.kind, nullptr, {}});
  }
}

std::string Dump(const score::Engine& engine) {
  std::string out;
  sinks::audit_report::WriteJson(engine, {.generated_by = "test", .files = {}, .errors = {}, .line_of = {}}, [&](std::string_view piece) { out += piece; });
  return out;
}

// A report is one long text: the finding at which two of them part says more than both.
std::string Parting(const std::string& a, const std::string& b) {
  const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at.first == a.end() && at.second == b.end()) return "";
  const auto cut = [](const std::string& text, std::size_t where) {
    const std::size_t workload = text.rfind("{\"namespace\"", where);
    std::string out = workload == std::string::npos ? "" : text.substr(workload, 60) + " ... ";
    const std::size_t begin = text.rfind("{\"check\"", where);
    const std::size_t from = begin == std::string::npos || where - begin > 400 ? where - std::min<std::size_t>(where, 80) : begin;
    return out + text.substr(from, 300);
  };
  // Scores differ first; the finding that made them so stands further on.
  std::size_t x = static_cast<std::size_t>(at.first - a.begin());
  for (std::size_t i = 0, j = 0;;) {
    i = a.find("{\"check\"", i);
    j = b.find("{\"check\"", j);
    if (i == std::string::npos || j == std::string::npos) break;
    const std::string one = a.substr(i, a.find('}', i) - i), other = b.substr(j, b.find('}', j) - j);
    if (one != other) return cut(a, i + 1) + "\n  against\n" + cut(b, j + 1);
    ++i;
    ++j;
  }
  return cut(a, x) + "\n  against\n" + cut(b, x);
}

WallTime At(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

void Replay(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  TextPool pool;
  const auto decoder = cache::MakeDecoder(pool);
  cache::World world(cache::World::Mode::kCluster, pool);
  Sync(world);
  // Cluster-wide checks run on a timer: with an interval of 0 they are due whenever something changed.
  score::Engine engine(world, checks::AllChecks(), pool, {.scoring = {}, .cluster_interval_seconds = 0});
  engine.TouchAll();
  Universe universe(seed);
  std::map<std::string, json> alive;
  std::int64_t now = kStart;
  for (int step = 0; step < 120; ++step) {
    auto [object, removed] = universe.Event(now);
    const std::string key = object["kind"].get<std::string>() + "/" + object["metadata"].value("namespace", "") + "/" + object["metadata"]["name"].get<std::string>();
    ObjectPtr decoded = Decode(*decoder, object);
    const Kind kind = decoded->kind;
    if (removed) {
      if (alive.contains(key)) decoded = Decode(*decoder, alive[key]);
      alive.erase(key);
    } else {
      alive[key] = object;
    }
    world.Accept({removed ? EventType::kDelete : EventType::kApply, kind, std::move(decoded), {}});
    for (const Touch& touch : world.TakeTouches()) engine.Accept(touch);
    if (step % 3 == 0) now += 200;
    while (engine.Step(At(now), 1 + seed % 3)) {
    }
    if (step % 10 != 9) continue;
    // Time has passed for the cluster checks as for the timers: both sides look at the same moment.
    engine.TouchAll();
    const std::string before = Dump(engine);

    cache::World fresh(cache::World::Mode::kCluster, pool);
    Sync(fresh);
    std::vector<std::string> order;
    for (const auto& [name, value] : alive) order.push_back(name);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(seed + static_cast<std::uint64_t>(step)));
    for (const std::string& name : order) {
      ObjectPtr copy = Decode(*decoder, alive[name]);
      const Kind copied = copy->kind;
      fresh.Accept({EventType::kApply, copied, std::move(copy), {}});
    }
    score::Engine scratch(fresh, checks::AllChecks(), pool, {.scoring = {}, .cluster_interval_seconds = 0});
    for (const NamespaceRecord* ns : world.Namespaces()) {
      for (const WorkloadRecord* record : ns->workloads) {
        WorkloadRecord* twin = fresh.MutableWorkload(record->workload->kind_name, ns->name, record->workload->meta.name);
        ASSERT_NE(twin, nullptr) << record->workload->kind_name.view() << " " << record->workload->meta.name.view();
        twin->delivery = record->delivery;
        twin->restarts = record->restarts;
        scratch.Restore(twin->subject, engine.Evidence(record->subject));
      }
      for (const BudgetRecord* budget : ns->budgets) {
        for (const NamespaceRecord* other : fresh.Namespaces()) {
          for (const BudgetRecord* twin : other->budgets) {
            if (other->name == ns->name && twin->budget->meta.name == budget->budget->meta.name) scratch.Restore(twin->subject, engine.Evidence(budget->subject));
          }
        }
      }
      if (const NamespaceRecord* twin = fresh.FindNamespace(ns->name)) scratch.Restore(twin->subject, engine.Evidence(ns->subject));
    }
    for (const NodeRecord* node : world.Nodes()) scratch.Restore(fresh.FindNode(node->name)->subject, engine.Evidence(node->subject));
    scratch.Restore(kClusterSubject, engine.Evidence(kClusterSubject));
    scratch.TouchAll();
    while (scratch.Step(At(now), 100)) {
    }
    ASSERT_EQ(Parting(before, Dump(scratch)), "") << "after step " << step;
    while (engine.Step(At(now), 100)) {
    }
    ASSERT_EQ(Parting(before, Dump(engine)), "") << "a full evaluation found what the incremental one had missed, after step " << step;
  }
  EXPECT_THAT(engine.undeclared_reads(), ::testing::IsEmpty());
}

TEST(Oracle, IncrementalStateEqualsEvaluationFromScratch) {
  const char* given = std::getenv("SEAWORTHY_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  const std::uint64_t count = given != nullptr ? 1 : 60;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    ASSERT_NO_FATAL_FAILURE(Replay(seed)) << "replay: SEAWORTHY_SEED=" << seed;
  }
}

}  // namespace
}  // namespace seaworthy
