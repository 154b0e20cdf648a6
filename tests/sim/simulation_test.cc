// Seeds of every scenario: a minute of them in `./dev test`, as many as one likes by `./dev sim`.
#include "sim/simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace seaworthy::sim {
namespace {

class Simulated : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Simulated, EndsAsItShould) {
  const Scenario& scenario = Scenarios()[GetParam()];
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Outcome outcome = RunSeed(scenario, seed);
    EXPECT_TRUE(outcome.problems.empty()) << "./dev sim --scenario " << scenario.name << " --seed " << seed << ": "
                                          << outcome.problems.size() << " problems, the first:\n"
                                          << outcome.problems.front();
    EXPECT_GT(outcome.writes, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Simulated, ::testing::Range(std::size_t{0}, Scenarios().size()),
                         [](const auto& one) { return std::string(Scenarios()[one.param].name); });

TEST(Simulation, TheSameSeedIsTheSameRun) {
  const Scenario& scenario = Scenarios().back();
  const Outcome first = RunSeed(scenario, 7), second = RunSeed(scenario, 7);
  EXPECT_EQ(first.requests, second.requests);
  EXPECT_EQ(first.writes, second.writes);
}

}  // namespace
}  // namespace seaworthy::sim
