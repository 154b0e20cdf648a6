// All watchers of the process and what they share: discovery, the turn for snapshots, the look for returned
// permissions.
//
// Owned by wiring, which calls everything on the executor; all events of all kinds reach the sink there. Nothing here
// blocks. Transport, executor, clock, rng, decoder and sink outlive it.
//
//   WatchManager watches(transport.get(), &executor, &clock, &rng, &decoder, &sink);
//   executor.Post([&] { watches.Start(); });
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/backoff.h"
#include "api/crd_signal.h"
#include "api/discovery.h"
#include "api/watcher.h"
#include "api/watcher_types.h"
#include "seaworthy/clock.h"
#include "seaworthy/kind.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/transport.h"
#include "seaworthy/watch_event.h"
#include "support/json.h"

namespace seaworthy::api {

struct ManagerStats {
  ServerVersion server;
  bool discovered = false;  // it is known of every kind whether the server has it
  std::uint64_t discovery_runs = 0;
  std::vector<std::string> discovery_problems;  // of the last run
  std::optional<Duration>
      clock_skew;  // local minus server time, to the second; over 60 s age rules use the server's time
};

class WatchManager : private WatcherHost {
 public:
  struct Options {
    KindSet kinds = KindSet::All();
    // Not watched, but asked for by somebody else: the sink is told when the server does not have them.
    KindSet polled = {};
    // Needs list and watch on CustomResourceDefinitions; without it a new kind is found within 10 minutes.
    bool follow_crds = true;
    // Listed before all others, which wait for OpenGate, `gate_wait` at most: how the others are decoded depends on
    // them.
    KindSet before_others;
    Duration gate_wait = std::chrono::seconds(2);
  };

  WatchManager(Transport* transport, Executor* executor, const Clock* clock, Rng* rng, const ObjectDecoder* decoder,
               WatchSink* sink);
  WatchManager(Transport* transport, Executor* executor, const Clock* clock, Rng* rng, const ObjectDecoder* decoder,
               WatchSink* sink, Options options);
  ~WatchManager() override;

  // To be set before Start: what the server's clock says, to the second; with each discovery.
  std::function<void(WallTime server_time)> on_server_time;

  void Start();
  void Stop();
  // Asks for the served kinds soon.
  void Rediscover();
  // New snapshots of these kinds, for a reason from outside. `reason` is a label value: a constant.
  void Relist(KindSet kinds, std::string_view reason);

  // The others may begin their first snapshots. False if they might already.
  bool OpenGate();

  // nullptr for a kind that is not watched.
  const WatcherStats* stats(Kind kind);
  ManagerStats manager_stats() const;
  // For the divergence audit.
  Watcher* watcher(Kind kind) { return watchers_[static_cast<std::size_t>(kind)].get(); }

  static constexpr std::size_t kSnapshotsAtOnce = 2;
  static constexpr Duration kDiscoverEvery = std::chrono::minutes(10);  // +-20 %
  static constexpr Duration kPermissionPoll = std::chrono::seconds(60);
  static constexpr Duration kTick = std::chrono::seconds(30);

 private:
  void EnterSnapshot(Kind kind, bool first, std::function<void()> go) override;
  void LeaveSnapshot(Kind kind) override;
  void RequestDiscovery() override { Rediscover(); }
  void ServerIsBack() override;
  const ServerVersion& server_version() const override { return discovery_.result().version; }

  void GiveTurns();
  void DiscoverAfter(Duration delay);
  void Discover();
  void OnDiscovered(const DiscoveryResult& result);
  void TellVersion(const std::string& git_version);
  void OnCrdChange();
  void Tick();
  void PollPermissions();
  void AskPermission(Kind kind);
  bool AllKnown() const;

  Transport* const transport_;
  Executor* const executor_;
  const Clock* const clock_;
  Rng* const rng_;
  const ObjectDecoder* const decoder_;
  WatchSink* const sink_;
  const Options options_;
  support::Tree tree_, small_;
  Discovery discovery_;
  CrdSignal crds_;
  std::array<std::unique_ptr<Watcher>, kKindCount> watchers_;

  struct Turn {
    Kind kind;
    std::uint64_t number;
    std::function<void()> go;
  };
  std::deque<Turn> waiting_;
  std::vector<Turn> held_;  // first snapshots, until the gate opens
  bool gate_open_ = true;
  std::array<std::uint64_t, kKindCount> turns_{};  // the number of the turn that a kind has; 0: none
  std::uint64_t last_turn_ = 0;
  std::size_t snapshot_count_ = 0;

  bool running_ = false;
  std::optional<MonoTime> discovered_at_;
  std::string told_version_;
  std::optional<Duration> clock_skew_;
  Backoff discovery_backoff_;
  Executor::TimerId discovery_timer_ = 0, tick_timer_ = 0, permission_timer_ = 0, crd_timer_ = 0, gate_timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::api
