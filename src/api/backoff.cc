#include "api/backoff.h"

#include <algorithm>

namespace seaworthy::api {

Duration Between(Duration low, Duration high, Rng& rng) {
  return low + std::chrono::duration_cast<Duration>(rng.Unit() * (high - low));
}

Duration Backoff::Next(MonoTime now, Rng& rng, std::optional<Duration> retry_after) {
  // Measured from the end of the last wait: a wait of a minute is not itself two minutes of health.
  if (next_step_ == Duration::zero() || now - waited_until_ >= values_.reset_after) next_step_ = values_.first;
  Duration wait = Between(next_step_, 2 * next_step_, rng);
  next_step_ = std::min(2 * next_step_, values_.cap);
  if (retry_after) {
    wait = std::max(wait, *retry_after);
    wait += Between(Duration::zero(), wait / 5, rng);
  }
  waited_until_ = now + wait;
  return wait;
}

}  // namespace seaworthy::api
