// One process of the operator on virtual loops: everything that `run` has, but for its servers, signals and sockets. It
// can be killed at any moment, as SIGKILL does: nothing that it had posted happens any more.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "api/watch_manager.h"
#include "cache/decode.h"
#include "sim/link.h"
#include "sinks/metrics/collector.h"
#include "support/manual_loop.h"
#include "support/rng.h"
#include "wiring/core.h"
#include "wiring/live_cluster.h"
#include "wiring/replica.h"

namespace seaworthy::sim {

// The shared loop, as long as the process lives; stopped, it keeps what comes due for later, as SIGSTOP does.
class ProcessLoop final : public Executor {
 public:
  explicit ProcessLoop(support::ManualLoop& loop) : loop_(loop) {}
  void Post(std::function<void()> fn) override {
    const TimerId id = ++last_id_;
    loop_.Post([this, alive = std::weak_ptr(alive_), id, fn = std::move(fn)] {
      if (!alive.expired()) Due(id, fn);
    });
  }
  TimerId PostAfter(Duration delay, std::function<void()> fn) override {
    const TimerId id = ++last_id_;
    timers_[id] = loop_.PostAfter(delay, [this, alive = std::weak_ptr(alive_), id, fn = std::move(fn)] {
      if (alive.expired()) return;
      timers_.erase(id);
      Due(id, fn);
    });
    return id;
  }
  void Cancel(TimerId id) override {
    kept_.erase(id);
    const auto timer = timers_.find(id);
    if (timer == timers_.end()) return;
    loop_.Cancel(timer->second);
    timers_.erase(timer);
  }
  void SetStopped(bool stopped) {
    stopped_ = stopped;
    if (!stopped) Wake();
  }

 private:
  void Due(TimerId id, const std::function<void()>& fn) {
    // What waits goes first.
    if (stopped_ || !kept_.empty()) {
      kept_[id] = fn;
    } else {
      fn();
    }
  }
  // One after another: each may take back others.
  void Wake() {
    loop_.Post([this, alive = std::weak_ptr(alive_)] {
      if (alive.expired() || stopped_ || kept_.empty()) return;
      const std::function<void()> fn = std::move(kept_.begin()->second);
      kept_.erase(kept_.begin());
      fn();
      if (!alive.expired()) Wake();
    });
  }

  support::ManualLoop& loop_;
  bool stopped_ = false;
  TimerId last_id_ = 0;
  std::map<TimerId, TimerId> timers_;
  std::map<TimerId, std::function<void()>> kept_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class Process {
 public:
  struct Options {
    std::string name;
    bool writes = true;  // else it only looks, as `scan --cluster`
    std::uint64_t seed = 1;
  };
  // Kinds that are not followed here.
  static KindSet Off() {
    KindSet off = wiring::CoreOptions().off;
    // It serves no watch, and is asked for by a poll of its own.
    off.Add(Kind::kPodMetrics);
    return off;
  }
  Process(Options options, ApiServer& server, support::ManualLoop& loop, support::ManualClock& clock)
      : name(options.name),
        loop_(loop),
        rng_(options.seed),
        decoder_(cache::MakeDecoder(pool_)),
        link(options.name, server, loop, clock, options.seed * 7 + 1) {
    wiring::CoreOptions core_options;
    core_options.decoder = decoder_.get();
    core_options.off = Off();
    core = std::make_unique<wiring::Core>(loop_, clock, pool_, std::move(core_options));
    watches = std::make_unique<api::WatchManager>(&link, &loop_, &clock, &rng_, decoder_.get(), core.get(),
                                                  wiring::LiveCluster::Watched(Off()));
    core->on_custom_rules = [this](CustomRulesPtr rules, KindSet again) {
      decoder_->Use(std::move(rules));
      loop_.Post([this, again] {
        if (!watches->OpenGate() && !again.empty()) watches->Relist(again, "custom_checks");
      });
    };
    wiring::ReplicaOptions replica_options;
    replica_options.leader_elect = options.writes;
    replica_options.write_reports = options.writes;
    replica_options.instance = options.name;
    replica_options.identity = options.name;
    replica = std::make_unique<wiring::Replica>(std::move(replica_options),
                                                wiring::ReplicaParts{*core, collector, link, loop_, clock, rng_});
    replica->on_ready = [this] { ready = true; };
    replica->on_leadership = [this, &server](bool now) {
      leads = now;
      const json lease = server.lease();
      if (!now && lease.is_object() && lease["spec"].value("holderIdentity", std::string()) == name) ++gave_up;
    };
    replica->Start();
    watches->Start();
  }
  ~Process() {
    replica->Detach();
    watches.reset();
    core.reset();
    replica.reset();
  }

  void SetStopped(bool stopped) {
    loop_.SetStopped(stopped);
    link.SetStopped(stopped);
  }

  Text Intern(std::string_view text) { return pool_.Intern(text); }

  const std::string name;

 private:
  ProcessLoop loop_;
  TextPool pool_;
  support::SeededRng rng_;
  std::unique_ptr<ObjectDecoder> decoder_;

 public:
  bool ready = false, leads = false;
  int gave_up = 0;  // the lead, though the lease was its own
  Link link;
  sinks::metrics::Collector collector;
  std::unique_ptr<wiring::Core> core;
  std::unique_ptr<api::WatchManager> watches;
  std::unique_ptr<wiring::Replica> replica;
};

}  // namespace seaworthy::sim
