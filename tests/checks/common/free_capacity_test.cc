#include "checks/common/free_capacity.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

namespace seaworthy::checks {
namespace {

Amounts Of(std::int64_t cpu, std::int64_t memory, std::int64_t pods = 1) {
  Amounts amounts;
  amounts.cpu = cpu;
  amounts.memory = memory;
  amounts.pods = pods;
  return amounts;
}

FreeCapacity Build(std::vector<Amounts> free) {
  FreeCapacity capacity;
  const std::vector<std::uint32_t> one_group(free.size(), 0);
  capacity.Build(std::move(free), one_group, 1);
  return capacity;
}

TEST(FreeCapacity, ADemandOfNothingFitsAnOvercommittedNodeButNotARemovedOne) {
  FreeCapacity capacity = Build({Of(-100, -100, 3)});
  std::int64_t work = 0;
  EXPECT_EQ(capacity.FindFirst(0, Of(0, 0), work), 0u);
  EXPECT_EQ(capacity.FindFirst(0, Of(1, 0), work), FreeCapacity::kNoNode);
  capacity.Remove(0);
  EXPECT_EQ(capacity.FindFirst(0, Of(0, 0), work), FreeCapacity::kNoNode);
  capacity.Restore(0);
  EXPECT_EQ(capacity.FindFirst(0, Of(0, 0), work), 0u);
}

TEST(FreeCapacity, CountsPodsAndExtendedResources) {
  Amounts gpu = Of(4, 4, 2);
  gpu.extended = {{0, 1}};
  Amounts plain = Of(8, 8, 2);
  plain.extended = {{0, 0}};
  FreeCapacity capacity = Build({plain, gpu});
  Amounts wanted = Of(1, 1);
  wanted.extended = {{0, 1}};
  std::int64_t work = 0;
  ASSERT_EQ(capacity.FindFirst(0, wanted, work), 1u);
  capacity.Take(1, wanted);
  EXPECT_EQ(capacity.FindFirst(0, wanted, work), FreeCapacity::kNoNode);
  capacity.Return(1, wanted);
  EXPECT_EQ(capacity.FindFirst(0, wanted, work), 1u);
}

// Finds a node exactly when looking at each of them would.
TEST(FreeCapacity, AgreesWithLookingAtEveryNode) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    const std::size_t nodes = 1 + random() % 40;
    std::vector<Amounts> free;
    for (std::size_t n = 0; n < nodes; ++n) free.push_back(Of(random() % 10, random() % 10, random() % 4));
    FreeCapacity capacity = Build(free);
    for (int step = 0; step < 50; ++step) {
      const Amounts demand = Of(random() % 6, random() % 6);
      std::int64_t work = 0;
      const std::uint32_t found = capacity.FindFirst(0, demand, work);
      bool any = false;
      for (std::uint32_t n = 0; n < nodes; ++n) any |= capacity.Fits(n, demand);
      ASSERT_EQ(found != FreeCapacity::kNoNode, any);
      if (!any) continue;
      ASSERT_TRUE(capacity.Fits(found, demand));
      capacity.Take(found, demand);
    }
  }
}

}  // namespace
}  // namespace seaworthy::checks
