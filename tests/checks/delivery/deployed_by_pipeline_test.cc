// What the fixtures cannot say: the severity of drift, and the policy's own manager names.
#include <gtest/gtest.h>

#include <string>

#include "checks/all_checks.h"
#include "checks/delivery/managers.h"
#include "score/run_check.h"
#include "testing/fixture.h"

namespace seaworthy::checks {
namespace {

Outcome Judge(const std::string& name, const ManagerNames* policy = nullptr) {
  testing::Fixture fixture = testing::Fixture::FromFile(
      std::string(SEAWORTHY_SOURCE_DIR) + "/tests/checks/delivery/deployed-by-pipeline/" + name + ".yaml");
  std::string error = fixture.error();
  Context context(fixture.world(), fixture.now());
  const SubjectRef subject = fixture.Subject(SubjectType::kWorkload, error);
  EXPECT_EQ(error, "");
  score::Bind(context, subject, Tier::kStandard);
  context.UseManagers(policy);
  return score::RunCheck(kDeployedByPipeline, context, fixture.world());
}

TEST(DeployedByPipeline, DriftIsOfHighSeverity) {
  EXPECT_EQ(Judge("fail.kubectl_patch_over_helm_is_drift").severity, Severity::kHigh);
  EXPECT_EQ(Judge("warn.server_side_apply_over_helm_is_drift").severity, Severity::kHigh);
  EXPECT_EQ(Judge("fail.kubectl_edit").severity, std::nullopt);
}

TEST(DeployedByPipeline, BelievesThePolicysNames) {
  const ManagerNames policy{.pipeline = {"my-deployer", "kubectl-client-side-apply"}, .interactive = {"helm"}};
  EXPECT_EQ(Judge("unknown.manager_on_no_list", &policy).verdict, Verdict::kPass);
  EXPECT_EQ(Judge("warn.plain_apply", &policy).verdict, Verdict::kPass);
  EXPECT_EQ(Judge("pass.helm_released_again", &policy).verdict, Verdict::kFail);
}

TEST(DeployedByPipeline, HoldsSinceTheChange) { EXPECT_TRUE(Judge("fail.kubectl_edit").since.set()); }

TEST(KindOfManager, TakesPrefixesOnlyWhereTheyAreMeant) {
  EXPECT_EQ(KindOfManager("pulumi-kubernetes-31df3088", nullptr), ManagerKind::kPipeline);
  EXPECT_EQ(KindOfManager("helm-diff-of-mine", nullptr), ManagerKind::kUnlisted);
  EXPECT_EQ(KindOfManager("", nullptr), ManagerKind::kUnlisted);
}

}  // namespace
}  // namespace seaworthy::checks
