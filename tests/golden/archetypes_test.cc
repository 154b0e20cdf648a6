// How workloads that everybody has seen score: a table kept in archetypes.txt, whose change is to be read before it is
// accepted. docs/scoring.md works such sums by hand.
//
// The well-kept one is `web` of samples/shop.yaml with all that belongs to it. Each bad thing is done to it alone, and
// then all of them one after another: none may raise a score.
#include <gtest/gtest.h>

#include <unistd.h>
#include <cmath>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/canonical_json.h"
#include "support/yaml.h"
#include "wiring/offline_audit.h"

namespace seaworthy {
namespace {

using nlohmann::json;

constexpr WallTime kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)};

struct BadThing {
  std::string name;
  std::string about;  // "Deployment/web": the object that it is done to
  std::string patch;  // JSON Patch (RFC 6902)
};

const std::string kPod = "/spec/template/spec";
const std::string kApp = kPod + "/containers/0";
std::string Remove(const std::string& path) { return R"({"op":"remove","path":")" + path + R"("})"; }
std::string Add(const std::string& path, const std::string& value) {
  return R"({"op":"add","path":")" + path + R"(","value":)" + value + "}";
}

const std::vector<BadThing> kBadThings = {
    // First, for what is asked of those behind a Service does not apply any more (that nobody is reached is the
    // namespace's finding).
    {"a Service of another port", "Service/web", "[" + Add("/spec/ports/0/targetPort", R"("nope")") + "]"},
    {"image latest", "Deployment/web", "[" + Add(kApp + "/image", R"("registry.example/shop/web:latest")") + "]"},
    {"one replica", "Deployment/web", "[" + Add("/spec/replicas", "1") + "]"},
    {"no requests", "Deployment/web", "[" + Remove(kApp + "/resources/requests") + "]"},
    {"no resources at all", "Deployment/web", "[" + Add(kApp + "/resources", "{}") + "]"},
    {"no readiness probe", "Deployment/web", "[" + Remove(kApp + "/readinessProbe") + "]"},
    {"no liveness probe", "Deployment/web", "[" + Remove(kApp + "/livenessProbe") + "]"},
    {"no startup probe", "Deployment/web", "[" + Remove(kApp + "/startupProbe") + "]"},
    {"no preStop", "Deployment/web", "[" + Remove(kApp + "/lifecycle") + "]"},
    {"no grace", "Deployment/web", "[" + Add(kPod + "/terminationGracePeriodSeconds", "0") + "]"},
    {"Recreate", "Deployment/web", "[" + Add("/spec/strategy", R"({"type":"Recreate"})") + "]"},
    {"no spread", "Deployment/web", "[" + Remove(kPod + "/topologySpreadConstraints") + "]"},
    {"no budget", "PodDisruptionBudget/web", ""},
    {"a budget that blocks drains", "PodDisruptionBudget/web", "[" + Add("/spec/maxUnavailable", "0") + "]"},
    {"no NetworkPolicy", "NetworkPolicy/web", ""},
    {"privileged", "Deployment/web", "[" + Add(kApp + "/securityContext/privileged", "true") + "]"},
    {"root", "Deployment/web", "[" + Add(kPod + "/securityContext", R"({"runAsUser":0})") + "]"},
    {"no security context", "Deployment/web",
     "[" + Remove(kPod + "/securityContext") + "," + Remove(kApp + "/securityContext") + "]"},
    {"host network", "Deployment/web", "[" + Add(kPod + "/hostNetwork", "true") + "]"},
    {"a path of the host", "Deployment/web",
     "[" + Add(kPod + "/volumes", R"([{"name":"h","hostPath":{"path":"/"}}])") + "," +
         Add(kApp + "/volumeMounts", R"([{"name":"h","mountPath":"/h"}])") + "]"},
    {"a plain secret", "Deployment/web",
     "[" + Add(kApp + "/env", R"([{"name":"DB_PASSWORD","value":"hunter2-not-a-real-one"}])") + "]"},
    {"no configuration", "Deployment/web", "[" + Remove(kApp + "/envFrom") + "]"},
    {"no labels", "Deployment/web", "[" + Add("/metadata/labels", "{}") + "]"},
    {"the default account", "Deployment/web",
     "[" + Remove(kPod + "/serviceAccountName") + "," + Remove(kPod + "/automountServiceAccountToken") + "]"},
};

std::string NameOf(const json& object) {
  return object["kind"].get<std::string>() + "/" + object["metadata"]["name"].get<std::string>();
}

// The objects of the sample that `web` consists of.
std::vector<json> WellKept() {
  std::ifstream file(SEAWORTHY_SOURCE_DIR "/samples/shop.yaml");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  support::YamlDocuments documents(text);
  support::Tree tree;
  std::vector<json> objects;
  for (Result<bool> next = documents.Next(tree); next.ok() && *next; next = documents.Next(tree)) {
    json object = json::parse(support::CanonicalJson(tree.root()));
    if (object["metadata"]["name"] == "web" || object["kind"] == "Namespace") objects.push_back(std::move(object));
  }
  return objects;
}

// A thing may already be as bad as it gets: then nothing is done.
std::vector<json> Done(std::vector<json> objects, const BadThing& thing) {
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (NameOf(objects[i]) != thing.about) continue;
    if (thing.patch.empty()) {
      objects.erase(objects.begin() + static_cast<std::ptrdiff_t>(i));
      return objects;
    }
    for (const json& step : json::parse(thing.patch)) {
      const json::json_pointer path(step["path"].get<std::string>());
      if (step["op"] == "remove" && !objects[i].contains(path)) continue;
      if (!objects[i].contains(path.parent_pointer())) objects[i][path.parent_pointer()] = json::object();
      objects[i] = objects[i].patch(json::array({step}));
    }
  }
  return objects;
}

struct Scored {
  double score = -1;
  std::string line;
};

class Archetypes : public ::testing::Test {
 protected:
  Archetypes() {
    folder_ = std::filesystem::temp_directory_path() / ("seaworthy-archetypes-" + std::to_string(::getpid()));
    std::filesystem::create_directory(folder_);
  }
  ~Archetypes() override { std::filesystem::remove_all(folder_); }

  Scored Score(const std::string& name, const std::vector<json>& objects) {
    const std::string path = folder_ / "objects.json";
    {
      std::ofstream out(path);
      for (const json& object : objects) out << object << '\n';
    }
    return ScoreFile(name, path, "web");
  }
  static Scored ScoreFile(const std::string& name, const std::string& path, std::string_view workload) {
    const wiring::OfflineAudit audit({path}, "", {}, kNow);
    Scored scored;
    for (const std::uint32_t id : audit.engine().WorkloadIds()) {
      const WorkloadReport report = audit.engine().ReportOf(id);
      if (report.name != workload) continue;
      scored.score = report.summary.score.value_or(-1);
      std::string failed;
      for (const Finding& finding : report.findings) {
        if (finding.verdict == Verdict::kFail && finding.severity != Severity::kInfo)
          failed += " " + std::string(finding.check->id);
      }
      char text[64];
      std::snprintf(text, sizeof text, "%3d %c %3d%%", report.summary.shown().value_or(-1),
                    report.summary.grade != 0 ? report.summary.grade : '-',
                    static_cast<int>(report.summary.coverage * 100));
      scored.line = std::string(text) + "  " + name + (failed.empty() ? "" : ":" + failed) + "\n";
    }
    EXPECT_FALSE(scored.line.empty()) << name;
    return scored;
  }

  std::filesystem::path folder_;
};

TEST_F(Archetypes, ScoreAsTheTableSays) {
  const std::vector<json> good = WellKept();
  const Scored best = Score("well kept", good);
  EXPECT_GE(best.score, 90);
  std::string table = "# score, grade, coverage, what is bad: checks that fail. `./dev refresh` writes it.\n" +
                      best.line + "\n# one bad thing\n";
  for (const BadThing& thing : kBadThings) {
    const Scored one = Score(thing.name, Done(good, thing));
    EXPECT_LE(one.score, best.score + 1e-9) << thing.name << " raises the score of a good workload";
    table += one.line;
  }
  table += "\n# one after another\n";
  std::vector<json> sinking = good;
  double before = best.score;
  for (const BadThing& thing : kBadThings) {
    sinking = Done(sinking, thing);
    const Scored one = Score(thing.name, sinking);
    // As it is shown: a check that no longer applies moves the caps of all sections by a fraction.
    EXPECT_LE(std::floor(one.score), std::floor(before)) << thing.name << " raises the score of what was bad before";
    before = one.score;
    table += one.line;
  }
  EXPECT_LT(before, 35);
  table += "\n# the shop\n";
  for (const std::string_view name : {"web", "cart", "db", "node-logger"}) {
    const Scored one = ScoreFile(std::string(name), SEAWORTHY_SOURCE_DIR "/samples/shop.yaml", name);
    if (name == "cart") EXPECT_LT(one.score, 35);
    table += one.line;
  }
  const std::string path = SEAWORTHY_SOURCE_DIR "/tests/golden/archetypes.txt";
  if (std::getenv("SEAWORTHY_REFRESH") != nullptr) std::ofstream(path) << table;
  std::ifstream file(path);
  EXPECT_EQ(table, std::string(std::istreambuf_iterator<char>(file), {})) << "read what changed, then ./dev refresh";
}

}  // namespace
}  // namespace seaworthy
