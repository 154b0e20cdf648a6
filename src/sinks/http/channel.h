// One accepted socket, plain or TLS, seen alike: the timeouts and reads of Boost.Beast's streams without their
// templates, so that only channel.cc is slow to compile.
//
// Used on the server's thread only. At most one read and one write at a time. Callbacks keep what they need alive; a
// closed channel completes what is pending with an error.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace seaworthy::sinks::http {

class Channel {
 public:
  using ErrorCode = boost::system::error_code;
  using Done = std::function<void(ErrorCode, std::size_t)>;

  virtual ~Channel() = default;
  // The deadline for everything that follows, until it is set again; when it passes, what is pending fails and the
  // socket is closed.
  virtual void ExpiresAfter(std::chrono::milliseconds time) = 0;
  virtual void Handshake(std::function<void(ErrorCode)> done) = 0;
  virtual void ReadSome(boost::asio::mutable_buffer buffer, Done done) = 0;
  // Writes all of it; `parts` must stay valid.
  virtual void Write(const std::vector<std::string_view>& parts, Done done) = 0;
  // Tells the client that nothing follows (TLS: close_notify, too).
  virtual void Shutdown(std::function<void(ErrorCode)> done) = 0;
  // Reads below TLS: for throwing away what a refused client still sends.
  virtual void DiscardSome(boost::asio::mutable_buffer buffer, Done done) = 0;
  virtual void Close() = 0;
};

// `context` null: plain.
std::unique_ptr<Channel> MakeChannel(boost::asio::ip::tcp::socket socket,
                                     std::shared_ptr<boost::asio::ssl::context> context);

}  // namespace seaworthy::sinks::http
