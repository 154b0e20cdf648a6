// A cluster that lives through random changes, and what watchers tell of it: changes, snapshots after a broken stream,
// denials, kinds that come and go, objects that cannot be read, duplicates and late deletions.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "seaworthy/object_decoder.h"
#include "seaworthy/watch_event.h"
#include "testing/universe.h"

namespace seaworthy::testing {

class RandomCluster {
 public:
  // `decoder` must outlive it.
  RandomCluster(std::uint64_t seed, std::vector<std::string> namespaces, const ObjectDecoder& decoder);

  // Every kind's first snapshot, empty.
  static std::vector<WatchEvent> Empty();
  // The next thing that happens; mostly one event, of a snapshot many.
  std::vector<WatchEvent> Step(std::int64_t now);
  // What somebody is told who comes now and is to know what the listener of Step knows, kinds and objects in random
  // order.
  std::vector<WatchEvent> Retell(std::uint64_t shuffle) const;
  // What happened in the last step, for a failure's message.
  const std::string& last() const { return last_; }
  std::size_t objects() const;

 private:
  using json = nlohmann::json;
  using Objects = std::map<std::string, json>;  // by namespace/name
  enum class State : std::uint8_t { kLive, kDenied, kAbsent };
  struct Table {
    Objects there;  // in the cluster
    Objects told;   // of that, what was told
    std::map<std::string, bool> unreadable;
    State state = State::kLive;
  };

  static std::string KeyOf(const json& object);
  WatchEvent Event(EventType type, Kind kind, const json& object) const;
  // A change in the cluster; returns the key, and whether the object is there now.
  std::pair<std::string, bool> Change(Kind kind, std::int64_t now);
  void Snapshot(Kind kind, std::vector<WatchEvent>& events);
  void ChangeState(Kind kind, std::int64_t now, std::vector<WatchEvent>& events);
  // A key of what was told; empty when there is none.
  std::string AnyTold(Kind kind);

  Universe universe_;
  const ObjectDecoder& decoder_;
  std::vector<Table> tables_;
  std::uint64_t version_ = 0;
  std::string last_;
};

}  // namespace seaworthy::testing
