#include "sinks/report/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>

#include "sinks/testing/reports.h"
#include "support/canonical_json.h"
#include "support/json.h"

namespace seaworthy::sinks::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace sinks::testing;

constexpr Timestamp kNow{1'795'521'600};  // 2026-11-24T12:00:00Z

RenderInput AtNow() {
  RenderInput input;
  input.now = kNow;
  return input;
}

std::string Reparsed(const std::string& json) {
  support::Tree tree;
  EXPECT_TRUE(support::ParseJson(json, tree).ok()) << json;
  return support::CanonicalJson(tree.root());
}

ClusterParts Parts() {
  ClusterParts parts;
  parts.namespaces = {{"shop", 78, 'C', 12, 9}, {"billing", 31, 'F', 3, 0}};
  parts.nodes = {{"n1", 5, {"node-ready"}}};
  parts.degraded = {{"poddisruptionbudgets", "denied"}};
  return parts;
}

// One object of each kind, as it is sent: the e2e test applies them to a real API server.
std::string Samples() {
  RenderInput input = AtNow();
  input.evidence =
      R"({"delivery":{"manager":"helm","time":1795000000},"checks":{"pdb":{"since":1795000000,"verdict":"fail","decided":true}}})";
  TextPool pool;
  const std::vector<Transition> transitions = {
      {&kReadinessProbe, Verdict::kPass, Verdict::kFail, kNow, Cause::kWorkload, 3, pool.Intern("kubectl-edit")}};
  WorkloadReport turned = Web();
  turned.transitions = transitions;
  ObjectHead web{Kind::kWorkloadAudit, "shop", "deployment-web",    {}, {}, "apps/v1",
                 "Deployment",         "web",  Web().uid.ToString()};
  ObjectHead shop{Kind::kNamespaceAudit, "shop", "namespace", {}, {}, {}, {}, {}, {}};
  ObjectHead cluster{Kind::kClusterAudit, "", "cluster", {}, {}, {}, {}, {}, {}};
  return RenderObject(web, Render(turned, input).status) + "\n" + RenderObject(shop, Render(Shop(), AtNow()).status) +
         "\n" + RenderObject(cluster, Render(TheCluster(), Parts(), AtNow()).status) + "\n";
}

TEST(Render, PrintsTheGoldenObjects) {
  const std::string path = SEAWORTHY_SOURCE_DIR "/tests/sinks/report/golden.jsonl";
  if (std::getenv("SEAWORTHY_REFRESH") != nullptr) std::ofstream(path) << Samples();
  std::ifstream file(path);
  EXPECT_EQ(Samples(), std::string(std::istreambuf_iterator<char>(file), {})) << "SEAWORTHY_REFRESH=1 writes it anew";
}

TEST(Render, LeavesInfoOutOfTheTotals) {
  const WorkloadReport report = Workload(
      7, "shop", "Deployment", "web",
      {Found(kImageDigest, Verdict::kFail, "no digest"), Found(kReadinessProbe, Verdict::kFail, "no readinessProbe")},
      40);
  EXPECT_THAT(Render(report, AtNow()).status, HasSubstr(R"("fail":{"high":1,"info":1,"total":1})"));
}

TEST(Render, IsCanonicalSoThatHashesCompare) {
  RenderInput input = AtNow();
  input.evidence = "{ \"b\": 1.50, \"a\": [true, null] }";
  const std::vector<Transition> transitions = {
      {&kPdb, Verdict::kPass, Verdict::kFail, kNow, Cause::kEnvironment, 0, {}}};
  WorkloadReport turned = Web();
  turned.transitions = transitions;
  for (const Rendered& rendered : {Render(turned, input), Render(Nightly(), AtNow()), Render(Shop(), AtNow()),
                                   Render(TheCluster(), Parts(), AtNow())}) {
    EXPECT_EQ(rendered.status, Reparsed(rendered.status));
    support::Tree tree;
    ASSERT_TRUE(support::ParseJson(rendered.status, tree).ok());
    EXPECT_EQ(rendered.hash, support::CanonicalHash(tree.root()));
  }
}

TEST(Render, SortsFindingsByVerdictSeverityAndId) {
  const Rendered rendered =
      Render(Workload(1, "shop", "Deployment", "web",
                      {Found(kGracePeriod, Verdict::kFail), Found(kPdbSensible, Verdict::kWarn),
                       Found(kPdb, Verdict::kFail), Found(kReadinessProbe, Verdict::kFail),
                       Found(kNotPrivileged, Verdict::kWaived), Found(kImageDigest, Verdict::kNa)},
                      10),
             AtNow());
  std::vector<std::string> ids;
  support::Tree tree;
  ASSERT_TRUE(support::ParseJson(rendered.status, tree).ok());
  for (const support::Node& finding : tree.root()["findings"]) ids.emplace_back(finding["check"].text());
  EXPECT_THAT(ids, ::testing::ElementsAre("pdb", "readiness-probe", "grace-period", "pdb-sensible", "not-privileged"));
}

TEST(Render, GroupsUnknownByReason) {
  const Rendered rendered = Render(Web(), AtNow());
  EXPECT_THAT(
      rendered.status,
      HasSubstr(R"("unknown":[{"checks":["pdb","pdb-sensible"],"message":"no permission","reason":"denied"}])"));
}

TEST(Render, PassedIsWhatPassedForAllOfThem) {
  WorkloadReport report = Web();
  for (const Verdict other : {Verdict::kPass, Verdict::kNa}) {
    report.findings = {Found(kPdb, Verdict::kPass, ""), Found(kPdb, other, "")};
    EXPECT_THAT(Render(report, AtNow()).status, HasSubstr(R"("passed":["pdb"])"));
  }
  for (const Finding& other :
       {Found(kPdb, Verdict::kFail, "covers nothing"), Unknown(kPdb, UnknownCause::kAbsent, "no list of pods")}) {
    report.findings = {Found(kPdb, Verdict::kPass, ""), other};
    EXPECT_THAT(Render(report, AtNow()).status, HasSubstr(R"("passed":[])"));
  }
}

TEST(Render, TimesOfConditionsMoveOnTransitionsOnly) {
  WorkloadReport report = Web();
  RenderInput input = AtNow();
  const Rendered first = Render(report, input);
  EXPECT_EQ(first.conditions.ready, (ConditionState{"False", kNow}));

  input.before = first.conditions;
  input.now.seconds += 1000;
  EXPECT_EQ(Render(report, input).status, first.status);

  report.ready = Ready::kTrue;
  report.ready_reason = "ChecksPassed";
  const Rendered turned = Render(report, input);
  EXPECT_EQ(turned.conditions.ready, (ConditionState{"True", input.now}));
  EXPECT_EQ(turned.conditions.evaluated.since, kNow);
  // Not written yet, and rendered again later.
  const Timestamp turned_at = input.now;
  input.pending = turned.conditions;
  input.now.seconds += 1000;
  EXPECT_EQ(Render(report, input).conditions.ready, (ConditionState{"True", turned_at}));
  // Back before anybody saw it.
  report.ready = Ready::kFalse;
  EXPECT_EQ(Render(report, input).conditions.ready, (ConditionState{"False", kNow}));
}

TEST(Render, CoverageHasTwoDecimalsAtMostAndNoNoise) {
  WorkloadReport report = Nightly();
  for (const auto& [coverage, text] : std::vector<std::pair<double, std::string>>{
           {0.0, "0"}, {0.1 + 0.2, "0.3"}, {0.745, "0.74"}, {0.999999, "0.99"}, {1.0, "1"}, {2.0 / 3, "0.66"}}) {
    report.summary.coverage = coverage;
    EXPECT_THAT(Render(report, AtNow()).status, HasSubstr("\"coverage\":" + text + ","));
  }
}

TEST(Render, StaysUnderTheCapAndSaysWhatIsMissing) {
  std::deque<Check> checks;
  std::deque<std::string> texts;
  std::vector<Finding> findings;
  for (int i = 0; i < 300; ++i) {
    texts.push_back("custom-check-number-" + std::to_string(i));
    checks.push_back(
        {.id = texts.back(), .section = Section::kHealth, .severity = i % 2 == 0 ? Severity::kLow : Severity::kHigh});
    texts.push_back(std::string(2000, i % 3 == 0 ? '\\' : 'x'));
    findings.push_back(i % 5 == 0 ? Unknown(checks.back(), UnknownCause::kAbsent, texts.back())
                                  : Found(checks.back(), Verdict::kFail, texts.back()));
  }
  RenderInput input = AtNow();
  const WorkloadReport report = Workload(1, "shop", "Deployment", "web", findings, 1);
  const Rendered rendered = Render(report, input);
  EXPECT_LE(rendered.status.size(), kMaxObjectBytes);
  EXPECT_EQ(rendered.status, Reparsed(rendered.status));
  EXPECT_THAT(rendered.status, HasSubstr("\"truncated\":{\"findings\":"));
  EXPECT_THAT(rendered.status, HasSubstr(R"("fail":{"high":120,"low":120,"total":240})"));

  input.reduced = true;
  EXPECT_LT(Render(report, input).status.size(), rendered.status.size());
  input.evidence = "{\"x\":\"" + std::string(40'000, 'e') + "\"}";
  const Rendered bloated = Render(report, input);
  EXPECT_LE(bloated.status.size(), kMaxObjectBytes);
  EXPECT_THAT(bloated.status, HasSubstr("\"truncated\":{\"evidence\":1,"));
}

TEST(Render, HostileTextStaysText) {
  WorkloadReport report = Web();
  const std::string message = "a\"},{\"check\":\"x\x1b[31m\n\xff\xe2\x80\xae";
  report.findings = {Found(kPdb, Verdict::kFail, message)};
  const Rendered rendered = Render(report, AtNow());
  EXPECT_EQ(rendered.status, Reparsed(rendered.status));
  EXPECT_THAT(rendered.status, Not(HasSubstr("\x1b")));
  EXPECT_THAT(rendered.status, Not(HasSubstr("\xe2\x80\xae")));
  RenderInput input = AtNow();
  input.evidence = "{\"a\":1},\"findings\":[]";
  EXPECT_THAT(Render(report, input).status, Not(HasSubstr("evidence")));
}

TEST(Render, OwnersAreLeftOutWithoutAUid) {
  const std::string text =
      RenderObject({Kind::kWorkloadAudit, "shop", "pod-web", "u", "17", "v1", "Pod", "web", ""}, "{}");
  EXPECT_EQ(
      text,
      R"({"apiVersion":"audit.seaworthy.dev/v1alpha1","kind":"WorkloadAudit","metadata":{"name":"pod-web","namespace":"shop",)"
      R"("resourceVersion":"17","uid":"u"},"status":{}})");
}

TEST(Render, ClusterShowsTheWorstFirstAndCountsTheRest) {
  ClusterParts parts;
  for (int i = 0; i < 120; ++i) parts.namespaces.push_back({"ns" + std::to_string(i), 100 - i % 60, 'A', 1, 1});
  const Rendered rendered = Render(TheCluster(), parts, AtNow());
  EXPECT_THAT(rendered.status,
              HasSubstr(R"("namespaces":[{"grade":"A","name":"ns119","ready":1,"score":41,"workloads":1},)"));
  EXPECT_THAT(rendered.status, HasSubstr(R"("truncated":{"namespaces":70})"));
}

// ---- Reports of openreports.io

TEST(RenderOpenReport, SaysTheSameInItsOwnWords) {
  WorkloadReport report =
      Workload(7, "shop", "Deployment", "web",
               {Found(kReadinessProbe, Verdict::kFail, "no readinessProbe"), Found(kGracePeriod, Verdict::kNa),
                Found(kPdb, Verdict::kPass), Found(kImageDigest, Verdict::kWarn, "no digest"),
                Unknown(kLoadTest, UnknownCause::kNotDeclared, "nobody says so")},
               40);
  report.findings[0].container = "app";
  report.findings[0].since = kNow;
  EXPECT_EQ(
      RenderOpenReport(report, AtNow()).status,
      R"({"results":[)"
      R"({"category":"health","message":"no readinessProbe","policy":"readiness-probe","properties":{"container":"app","verdict":"fail"},)"
      R"("result":"fail","scored":true,"severity":"high","timestamp":{"nanos":0,"seconds":1795521600}},)"
      R"({"category":"images","message":"no digest","policy":"image-digest","properties":{"verdict":"warn"},"result":"warn","severity":"info"},)"
      R"({"category":"configuration","message":"nobody says so","policy":"load-test","properties":{"verdict":"unknown"},"result":"skip","scored":true,"severity":"medium"},)"
      R"({"category":"disruption","policy":"pdb","properties":{"verdict":"pass"},"result":"pass","scored":true,"severity":"high"}],)"
      R"("scope":{"apiVersion":"apps/v1","kind":"Deployment","name":"web","namespace":"shop","uid":"01020304-0506-0708-8000-000000000007"},)"
      R"("source":"seaworthy","summary":{"error":0,"fail":1,"pass":1,"skip":1,"warn":1}})");
}

TEST(RenderOpenReport, HashesAsTheDecoderDoes) {
  const Rendered rendered = RenderOpenReport(Web(), AtNow());
  EXPECT_EQ(Reparsed(rendered.status), rendered.status);
  ObjectHead head{Kind::kOpenReport, "shop", "seaworthy-deployment-web", {}, {}, "apps/v1",
                  "Deployment",      "web",  Web().uid.ToString()};
  const std::string object = RenderObject(head, rendered.status);
  EXPECT_EQ(Reparsed(object), object);
  EXPECT_THAT(object, HasSubstr(R"("labels":{"app.kubernetes.io/managed-by":"seaworthy"})"));
  support::Tree tree;
  ASSERT_TRUE(support::ParseJson(object, tree).ok());
  EXPECT_EQ(support::CanonicalHash(tree.root(), kOpenReportMembers), rendered.hash);
}

TEST(RenderOpenReport, StaysWithinItsBound) {
  const std::string message(5000, 'x');
  std::vector<Finding> findings;
  for (int i = 0; i < 300; ++i) findings.push_back(Found(kReadinessProbe, Verdict::kFail, message));
  const WorkloadReport report = Workload(7, "shop", "Deployment", "web", std::move(findings), 0);
  const std::string whole = RenderOpenReport(report, AtNow()).status;
  EXPECT_LE(whole.size(), kMaxObjectBytes);
  EXPECT_THAT(whole, HasSubstr(R"("fail":300)"));
  RenderInput reduced = AtNow();
  reduced.reduced = true;
  EXPECT_LE(RenderOpenReport(report, reduced).status.size(), whole.size());
}

}  // namespace
}  // namespace seaworthy::sinks::report
