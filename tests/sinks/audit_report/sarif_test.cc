// SARIF: what code scanning reads. tests/wiring/formats.py holds it against the schema.
#include "sinks/audit_report/sarif.h"

#include "sinks/audit_report/format_rig.h"

namespace seaworthy::sinks::audit_report {
namespace {

using nlohmann::json;
using testing::Found;

class SarifTest : public FormatTest {
 protected:
  json Run() const { return WrittenJson(WriteSarif)["runs"][0]; }
  // The result of that rule.
  json ResultOf(std::string_view rule) const {
    const json run = Run();
    for (const json& result : run["results"]) {
      if (result["ruleId"] == rule) return result;
    }
    ADD_FAILURE() << "no result of " << rule;
    return {};
  }
};

TEST_F(SarifTest, PointsAtTheLineOfTheField) {
  const json place = ResultOf("readiness-probe")["locations"][0];
  EXPECT_EQ(place["physicalLocation"]["artifactLocation"], (json{{"uri", "web.yaml"}, {"uriBaseId", "SRCROOT"}}));
  EXPECT_EQ(place["physicalLocation"]["region"]["startLine"], 42);
  EXPECT_EQ(place["logicalLocations"][0]["fullyQualifiedName"],
            "shop/Deployment/web/spec.template.spec.containers[name=app].readinessProbe");
  EXPECT_EQ(ResultOf("pdb-orphan")["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "k8s/budgets.yaml");
}

TEST_F(SarifTest, OfANamespaceThatNoFileHasItPointsBesideIt) {
  const json place = ResultOf("namespace-quota")["locations"][0];
  EXPECT_EQ(place["physicalLocation"]["artifactLocation"]["uri"], "web.yaml");
  EXPECT_EQ(place["physicalLocation"]["region"]["startLine"], 12);
  EXPECT_EQ(place["logicalLocations"][0]["fullyQualifiedName"], "Namespace/shop");
}

TEST_F(SarifTest, GivesLevelsBySeverityAndVerdict) {
  EXPECT_EQ(ResultOf("readiness-probe")["level"], "error");  // fails, high
  EXPECT_EQ(ResultOf("cluster-dns")["level"], "warning");    // warns, high
  EXPECT_EQ(ResultOf("grace-period")["level"], "note");      // warns, medium
  EXPECT_EQ(ResultOf("namespace-quota")["level"], "note");   // fails, low
  source_.workloads[0].findings[2].verdict = Verdict::kFail;
  EXPECT_EQ(ResultOf("grace-period")["level"], "warning");  // fails, medium
}

TEST_F(SarifTest, AFingerprintOutlivesMovedLinesAndOtherMessages) {
  const json before = ResultOf("readiness-probe")["partialFingerprints"];
  source_.workloads[0].source = {1, 900};
  Probe().message = "container app: still none";
  EXPECT_EQ(ResultOf("readiness-probe")["partialFingerprints"], before);
  Probe().container = "proxy";
  EXPECT_NE(ResultOf("readiness-probe")["partialFingerprints"], before) << "another container is another finding";
  Probe().container = "app";
  source_.workloads[0].name = "web2";
  EXPECT_NE(ResultOf("readiness-probe")["partialFingerprints"], before);
}

TEST_F(SarifTest, RulesAreTheCatalogueAndWhatIsMetBesides) {
  options_.catalogue = {&testing::kNotPrivileged, &testing::kGracePeriod};
  const json run = Run();
  const json& rules = run["tool"]["driver"]["rules"];
  EXPECT_EQ(rules[0]["id"], "not-privileged");
  EXPECT_EQ(rules[0]["name"], "NotPrivileged");
  EXPECT_EQ(rules[0]["properties"]["security-severity"], "9.5");
  EXPECT_FALSE(rules[1]["properties"].contains("security-severity")) << "lifecycle is no matter of security";
  for (const json& result : run["results"])
    EXPECT_EQ(rules[result["ruleIndex"].get<std::size_t>()]["id"], result["ruleId"]);
}

TEST_F(SarifTest, ShowsWhatSomebodyAnswersForAsSuppressed) {
  Finding waived = Found(testing::kNotPrivileged, Verdict::kWaived, "privileged");
  waived.beneath = Verdict::kFail;
  waived.exemption = "Waiver/debug";
  waived.until = Timestamp{1'795'000'000};
  source_.workloads[1].findings = {waived};
  const json result = ResultOf("not-privileged");
  EXPECT_EQ(result["level"], "error");
  EXPECT_EQ(result["suppressions"][0]["kind"], "external");
  EXPECT_EQ(result["suppressions"][0]["justification"], "Waiver/debug until 2026-11-18T11:06:40Z");
  EXPECT_FALSE(ResultOf("readiness-probe").contains("suppressions"));
}

TEST_F(SarifTest, WritesPathsAsUris) {
  options_.files[0] = "/repo/a b/\xc3\xa9#1%.yaml";
  EXPECT_EQ(ResultOf("readiness-probe")["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "a%20b/%C3%A9%231%25.yaml");
  options_.files[0] = "/elsewhere/x.yaml";
  EXPECT_EQ(ResultOf("readiness-probe")["locations"][0]["physicalLocation"]["artifactLocation"],
            (json{{"uri", "file:///elsewhere/x.yaml"}}));
  options_.files[0] = "-";
  EXPECT_FALSE(ResultOf("readiness-probe")["locations"][0].contains("physicalLocation")) << "standard input is no file";
}

TEST_F(SarifTest, SaysWhenItIsNotWhole) {
  EXPECT_EQ(Run()["invocations"][0]["executionSuccessful"], true);
  options_.errors = {{"broken.yaml", 7, "did not find expected node"}};
  const json invocation = Run()["invocations"][0];
  EXPECT_EQ(invocation["executionSuccessful"], false);
  EXPECT_EQ(invocation["toolExecutionNotifications"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 7);
}

TEST_F(SarifTest, LeavesOutWhatIsMilderThanAsked) {
  source_.workloads[1].findings = {Found(testing::kImageDigest, Verdict::kFail, "no digest")};
  const json run = Run();
  for (const json& result : run["results"]) EXPECT_NE(result["ruleId"], "image-digest");
  options_.least = Severity::kInfo;
  (void)ResultOf("image-digest");
}

TEST_F(SarifTest, IsJsonWhateverNamesHold) {
  source_.workloads[0].name = kControls;
  Probe().message = kControls;
  Probe().container = kMarkup;
  options_.errors = {{std::string(kControls), 1, std::string(kControls)}};
  EXPECT_EQ(Run()["results"].size(), 6U);
}

}  // namespace
}  // namespace seaworthy::sinks::audit_report
