// What the operator asks beside the cluster's own API, each switched on by a flag: Prometheus, container registries,
// the pods' logs. They share one loop, so that none of their answers is ever parsed where watches are read or verdicts
// are made.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/credentials.h"
#include "api/transport.h"
#include "cache/world.h"
#include "seaworthy/object_decoder.h"
#include "support/loop.h"
#include "wiring/sources/log_sampling.h"
#include "wiring/sources/prometheus.h"
#include "wiring/sources/registry.h"

namespace seaworthy::wiring {

struct SourceOptions {
  std::string prometheus_url;  // empty: off
  std::string prometheus_ca_file, prometheus_token_file;
  std::string prometheus_matchers;
  bool registry_lookups = false;
  std::vector<std::string> registry_hosts;  // empty: all
  std::string registry_config;              // docker config.json
  std::string registry_ca_file;
  bool log_sampling = false;

  bool any() const { return !prometheus_url.empty() || registry_lookups || log_sampling; }
  // The kinds that are told.
  KindSet kinds() const;
  // What the flags say is possible at all; looked at before anything starts.
  Status Check() const;
};

class Sources {
 public:
  struct Parts {
    std::shared_ptr<api::CredentialSource> credentials;  // of the cluster
    Executor* core_loop;
    const cache::World* world;  // on core_loop
    const ObjectDecoder* decoder;
    WatchSink* sink;
    const Clock* clock;
  };

  // REQUIRES: options.any() and options.Check().ok()
  Sources(SourceOptions options, Parts parts);
  // Ends them. The core loop must be running, and may not be the caller's.
  ~Sources();
  void Start();
  // Which kinds are not well, and why. On the sources' loop; for the operator's report.
  struct Problem {
    std::string source, reason;
  };
  std::vector<Problem> Problems();

 private:
  // On the sources' loop: `read` runs on the core loop, its result comes back.
  template <typename Answer>
  void AskWorld(std::function<Answer(const cache::World&)> read, std::function<void(Answer)> done);
  Result<Transport*> Connect(const api::ServerAddress& server);
  void MakePrometheus();
  void MakeRegistry();
  void MakeLogSampling();

  const SourceOptions options_;
  const Parts parts_;
  support::Loop loop_{"sources"};
  std::unique_ptr<Transport> cluster_;
  struct Host {
    std::unique_ptr<Transport> transport;
    MonoTime used;
  };
  std::map<std::string, Host> registries_;  // and where they store, by authority
  std::unique_ptr<Prometheus> prometheus_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<LogSampling> log_sampling_;
  // Closures on the core loop look at it, and leave the World alone once we are gone.
  struct Gate;
  std::shared_ptr<Gate> gate_;
};

}  // namespace seaworthy::wiring
