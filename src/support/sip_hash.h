// SipHash-2-4 with 128 bits of output (Aumasson, Bernstein: "SipHash: a fast short-input PRF"): for tables whose keys
// are written by strangers.
//
// With a random key nobody outside can construct two inputs of one hash. With the zero key the hash is the same in
// every run: for what is compared or kept over restarts, where a collision harms only whoever made it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>

namespace seaworthy::support {

struct Hash128 {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Hash128&) const = default;
};

// Add() the parts, then Finish() once. Parts are not delimited: "ab","c" and "a","bc" are the same.
class SipHash {
 public:
  explicit SipHash(Hash128 key = {})
      : v0_(key.low ^ 0x736f6d6570736575ULL),
        v1_(key.high ^ 0x646f72616e646f6dULL ^ 0xee),
        v2_(key.low ^ 0x6c7967656e657261ULL),
        v3_(key.high ^ 0x7465646279746573ULL) {}

  void Add(std::string_view bytes) {
    total_ += bytes.size();
    if (pending_size_ != 0) {
      const std::size_t wanted = std::size_t{8} - pending_size_;
      const std::size_t taken = bytes.size() < wanted ? bytes.size() : wanted;
      for (std::size_t i = 0; i < taken; ++i) Pend(bytes[i]);
      bytes.remove_prefix(taken);
      if (pending_size_ < 8) return;
      Word(pending_);
      pending_ = 0;
      pending_size_ = 0;
    }
    while (bytes.size() >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data(), 8);  // little-endian, as all our platforms are
      Word(word);
      bytes.remove_prefix(8);
    }
    for (char c : bytes) Pend(c);
  }
  void Add(std::uint64_t number) {
    char bytes[8];
    std::memcpy(bytes, &number, 8);
    Add(std::string_view(bytes, 8));
  }

  Hash128 Finish() {
    Word(pending_ | static_cast<std::uint64_t>(total_) << 56);
    v2_ ^= 0xee;
    for (int i = 0; i < 4; ++i) Round();
    Hash128 hash;
    hash.low = v0_ ^ v1_ ^ v2_ ^ v3_;
    v1_ ^= 0xdd;
    for (int i = 0; i < 4; ++i) Round();
    hash.high = v0_ ^ v1_ ^ v2_ ^ v3_;
    return hash;
  }

 private:
  void Pend(char c) {
    pending_ |= static_cast<std::uint64_t>(static_cast<unsigned char>(c)) << (8 * pending_size_);
    ++pending_size_;
  }
  void Word(std::uint64_t word) {
    v3_ ^= word;
    Round();
    Round();
    v0_ ^= word;
  }
  void Round() {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
  std::uint64_t pending_ = 0;
  unsigned pending_size_ = 0;
  std::size_t total_ = 0;
};

}  // namespace seaworthy::support

template <>
struct std::hash<seaworthy::support::Hash128> {
  std::size_t operator()(const seaworthy::support::Hash128& value) const noexcept { return value.low; }
};
