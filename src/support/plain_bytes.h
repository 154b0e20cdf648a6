// Where a text between quotes stops being plain, read or written: the byte loop that everything waits for.
#pragma once

#include <cstdint>
#include <cstring>

namespace seaworthy::support {

// To the first byte that is a quote, a backslash, a control byte (DEL, too) or not ASCII; `end` where there is none.
// Eight bytes at a time.
inline const char* SkipPlainBytes(const char* p, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL, kHighs = 0x8080808080808080ULL;
  while (end - p >= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    const std::uint64_t quote = word ^ (kOnes * '"'), slash = word ^ (kOnes * '\\'), del = word ^ (kOnes * 0x7f);
    // A borrow can only mark too many bytes, never too few; the loop below then looks closer.
    if (((word | (word - kOnes * 0x20) | (quote - kOnes) | (slash - kOnes) | (del - kOnes)) & kHighs) != 0) break;
    p += 8;
  }
  while (p != end && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20 &&
         static_cast<unsigned char>(*p) < 0x7f)
    ++p;
  return p;
}

}  // namespace seaworthy::support
