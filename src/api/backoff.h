// How long to wait before the next try. client-go's reflector values (tools/cache/reflector.go: 800 ms doubled up to 30
// s, jitter factor 1.0, reset after 2 minutes without a failure; its comment derives "~98% traffic reduction" towards
// an unhealthy server).
//
// The growth never ends in "give up" (kube-rs #1713) and the jitter is always applied (kube-rs #1897).
#pragma once

#include <chrono>
#include <optional>

#include "seaworthy/clock.h"

namespace seaworthy::api {

class Backoff {
 public:
  struct Values {
    Duration first = std::chrono::milliseconds(800);
    Duration cap = std::chrono::seconds(30);
    Duration reset_after = std::chrono::minutes(2);
  };

  Backoff() : Backoff(Values()) {}
  explicit Backoff(Values values) : values_(values) {}

  // The wait to make now: uniform in [d, 2d) for the current step d; the step then doubles. With the server's
  // Retry-After: the longer of the two, and up to a fifth more so that those who were sent away together do not return
  // together.
  Duration Next(MonoTime now, Rng& rng, std::optional<Duration> retry_after = std::nullopt);
  void Reset() { next_step_ = Duration::zero(); }

 private:
  Values values_;
  Duration next_step_ = Duration::zero();  // zero: start at values_.first
  MonoTime waited_until_;
};

// Uniform in [low, high).
Duration Between(Duration low, Duration high, Rng& rng);

}  // namespace seaworthy::api
