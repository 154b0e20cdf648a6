#include "wiring/sources/sources.h"

#include <atomic>
#include <future>
#include <utility>

#include "api/endpoint.h"
#include "support/log.h"
#include "wiring/sources/world_views.h"

namespace seaworthy::wiring {
namespace {

// A connection's certificate authorities take almost a megabyte: hosts that nobody has been asked at for longer than
// any call takes are forgotten.
constexpr std::size_t kMaxHosts = 16;
constexpr Duration kForgottenAfter = std::chrono::seconds(90);
// Manifests and configurations; a layer is never asked for.
constexpr std::size_t kRegistryCap = std::size_t{4} << 20;
constexpr std::size_t kMaxConfig = std::size_t{1} << 20;

}  // namespace

struct Sources::Gate {
  std::atomic<bool> open = true;
};

KindSet SourceOptions::kinds() const {
  KindSet kinds;
  if (!prometheus_url.empty()) kinds = kinds | Prometheus::kinds();
  if (registry_lookups) kinds.Add(Kind::kImageConfig);
  if (log_sampling) kinds.Add(Kind::kLogSample);
  return kinds;
}

Status SourceOptions::Check() const {
  const auto readable = [](const std::string& flag, const std::string& file) {
    if (file.empty()) return Status::Ok();
    const Result<std::string> text = api::ReadSmallFile(file, kMaxConfig);
    return text.ok() ? Status::Ok() : Status(Code::kInvalidArgument, flag + ": " + text.status().message());
  };
  if (!prometheus_url.empty()) {
    const Result<api::ServerAddress> server = api::ParseEndpointUrl(prometheus_url);
    if (!server.ok()) return Status(Code::kInvalidArgument, "--prometheus-url: " + server.status().message());
    if (server->plain && !prometheus_token_file.empty()) {
      return Status(Code::kInvalidArgument, "--prometheus-token-file: over http the token would be sent in clear");
    }
    for (const auto& [flag, file] :
         {std::pair("--prometheus-ca-file", prometheus_ca_file), {"--prometheus-token-file", prometheus_token_file}}) {
      if (Status status = readable(flag, file); !status.ok()) return status;
    }
    if (prometheus_matchers.find_first_of("{}") != std::string::npos) {
      return Status(Code::kInvalidArgument,
                    "--prometheus-matchers: only the matchers, without braces: cluster=\"prod-1\"");
    }
  }
  if (registry_lookups) {
    for (const auto& [flag, file] :
         {std::pair("--registry-config", registry_config), {"--registry-ca-file", registry_ca_file}}) {
      if (Status status = readable(flag, file); !status.ok()) return status;
    }
  }
  return Status::Ok();
}

Sources::Sources(SourceOptions options, Parts parts)
    : options_(std::move(options)), parts_(std::move(parts)), gate_(std::make_shared<Gate>()) {}

Sources::~Sources() {
  gate_->open = false;
  std::promise<void> done;
  loop_.Post([&] {
    log_sampling_.reset();
    registry_.reset();
    prometheus_.reset();
    registries_.clear();
    cluster_.reset();
    done.set_value();
  });
  done.get_future().wait();
  // What reads the World on the core loop has either run or finds the gate closed.
  std::promise<void> passed;
  parts_.core_loop->Post([&] { passed.set_value(); });
  passed.get_future().wait();
}

void Sources::Start() {
  loop_.Post([this] {
    if (!options_.prometheus_url.empty()) MakePrometheus();
    if (options_.registry_lookups) MakeRegistry();
    if (options_.log_sampling) MakeLogSampling();
  });
}

std::vector<Sources::Problem> Sources::Problems() {
  std::vector<Problem> problems;
  if (prometheus_ != nullptr && !prometheus_->problem().empty())
    problems.push_back({"prometheus", prometheus_->problem()});
  if (log_sampling_ != nullptr && !log_sampling_->problem().empty())
    problems.push_back({"pods/log", log_sampling_->problem()});
  return problems;
}

template <typename Answer>
void Sources::AskWorld(std::function<Answer(const cache::World&)> read, std::function<void(Answer)> done) {
  parts_.core_loop->Post([this, gate = gate_, read = std::move(read), done = std::move(done)] {
    if (!gate->open) return;
    loop_.Post([result = read(*parts_.world), done] { done(result); });
  });
}

void Sources::MakePrometheus() {
  api::EndpointOptions endpoint;
  endpoint.server = *api::ParseEndpointUrl(options_.prometheus_url);
  endpoint.ca_file = options_.prometheus_ca_file;
  // A file of one's own names whom to trust; nobody else may be Prometheus then.
  endpoint.system_ca = options_.prometheus_ca_file.empty();
  endpoint.token_file = options_.prometheus_token_file;
  Result<std::unique_ptr<Transport>> transport = api::MakeEndpoint(std::move(endpoint), {}, &loop_, parts_.clock);
  if (!transport.ok())
    return support::log::Error("Prometheus cannot be asked", {{"reason", transport.status().message()}});
  prometheus_ = std::make_unique<Prometheus>(PrometheusOptions{options_.prometheus_matchers}, *std::move(transport),
                                             loop_, *parts_.clock, *parts_.decoder, *parts_.sink);
  prometheus_->Start();
}

Result<Transport*> Sources::Connect(const api::ServerAddress& server) {
  const std::string authority = server.Authority();
  const MonoTime now = parts_.clock->Now();
  if (const auto known = registries_.find(authority); known != registries_.end()) {
    known->second.used = now;
    return known->second.transport.get();
  }
  if (registries_.size() >= kMaxHosts)
    std::erase_if(registries_, [now](const auto& host) { return now - host.second.used > kForgottenAfter; });
  if (registries_.size() >= kMaxHosts) return Status(Code::kUnavailable, "too many registries at once");
  api::EndpointOptions endpoint;
  endpoint.server = server;
  endpoint.ca_file = options_.registry_ca_file;
  api::TransportOptions transport;
  transport.response_cap = kRegistryCap;
  transport.hand_over_redirects = true;
  // Digests are of what is stored.
  transport.accept_gzip = false;
  Result<std::unique_ptr<Transport>> made =
      api::MakeEndpoint(std::move(endpoint), std::move(transport), &loop_, parts_.clock);
  if (!made.ok()) return made.status();
  return registries_.emplace(authority, Host{*std::move(made), now}).first->second.transport.get();
}

void Sources::MakeRegistry() {
  RegistryOptions options;
  options.hosts.insert(options_.registry_hosts.begin(), options_.registry_hosts.end());
  registry_ = std::make_unique<Registry>(
      std::move(options), [this](const api::ServerAddress& server) { return Connect(server); },
      [file = options_.registry_config] {
        Result<std::string> text =
            file.empty() ? Result<std::string>(std::string()) : api::ReadSmallFile(file, kMaxConfig);
        return text.ok() ? *std::move(text) : std::string();
      },
      loop_, *parts_.clock, *parts_.decoder, *parts_.sink,
      [this](auto done) {
        AskWorld<std::vector<RunningImage>>([](const cache::World& world) { return RunningImages(world); },
                                            std::move(done));
      });
  registry_->Start();
}

void Sources::MakeLogSampling() {
  cluster_ = api::MakeTransport({}, parts_.credentials, &loop_, parts_.clock);
  log_sampling_ =
      std::make_unique<LogSampling>(*cluster_, loop_, *parts_.clock, *parts_.decoder, *parts_.sink, [this](auto done) {
        AskWorld<std::vector<LogSubject>>(
            [clock = parts_.clock](const cache::World& world) { return LogSubjects(world, clock->Wall()); },
            std::move(done));
      });
  log_sampling_->Start();
}

}  // namespace seaworthy::wiring
