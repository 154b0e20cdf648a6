// Compares what the cache holds with what the server has, and has the kind listed anew when they differ
// (RELIABILITY.md 1.5). The number of differences must stay zero; it is exported so that a bug of ours, or of the
// server's watch, is seen and not served. The idea is client-go's KUBE_WATCHLIST_INCONSISTENCY_DETECTOR, which runs in
// CI only and panics.
//
// Each kind once an hour, one at a time, while its stream goes on: the names, uids and versions of the cache are taken,
// then the metadata of the server's objects exactly at the version R that the stream had reached. Whatever is newer
// than R on our side moved on since and is left to its events; whatever is gone on our side is asked for once more, for
// it may have been deleted since R.
//
// Lives on its executor.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/watch_manager.h"
#include "seaworthy/clock.h"
#include "seaworthy/kind.h"
#include "seaworthy/object.h"
#include "seaworthy/transport.h"
#include "support/json.h"

namespace seaworthy::api {

struct AuditEntry {
  std::string name_space, name;
  Uid uid;
  std::uint64_t resource_version = 0;
};

struct AuditEntries {
  std::string name_space;  // that the entries are all of; empty: all namespaces
  std::vector<AuditEntry> entries;
  bool known = true;  // false: nobody here keeps objects of the kind
};

// What the cache gives; wiring adapts it. Called on the API executor.
class AuditIndex {
 public:
  virtual ~AuditIndex() = default;
  // Hands over the objects of a kind as they are once everything that the sink was told before this call has been
  // applied. With more than `max` of them: those of one namespace, picked by `random`. `done` must come on the API
  // executor.
  virtual void Collect(Kind kind, std::size_t max, std::uint64_t random, std::function<void(AuditEntries)> done) = 0;
};

struct AuditStats {
  std::uint64_t rounds = 0;   // finished comparisons
  std::uint64_t skipped = 0;  // the version was gone, or something failed
  std::map<Kind, std::uint64_t> divergences;
};

class DivergenceAudit {
 public:
  static constexpr Duration kEvery = std::chrono::hours(1);  // each kind, +-50 %
  static constexpr std::size_t kMaxObjects = 20'000;
  // Of the objects that are missing here: more than this are a difference without asking for each.
  static constexpr std::size_t kMaxSuspects = 20;

  DivergenceAudit(Transport* transport, Executor* executor, Rng* rng, WatchManager* watches, AuditIndex* index,
                  Duration every = kEvery);
  ~DivergenceAudit();
  DivergenceAudit(const DivergenceAudit&) = delete;
  DivergenceAudit& operator=(const DivergenceAudit&) = delete;

  // To be set before Start: what differed, for people ("Pod shop/web-1: not on the server"), with each round that found
  // something.
  std::function<void(std::string_view difference)> on_divergence;

  void Start();
  void Stop();
  // Begins now, unless one is under way.
  void Audit(Kind kind);
  const AuditStats& stats() const { return stats_; }

 private:
  using Key = std::pair<std::string, std::string>;
  struct Round {
    std::uint64_t number = 0;
    Kind kind = Kind::kPod;
    std::string version;  // R
    std::string path;     // of the collection, or of one namespace of it
    std::map<Key, AuditEntry> ours;
    std::set<Key> unreadable;
    std::vector<AuditEntry> missing;  // listed, and not ours
    std::string difference;           // the first
  };

  bool IsCurrent(std::uint64_t number) const { return round_ != nullptr && round_->number == number; }
  void Schedule();
  void Next();
  void Fetch(const std::string& continue_token);
  void OnPage(const Result<HttpResponse>& response);
  void Compare(const support::Node& metadata);
  void Listed();
  void AskForMissing();
  void Finish(bool compared);
  void Differ(const AuditEntry& entry, std::string_view how);

  Transport* const transport_;
  Executor* const executor_;
  Rng* const rng_;
  WatchManager* const watches_;
  AuditIndex* const index_;
  const Duration between_;  // the begins of two rounds
  AuditStats stats_;
  std::unique_ptr<Round> round_;
  std::uint64_t last_number_ = 0;
  std::size_t next_kind_ = 0;
  Executor::TimerId timer_ = 0;
  bool running_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::api
