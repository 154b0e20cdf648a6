// The comment on a pull request.
#include "sinks/audit_report/markdown.h"

#include "sinks/audit_report/format_rig.h"
#include "sinks/audit_report/markdown_text.h"

namespace seaworthy::sinks::audit_report {
namespace {

using testing::Found;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class MarkdownTest : public FormatTest {};

TEST_F(MarkdownTest, HasTotalsTheWorstAndEverythingFolded) {
  const std::string comment = Written(WriteMarkdown);
  EXPECT_THAT(comment,
              StartsWith("## Production readiness: **81** (B)\n\n"
                         "| workloads | decided | critical | high | medium | low |\n|---:|---:|---:|---:|---:|---:|\n"
                         "| 2 | 100 % | 0 | 2 | 0 | 2 |\n"));
  EXPECT_THAT(comment, HasSubstr("| 71 C | shop/Deployment/web | 1 high | web.yaml:12 |\n"));
  EXPECT_THAT(comment, HasSubstr("<details><summary>71 C &middot; shop/Deployment/web &middot; 1 high</summary>\n\n"
                                 "- **FAIL** high **readiness-probe**: container app: no readinessProbe (line 42)"));
  EXPECT_THAT(comment, HasSubstr("\n```sh\nkubectl patch deployment.apps web -n shop --type strategic -p "
                                 "'{\"spec\":{\"x\":1}}'\n```\n\n</details>\n"));
  EXPECT_THAT(comment, Not(HasSubstr("nightly"))) << "nothing is wrong with it";
}

TEST_F(MarkdownTest, SaysSoWhenAllIsWell) {
  source_ = {};
  EXPECT_THAT(Written(WriteMarkdown), HasSubstr("Nothing fails and nothing warns."));
}

TEST_F(MarkdownTest, FitsIntoAComment) {
  source_.workloads.clear();
  for (std::uint32_t i = 0; i < 3000; ++i) {
    source_.workloads.push_back(testing::Workload(
        i + 100, "shop", "Deployment", "w",
        {Found(testing::kReadinessProbe, Verdict::kFail, "a message of some length that takes space")}, 1));
  }
  options_.errors.assign(2000, {"x.yaml", 1, "did not find what was expected"});
  const std::string comment = Written(WriteMarkdown);
  EXPECT_LT(comment.size(), 65'536U);
  EXPECT_THAT(comment, HasSubstr("more did not fit into a comment"));
}

TEST(MarkdownText, FormatsNothingAndTellsNobody) {
  EXPECT_EQ(EscapeMarkdown("a|b*c_d`e<f>[g](h)\\"), R"(a\|b\*c\_d\`e&lt;f\>\[g\](h)\\)");
  EXPECT_EQ(EscapeMarkdown("@team #1 https://x www.x"), "@&#8203;team \\#&#8203;1 https:&#8203;//x www.&#8203;x");
  EXPECT_EQ(EscapeMarkdown(":tada: web:1.4 a:b"), ":tada&#8203;: web:1.4 a:b") << "what people copy stays as it is";
  EXPECT_EQ(EscapeMarkdown("a\nb\x1b"), "ab");
  EXPECT_EQ(EscapeInSummary("<b>@x"), "&lt;b&gt;@&#8203;x");
}

TEST(MarkdownText, NoContentEndsItsBlock) { EXPECT_EQ(MarkdownCode("sh", "a ```` b"), "`````sh\na ```` b\n`````\n"); }

}  // namespace
}  // namespace seaworthy::sinks::audit_report
