#include "wiring/operator.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <thread>

#include "api/trust_store.h"
#include "sinks/audit_report/html.h"
#include "sinks/audit_report/json.h"
#include "sinks/http/server.h"
#include "sinks/http/token_reviewer.h"
#include "sinks/metrics/collector.h"
#include "sinks/metrics/self_metrics.h"
#include "support/file_limit.h"
#include "support/log.h"
#include "support/resident.h"
#include "support/version.h"
#include "wiring/commands.h"
#include "wiring/live_cluster.h"
#include "wiring/replica.h"

namespace seaworthy::wiring {
namespace {

namespace log = support::log;
namespace http = sinks::http;

// After the initial audit: first reports are written, first scrapes answered.
constexpr Duration kSettled = std::chrono::seconds(5);

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

// "HOST:PORT", "[::1]:PORT", ":PORT" for every address.
bool ParseAddress(const std::string& text, Address& address) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon + 1 == text.size()) return false;
  char* end = nullptr;
  const long port = std::strtol(text.c_str() + colon + 1, &end, 10);
  if (*end != 0 || port < 0 || port > 65535) return false;
  address.host = text.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']'))
    address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host.empty()) address.host = "::";
  address.port = static_cast<std::uint16_t>(port);
  return true;
}

class Operator {
 public:
  explicit Operator(const RunArguments& arguments)
      : arguments_(arguments),
        collector_({.check_series = arguments.check_series}),
        self_(support::Version(), support::Commit()) {}

  int Run() {
    support::LimitArenas();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    // Before any thread starts: they inherit it, and signals come to the descriptor alone.
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    api::IsolateTrustStore();
    const int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);

    if (const Status status = arguments_.sources.Check(); !status.ok()) {
      log::Error("cannot use a source", {{"reason", status.message()}});
      return kExitUsage;
    }
    CoreOptions core;
    if (arguments_.open_reports) core.off = core.off.Without({Kind::kOpenReport});
    Result<std::unique_ptr<LiveCluster>> connected =
        LiveCluster::Connect({arguments_.kubeconfig, arguments_.context, core, arguments_.sources,
                              [this](const api::ExchangeRecord& record) { OnExchange(record); },
                              std::chrono::duration_cast<Duration>(
                                  std::chrono::duration<double, std::ratio<60>>(arguments_.cache_audit_minutes))});
    if (!connected.ok()) {
      log::Error("cannot connect", {{"reason", connected.status().message()}});
      return kExitUsage;
    }
    live_ = std::move(*connected);
    host_ = live_->credentials->server().Authority();
    if (!StartServer()) return kExitUsage;
    LiveCluster::RunOn(live_->core_loop, [this] { StartReplica(); });
    live_->Start();
    LiveCluster::RunOn(live_->core_loop, [this] { Tick(); });
    log::Info("started", {{"version", support::Version()}, {"server", host_}, {"identity", replica_->identity()}});

    signalfd_siginfo info{};
    while (read(signal_fd, &info, sizeof info) < 0 && errno == EINTR) {
    }
    Shutdown();
    close(signal_fd);
    return kExitOk;
  }

 private:
  void StartReplica() {
    const char* pod = std::getenv("POD_NAME");
    ReplicaOptions options;
    options.leader_elect = arguments_.leader_elect;
    options.leader_namespace = arguments_.leader_namespace;
    options.leader_name = arguments_.leader_name;
    options.instance = pod != nullptr ? pod : "seaworthy";
    options.identity = arguments_.identity;
    options.write_reports = arguments_.write_reports;
    options.open_reports = arguments_.open_reports;
    live_->core->on_begun = [this](Duration waited) { self_.ObserveQueued("subjects", waited); };
    live_->core->on_worked = [this](Duration took) { self_.ObserveWork("subjects", took); };
    live_->core->on_published = [this](Duration took) { self_.ObserveChangeToMetric(took); };
    replica_ =
        std::make_unique<Replica>(std::move(options), ReplicaParts{*live_->core, collector_, *live_->core_transport,
                                                                   live_->core_loop, live_->clock, live_->core_rng});
    replica_->on_ready = [this] {
      ready_ = true;
      live_->core_loop.PostAfter(kSettled, [] { support::GiveBackStartMemory(); });
    };
    replica_->on_leadership = [this](bool leading) { self_.SetLeader(arguments_.leader_name, leading); };
    replica_->Start();
  }

  void OnExchange(const api::ExchangeRecord& record) {
    const bool watch = record.channel == Channel::kWatch;
    self_.CountRequest(MethodName(record.method), record.status, host_,
                       watch ? std::nullopt : std::optional<Duration>(record.duration));
  }

  // What is exported but changes by itself; on the core loop.
  void Tick() {
    std::vector<sinks::metrics::WatchStats> watches;
    std::promise<void> read;
    live_->api_loop.Post([&] {
      for (const KindInfo& info : KindTable()) {
        const api::WatcherStats* stats = live_->watches->stats(info.kind);
        if (stats == nullptr) continue;
        sinks::metrics::WatchStats one;
        one.kind = info.kind;
        one.phase = api::PhaseName(stats->phase);
        for (const auto& [reason, count] : stats->relists) one.relists[std::string(reason)] = count;
        for (const auto& [reason, count] : stats->restarts) one.restarts[std::string(reason)] = count;
        for (std::size_t type = 0; type < stats->events.size(); ++type) {
          one.events[std::string(api::FrameTypeName(static_cast<api::FrameType>(type)))] = stats->events[type];
        }
        one.objects = stats->objects;
        one.unreadable = stats->unreadable;
        one.degraded = stats->degraded;
        if (live_->cache_audit) {
          const auto& found = live_->cache_audit->stats().divergences;
          one.divergences = found.contains(info.kind) ? found.at(info.kind) : 0;
        }
        const Duration silent = live_->clock.Now() - stats->last_progress;
        one.stale = stats->synced && silent > std::chrono::minutes(5);
        one.last_progress = live_->clock.Wall() - std::chrono::duration_cast<std::chrono::milliseconds>(silent);
        watches.push_back(std::move(one));
      }
      read.set_value();
    });
    read.get_future().wait();
    for (sinks::metrics::WatchStats& one : watches) {
      one.objects = live_->core->world().ObjectCount(one.kind);
      one.resident_bytes = live_->core->world().ResidentBytes(one.kind);
    }
    self_.SetWatches(watches);
    if (replica_->writer() != nullptr) self_.SetReports(replica_->ReportStats());
    collector_.SetLastEvaluation(live_->clock.Wall());
    const std::uint64_t queued = live_->core->engine().queued_total();
    self_.SetQueueDepth("subjects", live_->core->engine().queue_length());
    self_.CountQueueAdds("subjects", queued - std::exchange(queued_, queued));
    live_->core_loop.PostAfter(std::chrono::seconds(10), [this] {
      if (!stopping_) Tick();
    });
  }

  bool StartServer() {
    Address metrics, health, report;
    for (auto [text, address] : {std::pair(&arguments_.metrics_address, &metrics),
                                 {&arguments_.health_address, &health},
                                 {&arguments_.report_address, &report}}) {
      if (ParseAddress(*text, *address)) continue;
      log::Error("not an address", {{"value", *text}, {"wanted", "HOST:PORT"}});
      return false;
    }
    if (arguments_.metrics_cert_file.empty() != arguments_.metrics_key_file.empty()) {
      log::Error("--metrics-cert-file and --metrics-key-file belong together");
      return false;
    }
    http::ServerOptions options;
    options.note = [](std::string_view message, std::string_view detail) { log::Info(message, {{"detail", detail}}); };
    options.listeners.resize(3);
    options.listeners[0].address = metrics.host;
    options.listeners[0].port = metrics.port;
    if (arguments_.metrics_secure) {
      options.listeners[0].tls = {.certificate_file = arguments_.metrics_cert_file,
                                  .key_file = arguments_.metrics_key_file,
                                  .names = {"localhost", "seaworthy." + arguments_.leader_namespace + ".svc"}};
      reviewer_ = std::make_unique<http::TokenReviewer>(
          *live_->core_transport, live_->clock, [](std::string_view message, std::string_view detail) {
            log::Limited(log::Level::kWarning, message, "metrics", {{"reason", detail}});
          });
      options.listeners[0].authorizer = reviewer_.get();
    }
    options.listeners[0].handler = [this](const http::Request& request, http::Responder respond) {
      Metrics(request, respond);
    };
    options.listeners[1].address = health.host;
    options.listeners[1].port = health.port;
    options.listeners[1].handler = [this](const http::Request& request, http::Responder respond) {
      Health(request, respond);
    };
    options.listeners[2].address = report.host;
    options.listeners[2].port = report.port;
    options.listeners[2].handler = [this](const http::Request& request, http::Responder respond) {
      Report(request, respond);
    };
    server_ = std::make_unique<http::Server>(std::move(options));
    if (const Status status = server_->Start(); !status.ok()) {
      log::Error("cannot listen", {{"reason", status.message()}});
      return false;
    }
    log::Info("listening", {{"metrics", std::to_string(server_->port(0))},
                            {"health", std::to_string(server_->port(1))},
                            {"report", std::to_string(server_->port(2))}});
    return true;
  }

  void Metrics(const http::Request& request, const http::Responder& respond) {
    if (request.path != "/metrics") return respond(http::Response::Text(404, "not found: /metrics\n"));
    http::Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.more = [this, reader = std::shared_ptr<sinks::metrics::PageReader>(collector_.Read()),
                     own = false](std::string& piece) mutable {
      if (!own && reader->Next(piece)) return true;
      if (std::exchange(own, true)) return false;
      piece.clear();
      self_.AppendTo(piece);
      return true;
    };
    respond(std::move(response));
  }

  // Internal only: neither asks the API server, whose outage would otherwise restart us or hide the last truth.
  void Health(const http::Request& request, const http::Responder& respond) {
    if (request.path == "/healthz") {
      const MonoTime now = live_->clock.Now();
      const bool alive = now - live_->core_loop.last_tick() < std::chrono::seconds(30) &&
                         now - live_->api_loop.last_tick() < std::chrono::seconds(30);
      return respond(http::Response::Text(alive ? 200 : 500, alive ? "ok\n" : "a loop is stuck\n"));
    }
    if (request.path == "/readyz") {
      const bool ready = ready_ && !stopping_;
      std::string text = ready ? "ok\n" : stopping_ ? "stopping\n" : "the initial audit is not complete\n";
      if (request.query.find("verbose") == std::string::npos)
        return respond(http::Response::Text(ready ? 200 : 503, std::move(text)));
      live_->core_loop.Post([this, respond, ready, text] {
        std::string lines = text;
        constexpr std::string_view kNames[] = {"live", "pending", "absent", "denied", "off", "offline", "degraded"};
        for (const KindInfo& info : KindTable()) {
          lines += std::string(info.resource) + (info.group.empty() ? "" : ".") + std::string(info.group) + " " +
                   std::string(kNames[static_cast<std::size_t>(live_->core->world().State(info.kind))]) + "\n";
        }
        respond(http::Response::Text(ready ? 200 : 503, std::move(lines)));
      });
      return;
    }
    respond(http::Response::Text(404, "not found: /healthz, /readyz\n"));
  }

  void Report(const http::Request& request, const http::Responder& respond) {
    // Against DNS rebinding: a page of another site must not read it through the user's browser.
    std::string_view host = request.Header("host");
    if (const std::size_t colon = host.rfind(':');
        colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos)
      host = host.substr(0, colon);
    if (host != "localhost" && host != "127.0.0.1" && host != "[::1]")
      return respond(http::Response::Text(403, "ask for localhost\n"));
    const bool page = request.path == "/";
    if (!page && request.path != "/report.json")
      return respond(http::Response::Text(404, "not found: /, /report.json\n"));
    live_->core_loop.Post([this, respond, page] {
      http::Response response;
      response.headers = {{"Cache-Control", "no-store"}, {"Cross-Origin-Resource-Policy", "same-origin"}};
      if (page) return Page(std::move(response), respond);
      response.content_type = "application/json";
      sinks::audit_report::JsonOptions options;
      options.generated_by = GeneratedBy();
      sinks::audit_report::WriteJson(live_->core->engine(), options, [&](std::string_view piece) {
        response.body.push_back(std::make_shared<const std::string>(piece));
      });
      respond(std::move(response));
    });
  }

  void Page(http::Response response, const http::Responder& respond) {
    response.content_type = "text/html; charset=utf-8";
    // A <meta> cannot keep others from framing the page.
    response.headers.emplace_back("Content-Security-Policy",
                                  sinks::audit_report::PagePolicy() + "; frame-ancestors 'none'");
    response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    sinks::audit_report::ReportOptions options;
    options.generated_by = GeneratedBy();
    options.live = true;
    options.at =
        Timestamp{std::chrono::duration_cast<std::chrono::seconds>(live_->clock.Wall().time_since_epoch()).count()};
    const std::span<const Check* const> checks = live_->core->engine().checks();
    options.catalogue.assign(checks.begin(), checks.end());
    sinks::audit_report::WriteHtml(live_->core->engine(), options, [&](std::string_view piece) {
      response.body.push_back(std::make_shared<const std::string>(piece));
    });
    respond(std::move(response));
  }

  void Shutdown() {
    log::Info("stopping");
    stopping_ = true;
    // The watchdog: whatever hangs, the process ends before the kubelet would kill it.
    std::thread([] {
      std::this_thread::sleep_for(std::chrono::seconds(20));
      _exit(2);
    }).detach();
    std::promise<void> settled;
    live_->core_loop.Post([&] { replica_->Stop([&] { settled.set_value(); }); });
    settled.get_future().wait_for(std::chrono::seconds(8));
    server_->Stop(std::chrono::milliseconds(500));
    LiveCluster::RunOn(live_->core_loop, [this] { replica_->Detach(); });
    live_->Stop();
    replica_.reset();
    log::Info("stopped");
  }

  RunArguments arguments_;
  std::string host_;
  std::uint64_t queued_ = 0;  // entries that were counted
  sinks::metrics::Collector collector_;
  sinks::metrics::OperatorMetrics self_;
  std::unique_ptr<LiveCluster> live_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<http::TokenReviewer> reviewer_;
  std::unique_ptr<http::Server> server_;
  std::atomic<bool> ready_ = false, stopping_ = false;
};

}  // namespace

int RunOperator(const RunArguments& arguments) {
  log::Options options;
  options.format = arguments.log_format == "text" ? log::Format::kText : log::Format::kJson;
  options.level = arguments.log_level == "debug"     ? log::Level::kDebug
                  : arguments.log_level == "warning" ? log::Level::kWarning
                  : arguments.log_level == "error"   ? log::Level::kError
                                                     : log::Level::kInfo;
  log::Configure(std::move(options));
  // A socket each watch; writes, reviews, the lease, listeners, scrapes and files beside.
  constexpr std::uint64_t kFilesBeside = 128;
  if (const Status status = support::RaiseFileLimit(kKindCount + kFilesBeside); !status.ok()) {
    log::Error("cannot run", {{"reason", status.message()}});
    return kExitUsage;
  }
  return Operator(arguments).Run();
}

}  // namespace seaworthy::wiring
