// One client: reads a request, has it authorized and answered, writes the response, and begins again while the client
// keeps the connection.
//
// Lives on the server's thread, kept alive by whatever it waits for. Every wait has a deadline: the header, the next
// request, the handler, the response, the goodbye. So a client that sends or reads one byte a minute costs a slot for
// seconds only.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sinks/http/channel.h"
#include "sinks/http/message.h"
#include "sinks/http/options.h"
#include "sinks/http/response_writer.h"

namespace seaworthy::sinks::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // What all connections of a listener share; outlives them.
  struct Context {
    std::shared_ptr<boost::asio::io_context> io;
    Limits limits;
    Handler handler;
    Authorizer* authorizer = nullptr;
    std::function<void(std::string_view message, std::string_view detail)> note;
    std::function<void(Connection*)> on_gone;
  };

  Connection(const Context& context, std::unique_ptr<Channel> channel, std::string peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start();
  // Ends as soon as the request that is being answered has its response.
  void Drain();
  // Ends now.
  void Abort();

  // Kept open by a client that has been answered before: may be sacrificed for a new one.
  bool idle() const { return state_ == State::kIdle; }
  std::chrono::steady_clock::time_point idle_since() const { return idle_since_; }

 private:
  enum class State : std::uint8_t { kReading, kIdle, kHandling, kWriting, kClosing };
  using Parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

  void AwaitRequest();
  void BeginRequest();
  void ReadMore();
  void Parse();
  void HeaderDone();
  void Authorize();
  void Handle();
  void Refuse(int status, std::string text, bool close);
  void Respond(Response response);
  void WriteNext();
  void Close();
  void Discard();
  Responder MakeResponder();

  const Context& context_;
  std::unique_ptr<Channel> channel_;
  std::string peer_;
  State state_ = State::kReading;
  std::chrono::steady_clock::time_point idle_since_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Request request_;
  std::uint64_t serial_ = 0;  // of the request that is being answered: late answers to an older one are dropped
  bool keep_alive_ = true;
  bool draining_ = false;
  boost::asio::steady_timer handler_timer_;
  std::optional<ResponseWriter> writer_;
  std::array<char, 1024> discarded_;
  std::size_t discarded_bytes_ = 0;
};

}  // namespace seaworthy::sinks::http
