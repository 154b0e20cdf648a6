#include "cache/shared_table.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace seaworthy::cache {
namespace {

support::Hash128 Key(std::uint64_t number) { return {number, ~number}; }

TEST(SharedTable, KeepsTheFirstOfAKey) {
  SharedTable<std::string> table;
  EXPECT_FALSE(table.Find(Key(1)));
  const Shared<std::string> first = table.Insert(Key(1), std::string("a"));
  EXPECT_EQ(&*table.Insert(Key(1), std::string("a")), &*first);
  EXPECT_EQ(&**table.Find(Key(1)), &*first);
}

TEST(SharedTable, DropsWhatNobodyHasAnyMore) {
  SharedTable<std::string> table;
  std::vector<Shared<std::string>> held;
  for (std::uint64_t i = 0; i < 100; ++i) held.push_back(table.Insert(Key(i), std::to_string(i)));
  for (std::uint64_t i = 100; i < 10'000; ++i) table.Insert(Key(i), std::to_string(i));
  EXPECT_LE(table.size(), 300U);
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(&**table.Find(Key(i)), &*held[i]);
}

TEST(SharedTable, IsUsedByManyThreadsAtOnce) {
  SharedTable<std::string> table;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&table] {
      for (std::uint64_t i = 0; i < 4000; ++i) {
        const Shared<std::string> one = table.Insert(Key(i % 700), std::to_string(i % 700));
        EXPECT_EQ(*one, std::to_string(i % 700));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace seaworthy::cache
