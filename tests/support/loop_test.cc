#include "support/loop.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "support/rng.h"

namespace seaworthy::support {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

// Runs `fn` on the loop and waits for it.
template <typename Fn>
void On(Loop& loop, Fn fn) {
  std::promise<void> done;
  loop.Post([&] {
    fn();
    done.set_value();
  });
  done.get_future().wait();
}

TEST(Loop, RunsWhatIsPostedInOrderOnItsThread) {
  Loop loop("test");
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) {
    loop.Post([&order, i] { order.push_back(i); });
  }
  bool on_loop = false;
  On(loop, [&] { on_loop = loop.OnLoop(); });
  EXPECT_TRUE(on_loop);
  EXPECT_FALSE(loop.OnLoop());
  ASSERT_EQ(order.size(), 1000U);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Loop, TakesPostsFromManyThreads) {
  Loop loop;
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        loop.Post([&] { ++count; });
        if (i % 100 == 0) loop.PostAfter(1us, [&] { ++count; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 500; ++i) {
    int seen = 0;
    On(loop, [&] { seen = count; });
    if (seen == 8080) break;
    std::this_thread::sleep_for(2ms);
  }
  On(loop, [&] { EXPECT_EQ(count, 8080); });
}

TEST(Loop, RunsTimersInTheOrderOfTheirTime) {
  Loop loop;
  SystemClock clock;
  std::vector<int> order;
  std::promise<void> done;
  const MonoTime begin = clock.Now();
  On(loop, [&] {
    loop.PostAfter(30ms, [&] { order.push_back(3); });
    loop.PostAfter(10ms, [&] { order.push_back(1); });
    loop.PostAfter(10ms, [&] { order.push_back(2); });
    loop.PostAfter(40ms, [&] { done.set_value(); });
    loop.PostAfter(-5s, [&] { order.push_back(0); });
  });
  done.get_future().wait();
  EXPECT_GE(clock.Now() - begin, Duration(40ms));
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
}

TEST(Loop, NeverRunsACancelledTimer) {
  Loop loop;
  bool ran = false;
  std::promise<void> done;
  On(loop, [&] {
    const Executor::TimerId first = loop.PostAfter(1ms, [&] { ran = true; });
    const Executor::TimerId due = loop.PostAfter(0ms, [&] { ran = true; });
    std::this_thread::sleep_for(3ms);  // both are due by now
    loop.Cancel(first);
    loop.Cancel(due);
    loop.Cancel(first);
    loop.Cancel(123456);
    loop.PostAfter(10ms, [&] { done.set_value(); });
  });
  done.get_future().wait();
  EXPECT_FALSE(ran);
}

TEST(Loop, LetsPostsAndTimersThroughWhenEitherFloods) {
  Loop loop;
  std::promise<void> timer, posted;
  std::function<void()> flood = [&] { loop.Post(flood); };
  loop.Post(flood);
  loop.PostAfter(1ms, [&] { timer.set_value(); });
  EXPECT_EQ(timer.get_future().wait_for(5s), std::future_status::ready);
  std::function<void()> timers = [&] { loop.PostAfter(0ms, timers); };
  loop.PostAfter(0ms, timers);
  loop.Post([&] { posted.set_value(); });
  EXPECT_EQ(posted.get_future().wait_for(5s), std::future_status::ready);
  loop.Stop();
  loop.Join();
}

TEST(Loop, DropsWhatDidNotRunWhenItStops) {
  auto held = std::make_shared<int>(1);
  {
    Loop loop;
    loop.PostAfter(1h, [held] {});
    loop.Post([&loop, held] {
      loop.Post([held] { ADD_FAILURE(); });
      loop.Stop();
    });
    loop.Join();
    loop.Post([held] { ADD_FAILURE(); });
    loop.PostAfter(0ms, [held] { ADD_FAILURE(); });
    EXPECT_EQ(held.use_count(), 1);
  }
}

TEST(Loop, SleepsWhileIdle) {
  Loop loop;
  On(loop, [&] { loop.PostAfter(1h, [] {}); });
  rusage before = {}, after = {};
  std::this_thread::sleep_for(20ms);
  long switches = 0;
  On(loop, [&] { getrusage(RUSAGE_THREAD, &before); });
  std::this_thread::sleep_for(200ms);
  On(loop, [&] {
    getrusage(RUSAGE_THREAD, &after);
    switches = after.ru_nvcsw - before.ru_nvcsw;
  });
  EXPECT_LE(switches, 3);
}

TEST(Loop, ShowsSinceWhenAClosureHangs) {
  Loop loop;
  SystemClock clock;
  On(loop, [] {});
  std::this_thread::sleep_for(30ms);
  EXPECT_LT(clock.Now() - loop.last_tick(), Duration(25ms));  // idle is alive
  std::promise<void> started, release;
  loop.Post([&] {
    started.set_value();
    release.get_future().wait();
  });
  started.get_future().wait();
  std::this_thread::sleep_for(30ms);
  EXPECT_GE(clock.Now() - loop.last_tick(), Duration(30ms));
  release.set_value();
  On(loop, [] {});
}

TEST(SystemClock, MovesForward) {
  SystemClock clock;
  const MonoTime first = clock.Now();
  EXPECT_GE(clock.Now(), first);
  EXPECT_GT(clock.Wall(), std::chrono::sys_days(std::chrono::year(2024) / 1 / 1));
}

TEST(Rng, IsTheSameForTheSameSeed) {
  SeededRng a(1), b(1), c(2);
  const std::uint64_t first = a.Next();
  EXPECT_EQ(first, b.Next());
  EXPECT_NE(first, c.Next());
  EXPECT_EQ(SeededRng(0).Next(), 11091344671253066420ULL);  // on every machine
  for (int i = 0; i < 1000; ++i) {
    const double unit = a.Unit();
    EXPECT_GE(unit, 0);
    EXPECT_LT(unit, 1);
  }
}

TEST(Rng, IsSeededByTheKernel) {
  std::set<std::uint64_t> values;
  for (int i = 0; i < 10; ++i) values.insert(SystemRng().Next());
  EXPECT_EQ(values.size(), 10U);
}

}  // namespace
}  // namespace seaworthy::support
