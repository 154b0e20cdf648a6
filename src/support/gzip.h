// gzip at level 1: for what is served to scrapers, where time counts more than the last tenth of size. The only file
// that knows zlib is gzip.cc. Functions: thread-safe. GzipStream: one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace seaworthy::support {

// The whole at once. Empty when out of memory.
std::string GzipCompress(std::string_view data);

// nullopt: damaged, cut short, or larger than `max_bytes`.
std::optional<std::string> GzipDecompress(std::string_view data, std::size_t max_bytes = std::size_t{1} << 30);

// Piece by piece, for bodies that would hold up an event loop if they were compressed at once. The concatenation of
// what Add and Finish append is one gzip file.
class GzipStream {
 public:
  GzipStream();
  ~GzipStream();
  GzipStream(GzipStream&&) noexcept;
  GzipStream& operator=(GzipStream&&) noexcept;

  // Appends to `out` what has been compressed so far, maybe nothing. False when out of memory; the stream is of no use
  // then.
  [[nodiscard]] bool Add(std::string_view data, std::string& out);
  [[nodiscard]] bool Finish(std::string& out);

 private:
  struct State;
  bool Run(std::string_view data, int flush, std::string& out);
  std::unique_ptr<State> state_;
};

}  // namespace seaworthy::support
