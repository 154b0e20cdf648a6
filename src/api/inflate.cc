#include "api/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace seaworthy::api {

Inflater::Inflater(std::size_t cap) : cap_(cap), stream_(std::make_unique<z_stream>()) {
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  usable_ = inflateInit2(stream_.get(), kGzipOnly) == Z_OK;
}

Inflater::~Inflater() {
  if (usable_) inflateEnd(stream_.get());
}

Status Inflater::Append(std::string_view bytes, std::string& out) {
  constexpr std::size_t kStep = 256 * 1024;
  if (!usable_) return Status(Code::kUnavailable, "gzip: out of memory");
  while (!bytes.empty() && !complete_) {
    const std::size_t block = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
    stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib only reads it
    stream_->avail_in = static_cast<uInt>(block);
    // A full output block may have left more inside zlib than there is input.
    do {
      const std::size_t before = out.size();
      // Over the cap by at most one step: a bomb is noticed before it is unpacked.
      if (before > cap_)
        return Status(Code::kResourceExhausted, "the answer unpacks to more than " + std::to_string(cap_) + " bytes");
      out.resize(before + kStep);
      stream_->next_out = reinterpret_cast<Bytef*>(out.data() + before);
      stream_->avail_out = static_cast<uInt>(kStep);
      const int result = inflate(stream_.get(), Z_NO_FLUSH);
      out.resize(before + kStep - stream_->avail_out);
      if (result == Z_STREAM_END) {
        complete_ = true;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return Status(Code::kUnavailable, "the answer's gzip is damaged");
      }
    } while (!complete_ && (stream_->avail_in > 0 || stream_->avail_out == 0));
    bytes.remove_prefix(block - stream_->avail_in);
  }
  if (out.size() > cap_)
    return Status(Code::kResourceExhausted, "the answer unpacks to more than " + std::to_string(cap_) + " bytes");
  return Status::Ok();
}

}  // namespace seaworthy::api
