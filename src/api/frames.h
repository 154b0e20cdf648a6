// Cuts the byte stream of a watch into lines, one JSON value each (RELIABILITY.md 1.3).
//
// Only new bytes are scanned (kubernetes-client/c parses its whole buffer again on each callback). A line that grows
// over the cap is skipped to its end without buffering the rest. What is left when the stream ends is never a line: it
// is dropped and counted, however the stream ended, because the server may end it cleanly after failing to encode an
// event (apiserver watch.go).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace seaworthy::api {

class FrameSplitter {
 public:
  // Go escapes "<" to six bytes, so an object of 1 MiB can become a line of 6; the API server takes 3 MiB.
  static constexpr std::size_t kLineCap = std::size_t{16} << 20;

  struct Handler {
    // A whole line without its LF or CRLF. Returning false stops: the rest of the bytes is dropped (the stream is being
    // closed).
    std::function<bool(std::string_view line)> on_line;
    // The first `cap` bytes of a line that is longer. Returning false stops.
    std::function<bool(std::string_view prefix)> on_oversize;
  };

  explicit FrameSplitter(std::size_t line_cap = kLineCap) : line_cap_(line_cap) {}

  // False once a handler said stop. The handlers must not call back into this object.
  bool Feed(std::string_view bytes, const Handler& handler);

  // Forgets what is buffered, for the next stream; true when that was a part of a line.
  bool Finish();

  // For the next line. Not clear(): what one huge object has needed would stay reserved for each kind.
  static void Empty(std::string& buffer);

  std::size_t buffered() const { return buffer_.size(); }

 private:
  bool Emit(std::string_view line, const Handler& handler);

  std::size_t line_cap_;
  std::string buffer_;     // the part of a line that came so far; never over line_cap_
  bool skipping_ = false;  // within an oversized line that was reported
};

}  // namespace seaworthy::api
