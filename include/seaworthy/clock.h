// Time, timers and randomness as things that are passed in, so that the whole operator runs under virtual time in a
// simulator.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>

namespace seaworthy {

// What a displayed date or an age rule is about: UTC, as Kubernetes timestamps are.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

// What a deadline is about: time since boot, counted through suspend (CLOCK_BOOTTIME). Never compared between machines.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};
using MonoTime = BootClock::time_point;
using Duration = std::chrono::nanoseconds;

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonoTime Now() const = 0;
  virtual WallTime Wall() const = 0;
};

// Runs closures one after another on one thread ("loop"). Whatever a class says "lives on its executor" needs no lock.
class Executor {
 public:
  using TimerId = std::uint64_t;

  virtual ~Executor() = default;
  // Thread-safe. Runs `fn` on the loop, after what was posted before.
  virtual void Post(std::function<void()> fn) = 0;
  // Thread-safe. Runs `fn` on the loop once `delay` has passed.
  virtual TimerId PostAfter(Duration delay, std::function<void()> fn) = 0;
  // To be called on the loop: `fn` will not run after this returns. Unknown ids are ignored.
  virtual void Cancel(TimerId id) = 0;
};

class Rng {
 public:
  virtual ~Rng() = default;
  virtual std::uint64_t Next() = 0;
  // Uniform in [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
};

}  // namespace seaworthy
