// What `run` and `scan --cluster` share: credentials, the two loops, transports and the watches that feed the core.
#pragma once

#include <memory>
#include <string>

#include "api/divergence_audit.h"
#include "api/transport.h"
#include "api/watch_manager.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/text.h"
#include "support/loop.h"
#include "support/rng.h"
#include "wiring/cache_index.h"
#include "wiring/core.h"
#include "wiring/sources/pod_metrics.h"
#include "wiring/sources/sources.h"

namespace seaworthy::wiring {

// Members are destroyed in reverse order: loops stop before what runs on them goes.
class LiveCluster {
 public:
  struct Options {
    std::string kubeconfig, context;
    CoreOptions core;
    SourceOptions sources;
    std::function<void(const api::ExchangeRecord&)> on_exchange;
    Duration cache_audit_every{};  // each kind is compared with the server so often; zero: never
  };
  static Result<std::unique_ptr<LiveCluster>> Connect(Options options);
  // What is watched, and how, when these kinds are switched off.
  static api::WatchManager::Options Watched(KindSet off);
  ~LiveCluster();

  // Begins to watch. To be called after the core's hooks are set.
  void Start();
  // Ends the watches and both loops; nothing runs after it returns.
  void Stop();

  TextPool pool;
  support::SystemClock clock;
  support::SystemRng core_rng, api_rng;  // each of its loop
  std::unique_ptr<ObjectDecoder> decoder;
  std::shared_ptr<api::CredentialSource> credentials;
  support::Loop core_loop{"core"};
  support::Loop api_loop{"api"};
  std::unique_ptr<Core> core;                  // on core_loop
  std::unique_ptr<Transport> core_transport;   // writes and the lease; calls back on core_loop
  std::unique_ptr<Transport> api_transport;    // lists and watches; calls back on api_loop
  std::unique_ptr<api::WatchManager> watches;  // on api_loop
  std::unique_ptr<CacheIndex> cache_index;
  std::unique_ptr<api::DivergenceAudit> cache_audit;  // on api_loop; empty: switched off
  std::unique_ptr<PodMetrics> pod_metrics;            // on api_loop; empty: switched off
  std::unique_ptr<Sources> sources;                   // empty: none is switched on

  // Runs `fn` on the loop and waits for it. Not to be called on that loop.
  static void RunOn(support::Loop& loop, const std::function<void()>& fn);

 private:
  LiveCluster() = default;
  void NamespacesToPoll(std::function<void(std::vector<std::string>)> done);

  bool stopped_ = false;
};

}  // namespace seaworthy::wiring
