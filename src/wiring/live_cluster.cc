#include "wiring/live_cluster.h"

#include <future>

#include "api/kubeconfig.h"
#include "cache/decode.h"
#include "support/log.h"

namespace seaworthy::wiring {
namespace {

// Half a kilobyte each in metrics.k8s.io's answer.
constexpr std::size_t kPodsAtOnce = 5000;

}  // namespace

Result<std::unique_ptr<LiveCluster>> LiveCluster::Connect(Options options) {
  auto live = std::unique_ptr<LiveCluster>(new LiveCluster());
  api::KubeconfigOptions kubeconfig;
  if (!options.kubeconfig.empty()) kubeconfig.files = {options.kubeconfig};
  kubeconfig.context = options.context;
  Result<std::shared_ptr<api::CredentialSource>> credentials = api::FindCredentials(&live->clock, kubeconfig);
  if (!credentials.ok()) return credentials.status();
  live->credentials = std::move(*credentials);
  live->decoder = cache::MakeDecoder(live->pool);
  options.core.decoder = live->decoder.get();
  options.core.off = options.core.off.Without(options.sources.kinds());
  live->core = std::make_unique<Core>(live->core_loop, live->clock, live->pool, options.core);
  api::TransportOptions transport;
  transport.user_agent = "seaworthy";
  transport.on_exchange = options.on_exchange;
  live->core_transport = api::MakeTransport(transport, live->credentials, &live->core_loop, &live->clock);
  live->api_transport = api::MakeTransport(transport, live->credentials, &live->api_loop, &live->clock);
  const api::WatchManager::Options watched = Watched(options.core.off);
  live->watches = std::make_unique<api::WatchManager>(live->api_transport.get(), &live->api_loop, &live->clock,
                                                      &live->api_rng, live->decoder.get(), live->core.get(), watched);
  live->core->on_custom_rules = [live = live.get()](CustomRulesPtr rules, KindSet again) {
    live->decoder->Use(std::move(rules));
    live->api_loop.Post([live, again] {
      if (live->watches == nullptr) return;  // it is being stopped
      if (!live->watches->OpenGate() && !again.empty()) live->watches->Relist(again, "custom_checks");
    });
  };
  live->watches->on_server_time = [live = live.get()](WallTime server_time) {
    live->core_loop.Post([live, server_time] { live->core->OnServerTime(server_time); });
  };
  if (options.cache_audit_every > Duration::zero()) {
    live->cache_index = std::make_unique<CacheIndex>(*live->core, live->core_loop, live->api_loop);
    live->cache_audit =
        std::make_unique<api::DivergenceAudit>(live->api_transport.get(), &live->api_loop, &live->api_rng,
                                               live->watches.get(), live->cache_index.get(), options.cache_audit_every);
    live->cache_audit->on_divergence = [](std::string_view difference) {
      support::log::Warning("the cache differed from the API server", {{"difference", difference}});
    };
  }
  if (options.sources.any()) {
    live->sources = std::make_unique<Sources>(
        options.sources, Sources::Parts{live->credentials, &live->core_loop, &live->core->world(), live->decoder.get(),
                                        live->core.get(), &live->clock});
  }
  if (watched.polled.Has(Kind::kPodMetrics)) {
    live->pod_metrics =
        std::make_unique<PodMetrics>(*live->api_transport, live->api_loop, live->clock, *live->decoder, *live->core,
                                     [raw = live.get()](auto done) { raw->NamespacesToPoll(std::move(done)); });
  }
  return live;
}

api::WatchManager::Options LiveCluster::Watched(KindSet off) {
  api::WatchManager::Options watched;
  // Custom checks judge objects as they are decoded: their policies come first.
  watched.before_others = {Kind::kAuditPolicy};
  watched.kinds = {};
  for (const KindInfo& info : KindTable()) {
    if (off.Has(info.kind)) continue;
    if (info.feed == Feed::kWatch || info.feed == Feed::kTold) watched.kinds.Add(info.kind);
    if (info.feed == Feed::kPoll) watched.polled.Add(info.kind);
  }
  return watched;
}

void LiveCluster::RunOn(support::Loop& loop, const std::function<void()>& fn) {
  std::promise<void> done;
  loop.Post([&] {
    fn();
    done.set_value();
  });
  done.get_future().wait();
}

void LiveCluster::Start() {
  // Their kinds are said to be known before the first evaluation restores what earlier runs were told.
  if (sources) sources->Start();
  RunOn(api_loop, [this] {
    watches->Start();
    if (cache_audit) cache_audit->Start();
    if (pod_metrics) pod_metrics->Start();
  });
}

void LiveCluster::NamespacesToPoll(std::function<void(std::vector<std::string>)> done) {
  core_loop.Post([this, done = std::move(done)]() mutable {
    std::vector<std::string> names;
    if (core != nullptr && core->world().ObjectCount(Kind::kPod) > kPodsAtOnce) {
      for (const NamespaceRecord* ns : core->world().Namespaces()) names.push_back(ns->name.str());
    }
    api_loop.Post([done = std::move(done), names = std::move(names)]() mutable { done(std::move(names)); });
  });
}

void LiveCluster::Stop() {
  if (std::exchange(stopped_, true)) return;
  sources.reset();
  RunOn(api_loop, [this] {
    pod_metrics.reset();
    cache_audit.reset();
    if (watches) watches->Stop();  // a cluster that could not be connected to has none
    watches.reset();
    api_transport.reset();
  });
  RunOn(core_loop, [this] {
    core_transport.reset();
    core.reset();
  });
  api_loop.Stop();
  api_loop.Join();
  core_loop.Stop();
  core_loop.Join();
}

LiveCluster::~LiveCluster() { Stop(); }

}  // namespace seaworthy::wiring
