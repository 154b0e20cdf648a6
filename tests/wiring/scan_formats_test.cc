// The formats of `seaworthy scan`, of the built binary: places in files of several documents, files beside standard
// output.
#include <algorithm>

#include "wiring/testing/scan_rig.h"

namespace seaworthy::wiring {
namespace {

using nlohmann::json;
using testing::BadPod;
using testing::Ended;
using ::testing::HasSubstr;
using testing::kGoodCronJob;
using testing::ScanTest;
using ::testing::StartsWith;

std::string LineOf(const std::string& text, std::size_t number) {
  std::size_t begin = 0;
  for (std::size_t i = 1; i < number; ++i) begin = text.find('\n', begin) + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

// Two bad pods in one file, the second behind comments and a document that is no object: every result names the line in
// which its field stands.
TEST_F(ScanTest, SarifPointsIntoTheRightDocument) {
  const std::string text = "# of the shop\n---\n" + BadPod("first") + "---\n# nothing\n---\n\n" + BadPod("second");
  Write("k8s/pods.yaml", text);
  const json run = Scan({"k8s", "-o", "sarif"}).Json()["runs"][0];
  int seen = 0;
  for (const json& result : run["results"]) {
    const json& place = result["locations"][0];
    ASSERT_TRUE(place.contains("physicalLocation")) << result;
    EXPECT_EQ(place["physicalLocation"]["artifactLocation"]["uri"], "k8s/pods.yaml");
    const std::size_t line = place["physicalLocation"]["region"]["startLine"];
    const bool second = place["logicalLocations"][0]["name"] == "second";
    if (place["logicalLocations"][0]["name"] != "second" && place["logicalLocations"][0]["name"] != "first") continue;
    EXPECT_EQ(line >= 18, second) << line;
    if (result["ruleId"] == "image-tag") EXPECT_EQ(LineOf(text, line), "    image: nginx:latest");
    if (result["ruleId"] == "not-privileged") EXPECT_EQ(LineOf(text, line), "      privileged: true");
    if (result["ruleId"] == "no-host-namespaces") EXPECT_EQ(LineOf(text, line), "  hostPID: true");
    seen += result["ruleId"] == "image-tag" || result["ruleId"] == "not-privileged" ||
                    result["ruleId"] == "no-host-namespaces"
                ? 1
                : 0;
  }
  EXPECT_EQ(seen, 6);
}

TEST_F(ScanTest, WritesEveryFormat) {
  Write("bad.yaml", BadPod("bad"));
  const Ended ended = Scan({"bad.yaml", "-o", "github", "-o", "sarif=r.sarif", "-o", "junit=r.xml", "-o",
                            "markdown=r.md", "-o", "html=r.html", "-o", "json=r.json", "-o", "text=r.txt"});
  EXPECT_EQ(ended.code, 1) << ended.err;
  EXPECT_THAT(ended.out, StartsWith("::error file=bad.yaml,line="));
  EXPECT_EQ(json::parse(Read(folder_ + "/r.sarif"))["version"], "2.1.0");
  EXPECT_THAT(Read(folder_ + "/r.xml"), StartsWith("<?xml"));
  EXPECT_THAT(Read(folder_ + "/r.md"), StartsWith("## Production readiness"));
  EXPECT_THAT(Read(folder_ + "/r.html"), StartsWith("<!doctype html>"));
  EXPECT_EQ(json::parse(Read(folder_ + "/r.json"))["kind"], "AuditReport");
  EXPECT_THAT(Read(folder_ + "/r.txt"), HasSubstr("Pod/bad"));
}

TEST_F(ScanTest, ARuleStandsForEachCheck) {
  Write("good.yaml", kGoodCronJob);
  const json sarif = Scan({"good.yaml", "-o", "sarif"}).Json();
  const json checks = Run({"checks", "-o", "json"}).Json()["checks"];
  const json& rules = sarif["runs"][0]["tool"]["driver"]["rules"];
  ASSERT_EQ(rules.size(), checks.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    EXPECT_EQ(rules[i]["id"], checks[i]["id"]);
    EXPECT_THAT(rules[i]["help"]["markdown"], HasSubstr("**Fix.** " + checks[i]["fix"].get<std::string>()));
  }
}

TEST_F(ScanTest, NamesTheFormatsThereAre) {
  const Ended ended = Scan({"x.yaml", "-o", "pdf"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(ended.err,
            "seaworthy scan: unknown output format \"pdf\": text, json, sarif, junit, github, markdown or html\n");
}

}  // namespace
}  // namespace seaworthy::wiring
