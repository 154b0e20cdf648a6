// Virtual time: a clock that moves when told, and an executor that runs on the caller's thread, in an order that
// depends on nothing but what was posted. For tests and the simulator; a run with the same seed is the same run.
//
// One ManualLoop per ManualClock, used as the executor of all stages: only one loop may decide how far time moves. Post
// and PostAfter are thread-safe (a test may drive real threads against it); the Run and Advance functions belong to one
// thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "seaworthy/clock.h"

namespace seaworthy::support {

// Thread-safe. Boot time and wall time move together, unless SetWall makes the wall clock jump.
class ManualClock : public Clock {
 public:
  // 2026-01-01T00:00:00Z, one hour after boot: a time that is not zero finds more bugs.
  static constexpr WallTime kDefaultWall = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  static constexpr MonoTime kDefaultNow = MonoTime(std::chrono::hours(1));

  explicit ManualClock(WallTime wall = kDefaultWall, MonoTime now = kDefaultNow);
  MonoTime Now() const override;
  WallTime Wall() const override;

  void Advance(Duration by);
  void SetWall(WallTime wall);

 private:
  std::atomic<std::int64_t> now_;        // ns since boot
  std::atomic<std::int64_t> wall_base_;  // ns since the epoch at boot
};

class ManualLoop : public Executor {
 public:
  explicit ManualLoop(ManualClock& clock) : clock_(clock) {}

  void Post(std::function<void()> fn) override;
  TimerId PostAfter(Duration delay, std::function<void()> fn) override;
  void Cancel(TimerId id) override;

  // Runs the next closure that is posted or due now; false when there is none. Posted ones come before timers, timers
  // by due time and then in the order of PostAfter.
  bool RunOne();
  // Runs until nothing is posted or due at the present time, and answers how many ran. Gives up after `limit`: closures
  // that post each other for ever are a bug to be shown, not a hang.
  static constexpr std::size_t kRunLimit = 10'000'000;
  std::size_t RunUntilIdle(std::size_t limit = kRunLimit);
  // Moves the clock to `time`, stopping at each timer on the way to run it and what it posts. Stays short of it when
  // RunUntilIdle gave up.
  void AdvanceTo(MonoTime time);
  void Advance(Duration by);
  // Moves the clock to the next timer and runs what is due then; false when there is none.
  bool AdvanceToNext();

  // When the next timer is due; MonoTime::max() when there is none.
  MonoTime next_due() const;
  std::size_t posted() const;
  std::size_t timers() const;

 private:
  using TimerKey = std::pair<MonoTime, TimerId>;

  ManualClock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  std::deque<std::function<void()>> posted_;
  std::map<TimerKey, std::function<void()>> timers_;
  std::unordered_map<TimerId, MonoTime> due_;
  TimerId next_id_ = 1;
};

}  // namespace seaworthy::support
