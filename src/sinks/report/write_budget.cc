#include "sinks/report/write_budget.h"

#include <algorithm>

namespace seaworthy::sinks::report {

void WriteBudget::Refill(MonoTime now) {
  while (rate_ < full_rate_ && now - throttled_ >= kRecovery) {
    rate_ = std::min(full_rate_, rate_ + 1);
    throttled_ += kRecovery;
  }
  tokens_ = std::min(burst_, tokens_ + std::chrono::duration<double>(now - at_).count() * rate_);
  at_ = now;
}

bool WriteBudget::Take(MonoTime now) {
  Refill(now);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

Duration WriteBudget::Wait(MonoTime now) {
  Refill(now);
  if (tokens_ >= 1) return Duration::zero();
  // A millisecond more, so that rounding never wakes us up a hair too early.
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>((1 - tokens_) / rate_)) +
         std::chrono::milliseconds(1);
}

void WriteBudget::Throttled(MonoTime now) {
  Refill(now);
  rate_ = std::max(1.0, rate_ / 2);
  tokens_ = std::min(tokens_, 0.0);
  throttled_ = now;
}

double WriteBudget::rate(MonoTime now) {
  Refill(now);
  return rate_;
}

}  // namespace seaworthy::sinks::report
