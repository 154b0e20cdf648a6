#include "wiring/kept_reports.h"

#include <gtest/gtest.h>

#include <string>

namespace seaworthy::wiring {
namespace {

class KeptReportsTest : public ::testing::Test {
 protected:
  AuditObject Audit(Kind kind, std::string_view ns, std::string_view name, std::string evidence) {
    AuditObject audit(kind);
    audit.meta.namespace_ = pool_.Intern(ns);
    audit.meta.name = pool_.Intern(name);
    audit.evidence = std::move(evidence);
    return audit;
  }

  TextPool pool_;
  KeptReports kept_;
};

TEST_F(KeptReportsTest, GiveBackWhatARestartReads) {
  AuditObject audit = Audit(Kind::kWorkloadAudit, "shop", "deployment-web", R"({"changed":7})");
  OwnerRef owner;
  owner.uid = Uid::Parse("8c5af6cd-181a-4000-8000-f6cd181a68d3");
  audit.meta.owners.push_back(owner);
  audit.passed = pool_.Intern("image-tag,replicas");
  audit.findings.push_back({pool_.Intern("cpu-request"), Text(), pool_.Intern("fail"), Timestamp{1'700'000'000}});
  audit.transitions.push_back({pool_.Intern("image-tag"), pool_.Intern("fail"), pool_.Intern("pass"),
                               pool_.Intern("workload"), pool_.Intern("kubectl"), 4, Timestamp{1'700'000'001}});
  kept_.Put(audit);
  const auto found = kept_.Find(Kind::kWorkloadAudit, "shop", "deployment-web", pool_);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->evidence, audit.evidence);
  EXPECT_EQ(found->passed, audit.passed);
  EXPECT_EQ(found->findings, audit.findings);
  EXPECT_EQ(found->transitions, audit.transitions);
  ASSERT_EQ(found->meta.owners.size(), 1u);
  EXPECT_EQ(found->meta.owners.front().uid, owner.uid);
}

TEST_F(KeptReportsTest, TheNewestOfANameCounts) {
  kept_.Put(Audit(Kind::kWorkloadAudit, "shop", "a", "1"));
  kept_.Put(Audit(Kind::kWorkloadAudit, "shop", "b", "2"));
  EXPECT_EQ(kept_.Find(Kind::kWorkloadAudit, "shop", "a", pool_)->evidence, "1");
  kept_.Put(Audit(Kind::kWorkloadAudit, "shop", "a", "3"));
  kept_.Remove(Kind::kWorkloadAudit, "shop", "b");
  EXPECT_EQ(kept_.Find(Kind::kWorkloadAudit, "shop", "a", pool_)->evidence, "3");
  EXPECT_EQ(kept_.Find(Kind::kWorkloadAudit, "shop", "b", pool_), nullptr);
  EXPECT_EQ(kept_.Find(Kind::kWorkloadAudit, "blog", "a", pool_), nullptr);
  EXPECT_EQ(kept_.Find(Kind::kNamespaceAudit, "shop", "a", pool_), nullptr);
}

TEST_F(KeptReportsTest, ManyAreManyBlocksAndAllOfThemGo) {
  const std::size_t empty = kept_.resident_bytes();
  for (int i = 0; i < 3000; ++i)
    kept_.Put(Audit(Kind::kWorkloadAudit, "shop", std::to_string(i), std::string(1000, 'x') + std::to_string(i)));
  kept_.Put(Audit(Kind::kWorkloadAudit, "shop", "large", std::string(3'000'000, 'y')));
  for (const int i : {0, 1, 1500, 2999})
    EXPECT_TRUE(kept_.Find(Kind::kWorkloadAudit, "shop", std::to_string(i), pool_)
                    ->evidence.ends_with("x" + std::to_string(i)));
  EXPECT_EQ(kept_.Find(Kind::kWorkloadAudit, "shop", "large", pool_)->evidence.size(), 3'000'000u);
  EXPECT_GT(kept_.resident_bytes(), empty + 6'000'000);
  kept_.Clear(Kind::kWorkloadAudit);
  EXPECT_EQ(kept_.Find(Kind::kWorkloadAudit, "shop", "1", pool_), nullptr);
  EXPECT_EQ(kept_.resident_bytes(), empty);
}

}  // namespace
}  // namespace seaworthy::wiring
