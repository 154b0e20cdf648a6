#include "api/endpoint.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "api/trust_store.h"

namespace seaworthy::api {
namespace {

constexpr std::size_t kCaMaxSize = std::size_t{4} << 20;
constexpr Duration kFreshFor = std::chrono::seconds(60);
// A dead name server holds each look-up for half a minute: no more of them than this wait at a time.
constexpr std::size_t kMaxWaiting = 64;

// As Go's crypto/x509 looks for them on Linux.
constexpr const char* kCaFiles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                    "/etc/pki/tls/certs/ca-bundle.crt",
                                    "/etc/ssl/ca-bundle.pem",
                                    "/etc/pki/tls/cacert.pem",
                                    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                    "/etc/ssl/cert.pem"};

class EndpointCredentials : public CredentialSource {
 public:
  EndpointCredentials(EndpointOptions options, const Clock* clock)
      : options_(std::move(options)), token_(options_.token_file, clock) {}

  const ServerAddress& server() const override { return options_.server; }
  Result<TlsIdentity> Tls() override {
    TlsIdentity identity;
    if (options_.system_ca) {
      Result<std::string> system = SystemCa();
      // With a file of one's own the system's are a convenience.
      if (!system.ok() && options_.ca_file.empty()) return system.status();
      if (system.ok()) identity.ca = *std::move(system);
    }
    if (options_.ca_file.empty()) return identity;
    Result<std::string> own = ReadSmallFile(options_.ca_file, kCaMaxSize);
    if (!own.ok()) return own.status();
    identity.ca += "\n" + *own;
    return identity;
  }
  Credential Current() override { return options_.token_file.empty() ? Credential() : token_.Current(); }
  void Refresh(std::function<void(bool)> done) override { done(!options_.token_file.empty() && token_.Refresh()); }
  std::string Describe() const override { return options_.server.Authority(); }

 private:
  const EndpointOptions options_;
  TokenFile token_;
};

// The way home for look-ups, which may end long after we, and the executor, are gone.
class Home {
 public:
  explicit Home(Executor* executor) : executor_(executor) {}
  void Post(std::function<void()> fn) {
    const std::lock_guard lock(mutex_);
    if (executor_ != nullptr) executor_->Post(std::move(fn));
  }
  void Close() {
    const std::lock_guard lock(mutex_);
    executor_ = nullptr;
  }

 private:
  std::mutex mutex_;  // guards what follows
  Executor* executor_;
};

class Endpoint : public Transport {
 public:
  Endpoint(EndpointOptions options, TransportOptions transport, Executor* executor, const Clock* clock, Resolve resolve)
      : options_(std::move(options)),
        transport_(std::move(transport)),
        executor_(executor),
        clock_(clock),
        resolve_(std::move(resolve)) {}
  ~Endpoint() override { home_->Close(); }

  void Unary(HttpRequest request, Done done) override {
    executor_->Post(
        [this, alive = std::weak_ptr(alive_), request = std::move(request), done = std::move(done)]() mutable {
          if (!alive.expired()) Begin(std::move(request), std::move(done));
        });
  }
  StreamId Stream(HttpRequest, StreamObserver* observer) override {
    executor_->Post(
        [observer] { observer->OnEnd(Status(Code::kFailedPrecondition, "an endpoint serves no streams")); });
    return 0;
  }
  void Cancel(StreamId) override {}

 private:
  struct Waiting {
    HttpRequest request;
    Done done;
  };

  bool IsName() const { return !options_.server.IsIpV4() && !options_.server.IsIpV6(); }

  void Begin(HttpRequest request, Done done) {
    if (!IsName()) {
      if (inner_ == nullptr) Connect(options_.server);
      return Send({std::move(request), std::move(done)});
    }
    if (inner_ != nullptr && clock_->Now() - resolved_at_ < kFreshFor)
      return Send({std::move(request), std::move(done)});
    if (waiting_.size() >= kMaxWaiting)
      return done(Status(Code::kUnavailable, options_.server.host + ": the look-up of the name takes too long"));
    waiting_.push_back({std::move(request), std::move(done)});
    if (std::exchange(resolving_, true)) return;
    resolve_(options_.server.host,
             [this, alive = std::weak_ptr(alive_), home = home_](Result<std::vector<std::string>> addresses) {
               home->Post([this, alive, addresses = std::move(addresses)] {
                 if (!alive.expired()) OnResolved(addresses);
               });
             });
  }

  void OnResolved(const Result<std::vector<std::string>>& addresses) {
    resolving_ = false;
    std::deque<Waiting> waiting = std::exchange(waiting_, {});
    if (!addresses.ok() || addresses->empty()) {
      const Status status(
          Code::kUnavailable,
          options_.server.host + ": " + (addresses.ok() ? "the name has no address" : addresses.status().message()));
      for (const Waiting& one : waiting) one.done(status);
      return;
    }
    resolved_at_ = clock_->Now();
    // The one in use stays while the name still has it; another is tried after a failure.
    const bool stays =
        inner_ != nullptr && !failed_ && std::find(addresses->begin(), addresses->end(), address_) != addresses->end();
    if (!stays) {
      const auto current = std::find(addresses->begin(), addresses->end(), address_);
      address_ = current == addresses->end() || std::next(current) == addresses->end() ? addresses->front()
                                                                                       : *std::next(current);
      ServerAddress server = options_.server;
      if (server.tls_name.empty()) server.tls_name = server.host;
      server.host = address_;
      Connect(std::move(server));
    }
    failed_ = false;
    for (Waiting& one : waiting) Send(std::move(one));
  }

  void Connect(ServerAddress server) {
    // Calls that are under way end on the old one.
    if (inner_ != nullptr && open_ > 0) old_.push_back(std::move(inner_));
    EndpointOptions options = options_;
    options.server = std::move(server);
    inner_ =
        MakeTransport(transport_, std::make_shared<EndpointCredentials>(std::move(options), clock_), executor_, clock_);
  }

  void Send(Waiting call) {
    ++open_;
    inner_->Unary(std::move(call.request),
                  [this, alive = std::weak_ptr(alive_), done = std::move(call.done)](Result<HttpResponse> response) {
                    if (alive.expired()) return;
                    --open_;
                    if (!response.ok() && response.status().code() == Code::kUnavailable) {
                      failed_ = true;
                      resolved_at_ = clock_->Now() - kFreshFor;
                    }
                    // Not from inside a call of theirs.
                    if (open_ == 0 && !old_.empty()) {
                      executor_->Post([this, alive] {
                        if (!alive.expired() && open_ == 0) old_.clear();
                      });
                    }
                    done(std::move(response));
                  });
  }

  const EndpointOptions options_;
  const TransportOptions transport_;
  Executor* const executor_;
  const Clock* const clock_;
  const Resolve resolve_;
  std::unique_ptr<Transport> inner_;
  std::vector<std::unique_ptr<Transport>> old_;
  std::string address_;
  MonoTime resolved_at_;
  bool resolving_ = false, failed_ = false;
  int open_ = 0;
  std::deque<Waiting> waiting_;
  std::shared_ptr<Home> home_ = std::make_shared<Home>(executor_);
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

Result<ServerAddress> ParseEndpointUrl(std::string_view url) {
  constexpr std::string_view kPlain = "http://";
  if (!url.starts_with(kPlain)) return ParseServerUrl(url);
  const std::string_view rest = url.substr(kPlain.size());
  Result<ServerAddress> server = ParseServerUrl("https://" + std::string(rest));
  if (!server.ok()) return server;
  server->plain = true;
  // A port that is not written out is 80.
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  if (!has_port) server->port = 80;
  return server;
}

void ResolveName(const std::string& name, std::function<void(Result<std::vector<std::string>>)> done) {
  // Detached: a look-up can be neither bounded nor cancelled, and nobody should have to wait for it.
  std::thread([name, done = std::move(done)] {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    if (const int code = getaddrinfo(name.c_str(), nullptr, &hints, &found); code != 0) {
      done(Status(Code::kUnavailable, gai_strerror(code)));
      return;
    }
    std::vector<std::string> addresses;
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
      char text[INET6_ADDRSTRLEN];
      const void* address =
          one->ai_family == AF_INET
              ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(one->ai_addr)->sin_addr)
              : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(one->ai_addr)->sin6_addr);
      if (inet_ntop(one->ai_family, address, text, sizeof text) != nullptr) addresses.emplace_back(text);
    }
    freeaddrinfo(found);
    done(std::move(addresses));
  }).detach();
}

Result<std::unique_ptr<Transport>> MakeEndpoint(EndpointOptions options, TransportOptions transport, Executor* executor,
                                                const Clock* clock, Resolve resolve) {
  if (options.server.plain && !options.token_file.empty()) {
    return Status(Code::kInvalidArgument, options.server.Authority() + ": the token would be sent in clear; use https");
  }
  return std::unique_ptr<Transport>(
      std::make_unique<Endpoint>(std::move(options), std::move(transport), executor, clock, std::move(resolve)));
}

Result<std::string> SystemCa() {
  for (const std::string& variable : OriginalEnvironment()) {
    constexpr std::string_view kFile = "SSL_CERT_FILE=";
    if (variable.starts_with(kFile)) return ReadSmallFile(variable.substr(kFile.size()), kCaMaxSize);
  }
  for (const char* file : kCaFiles) {
    if (Result<std::string> text = ReadSmallFile(file, kCaMaxSize); text.ok()) return text;
  }
  return Status(Code::kUnavailable, "no certificate authorities are installed (/etc/ssl/certs/ca-certificates.crt)");
}

}  // namespace seaworthy::api
