// A run: a random cluster that changes, one or two operators, faults of a scenario; then calm, and the question whether
// everything is as it should be.
//
// The same seed and scenario is the same run, to the last event.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/clock.h"
#include "sim/link.h"

namespace seaworthy::sim {

struct Scenario {
  std::string_view name;
  int processes = 2;
  Duration stormy = std::chrono::minutes(20);
  // Mean time between two changes of the cluster.
  Duration change_every = std::chrono::seconds(4);
  Weather weather;
  // Chances per thousand changes of what is done to a process or a server, each for a while.
  int down = 0;       // the link of a process: refused, broken
  int held = 0;       // nothing passes and nobody is told
  int stopped = 0;    // the process gets no time
  int killed = 0;     // and begins anew
  int restarted = 0;  // a server: its streams end
  int compacted = 0;
  int lagging = 0;      // a server's cache falls behind, or catches up
  int moved = 0;        // a process asks the other server from now on
  int denied = 0;       // RBAC of one kind
  int unserved = 0;     // an optional kind comes or goes
  int lease_taken = 0;  // by hand
  int tampered = 0;     // a report is edited or deleted by hand
  bool bookmarks = true, streaming_lists = true;
  bool loose = false;  // servers do what clients may not rely on
};

std::span<const Scenario> Scenarios();

struct Outcome {
  std::vector<std::string> problems;  // empty: all is well
  double virtual_hours = 0;
  std::uint64_t changes = 0, requests = 0, writes = 0;
};

Outcome RunSeed(const Scenario& scenario, std::uint64_t seed);

}  // namespace seaworthy::sim
