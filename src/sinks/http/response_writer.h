// A response as bytes, piece by piece: head, body as it is, or body compressed while it is sent (chunked). Compressing
// 20 MB at once would keep /healthz waiting for a quarter of a second.
//
// Owned by a connection; not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/http/message.h"
#include "support/gzip.h"

namespace seaworthy::sinks::http {

// Whether an Accept-Encoding header allows gzip ("gzip", "*;q=0.5", but not "gzip;q=0").
bool AcceptsGzip(std::string_view accept_encoding);

class ResponseWriter {
 public:
  struct Traits {
    bool head = false;     // no body
    bool http_1_1 = true;  // else no chunks
    bool keep_alive = true;
    bool gzip = false;  // the client takes it
    std::size_t gzip_min_bytes = 1024;
  };

  ResponseWriter(Response response, const Traits& traits);

  // What to write next, valid until the following call; empty: that was all.
  std::vector<std::string_view> Next();
  // Memory ran out in the middle: the connection must be cut, since its client cannot be told otherwise.
  bool failed() const { return failed_; }
  // False: only the end of the connection ends this response.
  bool keep_alive() const { return traits_.keep_alive; }

 private:
  enum class Body { kNone, kPlain, kToTheEnd, kChunked, kGzipWhole, kGzipStream };

  Body Choose() const;
  std::string Head() const;
  // The next bytes of the body, `most` at most; false: that was all.
  bool Read(std::size_t most, std::string_view& bytes);
  bool Compress();

  Response response_;
  Traits traits_;
  Body kind_ = Body::kNone;
  std::string head_;
  bool started_ = false;
  bool failed_ = false;
  std::optional<support::GzipStream> gzip_;
  std::size_t piece_ = 0, offset_ = 0;  // the next one of the body; how far `current_` is read
  std::string_view current_;
  std::string made_;  // the last piece of Response::more
  bool finished_ = false;
  std::string chunk_, chunk_head_;
};

}  // namespace seaworthy::sinks::http
