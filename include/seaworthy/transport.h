// HTTP towards the Kubernetes API server (and what else is asked, wiring/sources), as the stages see it: requests,
// streams, cancellation; no library type.
//
// Implemented by api/transport.cc (cpprestsdk; see docs/adr/0001) and by the simulator. All callbacks run on the
// executor that the transport was made with, never inside the call that started them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/clock.h"
#include "seaworthy/result.h"

namespace seaworthy {

enum class Method : std::uint8_t { kGet, kPost, kPut, kPatch, kDelete };
std::string_view MethodName(Method method);

// Each channel has its own connections, so that one cannot starve another.
enum class Channel : std::uint8_t {
  kWatch,   // streams: no total deadline, an idle limit instead
  kUnary,   // lists, discovery, writes
  kLease,   // leader election alone: never queued behind anything
  kReview,  // TokenReview, SubjectAccessReview
};

struct HttpRequest {
  Method method = Method::kGet;
  // Absolute path with query, already encoded: built by api/url.h (or a constant), never by hand from object names.
  std::string target;
  std::string body;
  std::string content_type;  // empty: none
  std::string accept = "application/json";
  std::string authorization;  // in place of what the transport's own credential says; empty: that one
  Channel channel = Channel::kUnary;
  Duration deadline = std::chrono::seconds(10);  // whole call for unary; time to the response head for a stream
  Duration idle_limit = {};  // streams: end with kUnavailable after this long without a byte; 0: none
};

struct HttpHead {
  int status = 0;
  std::string content_type;
  std::optional<Duration> retry_after;  // integer seconds or HTTP-date, capped at 120 s
  std::optional<WallTime> date;         // the server's clock, for skew
  std::string location;                 // of a redirect, where the transport hands these over
  std::string challenge;                // WWW-Authenticate of a 401
};

struct HttpResponse {
  HttpHead head;
  std::string body;  // at most the transport's cap (64 MiB); larger answers are kResourceExhausted
};

// Receives one stream. No call comes after OnEnd or after Cancel returned.
class StreamObserver {
 public:
  virtual ~StreamObserver() = default;
  virtual void OnHead(const HttpHead& head) = 0;
  // Any split of the byte stream. The transport reads no further than a bounded window ahead of what returned from
  // here.
  virtual void OnBytes(std::string_view bytes) = 0;
  // Ok: the server ended the response cleanly. Otherwise why it broke.
  virtual void OnEnd(const Status& status) = 0;
};

class Transport {
 public:
  using StreamId = std::uint64_t;
  using Done = std::function<void(Result<HttpResponse>)>;

  virtual ~Transport() = default;
  // A response of any HTTP status is Ok here (3xx is an error, unless the transport hands them over: redirects are
  // never followed). kUnavailable: no complete answer came; for anything but GET its effect is then unknown, and
  // nothing was retried.
  virtual void Unary(HttpRequest request, Done done) = 0;
  // The observer must outlive the stream's end or its Cancel.
  virtual StreamId Stream(HttpRequest request, StreamObserver* observer) = 0;
  // To be called on the executor. Idempotent.
  virtual void Cancel(StreamId id) = 0;
};

}  // namespace seaworthy
