// What the fuzz targets share. Each target is one function over any bytes; what it claims about them it says with
// Require.
//
// With clang and SEAWORTHY_FUZZ=ON libFuzzer calls it; otherwise replay_main.cc does, with the inputs in corpus/, so
// that the targets cannot rot and what was found once stays found.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace seaworthy::fuzz {

// Aborts: libFuzzer keeps the input, and in a replay the test fails.
inline void Require(bool holds, std::string_view claim, std::string_view seen = {}) {
  if (holds) return;
  std::cerr << "does not hold: " << claim << '\n' << seen << std::endl;
  std::abort();
}

inline std::string_view Text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Decisions taken from the bytes, zeros once they have ended.
class Choices {
 public:
  explicit Choices(std::string_view bytes) : bytes_(bytes) {}
  std::uint8_t Byte() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(bytes_[0]);
    bytes_.remove_prefix(1);
    return byte;
  }
  std::size_t Below(std::size_t limit) { return Byte() % limit; }
  // Up to the next line feed, or to the end.
  std::string_view Line() {
    const std::size_t end = bytes_.find('\n');
    const std::string_view line = bytes_.substr(0, end);
    bytes_.remove_prefix(end == std::string_view::npos ? bytes_.size() : end + 1);
    return line;
  }
  std::string_view Rest() const { return bytes_; }
  bool ended() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

// A file that is nowhere but in memory, for code that opens what it reads.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : file_(memfd_create("fuzz", MFD_CLOEXEC)) {
    Require(file_ >= 0 && write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
            "a file in memory");
  }
  ~MemoryFile() { close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

}  // namespace seaworthy::fuzz
