// DecidedTable and DecidedList against plain values.
#include "score/decided.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace seaworthy::score {
namespace {

TEST(Decided, ListsHoldWhatTheyWereGivenAndTheTableForgetsTheRest) {
  constexpr std::size_t kSubjects = 60, kChecks = 20;
  std::mt19937 random(7);
  TextPool pool;
  DecidedTable table;
  {
    std::vector<DecidedList> lists;
    std::vector<std::vector<Decided>> plain(kSubjects, std::vector<Decided>(kChecks));
    for (std::size_t i = 0; i < kSubjects; ++i) lists.emplace_back(table).Reset(kChecks);
    for (int step = 0; step < 20'000; ++step) {
      const std::size_t subject = random() % kSubjects, check = random() % kChecks;
      Decided value;
      value.verdict = static_cast<Verdict>(random() % 4);
      value.last = static_cast<Verdict>(random() % 3);
      value.known = random() % 2 == 0;
      if (random() % 3 == 0) value.message = pool.Intern("message " + std::to_string(random() % 900));
      lists[subject].Set(check, value);
      plain[subject][check] = value;
      if (random() % 500 == 0) {
        lists[subject].Reset(kChecks);
        plain[subject].assign(kChecks, {});
      }
      if (random() % 700 == 0) {
        const std::size_t next = (subject + 1) % kSubjects;
        std::swap(lists[subject], lists[next]);
        std::swap(plain[subject], plain[next]);
      }
    }
    for (std::size_t i = 0; i < kSubjects; ++i) {
      for (std::size_t c = 0; c < kChecks; ++c) EXPECT_EQ(lists[i][c], plain[i][c]) << i << " " << c;
    }
    EXPECT_LE(table.size(), kSubjects * kChecks);
    EXPECT_GT(table.size(), 0U);
  }
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(pool.size(), 0U);
}

TEST(Decided, EqualValuesAreHeldOnce) {
  TextPool pool;
  DecidedTable table;
  Decided value;
  value.known = true;
  value.message = pool.Intern("said of many");
  const DecidedTable::Id id = table.Keep(value);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(table.Keep(value), id);
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.Keep(Decided{}), DecidedTable::kNothing);
  for (int i = 0; i < 1001; ++i) table.Drop(id);
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace seaworthy::score
