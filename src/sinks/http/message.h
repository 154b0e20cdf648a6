// What passes between the HTTP server and those who answer: a request, a response, and a reply that may come later and
// from any thread.
//
// No library types: a handler is tested without a server by giving it a Request and a Responder made of a lambda.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seaworthy::sinks::http {

struct Request {
  bool head = false;         // HEAD, else GET: the server answers all other methods itself
  std::string path;          // as it was sent, percent-encoded, without the query; begins with '/'
  std::string query;         // behind the '?', encoded
  std::string bearer_token;  // of the Authorization header; empty: none
  std::string peer;          // the client's address, for logs
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case

  // The first header of that name (lower case); empty when absent.
  std::string_view Header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  // The body is the concatenation; pieces are shared with whoever caches them, not copied.
  std::vector<std::shared_ptr<const std::string>> body;
  // What follows the body, made piece by piece while it is sent, on the server's thread: fills `piece` anew, false when
  // nothing follows. A page of 60 MB so never is in memory as a whole.
  std::function<bool(std::string& piece)> more;
  // The same body compressed with gzip, if somebody has it; otherwise it is compressed while it is sent.
  std::shared_ptr<const std::string> gzip_body;
  std::vector<std::pair<std::string, std::string>> headers;  // further ones

  static Response Text(int status, std::string text, std::string content_type = "text/plain; charset=utf-8") {
    Response response;
    response.status = status;
    response.content_type = std::move(content_type);
    response.body.push_back(std::make_shared<const std::string>(std::move(text)));
    return response;
  }
  // Of the body alone; what `more` gives is not known before.
  std::size_t size() const {
    std::size_t bytes = 0;
    for (const auto& piece : body) bytes += piece == nullptr ? 0 : piece->size();
    return bytes;
  }
};

// An answer that is owed: to be called once, from any thread; further calls do nothing. When the last copy goes without
// a call, the fallback is delivered, so that nobody waits for ever.
template <typename T>
class Reply {
 public:
  Reply(std::function<void(T)> deliver, T fallback)
      : state_(std::make_shared<State>(std::move(deliver), std::move(fallback))) {}
  void operator()(T value) const {
    if (!state_->used.exchange(true)) state_->deliver(std::move(value));
  }

 private:
  struct State {
    State(std::function<void(T)> deliver_in, T fallback_in)
        : deliver(std::move(deliver_in)), fallback(std::move(fallback_in)) {}
    ~State() {
      if (!used.exchange(true)) deliver(std::move(fallback));
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    std::function<void(T)> deliver;
    T fallback;
    std::atomic<bool> used = false;
  };
  std::shared_ptr<State> state_;
};

using Responder = Reply<Response>;
// Runs on the server's thread: what takes long answers from elsewhere, later. The request is gone when the handler
// returns.
using Handler = std::function<void(const Request&, Responder)>;

// Who may ask: called before the handler with the bearer token of each request. Without a token the server answers 401
// by itself.
class Authorizer {
 public:
  enum class Decision : std::uint8_t {
    kAllow,            // the handler answers
    kUnauthenticated,  // 401: the token is not (or no longer) valid
    kForbidden,        // 403
    kUnavailable,      // 503: nobody could tell; fails closed
  };
  virtual ~Authorizer() = default;
  // On the server's thread; `done` from any. The request is gone when this returns: copy what is needed later.
  virtual void Authorize(const Request& request, Reply<Decision> done) = 0;
};

}  // namespace seaworthy::sinks::http
