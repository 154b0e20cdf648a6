// Random numbers: xoshiro256** (Blackman and Vigna, public domain), seeded by the kernel or, for tests and the
// simulator, by a number. For jitter and sampling; never for secrets. Not thread-safe: one generator per thread.
#pragma once

#include <array>
#include <cstdint>

#include "seaworthy/clock.h"

namespace seaworthy::support {

// The same seed gives the same numbers on every machine.
class SeededRng : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed);
  std::uint64_t Next() override;

 private:
  std::array<std::uint64_t, 4> state_;
};

class SystemRng : public SeededRng {
 public:
  SystemRng();
};

}  // namespace seaworthy::support
