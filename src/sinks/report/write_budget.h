// How many requests a second the writer may send: a token bucket whose rate halves when the API server says 429 and
// comes back slowly
// (+1/s every 10 s). Not thread-safe.
#pragma once

#include "seaworthy/clock.h"

namespace seaworthy::sinks::report {

class WriteBudget {
 public:
  WriteBudget(double rate, double burst, MonoTime now)
      : full_rate_(rate), burst_(burst), rate_(rate), tokens_(burst), at_(now) {}

  // Takes one token if there is one.
  bool Take(MonoTime now);
  // Until the next one is there.
  Duration Wait(MonoTime now);
  void Throttled(MonoTime now);
  double rate(MonoTime now);

 private:
  void Refill(MonoTime now);
  static constexpr Duration kRecovery = std::chrono::seconds(10);

  const double full_rate_, burst_;
  double rate_;
  double tokens_;
  MonoTime at_;              // when tokens_ was right
  MonoTime throttled_ = {};  // since when the rate recovers
};

}  // namespace seaworthy::sinks::report
