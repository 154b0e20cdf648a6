#include "support/manual_loop.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace seaworthy::support {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

TEST(ManualLoop, RunsPostedClosuresInOrder) {
  ManualClock clock;
  ManualLoop loop(clock);
  std::vector<int> order;
  loop.Post([&] {
    order.push_back(1);
    loop.Post([&] { order.push_back(3); });
  });
  loop.Post([&] { order.push_back(2); });
  EXPECT_EQ(loop.posted(), 2U);
  EXPECT_EQ(loop.RunUntilIdle(), 3U);
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(ManualLoop, RunsTimersAtTheirTimeOnly) {
  ManualClock clock;
  ManualLoop loop(clock);
  const MonoTime begin = clock.Now();
  std::vector<std::string> log;
  const auto note = [&](const char* name) { log.push_back(name + std::to_string((clock.Now() - begin) / 1s)); };
  loop.PostAfter(10s, [&] { note("b"); });
  loop.PostAfter(5s, [&] {
    note("a");
    loop.Post([&] { note("posted"); });
    loop.PostAfter(2s, [&] { note("nested"); });
  });
  loop.PostAfter(10s, [&] { note("c"); });
  loop.PostAfter(0s, [&] { note("now"); });
  loop.PostAfter(-3s, [&] { note("past"); });
  loop.RunUntilIdle();
  EXPECT_THAT(log, ElementsAre("now0", "past0"));
  loop.AdvanceTo(begin + 7s);
  EXPECT_THAT(log, ElementsAre("now0", "past0", "a5", "posted5", "nested7"));
  EXPECT_EQ(clock.Now(), begin + 7s);
  EXPECT_EQ(loop.next_due(), begin + 10s);
  EXPECT_TRUE(loop.AdvanceToNext());
  EXPECT_EQ(log.back(), "c10");
  EXPECT_FALSE(loop.AdvanceToNext());
  EXPECT_EQ(loop.next_due(), MonoTime::max());
  loop.Advance(5s);
  EXPECT_EQ(clock.Now(), begin + 15s);
}

TEST(ManualLoop, NeverRunsACancelledTimer) {
  ManualClock clock;
  ManualLoop loop(clock);
  bool ran = false;
  const Executor::TimerId id = loop.PostAfter(1s, [&] { ran = true; });
  loop.PostAfter(1s, [&] { loop.Cancel(id + 2); });
  loop.PostAfter(1s, [&] { ran = true; });
  loop.Cancel(id);
  loop.Cancel(id);
  loop.Cancel(99);
  EXPECT_EQ(loop.timers(), 2U);
  loop.Advance(2s);
  EXPECT_FALSE(ran);
}

TEST(ManualLoop, GivesUpOnClosuresThatPostForEver) {
  ManualClock clock;
  ManualLoop loop(clock);
  std::function<void()> again = [&] { loop.Post(again); };
  loop.Post(again);
  EXPECT_EQ(loop.RunUntilIdle(1000), 1000U);
}

TEST(ManualClock, MovesBothTimesTogetherUntilTheWallClockJumps) {
  ManualClock clock;
  EXPECT_EQ(clock.Wall(), WallTime(ManualClock::kDefaultWall));
  clock.Advance(90s);
  EXPECT_EQ(clock.Wall(), ManualClock::kDefaultWall + 90s);
  const MonoTime now = clock.Now();
  clock.SetWall(ManualClock::kDefaultWall - 1h);
  EXPECT_EQ(clock.Now(), now);
  EXPECT_EQ(clock.Wall(), ManualClock::kDefaultWall - 1h);
  clock.Advance(1s);
  EXPECT_EQ(clock.Wall(), ManualClock::kDefaultWall - 1h + 1s);
}

}  // namespace
}  // namespace seaworthy::support
