// Each statement of the article is covered by a check, and who says so (statements.tsv) names checks that are there.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "checks/all_checks.h"

namespace seaworthy {
namespace {

struct Statement {
  std::string text;
  std::vector<std::string> checks;
};

std::vector<Statement> Statements() {
  std::ifstream file(std::string(SEAWORTHY_SOURCE_DIR) + "/tests/repo/statements.tsv");
  std::vector<Statement> statements;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    Statement statement;
    const std::size_t tab = line.find('\t');
    statement.text = line.substr(0, tab);
    std::istringstream ids(tab == std::string::npos ? std::string() : line.substr(tab + 1));
    for (std::string id; ids >> id;) statement.checks.push_back(id);
    statements.push_back(std::move(statement));
  }
  return statements;
}

TEST(Statements, EachOfTheArticleIsCoveredByChecksThatExist) {
  std::set<std::string_view> known;
  for (const Check* check : checks::AllChecks()) known.insert(check->id);
  const std::vector<Statement> statements = Statements();
  EXPECT_EQ(statements.size(), 32U);
  for (const Statement& statement : statements) {
    EXPECT_FALSE(statement.checks.empty()) << statement.text;
    for (const std::string& id : statement.checks)
      EXPECT_TRUE(known.contains(id)) << statement.text << ": there is no check " << id;
  }
}

// Beyond the article's statements stand only these: what Kubernetes has grown since, and what follows from a statement
// without being one.
TEST(Statements, WhatCoversNoneIsKnown) {
  std::set<std::string> covering{"service-matches",
                                 "service-selector-exact",
                                 "stateful-service",             // a Service that reaches its pods
                                 "memory-request-equals-limit",  // limits, refined
                                 "ingress-tls",
                                 "certificate-valid",
                                 "claim-retention",  // traffic and data
                                 "deprecated-api",
                                 "kubernetes-supported",
                                 "webhook-safe",
                                 "progress-deadline",
                                 "runbook",  // upgrades, rollouts, alerts
                                 "cron-last-success",
                                 "cron-deadline",
                                 "cron-concurrency",
                                 "cron-limits",
                                 "cron-history",  // workloads that the article does not name
                                 "node-version-skew",
                                 "control-plane-redundant",
                                 "cluster-dns",
                                 "api-services-available",
                                 "control-plane-version"};  // the cluster beneath
  for (const Statement& statement : Statements()) covering.insert(statement.checks.begin(), statement.checks.end());
  for (const Check* check : checks::AllChecks())
    EXPECT_TRUE(covering.contains(std::string(check->id))) << check->id << " is in no statement";
}

}  // namespace
}  // namespace seaworthy
