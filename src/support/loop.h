// The real executor, clock and random source; manual_loop.h has those of tests and of the simulator.
//
// A Loop owns one thread, which runs what is posted and what has become due, one closure after another. It sleeps in
// the kernel until there is something to do: an idle loop never wakes up. Post, PostAfter, Stop and last_tick are
// thread-safe; Cancel belongs on the loop (clock.h). Closures must not throw: an exception ends the process, as nobody
// could tell what it left half done.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "seaworthy/clock.h"

namespace seaworthy::support {

// Thread-safe.
class SystemClock : public Clock {
 public:
  MonoTime Now() const override;
  WallTime Wall() const override;
};

class Loop : public Executor {
 public:
  // Starts the thread; `name` (15 bytes are kept) is what `top -H` shows. Aborts when the kernel has no descriptors
  // left.
  explicit Loop(const std::string& name = "loop");
  ~Loop() override;  // Stop and Join
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Post(std::function<void()> fn) override;
  TimerId PostAfter(Duration delay, std::function<void()> fn) override;
  void Cancel(TimerId id) override;

  // Ends the loop after the closure that runs now. What was posted and did not run is dropped, by Join.
  void Stop();
  // Waits for the thread to end. Not to be called on the loop.
  void Join();

  bool OnLoop() const { return std::this_thread::get_id() == thread_id_.load(std::memory_order_acquire); }
  // When the loop was last seen working as it should: the present while it waits for work, the beginning of the closure
  // that runs now otherwise. A liveness probe fails once this is too long ago.
  MonoTime last_tick() const;

 private:
  using TimerKey = std::pair<MonoTime, TimerId>;  // due first, then in the order of PostAfter

  void Run();
  void Wait();
  void Wake();
  void RunOne(std::function<void()>& fn);
  void ArmTimer(MonoTime due);
  bool RunDue();

  SystemClock clock_;
  int wake_fd_ = -1;
  int timer_fd_ = -1;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::int64_t> busy_since_ = 0;  // ns since boot; 0: waiting

  std::mutex mutex_;  // guards what follows
  std::vector<std::function<void()>> posted_;
  std::map<TimerKey, std::function<void()>> timers_;
  std::unordered_map<TimerId, MonoTime> due_;
  TimerId next_id_ = 1;
  bool waiting_ = false;  // the thread is, or is about to be, in the kernel: it wants a wake-up

  MonoTime armed_ = MonoTime::max();  // what the kernel's timer is set to; the thread's own
  std::atomic<std::thread::id> thread_id_;
  std::thread thread_;
};

}  // namespace seaworthy::support
