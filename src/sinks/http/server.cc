#include "sinks/http/server.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <thread>
#include <unordered_set>
#include <utility>

#include "sinks/http/certificate.h"
#include "sinks/http/connection.h"

namespace seaworthy::sinks::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

// After an accept that failed for want of descriptors: not at once again, the cause is still there.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

std::string Where(const std::string& address, std::uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

// One bound address with its connections. Lives on the server's thread once it serves.
class Listener {
 public:
  Listener(std::shared_ptr<asio::io_context> io, ListenerOptions options, const ServerOptions& server,
           std::atomic<std::size_t>& open, std::atomic<std::uint64_t>& refused)
      : io_(io), options_(std::move(options)), acceptor_(*io), pause_(*io), open_(open), refused_(refused) {
    context_.io = std::move(io);
    context_.limits = server.limits;
    context_.handler = options_.handler;
    context_.authorizer = options_.authorizer;
    context_.note = server.note;
    context_.on_gone = [this](Connection* connection) {
      if (connections_.erase(connection) != 0) --open_;
    };
    if (options_.tls) certificates_.emplace(*options_.tls, server.note);
  }

  Status Bind() {
    ErrorCode error;
    const asio::ip::address address = asio::ip::make_address(options_.address, error);
    if (error) return Status(Code::kInvalidArgument, "listen on " + options_.address + ": no IP address");
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && address.is_v6()) acceptor_.set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error)
      return Status(Code::kFailedPrecondition,
                    "listen on " + Where(options_.address, options_.port) + ": " + error.message());
    // The first certificate is made now: what is wrong with the files is in the log from the start.
    if (certificates_ && certificates_->Current() == nullptr)
      return Status(Code::kInternal, "no certificate for " + Where(options_.address, port_));
    return Status::Ok();
  }

  void Accept() {
    acceptor_.async_accept([this](ErrorCode error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (error) {
        pause_.expires_after(kAcceptPause);
        pause_.async_wait([this](ErrorCode cancelled) {
          if (!cancelled) Accept();
        });
        return;
      }
      Serve(std::move(socket));
      Accept();
    });
  }

  void CloseAcceptor() {
    ErrorCode ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }
  void Drain() {
    for (const auto& connection : Living()) connection->Drain();
  }
  void Abort() {
    for (const auto& connection : Living()) connection->Abort();
  }
  std::uint16_t port() const { return port_; }

 private:
  void Serve(tcp::socket socket) {
    try {
      if (connections_.size() >= context_.limits.connections && !EvictIdle()) {
        ++refused_;
        return;  // the socket closes itself
      }
      ErrorCode ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      const tcp::endpoint peer = socket.remote_endpoint(ignored);
      std::shared_ptr<asio::ssl::context> tls;
      if (certificates_) {
        tls = certificates_->Current();
        if (tls == nullptr) return;
      }
      auto connection = std::make_shared<Connection>(context_, MakeChannel(std::move(socket), std::move(tls)),
                                                     peer.address().to_string());
      connections_.insert(connection.get());
      ++open_;
      connection->Start();
    } catch (const std::exception& error) {
      context_.note("cannot serve a connection", error.what());
    }
  }

  // Closes the connection that has been idle for longest; it leaves the set a moment later, so the limit is passed by
  // one for that long.
  bool EvictIdle() {
    std::shared_ptr<Connection> oldest;
    for (auto& connection : Living()) {
      if (connection->idle() && (oldest == nullptr || connection->idle_since() < oldest->idle_since()))
        oldest = connection;
    }
    if (oldest == nullptr) return false;
    oldest->Abort();
    return true;
  }

  std::vector<std::shared_ptr<Connection>> Living() const {
    std::vector<std::shared_ptr<Connection>> all;
    for (Connection* connection : connections_) {
      if (auto living = connection->weak_from_this().lock()) all.push_back(std::move(living));
    }
    return all;
  }

  std::shared_ptr<asio::io_context> io_;
  ListenerOptions options_;
  Connection::Context context_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::optional<Certificates> certificates_;
  std::unordered_set<Connection*> connections_;
  std::atomic<std::size_t>& open_;
  std::atomic<std::uint64_t>& refused_;
  std::uint16_t port_ = 0;
};

}  // namespace

class Server::Impl {
 public:
  explicit Impl(ServerOptions options) : options_(std::move(options)) {
    if (!options_.note) options_.note = [](std::string_view, std::string_view) {};
  }

  ~Impl() {
    // Connections that the io_context still holds refer to their listener: they go first.
    Stop(std::chrono::milliseconds(0));
  }

  Status Start() {
    try {
      for (const ListenerOptions& listener : options_.listeners) {
        listeners_.push_back(std::make_unique<Listener>(io_, listener, options_, open_, refused_));
        if (Status status = listeners_.back()->Bind(); !status.ok()) {
          listeners_.clear();
          return status;
        }
      }
      for (const auto& listener : listeners_) listener->Accept();
      thread_ = std::thread([this] { Run(); });
      pthread_setname_np(thread_.native_handle(), "http");
    } catch (const std::exception& error) {
      listeners_.clear();
      return Status(Code::kInternal, std::string("HTTP server: ") + error.what());
    }
    return Status::Ok();
  }

  void Stop(std::chrono::milliseconds grace) {
    if (!thread_.joinable()) return;
    asio::post(*io_, [this, grace] {
      for (const auto& listener : listeners_) {
        listener->CloseAcceptor();
        listener->Drain();
      }
      guard_.reset();
      deadline_.expires_after(grace);
      deadline_.async_wait([this](ErrorCode) {
        for (const auto& listener : listeners_) listener->Abort();
      });
      CheckDone();
    });
    thread_.join();
  }

  std::uint16_t port(std::size_t listener) const {
    return listener < listeners_.size() ? listeners_[listener]->port() : std::uint16_t{0};
  }
  std::size_t connections() const { return open_; }
  std::uint64_t refused() const { return refused_; }

 private:
  void Run() {
    while (true) {
      try {
        io_->run();
        return;
      } catch (const std::exception& error) {
        // Out of memory, or a fault of ours: that connection is lost, the others go on.
        options_.note("the HTTP server caught an exception", error.what());
      }
    }
  }

  // Ends the grace when nobody needs it any longer. Looked at often only while stopping.
  void CheckDone() {
    if (open_ == 0) {
      deadline_.cancel();
      return;
    }
    poll_.expires_after(std::chrono::milliseconds(5));
    poll_.async_wait([this](ErrorCode) { CheckDone(); });
  }

  ServerOptions options_;
  std::atomic<std::size_t> open_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  std::shared_ptr<asio::io_context> io_ = std::make_shared<asio::io_context>(1);
  asio::executor_work_guard<asio::io_context::executor_type> guard_ = asio::make_work_guard(*io_);
  asio::steady_timer deadline_{*io_};
  asio::steady_timer poll_{*io_};
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::thread thread_;
};

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() { Stop(); }
Status Server::Start() { return impl_->Start(); }
void Server::Stop(std::chrono::milliseconds grace) { impl_->Stop(grace); }
std::uint16_t Server::port(std::size_t listener) const { return impl_->port(listener); }
std::size_t Server::connections() const { return impl_->connections(); }
std::uint64_t Server::refused() const { return impl_->refused(); }

}  // namespace seaworthy::sinks::http
