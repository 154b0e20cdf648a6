#include "api/backoff.h"

#include <gtest/gtest.h>

#include "api/testing/real_loop.h"

namespace seaworthy::api {
namespace {

using namespace std::chrono_literals;
using testing::TestRng;

TEST(Backoff, DoublesFrom800MsTo30SecondsWithFullJitterAndNeverEnds) {
  TestRng rng;
  Backoff backoff;
  MonoTime now;
  Duration step = 800ms;
  for (int i = 0; i < 10'000; ++i) {
    const Duration wait = backoff.Next(now, rng);
    ASSERT_GE(wait, step) << i;
    ASSERT_LT(wait, 2 * step) << i;
    now += wait;
    step = std::min<Duration>(2 * step, 30s);
  }
}

TEST(Backoff, BeginsAgainAfterTwoMinutesOfHealth) {
  TestRng rng;
  Backoff backoff;
  MonoTime now;
  for (int i = 0; i < 10; ++i) now += backoff.Next(now, rng);
  EXPECT_GE(backoff.Next(now + 119s, rng), 30s);
  now += 119s;
  EXPECT_LT(backoff.Next(now + 60s + 2min, rng), 1600ms);
}

TEST(Backoff, WaitsAtLeastAsLongAsTheServerAsks) {
  TestRng rng;
  bool spread = false;
  for (int i = 0; i < 100; ++i) {
    Backoff backoff;
    const Duration wait = backoff.Next(MonoTime(), rng, 7s);
    EXPECT_GE(wait, 7s);
    EXPECT_LE(wait, 8400ms);
    spread = spread || wait > 7500ms;
  }
  EXPECT_TRUE(spread);
  // Its own wait counts when that is longer.
  Backoff backoff;
  MonoTime now;
  for (int i = 0; i < 10; ++i) now += backoff.Next(now, rng);
  EXPECT_GE(backoff.Next(now, rng, 1s), 30s);
}

}  // namespace
}  // namespace seaworthy::api
