// Executor and clock in one, in virtual time: nothing happens until the test says how long to run, and everything
// happens in the same order each time.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <utility>

#include "seaworthy/clock.h"

namespace seaworthy::api::testing {

class VirtualLoop : public Executor, public Clock {
 public:
  void Post(std::function<void()> fn) override { PostAfter(Duration::zero(), std::move(fn)); }
  TimerId PostAfter(Duration delay, std::function<void()> fn) override {
    const TimerId id = ++last_id_;
    queue_.emplace(std::pair(now_ + delay, id), std::move(fn));
    return id;
  }
  void Cancel(TimerId id) override {
    std::erase_if(queue_, [id](const auto& entry) { return entry.first.second == id; });
  }
  MonoTime Now() const override { return now_; }
  WallTime Wall() const override {
    return WallTime(std::chrono::hours(24 * 365 * 56)) +
           std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch());
  }

  // Runs what is due now.
  void Run() { RunFor(Duration::zero()); }
  void RunFor(Duration duration) {
    const MonoTime end = now_ + duration;
    while (!queue_.empty() && queue_.begin()->first.first <= end) {
      const auto first = queue_.begin();
      now_ = std::max(now_, first->first.first);
      const std::function<void()> fn = std::move(first->second);
      queue_.erase(first);
      fn();
    }
    now_ = end;
  }
  // Runs until `condition` holds; false when `limit` passes first.
  bool RunUntil(const std::function<bool()>& condition, Duration limit) {
    const MonoTime end = now_ + limit;
    while (!condition()) {
      if (queue_.empty() || queue_.begin()->first.first > end) {
        now_ = end;
        return false;
      }
      RunFor(std::max<Duration>(queue_.begin()->first.first - now_, Duration::zero()));
    }
    return true;
  }
  std::size_t pending() const { return queue_.size(); }

 private:
  MonoTime now_ = MonoTime(std::chrono::hours(1));
  TimerId last_id_ = 0;
  std::map<std::pair<MonoTime, TimerId>, std::function<void()>> queue_;
};

}  // namespace seaworthy::api::testing
