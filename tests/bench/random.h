// Random numbers and what is made of them: the same with every standard library. Private to the generator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace seaworthy::bench {

// SplitMix64: the same numbers with every standard library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::size_t Below(std::size_t limit) { return static_cast<std::size_t>(Next() % limit); }
  bool Percent(std::size_t percent) { return Below(100) < percent; }
  template <std::size_t kSize>
  const char* Pick(const std::array<const char*, kSize>& of) {
    return of[Below(kSize)];
  }

 private:
  std::uint64_t state_;
};

// FNV-1a.
inline std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

inline std::string Uid(std::uint64_t a, std::uint64_t b) {
  Random random(a * 0x9e3779b97f4a7c15 + b);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string uid;
  for (int i = 0; i < 36; ++i)
    uid += i == 8 || i == 13 || i == 18 || i == 23 ? '-' : i == 14 ? '4' : i == 19 ? '8' : kHex[random.Below(16)];
  return uid;
}

// As Kubernetes makes suffixes of names.
inline std::string Letters(std::uint64_t number, std::size_t count) {
  // Those that Kubernetes makes its suffixes of.
  static constexpr char kLetters[] = "bcdfghjklmnpqrstvwxz2456789";
  Random random(number + 17);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += kLetters[random.Below(27)];
  return out;
}

// Of a pod, by its number.
inline std::string Address(std::size_t pod) {
  return "10." + std::to_string(64 + pod / 65536) + "." + std::to_string(pod / 256 % 256) + "." +
         std::to_string(pod % 256);
}

}  // namespace seaworthy::bench
