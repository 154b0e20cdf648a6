// A cluster of objects.h in the core: decoded, in a World, evaluated, rendered for a scrape. What the operator does
// without its network.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/objects.h"
#include "cache/world.h"
#include "score/engine.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/text.h"
#include "sinks/metrics/collector.h"

namespace seaworthy::bench {

// An object as a server sends it.
struct Raw {
  Kind kind;
  std::string text;
};

std::vector<Raw> Objects(const ClusterSize& size);
std::vector<Raw> Objects(Shape shape, std::size_t n);

class Audited {
 public:
  Audited();

  ObjectPtr Decode(const Raw& raw) const;
  // The first snapshots of all kinds. Begins anew what is judged.
  void Load(const std::vector<Raw>& objects);
  // Evaluates and publishes until nothing is left; how many subjects there are.
  std::size_t Evaluate();
  // All checks of all workloads, without those of nodes, namespaces and the cluster.
  void EvaluateWorkloads();
  // One change of what is there, from its text to the series that show it.
  void Change(const Raw& raw);
  std::string Page() const { return collector_.Text(); }

  const cache::World& world() const { return world_; }
  WallTime now() const { return WallTime(std::chrono::seconds(now_)); }

 private:
  void Pass();

  TextPool pool_;  // first, as all texts have to be gone before it is
  std::unique_ptr<ObjectDecoder> decoder_;
  cache::World world_;
  score::Engine engine_;
  sinks::metrics::Collector collector_;
  std::int64_t now_ = 1'790'000'000;
};

// The first object of the kind, and the same with another number of replicas: a change that its score shows.
struct Flip {
  Raw states[2];
};
Flip FlipReplicas(const std::vector<Raw>& objects);

}  // namespace seaworthy::bench
