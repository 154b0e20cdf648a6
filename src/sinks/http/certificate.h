// The certificate a TLS listener shows: read from files, again whenever they change, or made by ourselves while there
// are none.
//
// Owned by a listener and used on the server's thread only. Files are looked at when a connection comes, at most once a
// second, so an idle server does nothing. What cannot be read leaves the last good certificate in place.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/http/options.h"

namespace seaworthy::sinks::http {

class Certificates {
 public:
  // `note` is told of every certificate that comes into use, and of files that cannot be read.
  using Note = std::function<void(std::string_view message, std::string_view detail)>;

  Certificates(TlsOptions options, Note note);

  // For the next connection. nullptr only when OpenSSL cannot even make a key.
  std::shared_ptr<boost::asio::ssl::context> Current();

 private:
  // What changes when a file is replaced, also through the symbolic links of a Secret volume.
  struct FileMark {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    bool exists = false;
    bool operator==(const FileMark&) const = default;
  };
  static FileMark Mark(const std::string& file);
  void Load();
  void MakeSelfSigned();

  TlsOptions options_;
  Note note_;
  std::shared_ptr<boost::asio::ssl::context> current_;
  FileMark certificate_mark_, key_mark_;
  std::chrono::steady_clock::time_point checked_;
  bool checked_once_ = false;
  bool self_signed_ = false;
  std::chrono::system_clock::time_point self_signed_until_;
};

}  // namespace seaworthy::sinks::http
