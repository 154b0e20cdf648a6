// The real transport against servers of the tests' own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/credentials.h"
#include "api/testing/https_server.h"
#include "api/testing/real_loop.h"
#include "api/testing/tls_files.h"
#include "api/transport.h"

namespace seaworthy::api::testing {

// Nothing in these tests takes this long unless it hangs.
inline constexpr std::chrono::seconds kPatience{60};

inline bool Eventually(const std::function<bool()>& condition) {
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

class TestCredentials : public CredentialSource {
 public:
  TestCredentials(ServerAddress server, std::string ca) : server_(std::move(server)) { tls_.ca = std::move(ca); }

  const ServerAddress& server() const override { return server_; }
  Result<TlsIdentity> Tls() override {
    const std::lock_guard lock(mutex_);
    return tls_;
  }
  Credential Current() override {
    const std::lock_guard lock(mutex_);
    return {token_, false, {}};
  }
  void Refresh(std::function<void(bool)> done) override {
    bool changed = false;
    {
      const std::lock_guard lock(mutex_);
      ++refreshes_;
      changed = next_token_ != token_;
      token_ = next_token_;
    }
    done(changed);
  }
  std::string Describe() const override { return "test"; }

  void SetTls(TlsIdentity tls) {
    const std::lock_guard lock(mutex_);
    tls_ = std::move(tls);
  }
  // What Refresh will find.
  void Rotate(std::string token) {
    const std::lock_guard lock(mutex_);
    next_token_ = std::move(token);
  }
  int refreshes() const {
    const std::lock_guard lock(mutex_);
    return refreshes_;
  }

 private:
  const ServerAddress server_;
  mutable std::mutex mutex_;
  TlsIdentity tls_;
  std::string token_ = "secret-token", next_token_ = "secret-token";
  int refreshes_ = 0;
};

class StreamRecorder : public StreamObserver {
 public:
  void OnHead(const HttpHead& head) override {
    const std::lock_guard lock(mutex_);
    head_ = head;
    changed_.notify_all();
  }
  void OnBytes(std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    bytes_ += bytes;
    ++calls_;
    changed_.notify_all();
  }
  void OnEnd(const Status& status) override {
    const std::lock_guard lock(mutex_);
    ++ends_;
    end_ = status;
    changed_.notify_all();
  }
  bool WaitForHead() {
    return Wait([this] { return head_.has_value(); });
  }
  bool WaitForBytes(std::size_t size) {
    return Wait([this, size] { return bytes_.size() >= size; });
  }
  bool WaitForEnd() {
    return Wait([this] { return end_.has_value(); });
  }
  HttpHead head() const {
    return Locked([this] { return head_.value_or(HttpHead()); });
  }
  std::string bytes() const {
    return Locked([this] { return bytes_; });
  }
  Status end() const {
    return Locked([this] { return end_.value_or(Status(Code::kInternal, "has not ended")); });
  }
  int ends() const {
    return Locked([this] { return ends_; });
  }
  int calls() const {
    return Locked([this] { return calls_; });
  }

 private:
  template <typename Fn>
  std::invoke_result_t<Fn> Locked(Fn fn) const {
    const std::lock_guard lock(mutex_);
    return fn();
  }
  template <typename Fn>
  bool Wait(Fn done) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return done() || end_.has_value(); }) && done();
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<HttpHead> head_;
  std::string bytes_;
  std::optional<Status> end_;
  int ends_ = 0, calls_ = 0;
};

// What the product uses, its one pool thread included: with two, cpprestsdk's close() races with the TLS layer's reads
// (see TransportOptions::pool_threads), and a test that cancels may crash inside the library.
inline TransportOptions ProductOptions() {
  TransportOptions options;
  options.counters = std::make_shared<TransportCounters>();
  return options;
}

class Rig {
 public:
  Rig(const std::string& url, const std::string& ca, TransportOptions options = ProductOptions(),
      const std::string& tls_name = {})
      : counters(options.counters) {
    ServerAddress server = *ParseServerUrl(url);
    server.tls_name = tls_name;
    credentials = std::make_shared<TestCredentials>(server, ca);
    transport = MakeTransport(std::move(options), credentials, &loop, &clock);
  }
  ~Rig() { Destroy(); }

  void Destroy() {
    loop.Run([this] { transport.reset(); });
  }

  Result<HttpResponse> Call(HttpRequest request) {
    auto answer = std::make_shared<std::promise<Result<HttpResponse>>>();
    auto future = answer->get_future();
    transport->Unary(std::move(request),
                     [answer](Result<HttpResponse> result) { answer->set_value(std::move(result)); });
    if (future.wait_for(kPatience) != std::future_status::ready) return Status(Code::kInternal, "the call never ended");
    return future.get();
  }
  Result<HttpResponse> Get(const std::string& target) { return Call({.target = target}); }
  Transport::StreamId Stream(HttpRequest request, StreamObserver* observer) {
    request.channel = Channel::kWatch;
    return loop.Run([&] { return transport->Stream(std::move(request), observer); });
  }
  void Cancel(Transport::StreamId id) {
    loop.Run([&] { transport->Cancel(id); });
  }

  RealClock clock;
  RealLoop loop;
  std::shared_ptr<TransportCounters> counters;
  std::shared_ptr<TestCredentials> credentials;
  std::unique_ptr<Transport> transport;
};

inline const char kLoopbackNames[] = "IP:127.0.0.1,IP:::1,DNS:localhost";

}  // namespace seaworthy::api::testing
