#include "wiring/live_cluster.h"

#include <future>

#include "api/kubeconfig.h"
#include "cache/decode.h"

namespace seaworthy::wiring {

Result<std::unique_ptr<LiveCluster>> LiveCluster::Connect(Options options) {
  auto live = std::unique_ptr<LiveCluster>(new LiveCluster());
  api::KubeconfigOptions kubeconfig;
  if (!options.kubeconfig.empty()) kubeconfig.files = {options.kubeconfig};
  kubeconfig.context = options.context;
  Result<std::shared_ptr<api::CredentialSource>> credentials = api::FindCredentials(&live->clock, kubeconfig);
  if (!credentials.ok()) return credentials.status();
  live->credentials = std::move(*credentials);
  live->decoder = cache::MakeDecoder(live->pool);
  live->core = std::make_unique<Core>(live->core_loop, live->clock, live->pool, options.core);
  api::TransportOptions transport;
  transport.user_agent = "seaworthy";
  transport.on_exchange = options.on_exchange;
  live->core_transport = api::MakeTransport(transport, live->credentials, &live->core_loop, &live->clock);
  live->api_transport = api::MakeTransport(transport, live->credentials, &live->api_loop, &live->clock);
  api::WatchManager::Options watched;
  // Custom checks judge objects as they are decoded: their policies come first.
  watched.before_others = {Kind::kAuditPolicy};
  watched.kinds = {};
  for (const KindInfo& info : KindTable()) {
    if ((info.feed == Feed::kWatch || info.feed == Feed::kTold) && !options.core.off.Has(info.kind)) watched.kinds.Add(info.kind);
  }
  live->watches = std::make_unique<api::WatchManager>(live->api_transport.get(), &live->api_loop, &live->clock, &live->rng, live->decoder.get(),
                                                      live->core.get(), watched);
  live->core->on_custom_rules = [live = live.get()](CustomRulesPtr rules, KindSet again) {
    live->decoder->Use(std::move(rules));
    live->api_loop.Post([live, again] {
      if (live->watches == nullptr) return;  // it is being stopped
      if (!live->watches->OpenGate() && !again.empty()) live->watches->Relist(again, "custom_checks");
    });
  };
  return live;
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
  RunOn(api_loop, [this] { watches->Start(); });
}

void LiveCluster::Stop() {
  if (std::exchange(stopped_, true)) return;
  RunOn(api_loop, [this] {
    watches->Stop();
    watches.reset();
  });
  api_transport.reset();
  core_transport.reset();
  RunOn(core_loop, [this] { core.reset(); });
  api_loop.Stop();
  api_loop.Join();
  core_loop.Stop();
  core_loop.Join();
}

LiveCluster::~LiveCluster() { Stop(); }

}  // namespace seaworthy::wiring
