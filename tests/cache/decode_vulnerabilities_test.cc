// Of a VulnerabilityReport the sums are kept, not its hundreds of vulnerabilities.
#include <gtest/gtest.h>

#include "cache/decoding.h"
#include "seaworthy/extension.h"

namespace seaworthy::cache {
namespace {

using DecodeVulnerabilities = DecodeTest;

TEST_F(DecodeVulnerabilities, AreSummedUp) {
  const auto report = Yaml<Extension>(Kind::kVulnerabilityReport, R"(
apiVersion: aquasecurity.github.io/v1alpha1
kind: VulnerabilityReport
metadata: {name: r, namespace: shop, uid: u}
report:
  updateTimestamp: "1970-01-02T00:00:00Z"
  artifact: {repository: web, tag: "1.0"}
  os: {family: debian, name: "9", eosl: true}
  summary: {criticalCount: 3}
  vulnerabilities:
    - {vulnerabilityID: CVE-1, severity: CRITICAL, fixedVersion: "2", publishedDate: "1970-01-03T00:00:00Z"}
    - {vulnerabilityID: CVE-2, severity: CRITICAL, fixedVersion: "2", publishedDate: "1970-01-02T00:00:00Z"}
    - {vulnerabilityID: CVE-3, severity: CRITICAL, fixedVersion: "", publishedDate: "1970-01-01T00:00:00Z"}
    - {vulnerabilityID: CVE-4, severity: HIGH, fixedVersion: "2"}
    - {vulnerabilityID: CVE-5, severity: LOW, fixedVersion: "2", publishedDate: "1970-01-01T01:00:00Z"}
)");
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->IntAt("summary.updated"), OptInt(86400));
  EXPECT_EQ(report->IntAt("summary.critical.fixable"), OptInt(2));
  EXPECT_EQ(report->IntAt("summary.critical.unfixable"), OptInt(1));
  EXPECT_EQ(report->IntAt("summary.high.fixable"), OptInt(1));
  EXPECT_EQ(report->IntAt("summary.critical.oldest"), OptInt(86400));
  EXPECT_EQ(report->First("summary.critical.oldest.id"), "CVE-2");
  EXPECT_EQ(report->IntAt("summary.fixable.oldest"), OptInt(3600));
  EXPECT_EQ(report->First("summary.fixable.oldest.id"), "CVE-5");
  EXPECT_EQ(report->First("report.os.eosl"), "true");
  EXPECT_LT(report->facts.size(), 20u);
}

TEST_F(DecodeVulnerabilities, OfAStrangeReportAreNone) {
  const auto report = Yaml<Extension>(Kind::kVulnerabilityReport,
                                      "{apiVersion: aquasecurity.github.io/v1alpha1, kind: VulnerabilityReport, "
                                      "metadata: {name: r, namespace: shop, uid: u}, report: "
                                      "{updateTimestamp: [], vulnerabilities: {a: b}}}");
  ASSERT_NE(report, nullptr);
  EXPECT_FALSE(report->IntAt("summary.updated").has_value());
  EXPECT_EQ(report->IntAt("summary.critical.fixable"), OptInt(0));
}

}  // namespace
}  // namespace seaworthy::cache
