// Cuts the byte stream of a watch in protobuf into frames: four bytes of length, most significant first, then so many
// bytes (apimachinery, util/framer). frames.h does the same for JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "api/frames.h"

namespace seaworthy::api {

class LengthFrames {
 public:
  struct Handler {
    // Returning false stops: the rest of the bytes is dropped (the stream is being closed).
    std::function<bool(std::string_view frame)> on_frame;
    // One that is larger than FrameSplitter::kLineCap is announced. The bytes that follow are not read.
    std::function<void(std::size_t size)> on_oversize;
  };

  // False once a handler said stop, or after a frame that is too large. The handlers must not call back into this
  // object.
  bool Feed(std::string_view bytes, const Handler& handler);

  // Forgets what is buffered, for the next stream; true when that was a part of a frame.
  bool Finish();

 private:
  std::string buffer_;  // the part of a frame that came so far, with its length
};

}  // namespace seaworthy::api
