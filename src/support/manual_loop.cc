#include "support/manual_loop.h"

#include <algorithm>

namespace seaworthy::support {
namespace {

std::int64_t Nanoseconds(WallTime time) { return std::chrono::nanoseconds(time.time_since_epoch()).count(); }

}  // namespace

ManualClock::ManualClock(WallTime wall, MonoTime now)
    : now_(now.time_since_epoch().count()), wall_base_(Nanoseconds(wall) - now.time_since_epoch().count()) {}

MonoTime ManualClock::Now() const { return MonoTime(Duration(now_.load())); }

WallTime ManualClock::Wall() const {
  return WallTime(std::chrono::floor<std::chrono::milliseconds>(Duration(wall_base_.load() + now_.load())));
}

void ManualClock::Advance(Duration by) { now_ += by.count(); }

void ManualClock::SetWall(WallTime wall) { wall_base_ = Nanoseconds(wall) - now_.load(); }

void ManualLoop::Post(std::function<void()> fn) {
  const std::lock_guard lock(mutex_);
  posted_.push_back(std::move(fn));
}

Executor::TimerId ManualLoop::PostAfter(Duration delay, std::function<void()> fn) {
  const std::lock_guard lock(mutex_);
  const TimerId id = next_id_++;
  const MonoTime due = clock_.Now() + std::max(delay, Duration::zero());
  timers_.emplace(TimerKey(due, id), std::move(fn));
  due_.emplace(id, due);
  return id;
}

void ManualLoop::Cancel(TimerId id) {
  std::function<void()> dropped;  // destroyed without the lock: what it holds may post
  const std::lock_guard lock(mutex_);
  const auto found = due_.find(id);
  if (found == due_.end()) return;
  const auto timer = timers_.find(TimerKey(found->second, id));
  dropped = std::move(timer->second);
  timers_.erase(timer);
  due_.erase(found);
}

bool ManualLoop::RunOne() {
  std::function<void()> fn;
  {
    const std::lock_guard lock(mutex_);
    if (!posted_.empty()) {
      fn = std::move(posted_.front());
      posted_.pop_front();
    } else if (!timers_.empty() && timers_.begin()->first.first <= clock_.Now()) {
      fn = std::move(timers_.begin()->second);
      due_.erase(timers_.begin()->first.second);
      timers_.erase(timers_.begin());
    } else {
      return false;
    }
  }
  fn();
  return true;
}

std::size_t ManualLoop::RunUntilIdle(std::size_t limit) {
  std::size_t ran = 0;
  while (ran < limit && RunOne()) ++ran;
  return ran;
}

void ManualLoop::AdvanceTo(MonoTime time) {
  RunUntilIdle();
  for (MonoTime due = next_due(); due <= time; due = next_due()) {
    clock_.Advance(std::max(due - clock_.Now(), Duration::zero()));
    if (RunUntilIdle() == kRunLimit) return;
  }
  clock_.Advance(std::max(time - clock_.Now(), Duration::zero()));
}

void ManualLoop::Advance(Duration by) { AdvanceTo(clock_.Now() + by); }

bool ManualLoop::AdvanceToNext() {
  RunUntilIdle();
  const MonoTime due = next_due();
  if (due == MonoTime::max()) return false;
  AdvanceTo(due);
  return true;
}

MonoTime ManualLoop::next_due() const {
  const std::lock_guard lock(mutex_);
  return timers_.empty() ? MonoTime::max() : timers_.begin()->first.first;
}

std::size_t ManualLoop::posted() const {
  const std::lock_guard lock(mutex_);
  return posted_.size();
}

std::size_t ManualLoop::timers() const {
  const std::lock_guard lock(mutex_);
  return timers_.size();
}

}  // namespace seaworthy::support
