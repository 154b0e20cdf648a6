// List against std::vector: the same operations give the same items.
#include "seaworthy/list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "seaworthy/rare.h"
#include "seaworthy/shared.h"

namespace seaworthy {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

TEST(List, TakesEightBytes) { EXPECT_EQ(sizeof(List<std::string>), sizeof(void*)); }

TEST(List, DoesWhatAVectorDoes) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    List<std::string> list;
    std::vector<std::string> vector;
    for (int step = 0; step < 60; ++step) {
      const std::string item(random() % 40, static_cast<char>('a' + random() % 26));
      const std::size_t at = vector.empty() ? 0 : random() % vector.size();
      switch (random() % 10) {
        case 0:
        case 1:
        case 2:
          list.push_back(item);
          vector.push_back(item);
          break;
        case 3:
          list.insert(list.begin() + at, item);
          vector.insert(vector.begin() + static_cast<std::ptrdiff_t>(at), item);
          break;
        case 4:
          if (vector.empty()) break;
          list.erase(list.begin() + at);
          vector.erase(vector.begin() + static_cast<std::ptrdiff_t>(at));
          break;
        case 5: {
          const std::vector<std::string> more(random() % 4, item);
          list.insert(list.begin() + at, more.begin(), more.end());
          vector.insert(vector.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
          break;
        }
        case 6:
          EXPECT_EQ(erase_if(list, [](const std::string& one) { return one.size() > 30; }),
                    std::erase_if(vector, [](const std::string& one) { return one.size() > 30; }));
          break;
        case 7: {
          const std::size_t size = random() % 12;
          list.resize(size);
          vector.resize(size);
          break;
        }
        case 8: {
          List<std::string> copy = list;
          list.shrink_to_fit();
          EXPECT_EQ(list.capacity(), list.size());
          EXPECT_EQ(copy, list);
          list = std::move(copy);
          break;
        }
        default:
          if (vector.empty()) break;
          list.push_back(list[at]);  // one of its own, while it grows
          vector.push_back(vector[at]);
      }
      ASSERT_THAT(list, ElementsAreArray(vector));
      ASSERT_GE(list.capacity(), list.size());
    }
  }
}

TEST(List, HoldsWhatCannotBeCopied) {
  List<std::unique_ptr<int>> list;
  for (int i = 0; i < 9; ++i) list.push_back(std::make_unique<int>(i));
  list.erase(list.begin() + 1, list.begin() + 8);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(*list.front() + *list.back(), 8);
}

TEST(List, TakesAVectorsItemsAndGivesItsMemoryBack) {
  List<std::string> list = std::vector<std::string>{"a", "b"};
  EXPECT_THAT(list, ElementsAre("a", "b"));
  EXPECT_EQ(list.capacity(), 2U);
  list.clear();
  EXPECT_THAT(list, IsEmpty());
  EXPECT_EQ(list.capacity(), 0U);
}

TEST(Shared, IsAValueThatCopiesShare) {
  const Shared<std::string> none;
  EXPECT_TRUE(none.empty());
  EXPECT_TRUE(none->empty());
  Shared<std::string> one(std::string("one"));
  const Shared<std::string> other = one;
  EXPECT_EQ(&*one, &*other);
  EXPECT_FALSE(one.unique());
  one.edit() += "!";
  EXPECT_EQ(*one, "one!");
  EXPECT_EQ(*other, "one");
  EXPECT_TRUE(other.unique());
  EXPECT_EQ(other, Shared<std::string>(std::string("one")));
}

TEST(Rare, IsAnOptionalOfEightBytes) {
  EXPECT_EQ(sizeof(Rare<std::string>), sizeof(void*));
  Rare<std::string> rare;
  EXPECT_FALSE(rare);
  EXPECT_EQ(rare, Rare<std::string>(std::nullopt));
  rare.emplace("x");
  const Rare<std::string> copy = rare;
  rare->push_back('y');
  EXPECT_EQ(*rare, "xy");
  EXPECT_EQ(copy, Rare<std::string>(std::string("x")));
  rare.reset();
  EXPECT_FALSE(rare.has_value());
}

}  // namespace
}  // namespace seaworthy
