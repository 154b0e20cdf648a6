#include "support/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace seaworthy::support {
namespace {

constexpr int kLevel = 1;
constexpr int kGzipWindow = 15 + 16;  // 32 KiB, and +16 asks for gzip's header instead of zlib's
constexpr int kMemory = 8;            // zlib's default
constexpr std::size_t kStep = 64 * 1024;

Bytef* Bytes(const char* text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }

// zlib counts in 32 bits.
uInt Bounded(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

}  // namespace

struct GzipStream::State {
  z_stream stream = {};
  bool good = false;
  State() { good = deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) == Z_OK; }
  ~State() { deflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

GzipStream::GzipStream() : state_(std::make_unique<State>()) {}
GzipStream::~GzipStream() = default;
GzipStream::GzipStream(GzipStream&&) noexcept = default;
GzipStream& GzipStream::operator=(GzipStream&&) noexcept = default;

bool GzipStream::Run(std::string_view data, int flush, std::string& out) {
  if (!state_->good) return false;
  z_stream& stream = state_->stream;
  while (true) {
    const uInt taken = Bounded(data.size());
    stream.next_in = Bytes(data.data());
    stream.avail_in = taken;
    const bool last = taken == data.size();
    int code = Z_OK;
    do {
      const std::size_t used = out.size();
      out.resize(used + kStep);
      stream.next_out = Bytes(out.data() + used);
      stream.avail_out = kStep;
      code = deflate(&stream, last ? flush : Z_NO_FLUSH);
      out.resize(used + kStep - stream.avail_out);
    } while (stream.avail_out == 0 && code == Z_OK);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      state_->good = false;
      return false;
    }
    data.remove_prefix(taken);
    if (last) return true;
  }
}

bool GzipStream::Add(std::string_view data, std::string& out) { return data.empty() || Run(data, Z_NO_FLUSH, out); }

bool GzipStream::Finish(std::string& out) { return Run({}, Z_FINISH, out); }

std::string GzipCompress(std::string_view data) {
  std::string out;
  out.reserve(data.size() / 4 + 64);
  GzipStream stream;
  if (!stream.Add(data, out) || !stream.Finish(out)) return {};
  return out;
}

std::optional<std::string> GzipDecompress(std::string_view data, std::size_t max_bytes) {
  z_stream stream = {};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return std::nullopt;
  std::string out;
  int code = Z_OK;
  while (code == Z_OK) {
    if (stream.avail_in == 0) {
      if (data.empty()) break;
      stream.next_in = Bytes(data.data());
      stream.avail_in = Bounded(data.size());
      data.remove_prefix(stream.avail_in);
    }
    const std::size_t used = out.size();
    out.resize(used + kStep);
    stream.next_out = Bytes(out.data() + used);
    stream.avail_out = kStep;
    code = inflate(&stream, Z_NO_FLUSH);
    out.resize(used + kStep - stream.avail_out);
    if (out.size() > max_bytes) code = Z_DATA_ERROR;
  }
  const bool complete = code == Z_STREAM_END && stream.avail_in == 0 && data.empty();
  inflateEnd(&stream);
  if (!complete) return std::nullopt;
  return out;
}

}  // namespace seaworthy::support
