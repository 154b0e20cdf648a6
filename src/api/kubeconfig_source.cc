#include "api/kubeconfig_source.h"

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace seaworthy::api {
namespace {

constexpr std::size_t kPemMaxSize = std::size_t{1} << 20;
// Used up this long before its time, so that it does not run out on the way.
constexpr auto kExpiryMargin = std::chrono::seconds(10);
// After a plugin failed: kinds that all back off at their own pace must not each start it again.
constexpr Duration kExecPause = std::chrono::seconds(5);

class ContextSource : public CredentialSource {
 public:
  ContextSource(KubeconfigContext context, const Clock* clock) : context_(std::move(context)), clock_(clock) {
    if (!context_.token_file.empty()) token_file_.emplace(context_.token_file, clock);
  }

  ~ContextSource() override {
    stop_ = true;
    std::thread worker;
    {
      const std::lock_guard lock(mutex_);
      worker = std::move(worker_);
    }
    if (worker.joinable()) worker.join();
  }

  const ServerAddress& server() const override { return context_.server; }
  std::string Describe() const override { return context_.description; }

  Result<TlsIdentity> Tls() override {
    TlsIdentity identity;
    Result<std::string> ca = context_.ca.Read();
    if (!ca.ok()) return ca.status();
    identity.ca = *std::move(ca);
    if (context_.client_certificate.set()) {
      Result<std::string> certificate = context_.client_certificate.Read();
      if (!certificate.ok()) return certificate.status();
      Result<std::string> key = context_.client_key.Read();
      if (!key.ok()) return key.status();
      identity.client_certificate = *std::move(certificate);
      identity.client_key = *std::move(key);
    }
    const std::lock_guard lock(mutex_);
    if (obtained_ && !obtained_->client_certificate.empty()) {
      identity.client_certificate = obtained_->client_certificate;
      identity.client_key = obtained_->client_key;
    }
    return identity;
  }

  Credential Current() override {
    if (token_file_) {
      const Credential credential = token_file_->Current();
      if (!credential.bearer.empty() || context_.token.empty()) return credential;
    }
    if (!context_.exec) return {context_.token, false, {}};
    const std::lock_guard lock(mutex_);
    if (!obtained_) return {{}, true, problem_};
    const bool expired = obtained_->expires && clock_->Wall() + kExpiryMargin >= *obtained_->expires;
    return {obtained_->token, expired, problem_};
  }

  void Refresh(std::function<void(bool)> done) override {
    if (token_file_) {
      done(token_file_->Refresh());
      return;
    }
    if (!context_.exec) {
      done(false);
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      const bool paused = failed_at_ && clock_->Now() - *failed_at_ < kExecPause;
      if (running_ || !paused) {
        waiting_.push_back(std::move(done));
        if (!running_) Start();
        return;
      }
    }
    done(false);
  }

 private:
  // REQUIRES: mutex_ held, not running_
  void Start() {
    running_ = true;
    // The thread before it may still be telling those who waited, and they may come back to us: it is joined where no
    // lock is held.
    worker_ = std::thread([this, before = std::move(worker_)]() mutable {
      if (before.joinable()) before.join();
      Result<ExecCredential> result = RunExecPlugin(*context_.exec, context_.exec_limit, stop_);
      bool changed = false;
      std::vector<std::function<void(bool)>> waiting;
      {
        const std::lock_guard lock(mutex_);
        if (result.ok()) {
          changed = !obtained_ || obtained_->token != result->token ||
                    obtained_->client_certificate != result->client_certificate;
          obtained_ = *std::move(result);
          problem_.clear();
          failed_at_.reset();
        } else {
          problem_ = result.status().message();
          failed_at_ = clock_->Now();
        }
        waiting.swap(waiting_);
        running_ = false;
      }
      for (const auto& done : waiting) done(changed);
    });
  }

  const KubeconfigContext context_;
  const Clock* const clock_;
  std::optional<TokenFile> token_file_;
  std::atomic<bool> stop_ = false;

  std::mutex mutex_;  // guards what follows
  std::thread worker_;
  bool running_ = false;
  std::vector<std::function<void(bool)>> waiting_;
  std::optional<ExecCredential> obtained_;
  std::string problem_;
  std::optional<MonoTime> failed_at_;
};

}  // namespace

Result<std::string> PemSource::Read() const {
  if (!data.empty()) return data;
  return ReadSmallFile(path, kPemMaxSize);
}

std::shared_ptr<CredentialSource> MakeContextSource(KubeconfigContext context, const Clock* clock) {
  return std::make_shared<ContextSource>(std::move(context), clock);
}

}  // namespace seaworthy::api
