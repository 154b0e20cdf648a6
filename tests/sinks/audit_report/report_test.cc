// The report of a scan, as a machine and as a person reads it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sinks/audit_report/json.h"
#include "sinks/audit_report/text.h"
#include "sinks/testing/report_source.h"

namespace seaworthy::sinks::audit_report {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace sinks::testing;

class AuditReportTest : public ::testing::Test {
 protected:
  void FillSmallWorld() {
    source_.workloads = {Web(), Nightly()};
    source_.workloads[0].source = {0, 12};
    source_.namespaces = {Shop()};
    source_.namespaces[0].budgets[0].source = {1, 3};
    source_.nodes = {BadNode()};
    source_.cluster = TheCluster();
    json_.files = text_.files = {"web.yaml", "budgets.yaml"};
    json_.line_of = text_.line_of = [](const SourceRef& object, std::string_view path) {
      return object.line + (path.empty() ? 0 : 30);
    };
  }
  json Json() const {
    std::string out;
    WriteJson(source_, json_, [&](std::string_view piece) { out += piece; });
    const json parsed = json::parse(out, nullptr, false);
    EXPECT_TRUE(parsed.is_object()) << out;
    return parsed;
  }
  std::string Text() const {
    std::string out;
    WriteText(source_, text_, [&](std::string_view piece) { out += piece; });
    return out;
  }
  FixedSource source_;
  JsonOptions json_;
  TextOptions text_;
};

TEST_F(AuditReportTest, IsJsonWhenThereIsNothingToReport) {
  const json report = Json();
  EXPECT_EQ(report["kind"], "AuditReport");
  EXPECT_EQ(report["cluster"]["score"], nullptr);
  EXPECT_EQ(report["cluster"]["sections"], json::object());
  EXPECT_EQ(report["cluster"]["findings"], json::array());
  for (const char* list : {"namespaces", "workloads", "nodes", "errors"})
    EXPECT_EQ(report[list], json::array()) << list;
}

TEST_F(AuditReportTest, NamesFilesAndLines) {
  FillSmallWorld();
  json_.errors = {{"broken.yaml", 7, "no"}, {"missing.yaml", 0, "no such file"}};
  const json report = Json();
  const json& web = report["workloads"][0];
  EXPECT_EQ(web["source"], (json{{"file", "web.yaml"}, {"line", 12}}));
  EXPECT_EQ(web["findings"][0]["line"], 42) << "of the field";
  EXPECT_EQ(web["findings"][2]["line"], 12) << "of the object, where no field is named";
  EXPECT_FALSE(web["findings"][1].contains("line")) << "nothing to look for";
  EXPECT_FALSE(report["workloads"][1].contains("source"));
  const json& ns = report["namespaces"][0];
  EXPECT_FALSE(ns.contains("source")) << "no file has it";
  EXPECT_FALSE(ns["findings"][0].contains("file"));
  EXPECT_EQ(ns["findings"][1]["subject"], "PodDisruptionBudget/old");
  EXPECT_EQ(ns["findings"][1]["file"], "budgets.yaml");
  EXPECT_EQ(ns["findings"][1]["line"], 3);
  EXPECT_EQ(report["errors"][0], (json{{"file", "broken.yaml"}, {"line", 7}, {"message", "no"}}));
  EXPECT_FALSE(report["errors"][1].contains("line"));
}

// A list that was too large to be read with lines has none.
TEST_F(AuditReportTest, NamesNoLineThatIsNotKnown) {
  FillSmallWorld();
  source_.workloads[0].source = {0, 0};
  json_.line_of = [](const SourceRef&, std::string_view) { return 0U; };
  const json report = Json();
  EXPECT_EQ(report["workloads"][0]["source"], json::object({{"file", "web.yaml"}}));
  EXPECT_FALSE(report["workloads"][0]["findings"][0].contains("line"));
}

TEST_F(AuditReportTest, IsJsonWhateverFilesAreCalled) {
  FillSmallWorld();
  json_.files[0] = "a\"b\\\xff\n\x1b[31m.yaml";
  json_.errors = {{"\xc3", 1, "\xe2\x80\xae"}};
  const json report = Json();
  EXPECT_EQ(report["workloads"][0]["source"]["file"], "a\"b\\\xef\xbf\xbd\n\x1b[31m.yaml");
  EXPECT_EQ(report["errors"][0]["file"], "\xef\xbf\xbd");
}

TEST_F(AuditReportTest, GivesThePatchOrTheAdvice) {
  FillSmallWorld();
  const json findings = Json()["workloads"][0]["findings"];
  EXPECT_EQ(findings[0]["fix"], (json{{"patch", {{"spec", {{"x", 1}}}}}}));
  EXPECT_TRUE(findings[2]["fix"].contains("advice"));
  EXPECT_FALSE(findings[1].contains("fix"));
}

TEST_F(AuditReportTest, ShowsAPersonWhoseFindingItIs) {
  FillSmallWorld();
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("shop/Deployment/web  web.yaml:12  (74 % of the checklist decided)\n"
                              "  FAIL high     readiness-probe: container app: no readinessProbe  (line 42)\n"
                              "  warn medium   grace-period: 5 s\n\n"));
  EXPECT_THAT(
      text,
      HasSubstr("namespace shop\n"
                "  FAIL low      namespace-quota: neither ResourceQuota nor LimitRange\n"
                "  FAIL low      pdb-orphan: PodDisruptionBudget/old: selects no template  (budgets.yaml:3)\n\n"));
  EXPECT_THAT(text, HasSubstr("nodes\n  FAIL high     node-ready: Node/n1: NotReady\n\n"));
  EXPECT_THAT(text, HasSubstr("cluster\n  warn high     cluster-dns: one replica\n\n"));
  EXPECT_THAT(text, Not(HasSubstr("image-digest")));
}

TEST_F(AuditReportTest, ShowsWhatIsAsSevereAsItIsAskedFor) {
  FillSmallWorld();
  source_.workloads[0].findings.push_back(Found(kImageDigest, Verdict::kFail, "no digest"));
  EXPECT_THAT(Text(), Not(HasSubstr("no digest")));
  text_.least = Severity::kInfo;
  EXPECT_THAT(Text(), HasSubstr("FAIL info     image-digest: no digest"));
}

TEST_F(AuditReportTest, ShowsTheWorstWorkloadsAndCountsTheRest) {
  FillSmallWorld();
  text_.most_workloads = 1;
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("shop/Deployment/web"));
  EXPECT_THAT(text, Not(HasSubstr("shop/CronJob/nightly")));
  EXPECT_THAT(text, HasSubstr("1 more workloads"));
}

TEST_F(AuditReportTest, SaysWhereAnErrorIsUnlessItIsTheInputAsAWhole) {
  FillSmallWorld();
  text_.errors = {{"a.yaml", 8, "no"}, {"", 0, "nothing was audited"}};
  EXPECT_THAT(Text(), HasSubstr("error: a.yaml:8: no\nerror: nothing was audited\n"));
}

TEST_F(AuditReportTest, NamesWhatBringsTheMostWhenMended) {
  source_.workloads = {Workload(1, "shop", "Deployment", "a",
                                {Found(kImageDigest, Verdict::kFail), Found(kGracePeriod, Verdict::kFail)}, 10),
                       Workload(2, "shop", "Deployment", "b",
                                {Found(kImageDigest, Verdict::kFail), Found(kNotPrivileged, Verdict::kFail)}, 20)};
  EXPECT_THAT(Text(), HasSubstr("mend next: not-privileged fails on 1 workload ("))
      << "info brings nothing, a critical one more than a medium";
}

TEST_F(AuditReportTest, SteersNoTerminal) {
  FillSmallWorld();
  source_.workloads[0].name = "w\x1b[31m\n\xe2\x80\xae\xc2\x9b";
  source_.workloads[0].findings[0].message = "a\rb";
  text_.files[0] = "\x1b]0;x\x07";
  text_.errors = {{"\x1b[2J", 1, "\x1b[2J"}};
  for (const char c : Text()) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
  EXPECT_THAT(Text(), HasSubstr("shop/Deployment/w[31m  ]0;x:12"));
  text_.colour = true;
  EXPECT_THAT(Text(), HasSubstr("\x1b[31m"));
}

}  // namespace
}  // namespace seaworthy::sinks::audit_report
