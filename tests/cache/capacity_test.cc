#include "cache/capacity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace seaworthy::cache {
namespace {

class CapacityTest : public ::testing::Test {
 protected:
  std::unique_ptr<const Capacity> Of(std::vector<std::pair<const char*, std::string>> annotations) {
    std::vector<KeyValue> pairs;
    for (const auto& [key, value] : annotations)
      pairs.push_back({pool_.Intern("seaworthy.dev/" + std::string(key)), pool_.Intern(value)});
    return CapacityOf(Labels(std::move(pairs)), pool_);
  }
  TextPool pool_;
};

TEST_F(CapacityTest, OfNoneOfTheseAnnotationsIsNone) {
  EXPECT_EQ(Of({}), nullptr);
  EXPECT_EQ(Of({{"tier", "critical"}}), nullptr);
}

TEST_F(CapacityTest, ReadsCountsAndQuantities) {
  const auto capacity = Of({{"expected-concurrency", " 500 "},
                            {"worker-slots", "100"},
                            {"memory-per-slot", "8Mi"},
                            {"base-memory", "64M"},
                            {"max-connections", "0"},
                            {"expected-data-size", "1.5Gi"}});
  ASSERT_NE(capacity, nullptr);
  EXPECT_EQ(*capacity->expected_concurrency, 500);
  EXPECT_EQ(*capacity->worker_slots, 100);
  EXPECT_EQ(*capacity->memory_per_slot, 8 << 20);
  EXPECT_EQ(*capacity->base_memory, 64'000'000);
  EXPECT_EQ(*capacity->max_connections, 0);
  EXPECT_EQ(*capacity->expected_data, 3LL << 29);
  EXPECT_TRUE(capacity->unreadable.empty());
}

TEST_F(CapacityTest, ReadsDependencies) {
  const auto capacity = Of({{"depends-on", "statefulset/db=20, data/Cluster/orders=5;Kafka/main = 3"}});
  ASSERT_EQ(capacity->depends_on.size(), 3u);
  EXPECT_EQ(capacity->depends_on[0].kind, "StatefulSet");
  EXPECT_TRUE(capacity->depends_on[0].namespace_.empty());
  EXPECT_EQ(capacity->depends_on[0].name, "db");
  EXPECT_EQ(capacity->depends_on[0].connections, 20);
  EXPECT_EQ(capacity->depends_on[1].namespace_, "data");
  EXPECT_EQ(capacity->depends_on[1].name, "orders");
  EXPECT_EQ(capacity->depends_on[2].kind, "Kafka");
  EXPECT_EQ(capacity->depends_on[2].connections, 3);
}

TEST_F(CapacityTest, NamesWhatItCannotRead) {
  for (const char* bad : {"", "-1", "5 per pod", "1e3", "99999999999", "many"})
    EXPECT_EQ(Of({{"worker-slots", bad}})->unreadable.size(), 1u) << bad;
  for (const char* bad : {"", "-1Mi", "8 MB", "9Ei", "x"})
    EXPECT_EQ(Of({{"memory-per-slot", bad}})->unreadable.size(), 1u) << bad;
  for (const char* bad : {"db=20", "StatefulSet/db", "a/b/c/d=1", "StatefulSet/=1", "/db=1", "/StatefulSet/db=1",
                          "StatefulSet/db=x", "StatefulSet/db=20,rest"})
    EXPECT_EQ(Of({{"depends-on", bad}})->unreadable.size(), 1u) << bad;
  EXPECT_TRUE(Of({{"depends-on", ""}})->depends_on.empty());
}

TEST_F(CapacityTest, WhatWasCutOnTheWayInIsNotRead) {
  std::string many;
  while (many.size() < 512) many += "Deployment/a-rather-long-name=1,";
  const auto capacity = Of({{"depends-on", many.substr(0, 512)}});
  EXPECT_EQ(capacity->unreadable.size(), 1u);
}

}  // namespace
}  // namespace seaworthy::cache
