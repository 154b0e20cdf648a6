#include "sinks/http/connection.h"

#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <cctype>
#include <exception>
#include <utility>

namespace seaworthy::sinks::http {
namespace {

namespace beast = boost::beast;

constexpr std::size_t kReadBytes = 4096;
constexpr auto kGoodbye = std::chrono::seconds(1);
// What a client may still send while we say goodbye: closing with unread bytes would reset the connection and lose the
// response.
constexpr std::size_t kDiscardBytes = 256 * 1024;

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// "Bearer TOKEN", the scheme in any case; empty for anything else.
std::string BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size() || Lower(authorization.substr(0, kScheme.size())) != kScheme) return {};
  authorization.remove_prefix(kScheme.size());
  const std::size_t begin = authorization.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string() : std::string(authorization.substr(begin));
}

}  // namespace

Connection::Connection(const Context& context, std::unique_ptr<Channel> channel, std::string peer)
    : context_(context),
      channel_(std::move(channel)),
      peer_(std::move(peer)),
      // One header, and as much of what is pipelined behind it.
      buffer_(context.limits.header_bytes * 2),
      handler_timer_(*context.io) {}

Connection::~Connection() { context_.on_gone(this); }

void Connection::Start() {
  channel_->ExpiresAfter(context_.limits.header_timeout);
  channel_->Handshake([self = shared_from_this()](Channel::ErrorCode error) {
    if (error) return self->Abort();
    self->BeginRequest();
  });
}

void Connection::Drain() {
  draining_ = true;
  if (state_ == State::kIdle || state_ == State::kReading) Abort();
}

void Connection::Abort() {
  state_ = State::kClosing;
  handler_timer_.cancel();
  channel_->Close();
}

void Connection::AwaitRequest() {
  if (buffer_.size() != 0) return BeginRequest();  // pipelined
  state_ = State::kIdle;
  idle_since_ = std::chrono::steady_clock::now();
  channel_->ExpiresAfter(context_.limits.idle_timeout);
  channel_->ReadSome(buffer_.prepare(kReadBytes),
                     [self = shared_from_this()](Channel::ErrorCode error, std::size_t bytes) {
                       if (error || self->state_ != State::kIdle) return self->Abort();
                       self->buffer_.commit(bytes);
                       self->BeginRequest();
                     });
}

void Connection::BeginRequest() {
  if (draining_) return Abort();
  state_ = State::kReading;
  ++serial_;
  request_ = Request();
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(context_.limits.header_bytes));
  channel_->ExpiresAfter(context_.limits.header_timeout);
  if (buffer_.size() != 0) return Parse();
  ReadMore();
}

void Connection::ReadMore() {
  channel_->ReadSome(buffer_.prepare(kReadBytes),
                     [self = shared_from_this()](Channel::ErrorCode error, std::size_t bytes) {
                       if (error || self->state_ != State::kReading) return self->Abort();
                       self->buffer_.commit(bytes);
                       self->Parse();
                     });
}

void Connection::Parse() {
  Channel::ErrorCode error;
  buffer_.consume(parser_->put(buffer_.data(), error));
  if (parser_->is_header_done()) return HeaderDone();
  if (error == beast::http::error::need_more || !error) {
    if (buffer_.size() + kReadBytes <= buffer_.max_size()) return ReadMore();
    error = beast::http::error::header_limit;
  }
  keep_alive_ = false;
  if (error == beast::http::error::header_limit) return Refuse(431, "request header too large\n", true);
  Refuse(400, "bad request\n", true);
}

void Connection::HeaderDone() {
  const auto& header = parser_->get();
  keep_alive_ = header.keep_alive() && !draining_;
  request_.peer = peer_;
  for (const auto& entry : header) {
    const auto name = entry.name_string(), value = entry.value();
    request_.headers.emplace_back(Lower({name.data(), name.size()}), std::string(value.data(), value.size()));
  }
  request_.bearer_token = BearerToken(request_.Header("authorization"));
  const std::string_view target(header.target().data(), header.target().size());
  const std::size_t question = target.find('?');
  request_.path = target.substr(0, question);
  if (question != std::string_view::npos) request_.query = target.substr(question + 1);
  request_.head = header.method() == beast::http::verb::head;

  // Nothing here takes a body, and one that is not read would be taken for the next request.
  const auto length = parser_->content_length();
  const bool has_body = parser_->chunked() || (length && *length != 0);
  if (!request_.head && header.method() != beast::http::verb::get) {
    return Refuse(405, "only GET and HEAD\n", has_body);
  }
  if (has_body) return Refuse(413, "no body is wanted\n", true);
  if (request_.path.empty() || request_.path[0] != '/') return Refuse(400, "bad request target\n", true);
  if (header.version() >= 11 && header.count(beast::http::field::host) != 1)
    return Refuse(400, "one Host header is wanted\n", true);

  state_ = State::kHandling;
  handler_timer_.expires_after(context_.limits.handler_timeout);
  handler_timer_.async_wait([self = shared_from_this(), serial = serial_](Channel::ErrorCode error) {
    if (error || self->state_ != State::kHandling || self->serial_ != serial) return;
    self->Respond(Response::Text(503, "no answer in time\n"));
  });
  if (context_.authorizer != nullptr) return Authorize();
  Handle();
}

void Connection::Authorize() {
  if (request_.bearer_token.empty()) return Refuse(401, "a bearer token is wanted\n", false);
  using Decision = Authorizer::Decision;
  auto deliver = [io = context_.io, weak = weak_from_this(), serial = serial_](Decision decision) {
    boost::asio::post(*io, [weak, serial, decision] {
      const std::shared_ptr<Connection> self = weak.lock();
      if (self == nullptr || self->state_ != State::kHandling || self->serial_ != serial) return;
      switch (decision) {
        case Decision::kAllow: return self->Handle();
        case Decision::kUnauthenticated: return self->Refuse(401, "the token is not valid\n", false);
        case Decision::kForbidden: return self->Refuse(403, "forbidden\n", false);
        case Decision::kUnavailable: break;
      }
      self->Refuse(503, "nobody could tell whether this is allowed\n", false);
    });
  };
  try {
    context_.authorizer->Authorize(request_, Reply<Decision>(std::move(deliver), Decision::kUnavailable));
  } catch (const std::exception& error) {
    context_.note("an authorizer threw", error.what());
  }
}

Responder Connection::MakeResponder() {
  auto deliver = [io = context_.io, weak = weak_from_this(), serial = serial_](Response response) {
    boost::asio::post(*io, [weak, serial, response = std::move(response)]() mutable {
      const std::shared_ptr<Connection> self = weak.lock();
      if (self == nullptr || self->state_ != State::kHandling || self->serial_ != serial) return;
      self->Respond(std::move(response));
    });
  };
  return Responder(std::move(deliver), Response::Text(500, "no answer\n"));
}

void Connection::Handle() {
  try {
    context_.handler(request_, MakeResponder());
  } catch (const std::exception& error) {
    context_.note("a handler threw", error.what());  // its responder is gone: 500
  }
}

void Connection::Refuse(int status, std::string text, bool close) {
  if (close) keep_alive_ = false;
  Response response = Response::Text(status, std::move(text));
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (status == 405) response.headers.emplace_back("Allow", "GET, HEAD");
  Respond(std::move(response));
}

void Connection::Respond(Response response) {
  handler_timer_.cancel();
  if (draining_) keep_alive_ = false;
  state_ = State::kWriting;
  ResponseWriter::Traits traits;
  traits.head = request_.head;
  traits.http_1_1 = parser_->is_header_done() && parser_->get().version() >= 11;
  traits.keep_alive = keep_alive_;
  traits.gzip = AcceptsGzip(request_.Header("accept-encoding"));
  traits.gzip_min_bytes = context_.limits.gzip_min_bytes;
  writer_.emplace(std::move(response), traits);
  keep_alive_ = writer_->keep_alive();
  channel_->ExpiresAfter(context_.limits.write_timeout);
  WriteNext();
}

void Connection::WriteNext() {
  const std::vector<std::string_view> parts = writer_->Next();
  if (writer_->failed()) return Abort();
  if (parts.empty()) {
    writer_.reset();
    return keep_alive_ && !draining_ ? AwaitRequest() : Close();
  }
  channel_->Write(parts, [self = shared_from_this()](Channel::ErrorCode error, std::size_t) {
    if (error || self->state_ != State::kWriting) return self->Abort();
    self->WriteNext();
  });
}

void Connection::Close() {
  state_ = State::kClosing;
  channel_->ExpiresAfter(kGoodbye);
  channel_->Shutdown([self = shared_from_this()](Channel::ErrorCode) { self->Discard(); });
}

void Connection::Discard() {
  channel_->DiscardSome(boost::asio::buffer(discarded_),
                        [self = shared_from_this()](Channel::ErrorCode error, std::size_t bytes) {
                          self->discarded_bytes_ += bytes;
                          if (error || self->discarded_bytes_ > kDiscardBytes) return self->Abort();
                          self->Discard();
                        });
}

}  // namespace seaworthy::sinks::http
