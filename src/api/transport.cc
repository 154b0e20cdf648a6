#include "api/transport.h"

#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "api/exchange.h"
#include "api/http_calls.h"
#include "api/socket_options.h"
#include "api/tls_context.h"
#include "api/wire.h"
#include "api/wire_errors.h"

// Everything that RELIABILITY.md section 0 lists is answered here or in http_calls.cc; the letters below are its items.
//
// One more hazard, found in the library's source (astreambuf.h create_exception_checked_task): when a response buffer
// reports an error, the library closes it with .get() on a pool thread, waiting for a task that needs a pool thread.
// With a small pool that is a deadlock. So the buffer below never reports one: after an abort it swallows what comes,
// and the closed connection ends the exchange.

namespace seaworthy::api {
namespace {

using boost::asio::ip::tcp;
namespace http = web::http;

// Only a last bound for a request that lost its cancellation (the library replaces the connection object when a host
// has several addresses, and a cancel in that moment closes the old one). Our own timers are shorter. 0e: it restarts
// with every read.
constexpr std::chrono::seconds kWatchTimeout{600};
constexpr std::chrono::seconds kUnaryTimeout{120};
// How long the destructor waits for exchanges that were all told to stop.
constexpr std::chrono::seconds kDestructionLimit{10};

boost::asio::io_service& Pool() { return crossplat::threadpool::shared_instance().service(); }

// What the library writes a response into: write-only, and every write goes to the exchange.
class BodySink : public concurrency::streams::details::streambuf_state_manager<std::uint8_t> {
 public:
  explicit BodySink(std::shared_ptr<Exchange> exchange)
      : streambuf_state_manager<std::uint8_t>(std::ios_base::out), exchange_(std::move(exchange)) {}

  bool can_seek() const override { return false; }
  bool has_size() const override { return false; }
  std::size_t buffer_size(std::ios_base::openmode) const override { return 0; }
  void set_buffer_size(std::size_t, std::ios_base::openmode) override {}
  std::size_t in_avail() const override { return 0; }
  pos_type getpos(std::ios_base::openmode) const override { return static_cast<pos_type>(traits::eof()); }
  pos_type seekpos(pos_type, std::ios_base::openmode) override { return static_cast<pos_type>(traits::eof()); }
  pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override {
    return static_cast<pos_type>(traits::eof());
  }
  bool acquire(std::uint8_t*&, std::size_t&) override { return false; }
  void release(std::uint8_t*, std::size_t) override {}
  // Done at once: the default waits on a pool thread for a task that needs one.
  pplx::task<void> close(std::ios_base::openmode) override {
    m_stream_can_write = false;
    return pplx::task_from_result();
  }
  pplx::task<void> close(std::ios_base::openmode mode, std::exception_ptr) override { return close(mode); }

 protected:
  pplx::task<std::size_t> _putn(const std::uint8_t* data, std::size_t size) override {
    std::optional<pplx::task_completion_event<std::size_t>> later;  // an allocation that most writes do not need
    const bool taken = exchange_->Write(data, size, [&] {
      later.emplace();
      return [done = *later](std::size_t written) { done.set(written); };
    });
    return taken ? pplx::task_from_result(size) : pplx::create_task(*later);
  }
  // The client writes blocks only.
  pplx::task<int_type> _putc(std::uint8_t) override { return pplx::task_from_result<int_type>(traits::eof()); }
  std::uint8_t* _alloc(std::size_t) override { return nullptr; }
  void _commit(std::size_t) override {}
  pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
  pplx::task<int_type> _bumpc() override { return pplx::task_from_result<int_type>(traits::eof()); }
  int_type _sbumpc() override { return traits::eof(); }
  pplx::task<int_type> _getc() override { return pplx::task_from_result<int_type>(traits::eof()); }
  int_type _sgetc() override { return traits::eof(); }
  pplx::task<int_type> _nextc() override { return pplx::task_from_result<int_type>(traits::eof()); }
  pplx::task<int_type> _ungetc() override { return pplx::task_from_result<int_type>(traits::eof()); }
  pplx::task<std::size_t> _getn(std::uint8_t*, std::size_t) override { return pplx::task_from_result<std::size_t>(0); }
  std::size_t _scopy(std::uint8_t*, std::size_t) override { return 0; }

 private:
  const std::shared_ptr<Exchange> exchange_;
};

http::method MethodOf(Method method) { return http::method(std::string(MethodName(method))); }

// The library hands out the socket before it is open, so it is opened here: it then connects the one it finds. That
// needs the family, so it is done for addresses (what a pod has) and not for names.
void PrepareSocket(tcp::socket& socket, const tcp& family) {
  boost::system::error_code error;
  if (socket.is_open()) return;  // a reused connection
  socket.open(family, error);
  if (!error) SetLivenessOptions(socket.native_handle());
}

std::string HeaderOf(const http::http_response& response, const char* name) {
  const auto found = response.headers().find(name);
  return found == response.headers().end() ? std::string() : found->second;
}

WireHead HeadOf(const http::http_response& response) {
  return {response.status_code(),
          HeaderOf(response, "Content-Type"),
          HeaderOf(response, "Content-Encoding"),
          HeaderOf(response, "Retry-After"),
          HeaderOf(response, "Date"),
          HeaderOf(response, "Location"),
          HeaderOf(response, "WWW-Authenticate")};
}

WireResult Diagnose(std::exception_ptr failure, const TlsContext& tls) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const http::http_exception& error) {
    return DescribeFailure(error.what(), error.error_code().value(), tls.TakeVerifyError());
  } catch (const TlsSetupError& error) {
    return {WireEnd::kConnect, error.what()};
  } catch (const web::uri_exception& error) {
    return {WireEnd::kInvalid, error.what()};
  } catch (const std::exception& error) {
    return {WireEnd::kBroken, error.what()};
  }
}

class CpprestWire : public Wire {
 public:
  CpprestWire(std::shared_ptr<CredentialSource> credentials)
      : state_(std::make_shared<State>(std::move(credentials))) {}

  ~CpprestWire() override {
    std::unique_lock lock(state_->mutex);
    for (auto& [id, exchange] : state_->exchanges) Stop(exchange);
    // What does not end within the limit holds on to the state, not to us, and has nobody left to tell.
    state_->ended.wait_for(lock, kDestructionLimit, [&] { return state_->exchanges.empty(); });
  }

  Id Start(WireRequest request, std::shared_ptr<WireObserver> observer) override {
    std::shared_ptr<Exchange> exchange;
    {
      const std::lock_guard lock(state_->mutex);
      exchange = std::make_shared<Exchange>(state_->next_id++, std::move(observer));
      state_->exchanges.emplace(exchange->id(), exchange);
    }
    // The TLS context is made in here too: off the executor, and one after the other with everything else of the
    // library.
    Pool().post([state = state_, exchange, request = std::move(request)]() mutable {
      Begin(state, exchange, std::move(request));
    });
    return exchange->id();
  }

  void Abort(Id id) override {
    const std::lock_guard lock(state_->mutex);
    if (const auto found = state_->exchanges.find(id); found != state_->exchanges.end()) Stop(found->second);
  }

  void Resume(Id id) override {
    std::shared_ptr<Exchange> exchange;
    {
      const std::lock_guard lock(state_->mutex);
      if (const auto found = state_->exchanges.find(id); found != state_->exchanges.end()) exchange = found->second;
    }
    if (exchange != nullptr) exchange->Resume();
  }

  void DropIdleConnections() override {
    const std::lock_guard lock(state_->mutex);
    for (auto& client : state_->clients) client.reset();
  }

 private:
  static constexpr std::size_t kChannels = 4;

  struct State {
    explicit State(std::shared_ptr<CredentialSource> source)
        : credentials(std::move(source)), tls(std::make_shared<TlsContext>(credentials)) {}
    const std::shared_ptr<CredentialSource> credentials;
    const std::shared_ptr<TlsContext> tls;
    std::mutex mutex;  // guards what follows
    std::condition_variable ended;
    Id next_id = 1;
    std::map<Id, std::shared_ptr<Exchange>> exchanges;
    std::array<std::shared_ptr<http::client::http_client>, kChannels> clients;
  };

  // On a thread of the pool, so that with one thread it never runs beside the library's handlers.
  static void Stop(const std::shared_ptr<Exchange>& exchange) {
    exchange->Abort();
    Pool().post([exchange] { exchange->CancelIfStarted(); });
  }

  static std::shared_ptr<http::client::http_client> MakeClient(const State& state, Channel channel) {
    const ServerAddress& server = state.credentials->server();
    const bool address = server.IsIpV4() || server.IsIpV6();
    http::client::http_client_config config;
    config.set_max_redirects(0);  // 0a
    config.set_timeout(channel == Channel::kWatch ? kWatchTimeout : kUnaryTimeout);
    config.set_validate_certificates(true);
    config.set_tlsext_sni_enabled(!address || !server.tls_name.empty());
    config.set_ssl_context_callback(
        [tls = state.tls](boost::asio::ssl::context& context) { tls->Prepare(context.native_handle()); });  // 0d
    if (address) {
      const tcp family = server.IsIpV4() ? tcp::v4() : tcp::v6();
      // What the handle is depends on the scheme.
      if (server.plain) {
        config.set_nativehandle_options([family](http::client::native_handle handle) {
          PrepareSocket(*static_cast<tcp::socket*>(handle), family);
        });
      } else {
        config.set_nativehandle_options([family](http::client::native_handle handle) {
          PrepareSocket(static_cast<boost::asio::ssl::stream<tcp::socket&>*>(handle)->next_layer(), family);
        });
      }
    }
    // An IPv6 address must not have its brackets here: the library resolves and verifies the host as it stands, and
    // takes "[::1]" for a name. The parser it would have to pass through takes the last ":" for the port's, so the port
    // is always given.
    web::uri_builder base;
    base.set_scheme(server.plain ? "http" : "https");
    base.set_host(server.host);
    base.set_port(server.port);
    base.set_path(server.base_path);
    return std::make_shared<http::client::http_client>(base.to_uri(), config);
  }

  // Every write gets a client, and with it a connection, of its own: the library replays any method on a reused
  // connection that turns out closed (0b), and its own pool is all it would reuse from. A handshake costs 1-2 ms of
  // CPU, at most 20 times a second (2.2). Asking the server for "Connection: close" would leave it to the server; the
  // seek that would make a body unrepeatable loses its error to the caller.
  static std::shared_ptr<http::client::http_client> ClientFor(State& state, const WireRequest& request) {
    if (!request.reuse_connection) return MakeClient(state, request.channel);
    const std::lock_guard lock(state.mutex);
    auto& client = state.clients[static_cast<std::size_t>(request.channel)];
    if (client == nullptr) client = MakeClient(state, request.channel);
    return client;
  }

  static http::http_request MakeRequest(const State& state, WireRequest& request,
                                        const std::shared_ptr<Exchange>& exchange) {
    http::http_request message(MethodOf(request.method));
    message.set_request_uri(web::uri(request.target));
    for (auto& [name, value] : request.headers) message.headers().add(name, value);
    // The one case for a Host header: with TLS it becomes the name that is sent as SNI and verified, as it stands.
    const ServerAddress& server = state.credentials->server();
    const std::string& name = server.tls_name;
    if (!name.empty())
      message.headers().add("Host",
                            server.plain && server.port != 80 ? name + ":" + std::to_string(server.port) : name);
    if (!request.body.empty()) {
      const std::size_t size = request.body.size();
      message.set_body(concurrency::streams::bytestream::open_istream(std::move(request.body)), size,
                       request.content_type);
    }
    message.set_response_stream(concurrency::streams::ostream(
        concurrency::streams::streambuf<std::uint8_t>(std::make_shared<BodySink>(exchange))));
    // Reported once the request is written: the connection and its TLS stand.
    message.set_progress_handler([exchange](http::message_direction::direction direction, utility::size64_t) {
      if (direction == http::message_direction::upload) exchange->OnConnected();
    });
    return message;
  }

  // On the pool. 0h: only continuations, nothing waits.
  static void Begin(const std::shared_ptr<State>& state, const std::shared_ptr<Exchange>& exchange,
                    WireRequest request) {
    if (exchange->IsAborted()) {
      Finish(state, exchange, {WireEnd::kAborted, "cancelled"});
      return;
    }
    try {
      const std::shared_ptr<http::client::http_client> client = ClientFor(*state, request);
      pplx::cancellation_token_source cancellation;
      exchange->KeepUntilEnd(client, [cancellation] { cancellation.cancel(); });
      client->request(MakeRequest(*state, request, exchange), cancellation.get_token())
          .then([state, exchange](pplx::task<http::http_response> task) {
            try {
              const http::http_response response = task.get();
              exchange->DeliverHead(HeadOf(response));
              response.content_ready().then([state, exchange](pplx::task<http::http_response> content) {
                try {
                  content.get();
                  Finish(state, exchange, {WireEnd::kComplete, {}});
                } catch (...) {
                  Finish(state, exchange, Diagnose(std::current_exception(), *state->tls));
                }
              });
            } catch (...) {
              Finish(state, exchange, Diagnose(std::current_exception(), *state->tls));
            }
          });
      // request() has posted the start; this is posted behind it.
      Pool().post([exchange] { exchange->MarkStarted(); });
    } catch (...) {
      Finish(state, exchange, Diagnose(std::current_exception(), *state->tls));
    }
  }

  static void Finish(const std::shared_ptr<State>& state, const std::shared_ptr<Exchange>& exchange,
                     WireResult result) {
    exchange->End(std::move(result));
    const std::lock_guard lock(state->mutex);
    state->exchanges.erase(exchange->id());
    if (state->exchanges.empty()) state->ended.notify_all();
  }

  const std::shared_ptr<State> state_;
};

void InitializePool(std::size_t threads) {
  static std::once_flag once;
  std::call_once(once, [threads] {
    try {
      crossplat::threadpool::initialize_with_threads(threads);
    } catch (const std::exception&) {
      // Someone used the library before us: its 40 threads are a waste, not an error.
    }
  });
}

}  // namespace

std::unique_ptr<Transport> MakeTransport(TransportOptions options, std::shared_ptr<CredentialSource> credentials,
                                         Executor* executor, const Clock* clock) {
  InitializePool(options.pool_threads);
  auto wire = std::make_unique<CpprestWire>(credentials);
  return std::make_unique<HttpTransport>(std::move(options), std::move(wire), std::move(credentials), executor, clock);
}

}  // namespace seaworthy::api
