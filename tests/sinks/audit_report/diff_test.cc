// Two reports compared, and how they are read back.
#include "sinks/audit_report/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sinks/audit_report/json.h"
#include "sinks/audit_report/report_reader.h"
#include "sinks/testing/report_source.h"

namespace seaworthy::sinks::audit_report {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// A report of one Deployment, shop/web, with those verdicts: {check, verdict, severity}.
struct One {
  std::string check, verdict, severity = "high";
};
json Findings(const std::vector<One>& findings) {
  json list = json::array();
  for (const One& one : findings)
    list.push_back({{"check", one.check},
                    {"severity", one.severity},
                    {"verdict", one.verdict},
                    {"message", one.check + " says"},
                    {"line", 7}});
  return list;
}
json Workload(const std::string& name, const std::vector<One>& findings, int score) {
  return {{"namespace", "shop"},
          {"kind", "Deployment"},
          {"name", name},
          {"score", score},
          {"grade", "B"},
          {"source", {{"file", "web.yaml"}, {"line", 1}}},
          {"findings", Findings(findings)}};
}
json Report(std::vector<json> workloads) {
  return {{"apiVersion", "audit.seaworthy.dev/v1alpha1"},
          {"kind", "AuditReport"},
          {"generatedBy", "seaworthy 0.1.0"},
          {"checklistHash", "h"},
          {"cluster", {{"score", 80}, {"grade", "B"}, {"findings", json::array()}}},
          {"namespaces", json::array()},
          {"workloads", std::move(workloads)},
          {"nodes", json::array()},
          {"errors", json::array()}};
}
KnownReport Read(const json& report) {
  Result<KnownReport> read = ReadReport(report.dump());
  EXPECT_TRUE(read.ok()) << read.status().message();
  return read.ok() ? *std::move(read) : KnownReport();
}
std::string ErrorOf(std::string_view text) {
  const Result<KnownReport> read = ReadReport(text);
  EXPECT_FALSE(read.ok());
  return read.ok() ? std::string() : read.status().message();
}

class DiffTest : public ::testing::Test {
 protected:
  const Diff& Turned(std::vector<One> before, std::vector<One> after) {
    return Compared(Report({Workload("web", before, 90)}), Report({Workload("web", after, 70)}));
  }
  const Diff& Compared(const json& before, const json& after) {
    before_ = Read(before);
    after_ = Read(after);
    return diff_ = Compare(before_, after_);
  }
  static std::vector<std::string> Checks(const std::vector<Change>& changes) {
    std::vector<std::string> checks;
    for (const Change& change : changes) checks.push_back(change.finding->check);
    return checks;
  }
  template <typename WriteFn>
  std::string Written(WriteFn write) const {
    std::string out;
    write(diff_, options_, [&](std::string_view piece) { out += piece; });
    return out;
  }
  KnownReport before_, after_;
  Diff diff_;
  DiffOptions options_ = {"seaworthy 0.1.0", false, "old.json", "new.json"};
};

TEST_F(DiffTest, TellsWhatEachTurnMeans) {
  const Diff& diff = Turned({{"a", "pass"},
                             {"b", "warn"},
                             {"c", "fail"},
                             {"d", "fail"},
                             {"e", "fail"},
                             {"f", "fail"},
                             {"g", "unknown"},
                             {"h", "waived"},
                             {"i", "fail"},
                             {"j", "pass"},
                             {"k", "fail", "medium"}},
                            {{"a", "warn"},
                             {"b", "fail"},
                             {"c", "pass"},
                             {"d", "warn"},
                             {"e", "waived"},
                             {"f", "unknown"},
                             {"g", "fail"},
                             {"h", "fail"},
                             {"i", "fail"},
                             {"j", "unknown"},
                             {"k", "fail", "critical"}});
  EXPECT_THAT(Checks(diff.regressions), ElementsAre("k", "b", "g", "h", "a"))
      << "the gravest first, failing before warning";
  EXPECT_THAT(Checks(diff.mended), ElementsAre("d", "c")) << "what still warns before what passes";
  EXPECT_THAT(Checks(diff.answered), ElementsAre("e"));
  EXPECT_THAT(Checks(diff.unseen), ElementsAre("f"));
  EXPECT_THAT(diff.fresh, IsEmpty());
  ASSERT_EQ(diff.scores.size(), 1U);
  EXPECT_EQ(CountRegressions(diff, Severity::kCritical), 1U);
  EXPECT_EQ(CountRegressions(diff, Severity::kHigh), 5U);
}

TEST_F(DiffTest, AReportAgainstItselfSaysNothing) {
  const Diff& diff = Turned({{"a", "fail"}, {"b", "warn"}}, {{"a", "fail"}, {"b", "warn"}});
  EXPECT_THAT(diff.regressions, IsEmpty());
  EXPECT_THAT(diff.mended, IsEmpty());
  EXPECT_THAT(Written(WriteDiffText), HasSubstr("nothing got worse"));
}

TEST_F(DiffTest, ACheckThatTheOldReportDoesNotKnowIsNoRegression) {
  const Diff& diff = Turned({{"a", "pass"}}, {{"a", "pass"}, {"new-check", "fail"}});
  EXPECT_THAT(diff.regressions, IsEmpty());
  EXPECT_THAT(Checks(diff.fresh), ElementsAre("new-check"));
}

TEST_F(DiffTest, WhatFailsOnANewWorkloadCounts) {
  const Diff& diff = Compared(Report({Workload("old", {{"a", "fail"}}, 10)}),
                              Report({Workload("new", {{"a", "fail"}, {"b", "warn"}, {"c", "pass"}}, 20)}));
  EXPECT_THAT(Checks(diff.regressions), ElementsAre("a"));
  ASSERT_EQ(diff.added.size(), 1U);
  EXPECT_EQ(diff.added[0]->ref, "shop/Deployment/new");
  ASSERT_EQ(diff.gone.size(), 1U);
  EXPECT_EQ(diff.gone[0]->ref, "shop/Deployment/old");
}

TEST_F(DiffTest, SeesNamespacesBudgetsNodesAndTheCluster) {
  json before = Report({}), after = Report({});
  for (auto& [report, verdict] : {std::pair<json*, const char*>{&before, "pass"}, {&after, "fail"}}) {
    json budget = Findings({{"pdb-orphan", verdict, "low"}});
    budget[0]["subject"] = "PodDisruptionBudget/web";
    budget[0]["file"] = "budgets.yaml";
    json ns = {{"name", "shop"}, {"findings", Findings({{"quota", verdict}})}};
    ns["findings"].push_back(budget[0]);
    (*report)["namespaces"] = json::array({ns});
    (*report)["nodes"] = json::array({{{"name", "n1"}, {"findings", Findings({{"node-ready", verdict}})}}});
    (*report)["cluster"]["findings"] = Findings({{"dns", verdict, "critical"}});
  }
  const Diff& diff = Compared(before, after);
  EXPECT_THAT(Checks(diff.regressions), ElementsAre("dns", "quota", "node-ready", "pdb-orphan"));
  EXPECT_THAT(Written(WriteDiffText),
              HasSubstr("shop/PodDisruptionBudget/web  pdb-orphan: pdb-orphan says  (budgets.yaml:7, was pass)"));
}

TEST_F(DiffTest, IsWrittenForPeopleAndMachines) {
  Turned({{"probe", "pass"}, {"tag", "fail"}}, {{"probe", "fail"}, {"tag", "pass"}});
  EXPECT_THAT(
      Written(WriteDiffText),
      HasSubstr("worse (1)\n  FAIL     high     shop/Deployment/web  probe: probe says  (web.yaml:7, was pass)\n"));
  const json parsed = json::parse(Written(WriteDiffJson));
  EXPECT_EQ(parsed["kind"], "AuditDiff");
  EXPECT_EQ(parsed["regressions"], json::array({{{"ref", "shop/Deployment/web"},
                                                 {"check", "probe"},
                                                 {"severity", "high"},
                                                 {"from", "pass"},
                                                 {"to", "fail"},
                                                 {"message", "probe says"},
                                                 {"file", "web.yaml"},
                                                 {"line", 7}}}));
  EXPECT_EQ(parsed["scores"], json::array({{{"ref", "shop/Deployment/web"}, {"from", 90}, {"to", 70}}}));
  EXPECT_THAT(Written(WriteDiffMarkdown),
              HasSubstr("| **FAIL** | high | shop/Deployment/web | probe | probe says (was pass) | web.yaml:7 |\n"));
  EXPECT_EQ(Written(WriteDiffGithub),
            "::error file=web.yaml,line=7,title=worse%3A probe (high)::shop/Deployment/web: probe says (was pass)\n");
}

TEST_F(DiffTest, SteersNothing) {
  const std::string evil = "\x1b[31m@team|\n::error::<img>";
  json before = Report({Workload(evil, {{"a", "pass"}}, 1)}), after = Report({Workload(evil, {{"a", "fail"}}, 1)});
  after["workloads"][0]["findings"][0]["message"] = evil;
  Compared(before, after);
  for (const std::string& out : {Written(WriteDiffText), Written(WriteDiffMarkdown), Written(WriteDiffGithub)})
    EXPECT_EQ(out.find('\x1b'), std::string::npos) << out;
  EXPECT_THAT(Written(WriteDiffGithub), Not(HasSubstr("\n::error::")));
  EXPECT_THAT(Written(WriteDiffMarkdown), Not(HasSubstr("<img>")));
  EXPECT_THAT(Written(WriteDiffMarkdown), Not(HasSubstr("@team")));
}

TEST_F(DiffTest, FitsIntoAComment) {
  std::vector<json> before, after;
  for (int i = 0; i < 3000; ++i) {
    before.push_back(Workload("w" + std::to_string(i), {{"a", "pass"}, {"b", "fail"}}, 1));
    after.push_back(Workload("w" + std::to_string(i), {{"a", "fail"}, {"b", "pass"}}, 1));
  }
  Compared(Report(before), Report(after));
  EXPECT_LT(Written(WriteDiffMarkdown).size(), 65'536U);
  EXPECT_THAT(Written(WriteDiffText), HasSubstr("... and 2800 more"));
}

TEST(ReportReader, ReadsWhatTheWriterWrites) {
  const testing::FixedSource source = testing::SmallWorld();
  JsonOptions options;
  options.files = {"web.yaml", "budgets.yaml"};
  std::string text;
  WriteJson(source, options, [&](std::string_view piece) { text += piece; });
  const Result<KnownReport> read = ReadReport(text);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->score, 81);
  EXPECT_EQ(read->checklist_hash, "0123abcd");
  EXPECT_EQ(read->workloads, 2U);
  std::vector<std::string> refs;
  for (const KnownSubject& subject : read->subjects) refs.push_back(subject.ref);
  EXPECT_THAT(refs, ElementsAre("Cluster", "Namespace/shop", "Node/n1", "shop/CronJob/nightly", "shop/Deployment/web",
                                "shop/PodDisruptionBudget/old", "shop/PodDisruptionBudget/web"));
  EXPECT_EQ(read->subjects[4].score, 71);
  EXPECT_EQ(read->subjects[4].findings.size(), 7U);
}

TEST(ReportReader, PassesOverWhatItDoesNotKnow) {
  json report = Report({Workload("web", {{"a", "pass"}}, 1)});
  report["later"] = {{"a", {1, 2, {{"b", nullptr}}}}};
  report["number"] = -1.5e3;
  report["text"] = "a \"quoted\" one, with ] and }";
  report["workloads"][0]["later"] = json::array({1});
  EXPECT_EQ(Read(report).workloads, 1U);
}

TEST(ReportReader, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("not a JSON object"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(ErrorOf("apiVersion: v1\n"), HasSubstr("not a JSON object"));
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("not an AuditReport"));
  EXPECT_THAT(ErrorOf(R"({"kind":"AuditReport","apiVersion":"v2"})"), HasSubstr("not an AuditReport"));
  EXPECT_THAT(ErrorOf("{\n\"workloads\":\n[{}]}"), StartsWith("line 3: a workload without kind and name"));
  EXPECT_THAT(ErrorOf(R"({"workloads":{}})"), HasSubstr("want a list"));
  EXPECT_THAT(ErrorOf(R"({"workloads":[1]})"), HasSubstr("want an object"));
  EXPECT_THAT(ErrorOf(R"({"kind":"a","kind":"b"})"), HasSubstr("comes twice"));
  EXPECT_THAT(ErrorOf(R"({"kind":"AuditReport)"), HasSubstr("ends inside a string"));
  EXPECT_THAT(ErrorOf(R"({"kind":"AuditReport"} x)"), HasSubstr("behind the report"));
  json report = Report({Workload("web", {{"a", "pass"}}, 1), Workload("web", {}, 1)});
  EXPECT_THAT(ErrorOf(report.dump()), HasSubstr("\"shop/Deployment/web\" comes twice"));
  report = Report({Workload("web", {{"a", "pass"}, {"a", "fail"}}, 1)});
  EXPECT_THAT(ErrorOf(report.dump()), HasSubstr("\"a\" comes twice"));
  report = Report({Workload("web", {{"a", "splendid"}}, 1)});
  EXPECT_THAT(ErrorOf(report.dump()), HasSubstr("no verdict is called \"splendid\""));
  report = Report({Workload("web", {{"a", "fail", "awful"}}, 1)});
  EXPECT_THAT(ErrorOf(report.dump()), HasSubstr("no severity is called \"awful\""));
}

TEST(ReportReader, AnErrorSteersNoTerminal) {
  const json report = Report({Workload("w\x1b[31m", {{"a", "x\x1b[2J"}}, 1)});
  EXPECT_EQ(ErrorOf(report.dump()).find('\x1b'), std::string::npos);
}

TEST(ReportReader, EndsOnWhatNeverEnds) {
  EXPECT_NE(ErrorOf(std::string(1'000'000, '[')), "");
  EXPECT_NE(ErrorOf("{\"a\":" + std::string(1'000'000, '[')), "");
  EXPECT_NE(ErrorOf("{\"workloads\":[" + std::string(1'000'000, '{')), "");
  std::string many = "{";
  for (int i = 0; i < 100'000; ++i) many += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_THAT(ErrorOf(many), HasSubstr("too many members"));
}

// A workload of the size that a token limit for the whole would refuse.
TEST(ReportReader, TheWholeMayBeLarge) {
  std::vector<One> findings;
  for (int i = 0; i < 100; ++i) findings.push_back({"check-" + std::to_string(i), "pass"});
  std::vector<json> workloads;
  for (int i = 0; i < 2000; ++i) workloads.push_back(Workload("w" + std::to_string(i), findings, 1));
  EXPECT_EQ(Read(Report(workloads)).workloads, 2000U);
}

}  // namespace
}  // namespace seaworthy::sinks::audit_report
