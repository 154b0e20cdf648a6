#include "api/length_frames.h"

#include <algorithm>

namespace seaworthy::api {
namespace {

constexpr std::size_t kHead = 4;

std::size_t SizeIn(std::string_view head) {
  std::size_t size = 0;
  for (const char c : head.substr(0, kHead)) size = size << 8 | static_cast<unsigned char>(c);
  return size;
}

}  // namespace

bool LengthFrames::Feed(std::string_view bytes, const Handler& handler) {
  while (!bytes.empty()) {
    // What is whole within these bytes is not copied.
    if (buffer_.empty() && bytes.size() >= kHead) {
      const std::size_t size = SizeIn(bytes);
      if (size > FrameSplitter::kLineCap) {
        handler.on_oversize(size);
        return false;
      }
      if (bytes.size() - kHead >= size) {
        const std::string_view frame = bytes.substr(kHead, size);
        bytes.remove_prefix(kHead + size);
        if (!handler.on_frame(frame)) return false;
        continue;
      }
    }
    if (buffer_.size() < kHead) {
      const std::size_t part = std::min(kHead - buffer_.size(), bytes.size());
      buffer_.append(bytes.substr(0, part));
      bytes.remove_prefix(part);
      if (buffer_.size() < kHead) return true;
    }
    const std::size_t size = SizeIn(buffer_);
    if (size > FrameSplitter::kLineCap) {
      handler.on_oversize(size);
      return false;
    }
    const std::size_t part = std::min(kHead + size - buffer_.size(), bytes.size());
    buffer_.append(bytes.substr(0, part));
    bytes.remove_prefix(part);
    if (buffer_.size() < kHead + size) return true;
    const bool go_on = handler.on_frame(std::string_view(buffer_).substr(kHead));
    FrameSplitter::Empty(buffer_);
    if (!go_on) return false;
  }
  return true;
}

bool LengthFrames::Finish() {
  const bool partial = !buffer_.empty();
  std::string().swap(buffer_);
  return partial;
}

}  // namespace seaworthy::api
