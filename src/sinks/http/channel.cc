#include "sinks/http/channel.h"

#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <type_traits>
#include <utility>

namespace seaworthy::sinks::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = boost::asio::ssl;
using Plain = beast::tcp_stream;
using Tls = beast::ssl_stream<beast::tcp_stream>;

template <typename Stream>
class StreamChannel : public Channel {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, Tls>;

  template <typename... Args>
  explicit StreamChannel(std::shared_ptr<ssl::context> context, Args&&... args)
      : context_(std::move(context)), stream_(std::forward<Args>(args)...) {}

  void ExpiresAfter(std::chrono::milliseconds time) override { tcp().expires_after(time); }

  void Handshake(std::function<void(ErrorCode)> done) override {
    if constexpr (kTls) {
      stream_.async_handshake(ssl::stream_base::server, std::move(done));
    } else {
      asio::post(tcp().get_executor(), [done = std::move(done)] { done({}); });
    }
  }

  void ReadSome(asio::mutable_buffer buffer, Done done) override { stream_.async_read_some(buffer, std::move(done)); }

  void Write(const std::vector<std::string_view>& parts, Done done) override {
    std::vector<asio::const_buffer> buffers;
    buffers.reserve(parts.size());
    for (const std::string_view part : parts) {
      if (!part.empty()) buffers.emplace_back(part.data(), part.size());
    }
    asio::async_write(stream_, std::move(buffers), std::move(done));
  }

  void Shutdown(std::function<void(ErrorCode)> done) override {
    if constexpr (kTls) {
      stream_.async_shutdown([this, done = std::move(done)](ErrorCode error) {
        ErrorCode ignored;
        tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        done(error);
      });
    } else {
      ErrorCode error;
      tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
      asio::post(tcp().get_executor(), [done = std::move(done), error] { done(error); });
    }
  }

  void DiscardSome(asio::mutable_buffer buffer, Done done) override { tcp().async_read_some(buffer, std::move(done)); }

  void Close() override { tcp().close(); }

 private:
  Plain& tcp() { return beast::get_lowest_layer(stream_); }

  std::shared_ptr<ssl::context> context_;
  Stream stream_;
};

}  // namespace

std::unique_ptr<Channel> MakeChannel(asio::ip::tcp::socket socket, std::shared_ptr<ssl::context> context) {
  if (context == nullptr) return std::make_unique<StreamChannel<Plain>>(nullptr, std::move(socket));
  ssl::context& used = *context;
  return std::make_unique<StreamChannel<Tls>>(std::move(context), std::move(socket), used);
}

}  // namespace seaworthy::sinks::http
