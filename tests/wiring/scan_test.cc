// `seaworthy scan` as people and pipelines call it: exit codes, outputs, inputs.
#include <map>
#include <sstream>

#include "wiring/testing/scan_rig.h"

namespace seaworthy::wiring {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::BadPod;
using testing::Ended;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kGoodCronJob;
using ::testing::Not;
using testing::ScanTest;
using ::testing::StartsWith;

TEST_F(ScanTest, ExitsWithZeroWhenNothingReachesTheBar) {
  Write("good.yaml", kGoodCronJob);
  const Ended ended = Scan({"good.yaml"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, IsEmpty());
  EXPECT_THAT(ended.out, HasSubstr("shop/CronJob/cleanup  good.yaml:1"));
}

TEST_F(ScanTest, ExitsWithOneAtTheBarAndSaysWhy) {
  Write("bad.yaml", BadPod("bad"));
  const Ended ended = Scan({"bad.yaml"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, AllOf(StartsWith("seaworthy scan: "), EndsWith(" failing checks of severity critical\n")));
  EXPECT_THAT(ended.out, HasSubstr("FAIL critical not-privileged: container app: privileged is true  (line 11)"));
}

TEST_F(ScanTest, TheBarIsWhereItIsPut) {
  Write("good.yaml", kGoodCronJob);
  // Its image has no digest.
  EXPECT_EQ(Scan({"good.yaml", "--fail-on", "critical"}).code, 0);
  const Ended mild = Scan({"good.yaml", "--fail-on=info"});
  EXPECT_EQ(mild.code, 1);
  EXPECT_THAT(mild.err, HasSubstr("of severity info or above"));
  EXPECT_THAT(mild.out, HasSubstr("FAIL info")) << "what decides is shown";
  EXPECT_THAT(Scan({"good.yaml"}).out, Not(HasSubstr("FAIL info")));
  EXPECT_EQ(Scan({"good.yaml", "--fail-on", "fatal"}).code, 2);
}

TEST_F(ScanTest, AScoreCanBeDemanded) {
  Write("good.yaml", kGoodCronJob);
  Write("bad.yaml", BadPod("bad"));
  EXPECT_EQ(Scan({"good.yaml", "--min-score", "50"}).code, 0);
  const Ended low = Scan({".", "--fail-on", "critical", "--min-score=99"});
  EXPECT_EQ(low.code, 1);
  EXPECT_THAT(low.err, HasSubstr("1 workload with a score under 99"));
  for (const char* bad : {"101", "-1", "x", ""}) EXPECT_EQ(Scan({".", "--min-score", bad}).code, 2) << bad;
}

TEST_F(ScanTest, WhatFollowsTheValueOfAnOptionIsAPath) {
  Write("good.yaml", kGoodCronJob);
  Write("policy.yaml",
        "{apiVersion: audit.seaworthy.dev/v1alpha1, kind: AuditPolicy, metadata: {name: p}, spec: {threshold: 70}}");
  EXPECT_THAT(Scan({"-o", "json", "good.yaml"}).out, StartsWith("{\"apiVersion\""));
  EXPECT_EQ(Scan({"--policy", "policy.yaml", "good.yaml"}).code, 0);
}

TEST_F(ScanTest, BadUsageIsTwo) {
  Write("good.yaml", kGoodCronJob);
  const std::vector<std::vector<std::string>> wrong = {{},
                                                       {"good.yaml", "--no-such-flag"},
                                                       {"good.yaml", "-o", "xml"},
                                                       {"good.yaml", "-o", "json="},
                                                       {"good.yaml", "-o"},
                                                       {"good.yaml", "-o", "json=no/such/folder.json"},
                                                       {"good.yaml", "--cluster"}};
  for (const auto& arguments : wrong) {
    const Ended ended = Scan(arguments);
    EXPECT_EQ(ended.code, 2) << ended.out;
    EXPECT_THAT(ended.err, Not(IsEmpty()));
  }
}

// In a pipeline an empty input is a mistake in a path, never a success.
TEST_F(ScanTest, NothingAuditedIsTwo) {
  std::filesystem::create_directory(folder_ + "/empty");
  Ended ended = Scan({"empty", "-o", "json"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(ended.err, "seaworthy scan: no file to audit was found (*.yaml, *.yml, *.json): nothing was audited\n");
  EXPECT_EQ(ended.Json()["errors"].size(), 1U);
  EXPECT_EQ(ended.Json()["workloads"].size(), 0U);
  Write("config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n");
  Write("empty.yaml", "");
  ended = Scan({"config.yaml", "empty.yaml"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("no workload was found in 2 files: nothing was audited\n"));
  EXPECT_EQ(Scan({"-"}, "").code, 2);
}

// Of two runs, of which each says that its findings stand since it looked.
json Timeless(json report) {
  if (report.is_object()) report.erase("since");
  for (json& part : report) {
    if (part.is_structured()) part = Timeless(std::move(part));
  }
  return report;
}

TEST_F(ScanTest, WritesEveryOutputThatIsAskedFor) {
  Write("bad.yaml", BadPod("bad"));
  const Ended ended = Scan({"bad.yaml", "-o", "text", "--output", "json=r.json", "-o=text=r.txt"});
  EXPECT_EQ(ended.code, 1);
  const json report = json::parse(Read(folder_ + "/r.json"), nullptr, false);
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report["workloads"][0]["name"], "bad");
  EXPECT_EQ(Read(folder_ + "/r.txt"), ended.out);
  EXPECT_EQ(Timeless(Scan({"bad.yaml", "-o", "json"}).Json()), Timeless(report));
}

TEST_F(ScanTest, AnOutputThatFailsStopsNoOther) {
  Write("good.yaml", kGoodCronJob);
  Ended ended = Scan({"good.yaml", "-o", "json=/dev/full", "-o", "json=r.json"});
  EXPECT_EQ(ended.code, 3);
  EXPECT_EQ(ended.err, "seaworthy scan: cannot write /dev/full: No space left on device\n");
  EXPECT_TRUE(json::accept(Read(folder_ + "/r.json")));
  stdout_ = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  EXPECT_EQ(Scan({"good.yaml"}).code, 3);
  ::close(stdout_);
}

// `seaworthy scan . | head -1`: the reader has seen what it wanted.
TEST_F(ScanTest, AReaderThatGoesAwayChangesNothing) {
  Write("bad.yaml", BadPod("bad"));
  const Ended without = Scan({"bad.yaml"});
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  stdout_ = ends[1];
  const Ended ended = Scan({"bad.yaml", "-o", "text", "-o", "json", "-o", "json=r.json"});
  ::close(ends[1]);
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.err, without.err);
  EXPECT_TRUE(json::accept(Read(folder_ + "/r.json")));
}

TEST_F(ScanTest, ReadsFilesFoldersAndStandardInput) {
  Write("all/a.yaml", BadPod("a"));
  Write("all/below/b.yml", BadPod("b"));
  Write("all/c.json",
        R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"},"spec":{"containers":[{"name":"app"}]}})");
  Write("named.txt", BadPod("d"));
  Write("all/other.txt", BadPod("not-read"));
  const std::string list =
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: e}, spec: {containers: "
      "[{name: app}]}}\n"
      "- apiVersion: v1\n  kind: Pod\n  metadata: {name: f}\n  spec: {containers: [{name: app}]}\n---\n" +
      BadPod("g");
  const json report = Scan({"all", "named.txt", "-", "-o", "json"}, list).Json();
  std::map<std::string, std::string> found;
  for (const json& workload : report["workloads"]) {
    const json& source = workload["source"];
    found[workload["name"]] = source["file"].get<std::string>() + ":" + std::to_string(source["line"].get<int>());
  }
  EXPECT_EQ(found, (std::map<std::string, std::string>{{"a", "all/a.yaml:1"},
                                                       {"b", "all/below/b.yml:1"},
                                                       {"c", "all/c.json:1"},
                                                       {"d", "named.txt:1"},
                                                       {"e", "-:4"},
                                                       {"f", "-:5"},
                                                       {"g", "-:10"}}));
}

TEST_F(ScanTest, FillsInTheNamespaceThatIsNamed) {
  Write("a.yaml",
        BadPod("a") +
            "---\napiVersion: v1\nkind: Pod\nmetadata: {name: b, namespace: own}\nspec: {containers: [{name: app}]}\n");
  json report = Scan({"a.yaml", "-o", "json"}).Json();
  EXPECT_EQ(report["workloads"][0]["namespace"], "");
  EXPECT_EQ(report["namespaces"].size(), 2U);
  report = Scan({"a.yaml", "-n", "shop", "-o", "json"}).Json();
  EXPECT_EQ(report["workloads"][0]["namespace"], "own");
  EXPECT_EQ(report["workloads"][1]["namespace"], "shop");
  EXPECT_EQ(Timeless(Scan({"a.yaml", "--namespace=shop", "-o", "json"}).Json()), Timeless(report));
}

// The issue's promise for every result: the right line of the right document.
TEST_F(ScanTest, EachFindingNamesTheLineOfItsField) {
  const std::string text = "# documents before it count\n---\n" + BadPod("first") + "---\n" +
                           std::string(kGoodCronJob) + "---\n" + BadPod("second");
  Write("all.yaml", text);
  std::vector<std::string> lines{""};
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  const json report = Scan({"all.yaml", "-o", "json"}).Json();
  int exact = 0;
  for (const json& workload : report["workloads"]) {
    const std::size_t begin = workload["source"]["line"];
    EXPECT_THAT(lines.at(begin), StartsWith("apiVersion: "));
    for (const json& finding : workload["findings"]) {
      if (!finding.contains("path") || !finding.contains("line")) continue;
      const std::size_t line = finding["line"];
      ASSERT_LT(line, lines.size());
      ASSERT_GE(line, begin) << finding;
      const std::string path = finding["path"];
      // Where the field is written in lines of its own, its line is the one.
      for (const char* field : {"hostPID", "image", "privileged"}) {
        if (!path.ends_with(std::string(".") + field) || workload["kind"] != "Pod") continue;
        EXPECT_THAT(lines.at(line), HasSubstr(std::string(field) + ":"));
        EXPECT_LT(line, begin + 11);
        ++exact;
      }
    }
  }
  EXPECT_GE(exact, 6);
}

TEST_F(ScanTest, FindingsOfBudgetsAndNamespacesNameTheirPlaceToo) {
  Write("a.yaml", BadPod("a"));
  Write("pdb.yaml",
        "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: orphan}\nspec:\n  minAvailable: 1\n  "
        "selector:\n    matchLabels: {no: body}\n");
  Write("ns.yaml",
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n    pod-security.kubernetes.io/enforce: "
        "privileged\n");
  const json report = Scan({".", "-n", "shop", "-o", "json"}).Json();
  ASSERT_EQ(report["namespaces"].size(), 1U);
  const json& ns = report["namespaces"][0];
  EXPECT_EQ(ns["source"]["file"], "./ns.yaml");
  bool budget = false, label = false;
  for (const json& finding : ns["findings"]) {
    if (finding["check"] == "pdb-orphan") {
      budget = true;
      EXPECT_EQ(finding["file"], "./pdb.yaml");
      EXPECT_EQ(finding["line"], 7);
    } else if (finding["check"] == "namespace-pod-security") {
      label = true;
      EXPECT_FALSE(finding.contains("file"));
      EXPECT_EQ(finding["line"], 6);
    }
  }
  EXPECT_TRUE(budget && label) << ns;
}

// `helm template` prints a chart's test; it blamed the application for it.
TEST_F(ScanTest, WhatRunsOnceIsNoWorkload) {
  Write("web.yaml", kGoodCronJob);
  const json without = Scan({".", "-n", "shop", "-o", "json"}).Json();
  Write(
      "test.yaml",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: web-test, annotations: {helm.sh/hook: test}}\nspec: {restartPolicy: "
      "Never, containers: [{name: wget, image: busybox}]}\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: "
      "migrate}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: app, image: busybox}]}}}\n");
  const Ended ended = Scan({".", "-n", "shop", "-o", "json"});
  EXPECT_EQ(ended.Json()["workloads"].size(), without["workloads"].size());
  EXPECT_EQ(ended.Json()["cluster"], without["cluster"]);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("note: ./test.yaml:1: Pod that runs once: no workload, and not audited"),
                               HasSubstr("note: ./test.yaml:6: Job that runs once: no workload, and not audited")));
}

TEST_F(ScanTest, ObjectsWithoutANamespaceBesideOthersAreToldOf) {
  Write("web.yaml", kGoodCronJob);
  EXPECT_THAT(Scan({"."}).err, Not(HasSubstr("no namespace")));
  Write("pdb.yaml",
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {maxUnavailable: 1, selector: "
        "{}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: "
        "web}}\n");
  EXPECT_THAT(Scan({"."}).err,
              HasSubstr("no namespace is named, and others name one: it is taken for another than theirs; "
                        "--namespace says which"));
  EXPECT_THAT(Scan({".", "-n", "shop"}).err, Not(HasSubstr("no namespace")));
}

TEST_F(ScanTest, PassesOverWhatIsNotForIt) {
  Write("web.yaml", kGoodCronJob);
  Write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\n");
  Write("charts/web/values.yaml", "image: {tag: x}\n");
  Write("charts/web/templates/web.yaml", "kind: {{ .Values.kind }\n");
  Write(".github/workflows/ci.yaml", "name: ci\non: [push]\njobs: {}\n");
  Write("values.yaml", "replicas: 2\n");
  Write("crd.yaml",
        "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n---\napiVersion: example.com/v1\nkind: "
        "Widget\nmetadata: {name: v}\n");
  const Ended ended = Scan({"."});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(
      ended.err,
      AllOf(
          HasSubstr("note: ./charts/web: a Helm chart, passed over: render it first"),
          HasSubstr(
              "note: no apiVersion and kind: not a Kubernetes object (2 times, first: ./.github/workflows/ci.yaml:1)"),
          HasSubstr("note: example.com/v1 Widget: no check reads this kind (2 times, first: ./crd.yaml:1)")));
  // A template that is named is no YAML, and the message says what it is.
  const Ended named = Scan({"charts/web/templates/web.yaml"});
  EXPECT_EQ(named.code, 2);
  EXPECT_THAT(named.err, AllOf(HasSubstr("charts/web/templates/web.yaml:1: "), HasSubstr("`helm template`")));
}

}  // namespace
}  // namespace seaworthy::wiring
