// Annotations of GitHub Actions.
#include "sinks/audit_report/github.h"

#include <algorithm>

#include "sinks/audit_report/format_rig.h"

namespace seaworthy::sinks::audit_report {
namespace {

using testing::Found;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class GithubTest : public FormatTest {};

std::size_t CountLines(const std::string& text, std::string_view start) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    count += text.compare(at, start.size(), start) == 0 ? 1 : 0;
  return count;
}

// As core.escapeData and escapeProperty of actions/toolkit.
TEST_F(GithubTest, EscapesAsTheToolkitDoes) {
  EXPECT_EQ(AnnotationCommand({"error", "a,b:c%.yaml", 3, "x: y, z", "100 %: a, b\r\nnext"}),
            "::error file=a%2Cb%3Ac%25.yaml,line=3,title=x%3A y%2C z::100 %25: a, b%0D%0Anext\n");
  EXPECT_EQ(AnnotationCommand({"notice", "", 9, "", "m"}), "::notice::m\n");
}

TEST_F(GithubTest, NoTextStartsACommandOfItsOwn) {
  Probe().message = "x\n::set-output name=a::b\r::stop-commands::t";
  source_.workloads[0].name = "web\x1b[2J\n::error::";
  const std::string out = Written(WriteGithub);
  EXPECT_EQ(CountLines(out, "::error") + CountLines(out, "::warning"),
            static_cast<std::size_t>(std::count(out.begin(), out.end(), '\n')));
  EXPECT_EQ(CountLines(out, "::set-output"), 0U);
  EXPECT_EQ(out.find('\x1b'), std::string::npos);
}

TEST_F(GithubTest, TheGravestComeFirst) {
  const std::string out = Written(WriteGithub);
  EXPECT_THAT(out, StartsWith("::error file=web.yaml,line=42,title=readiness-probe (high)::shop/Deployment/web: "
                              "container app: no readinessProbe%0AFix: \n"
                              "::error title=node-ready (high)::Node/n1: NotReady"));
  EXPECT_LT(out.find("node-ready"), out.find("namespace-quota"));
  EXPECT_THAT(out, HasSubstr("::warning title=cluster-dns (high)::Cluster: one replica%0AFix: \n::warning "
                             "file=web.yaml,line=12,title=grace-period (medium)::"));
}

TEST_F(GithubTest, WritesNoMoreThanGithubShows) {
  source_.workloads.clear();
  for (std::uint32_t i = 0; i < 100; ++i) {
    source_.workloads.push_back(
        testing::Workload(i + 100, "shop", "Deployment", "w",
                          {Found(i == 77 ? testing::kNotPrivileged : testing::kReadinessProbe, Verdict::kFail),
                           Found(testing::kGracePeriod, Verdict::kWarn)},
                          1));
  }
  const std::string out = Written(WriteGithub);
  EXPECT_EQ(CountLines(out, "::error"), 10U);
  EXPECT_EQ(CountLines(out, "::warning"), 10U);
  EXPECT_THAT(out, StartsWith("::error title=not-privileged (critical)::")) << "wherever it stands";
  EXPECT_THAT(out, HasSubstr("::notice title=seaworthy::184 more findings"));
}

TEST_F(GithubTest, InputThatCannotBeReadComesFirst) {
  options_.errors = {{"./broken.yaml", 7, "no"}};
  EXPECT_THAT(Written(WriteGithub), StartsWith("::error file=broken.yaml,line=7,title=cannot be audited::no\n"));
}

}  // namespace
}  // namespace seaworthy::sinks::audit_report
