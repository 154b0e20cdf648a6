// One HTTP exchange at a time, as the library does it: the narrow waist between api/transport.cc, the only file that
// knows cpprestsdk, and api/http_calls.cc, which knows deadlines, credentials, retries and limits. A successor of the
// library implements this page.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/transport.h"

namespace seaworthy::api {

struct WireRequest {
  Method method = Method::kGet;
  std::string target;  // encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string content_type;
  Channel channel = Channel::kUnary;
  // May use a connection that served another request. Never for writes: the library sends any method again, silently,
  // when such a connection turns out to be closed (RELIABILITY.md 0b).
  bool reuse_connection = false;
};

struct WireHead {
  int status = 0;
  std::string content_type, content_encoding, retry_after, date, location, challenge;
};

enum class WireEnd : std::uint8_t {
  kComplete,  // the whole answer came
  kConnect,   // no connection: name, route, refused, or the CA could not be read
  kTls,       // connected to something that did not prove to be the server
  kBroken,    // the connection ended in between
  kAborted,   // by Abort
  kInvalid,   // the request cannot be sent as it is
};

struct WireResult {
  WireEnd end = WireEnd::kComplete;
  std::string message;
};

// Told of one exchange, on a thread of the library: OnConnected, OnHead, OnBytes..., OnEnd, in this order, each but
// OnBytes at most once, never two at a time. Must not block or throw.
class WireObserver {
 public:
  virtual ~WireObserver() = default;
  virtual void OnConnected() = 0;  // the request is on its way
  virtual void OnHead(WireHead head) = 0;
  // False: read no further until Resume, which is then called exactly once.
  virtual bool OnBytes(std::string_view bytes) = 0;
  virtual void OnEnd(WireResult result) = 0;  // always comes
};

// Thread-safe. The destructor aborts what is under way and waits for it to end.
class Wire {
 public:
  using Id = std::uint64_t;
  virtual ~Wire() = default;
  virtual Id Start(WireRequest request, std::shared_ptr<WireObserver> observer) = 0;
  virtual void Abort(Id id) = 0;
  virtual void Resume(Id id) = 0;
  // New requests open new connections, with the credentials of now.
  virtual void DropIdleConnections() = 0;
};

}  // namespace seaworthy::api
