#include "seaworthy/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace seaworthy {
namespace {

TEST(Text, OfEqualCharactersIsHeldOnce) {
  TextPool pool;
  const Text a = pool.Intern("web"), b = pool.Intern(std::string("we") + "b");
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.view().data(), b.view().data());
  EXPECT_EQ(pool.size(), 1u);
  EXPECT_NE(a, pool.Intern("api"));
}

TEST(Text, OfNothingTakesNothing) {
  TextPool pool;
  EXPECT_TRUE(pool.Intern("").empty());
  EXPECT_EQ(pool.Intern(""), Text());
  EXPECT_EQ(pool.size(), 0u);
  EXPECT_EQ(Text().view(), "");
}

TEST(Text, GoesWithItsLastHolder) {
  TextPool pool;
  const std::size_t before = pool.resident_bytes();
  {
    Text a = pool.Intern("web");
    const Text b = a;
    a = Text();
    EXPECT_EQ(b, "web");
    EXPECT_EQ(pool.size(), 1u);
    Text c = std::move(a);
    EXPECT_TRUE(c.empty());
    c = b;
    c = *&c;  // to itself
    EXPECT_EQ(c, "web");
  }
  EXPECT_EQ(pool.size(), 0u);
  EXPECT_EQ(pool.resident_bytes(), before);
}

TEST(Text, OfTwoPoolsComparesByCharacters) {
  TextPool one, two;
  EXPECT_EQ(one.Intern("web"), two.Intern("web"));
  EXPECT_NE(one.Intern("web"), two.Intern("api"));
  EXPECT_EQ(std::hash<Text>()(one.Intern("web")), std::hash<Text>()(two.Intern("web")));
}

TEST(Text, SortsAlphabetically) {
  TextPool pool;
  std::vector<Text> texts = {pool.Intern("b"), pool.Intern("ab"), Text(), pool.Intern("a")};
  std::sort(texts.begin(), texts.end());
  EXPECT_TRUE(texts[0].empty());
  EXPECT_EQ(texts[1], "a");
  EXPECT_EQ(texts[2], "ab");
  EXPECT_EQ(texts[3], "b");
}

TEST(Text, HoldsAnyBytes) {
  TextPool pool;
  const std::string bytes("a\0b\xff", 4);
  EXPECT_EQ(pool.Intern(bytes).str(), bytes);
  EXPECT_NE(pool.Intern(bytes), pool.Intern(std::string("a\0c", 3)));
}

// Two threads intern and drop the same few texts as fast as they can: the moment between the last release and the
// removal from the table is where an interned text could be freed under its new holder. Under tsan and asan this is the
// proof.
TEST(Text, MayBeSharedBetweenThreads) {
  TextPool pool;
  const std::vector<std::string> names = {"web", "api", "db", "a name that is longer than a small string would be"};
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::vector<Text> held(3);
      for (std::size_t i = 0; i < 20'000; ++i) {
        const std::string& name = names[(i * 7 + static_cast<std::size_t>(t)) % names.size()];
        Text text = pool.Intern(name);
        if (text != name) ++wrong;
        held[i % held.size()] = i % 5 == 0 ? Text() : text;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(pool.size(), 0u);
}

TEST(Text, CopiesMayGoOnOtherThreadsThanTheyCameFrom) {
  TextPool pool;
  for (int round = 0; round < 200; ++round) {
    std::vector<Text> batch;
    for (int i = 0; i < 50; ++i) batch.push_back(pool.Intern(std::to_string(i % 7)));
    std::thread other([batch = std::move(batch)]() mutable { batch.clear(); });
    for (int i = 0; i < 50; ++i) ASSERT_EQ(pool.Intern(std::to_string(i % 7)), std::to_string(i % 7));
    other.join();
  }
  EXPECT_EQ(pool.size(), 0u);
}

}  // namespace
}  // namespace seaworthy
