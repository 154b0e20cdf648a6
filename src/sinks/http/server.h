// The HTTP server: /metrics, the probes, the report page. GET and HEAD, HTTP/1.1 with keep-alive, TLS where a listener
// asks for it.
//
// One thread of its own, on which handlers run. Start and Stop belong to whoever owns the server; port(), certificates
// and counters may be read from any thread. Everything a client can do is bounded: connections, header size, and the
// time of every step (connection.h). No exception leaves it. Boost.Beast, Asio and OpenSSL do not appear in this
// header.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/result.h"
#include "sinks/http/message.h"
#include "sinks/http/options.h"

namespace seaworthy::sinks::http {

struct ListenerOptions {
  std::string address = "0.0.0.0";  // a literal; "::" listens to IPv4 as well
  std::uint16_t port = 0;           // 0: any free one
  std::optional<TlsOptions> tls;    // plain without
  Handler handler;
  Authorizer* authorizer = nullptr;  // outlives the server; nullptr: everybody may ask
};

struct ServerOptions {
  std::vector<ListenerOptions> listeners;
  Limits limits;
  // Certificates that come into use, files that cannot be read, handlers that threw: for the log. Called on the
  // server's thread, and by Start.
  std::function<void(std::string_view message, std::string_view detail)> note;
};

class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();  // Stop
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds all listeners and begins to serve. kFailedPrecondition: an address is in use or not ours; nothing listens
  // then. Once only.
  Status Start();
  // Accepts no more, lets the requests that are being answered end within `grace`, closes everything and waits for the
  // thread. Not to be called from a handler.
  void Stop(std::chrono::milliseconds grace = std::chrono::seconds(5));

  // The port that the listener of this index is bound to; 0 before Start.
  std::uint16_t port(std::size_t listener) const;
  // Connections that are open, of all listeners.
  std::size_t connections() const;
  // Connections that were closed at once because a listener was full.
  std::uint64_t refused() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seaworthy::sinks::http
