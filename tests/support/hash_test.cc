#include "support/hash.h"

#include <gmock/gmock.h>

#include <bit>
#include <set>
#include <string>

namespace seaworthy::support {
namespace {

TEST(Hash, IsTheSameOnEveryMachine) {
  // Written down from the first version: stored hashes depend on them.
  constexpr std::uint64_t kEmptyHash = 4215689497018679927ULL, kOneHash = 11683930280487825660ULL,
                          kLongHash = 11659616925452315397ULL;
  constexpr std::uint64_t kWideHigh = 13036812736294833361ULL, kWideLow = 12427197635955879671ULL;
  EXPECT_EQ(Hash64(""), kEmptyHash);
  EXPECT_EQ(Hash64("a"), kOneHash);
  EXPECT_EQ(Hash64("kube-system/Deployment/coredns"), kLongHash);
  EXPECT_EQ(WideHash("web").high, kWideHigh);
  EXPECT_EQ(WideHash("web").low, kWideLow);
}

TEST(Hash, DiffersForEveryLengthAndEveryByte) {
  std::set<std::uint64_t> seen;
  std::string text;
  for (int size = 0; size < 200; ++size) {
    seen.insert(Hash64(text));
    text += '\0';
  }
  EXPECT_EQ(seen.size(), 200U);
  for (std::size_t size : {1U, 3U, 4U, 7U, 8U, 15U, 16U, 17U, 31U, 32U, 33U, 64U, 100U}) {
    const std::string base(size, 'x');
    for (std::size_t at = 0; at < size; ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string other = base;
        other[at] = static_cast<char>(other[at] ^ 1 << bit);
        seen.insert(Hash64(other));
      }
    }
  }
  EXPECT_EQ(seen.size(), 200U + 8U * (1 + 3 + 4 + 7 + 8 + 15 + 16 + 17 + 31 + 32 + 33 + 64 + 100));
}

TEST(Hash, ChangesHalfOfItsBits) {
  double changed = 0;
  int pairs = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string a = "name-" + std::to_string(i), b = "name-" + std::to_string(i + 1);
    changed += std::popcount(Hash64(a) ^ Hash64(b));
    ++pairs;
  }
  EXPECT_NEAR(changed / pairs, 32, 0.5);
}

TEST(Hash, HasNoCollisionsAmongNames) {
  std::set<std::uint64_t> seen, low;
  for (int i = 0; i < 200'000; ++i) {
    seen.insert(Hash64("ns-" + std::to_string(i % 100) + "/pod-" + std::to_string(i)));
    low.insert(Hash64(std::to_string(i)) & 0xffffffff);
  }
  EXPECT_EQ(seen.size(), 200'000U);
  EXPECT_GT(low.size(), 199'980U);  // about 5 are expected to meet by chance
}

TEST(Hash, DependsOnTheSeedAndTheOrder) {
  EXPECT_NE(Hash64("a", 1), Hash64("a", 2));
  EXPECT_NE(CombineHash(1, 2), CombineHash(2, 1));
  EXPECT_NE(CombineHash(0, 0), 0U);
  EXPECT_NE(WideHash("a").high, WideHash("a").low);
}

}  // namespace
}  // namespace seaworthy::support
