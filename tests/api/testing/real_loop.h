// An executor on a thread of its own, with real time: for tests of the real transport.
#pragma once

#include <time.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "seaworthy/clock.h"

namespace seaworthy::api::testing {

class RealClock : public Clock {
 public:
  MonoTime Now() const override {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return MonoTime(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
  }
  WallTime Wall() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

class RealLoop : public Executor {
 public:
  RealLoop() : thread_([this] { Run(); }) {}
  ~RealLoop() override { Stop(); }

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  void Post(std::function<void()> fn) override { PostAfter(Duration::zero(), std::move(fn)); }

  TimerId PostAfter(Duration delay, std::function<void()> fn) override {
    const std::lock_guard lock(mutex_);
    const TimerId id = ++last_id_;
    queue_.emplace(std::pair(clock_.Now() + delay, id), std::move(fn));
    wake_.notify_all();
    return id;
  }

  void Cancel(TimerId id) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(queue_, [id](const auto& entry) { return entry.first.second == id; });
  }

  // Runs `fn` on the loop and waits for it.
  template <typename Fn>
  auto Run(Fn fn) {
    std::packaged_task<decltype(fn())()> task(std::move(fn));
    auto result = task.get_future();
    Post([&] { task(); });
    return result.get();
  }

  // Lets the loop do nothing until Release: whatever is posted waits.
  void Hold() {
    auto held = std::make_shared<std::promise<void>>();
    Post([this, held] {
      held->set_value();
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return released_ || stopped_; });
      released_ = false;
    });
    held->get_future().wait();
  }
  void Release() {
    {
      const std::lock_guard lock(mutex_);
      released_ = true;
    }
    wake_.notify_all();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (!stopped_) {
      if (queue_.empty()) {
        wake_.wait(lock);
        continue;
      }
      const auto first = queue_.begin();
      const Duration left = first->first.first - clock_.Now();
      if (left > Duration::zero()) {
        wake_.wait_for(lock, left);
        continue;
      }
      const std::function<void()> fn = std::move(first->second);
      queue_.erase(first);
      lock.unlock();
      fn();
      lock.lock();
    }
  }

  RealClock clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::pair<MonoTime, TimerId>, std::function<void()>> queue_;
  TimerId last_id_ = 0;
  bool stopped_ = false;
  bool released_ = false;
  std::thread thread_;
};

class TestRng : public Rng {
 public:
  explicit TestRng(std::uint64_t seed = 1) : engine_(seed) {}
  std::uint64_t Next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace seaworthy::api::testing
