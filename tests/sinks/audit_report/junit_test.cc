// JUnit: what test tabs of CI systems read. tests/wiring/formats.py parses it.
#include "sinks/audit_report/junit.h"

#include "sinks/audit_report/format_rig.h"

namespace seaworthy::sinks::audit_report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class JunitTest : public FormatTest {};

TEST_F(JunitTest, HasACaseForEachCheckThatApplies) {
  const std::string xml = Written(WriteJunit);
  EXPECT_THAT(xml, HasSubstr(R"(  <testsuite name="shop/Deployment/web" tests="6" failures="1" errors="0" skipped="2">
    <testcase name="readiness-probe" classname="shop/Deployment/web" file="web.yaml" line="42">
      <failure message="container app: no readinessProbe" type="high">spec.template.spec.containers[name=app].readinessProbe
fix: 
kubectl patch deployment.apps web -n shop --type strategic -p &#39;{&quot;spec&quot;:{&quot;x&quot;:1}}&#39;
</failure>
    </testcase>
    <testcase name="not-privileged" classname="shop/Deployment/web" file="web.yaml" line="12"/>
)"));
  EXPECT_THAT(xml, HasSubstr("<skipped message=\"no permission\"/>"));
  EXPECT_THAT(xml, HasSubstr("<system-out>warning (medium): 5 s\n"));
  EXPECT_THAT(xml, Not(HasSubstr("image-digest"))) << "does not apply";
  EXPECT_THAT(xml, HasSubstr(R"(<testsuite name="shop/PodDisruptionBudget/old" tests="1" failures="1")"));
}

TEST_F(JunitTest, WhatIsForInformationFailsNoTest) {
  source_.workloads[1].findings = {testing::Found(testing::kImageDigest, Verdict::kFail, "no digest")};
  EXPECT_THAT(Written(WriteJunit), HasSubstr(R"(name="shop/CronJob/nightly" tests="1" failures="0")"));
  EXPECT_THAT(Written(WriteJunit), HasSubstr("<system-out>noted (info): no digest\n"));
  options_.least = Severity::kInfo;
  EXPECT_THAT(Written(WriteJunit), HasSubstr("<failure message=\"no digest\" type=\"info\">"));
}

TEST_F(JunitTest, InputThatCannotBeReadIsAnError) {
  options_.errors = {{"broken.yaml", 7, "no"}};
  EXPECT_THAT(Written(WriteJunit),
              HasSubstr("<testcase name=\"broken.yaml\" classname=\"input\">\n      <error message=\"line 7: no\"/>"));
}

TEST_F(JunitTest, HasNoCharacterThatXmlForbids) {
  source_.workloads[0].name = kControls;
  Probe().message = kMarkup;
  const std::string xml = Written(WriteJunit);
  for (const char c : xml) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
  EXPECT_THAT(xml, Not(HasSubstr("\xef\xbf\xbf")));
  EXPECT_THAT(xml, Not(HasSubstr("<img")));
  EXPECT_THAT(xml,
              HasSubstr("message=\"&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;]]&gt;&quot;&#39;&amp;&lt;!--\""));
}

}  // namespace
}  // namespace seaworthy::sinks::audit_report
