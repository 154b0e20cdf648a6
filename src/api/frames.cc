#include "api/frames.h"

namespace seaworthy::api {

bool FrameSplitter::Emit(std::string_view line, const Handler& handler) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.find_first_not_of(" \t") == std::string_view::npos) return true;
  return handler.on_line(line);
}

void FrameSplitter::Empty(std::string& buffer) {
  if (buffer.capacity() > (std::size_t{1} << 20)) {
    std::string().swap(buffer);
  } else {
    buffer.clear();
  }
}

bool FrameSplitter::Feed(std::string_view bytes, const Handler& handler) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (skipping_) {
      if (end == std::string_view::npos) return true;
      skipping_ = false;
      bytes.remove_prefix(end + 1);
      continue;
    }
    const std::string_view part = bytes.substr(0, end);
    if (buffer_.size() + part.size() > line_cap_) {
      buffer_.append(part.substr(0, line_cap_ - buffer_.size()));
      skipping_ = true;
      const bool go_on = handler.on_oversize(buffer_);
      // Not clear(): 16 MiB a kind would stay reserved for an object that may never come again.
      std::string().swap(buffer_);
      if (!go_on) return false;
      continue;
    }
    if (end == std::string_view::npos) {
      buffer_.append(part);
      return true;
    }
    bytes.remove_prefix(end + 1);
    bool go_on = true;
    if (buffer_.empty()) {
      go_on = Emit(part, handler);
    } else {
      buffer_.append(part);
      go_on = Emit(buffer_, handler);
      Empty(buffer_);
    }
    if (!go_on) return false;
  }
  return true;
}

bool FrameSplitter::Finish() {
  const bool partial = skipping_ || !buffer_.empty();
  std::string().swap(buffer_);
  skipping_ = false;
  return partial;
}

}  // namespace seaworthy::api
