// Runs every fixture under tests/checks/<section>/<check>/: the outcome is in the file's name, the rest in its
// directives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "score/run_check.h"
#include "testing/fixture.h"
#include "testing/peers.h"

namespace seaworthy {
namespace {

struct Case {
  std::string path;
  std::string check, outcome, name;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.path; }

std::vector<Case> Cases() {
  std::vector<Case> cases;
  const std::filesystem::path root = std::filesystem::path(SEAWORTHY_SOURCE_DIR) / "tests/checks";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string check = entry.path().parent_path().filename();
    if (checks::FindCheck(check) == nullptr) continue;  // tests/repo complains of folders without a check
    const std::string stem = entry.path().stem();
    const std::size_t dot = stem.find('.');
    cases.push_back({entry.path(), check, stem.substr(0, dot), dot == std::string::npos ? "" : stem.substr(dot + 1)});
  }
  std::sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) { return a.path < b.path; });
  return cases;
}

class CheckFixture : public ::testing::TestWithParam<Case> {};

Outcome Evaluate(const Check& check, testing::Fixture& fixture, KindSet& touched) {
  std::string error;
  const SubjectRef ref = fixture.Subject(check.subject, error);
  EXPECT_EQ(error, "");
  if (!error.empty()) return Outcome::Unknown(UnknownCause::kUnreadable, error);
  Context context(fixture.world(), fixture.now());
  const testing::PlainPeers peers(fixture.world());
  context.Among(&peers);
  score::Bind(context, ref, fixture.tier());
  context.AllowRoles(fixture.Get("allow") == "roles");
  Outcome outcome = score::RunCheck(check, context, fixture.world());
  touched = context.touched();
  return outcome;
}

TEST_P(CheckFixture, GivesTheOutcomeInItsName) {
  const Case& param = GetParam();
  const Check& check = *checks::FindCheck(param.check);
  testing::Fixture fixture = testing::Fixture::FromFile(param.path);
  ASSERT_EQ(fixture.error(), "") << param.path;
  KindSet touched;
  const Outcome outcome = Evaluate(check, fixture, touched);
  EXPECT_EQ(VerdictName(outcome.verdict), param.outcome) << param.path << "\nsays: " << outcome.message.view();
  for (const std::string& message : fixture.All("message"))
    EXPECT_THAT(outcome.message.str(), ::testing::HasSubstr(message)) << param.path;
  if (const std::string path = fixture.Get("path"); !path.empty()) EXPECT_EQ(outcome.path, path) << param.path;
  if (const std::string container = fixture.Get("container"); !container.empty())
    EXPECT_EQ(outcome.container.str(), container) << param.path;
  if (outcome.verdict != Verdict::kPass) EXPECT_FALSE(outcome.message.empty()) << param.path;
  EXPECT_FALSE(outcome.message.view().ends_with('.')) << outcome.message.view();

  // What a check reads decides when it is looked at again: an undeclared kind is a verdict that goes stale.
  KindSet declared = check.reads | check.needs;
  for (Kind kind : {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob, Kind::kReplicaSet}) {
    if (check.subject == SubjectType::kWorkload) declared.Add(kind);
  }
  if (check.subject == SubjectType::kNamespace) declared.Add(Kind::kNamespace);
  if (check.subject == SubjectType::kBudget) declared.Add(Kind::kPodDisruptionBudget);
  if (check.subject == SubjectType::kNode) declared.Add(Kind::kNode);
  for (const KindInfo& info : KindTable()) {
    if (touched.Has(info.kind))
      EXPECT_TRUE(declared.Has(info.kind)) << check.id << " reads " << info.name << " and does not declare it";
  }

  if (fixture.Get("patch") == "yes") {
    ASSERT_NE(check.patch, nullptr);
    std::string error;
    Context context(fixture.world(), fixture.now());
    score::Bind(context, fixture.Subject(check.subject, error), fixture.tier());
    context.Use(check, {});
    const std::string patch = check.patch(context);
    ASSERT_NE(patch, "") << param.path;
    testing::Fixture mended = fixture.Patched(check.subject, patch);
    ASSERT_EQ(mended.error(), "") << patch;
    const Outcome after = Evaluate(check, mended, touched);
    EXPECT_EQ(VerdictName(after.verdict), "pass")
        << param.path << "\npatch: " << patch << "\nsays: " << after.message.view();
  }
}

std::string NameOf(const ::testing::TestParamInfo<Case>& info) {
  std::string name = info.param.check + "_" + info.param.outcome + "_" + info.param.name;
  std::replace_if(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, CheckFixture, ::testing::ValuesIn(Cases()), NameOf);

}  // namespace
}  // namespace seaworthy
