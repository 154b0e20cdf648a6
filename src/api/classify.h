// The one place that decides what an error means (RELIABILITY.md 1.3, 1.4). A watch that cannot start reports it as an
// ERROR event inside a 200 answer (apiserver cacher.go newErrWatcher), a list as an HTTP status: both end here, and so
// do errors of the connection.
//
// Pure functions. The watcher acts on the verdict; nothing else looks at codes or messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/clock.h"
#include "seaworthy/result.h"
#include "seaworthy/transport.h"
#include "support/json.h"

namespace seaworthy::api {

enum class Action : std::uint8_t {
  kProceed,          // no error
  kRelist,           // our resource version is gone: take a new snapshot
  kRelistWithoutRv,  // our resource version is ahead of this server: wait, then a snapshot that names none
  kBackoff,          // wait, then go on where we were
  kUnauthenticated,  // 401: the credential is not accepted; wait at most a minute, keep everything
  kDenied,           // 403: freeze what is known of the kind, ask again slowly
  kRediscover,       // 404: the collection may not be served any more; discovery has to confirm it
  kUnsupported,      // 400, 422: the server does not understand the request; a watch-list falls back to pages
};

struct Verdict {
  Action action = Action::kProceed;
  std::optional<Duration> retry_after;
  // Label value in metrics: a fixed set of words.
  std::string_view reason;
  // The third such failure in a row at one resource version is answered with a relist. Overload and lost connections do
  // not count: a list would only add to them.
  bool suspicious = false;
  std::string message;  // for people; cut to 256 bytes
};

// An answer to a list, a GET or the head of a watch. `body` may be empty.
Verdict ClassifyAnswer(const HttpHead& head, std::string_view body);

// The object of an ERROR event: a metav1.Status.
Verdict ClassifyErrorEvent(const support::Node& status);

// No complete answer came. REQUIRES: !status.ok()
Verdict ClassifyTransportError(const Status& status);

// "application/json", "application/json;stream=watch", "application/vnd...+json": what may be parsed.
bool IsJsonContentType(std::string_view content_type);

}  // namespace seaworthy::api
