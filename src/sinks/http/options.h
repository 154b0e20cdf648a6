// Settings of the HTTP server that its parts share.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace seaworthy::sinks::http {

struct TlsOptions {
  std::string certificate_file, key_file;                           // PEM; both empty: always self-signed
  std::vector<std::string> names = {"localhost"};                   // DNS names of the self-signed certificate
  std::chrono::milliseconds check_every = std::chrono::seconds(1);  // how often files are looked at, at most
};

struct Limits {
  std::size_t connections =
      64;  // per listener, so that a flood of one port does not take the probes of another with it
  std::size_t header_bytes = 16 * 1024;
  std::chrono::milliseconds header_timeout = std::chrono::seconds(5);  // TLS handshake; then the whole header
  std::chrono::milliseconds idle_timeout =
      std::chrono::seconds(120);  // between requests; longer than usual scrape intervals
  std::chrono::milliseconds handler_timeout = std::chrono::seconds(15);  // authorization and answer
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);    // a whole response
  std::size_t gzip_min_bytes = 1024;                                     // smaller bodies are not worth it
};

}  // namespace seaworthy::sinks::http
