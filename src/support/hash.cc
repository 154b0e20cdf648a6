#include "support/hash.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace seaworthy::support {
namespace {

// Odd, with half of their bits set, as in wyhash.
constexpr std::uint64_t kSecret[4] = {0xa0761d6478bd642fULL, 0xe7037ed1a0b428dbULL, 0x8ebc6af09c88c6e3ULL,
                                      0x589965cc75374cc3ULL};

__extension__ using Wide = unsigned __int128;

std::uint64_t Fold(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

static_assert(std::endian::native == std::endian::little, "the hashes would differ between machines");

std::uint64_t Read8(const char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, 8);
  return word;
}

std::uint64_t Read4(const char* p) {
  std::uint32_t word = 0;
  std::memcpy(&word, p, 4);
  return word;
}

}  // namespace

std::uint64_t Hash64(std::string_view bytes, std::uint64_t seed) {
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  seed ^= Fold(seed ^ kSecret[0], kSecret[1]);
  std::uint64_t a = 0, b = 0;
  if (left > 16) {
    if (left > 32) {
      // Two lanes, so that one multiplication need not wait for the other.
      std::uint64_t second = seed;
      do {
        seed = Fold(Read8(p) ^ kSecret[1], Read8(p + 8) ^ seed);
        second = Fold(Read8(p + 16) ^ kSecret[2], Read8(p + 24) ^ second);
        p += 32;
        left -= 32;
      } while (left > 32);
      seed ^= second;
    }
    if (left > 16) {
      seed = Fold(Read8(p) ^ kSecret[1], Read8(p + 8) ^ seed);
      p += 16;
      left -= 16;
    }
    // The last 16 bytes, which may overlap what was read before.
    a = Read8(p + left - 16);
    b = Read8(p + left - 8);
  } else if (left >= 8) {
    a = Read8(p);
    b = Read8(p + left - 8);
  } else if (left >= 4) {
    a = Read4(p);
    b = Read4(p + left - 4);
  } else if (left > 0) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint64_t>(static_cast<unsigned char>(p[at])); };
    a = byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1);
  }
  return Fold(kSecret[1] ^ bytes.size(), Fold(a ^ kSecret[1], b ^ seed) ^ kSecret[3]);
}

Hash128 WideHash(std::string_view bytes) { return {Hash64(bytes, kSecret[2]), Hash64(bytes, kSecret[3])}; }

std::uint64_t CombineHash(std::uint64_t hash, std::uint64_t next) {
  return Fold(hash ^ kSecret[0], next ^ kSecret[3]) + hash;
}

}  // namespace seaworthy::support
