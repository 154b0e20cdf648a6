#include "support/rng.h"

#include <sys/random.h>

#include <bit>
#include <chrono>

namespace seaworthy::support {
namespace {

std::uint64_t KernelSeed() {
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) == sizeof seed) return seed;
  // No kernel that runs Kubernetes lacks getrandom; jitter may be guessable all the same.
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

}  // namespace

SeededRng::SeededRng(std::uint64_t seed) : state_() {
  // splitmix64, as its authors advise: the state must not be all zero, nor seeds of little difference give similar
  // states.
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    word = mixed ^ (mixed >> 31);
  }
}

std::uint64_t SeededRng::Next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

SystemRng::SystemRng() : SeededRng(KernelSeed()) {}

}  // namespace seaworthy::support
