// Gzip bodies, decompressed as they come and never beyond a cap. cpprest can do it, but without a cap, and its path for
// bodies with a Content-Length decodes a block twice when the decompressor gives nothing back for it
// (http_client_asio.cc handle_read_content does not consume it), so the wire asks for gzip by itself and reads it here.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "seaworthy/result.h"

struct z_stream_s;

namespace seaworthy::api {

class Inflater {
 public:
  explicit Inflater(std::size_t cap);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends what `bytes` decompress to. kResourceExhausted over the cap, kUnavailable when it is not gzip.
  Status Append(std::string_view bytes, std::string& out);
  // The checksum at the end was seen and right.
  bool complete() const { return complete_; }

 private:
  std::size_t cap_;
  std::unique_ptr<z_stream_s> stream_;
  bool usable_ = false;
  bool complete_ = false;
};

}  // namespace seaworthy::api
