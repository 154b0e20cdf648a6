// A cluster as teams keep them, by seed: workloads with what stands around them, and their pods. The one source of
// every benchmark's objects: manifests for scan, objects with status for control planes and for the inner benchmarks.
//
// A workload's objects depend on the seed and its number alone, so a larger cluster holds the smaller one. Of a
// workload's pods there is one item with `copies`; Expand writes them out. Placeholders in texts: @i@ the copy's
// number, @n@ five letters made of it, @node@, @ip@, @uid@ its own, and
// @uid KIND/NAMESPACE/NAME@ of another object, which on a real API server only the loader knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace seaworthy::bench {

struct ClusterSize {
  std::uint64_t seed = 1;
  std::size_t workloads = 1000;
  std::size_t pods = 2700;
  std::size_t nodes = 50;
  bool status =
      true;  // what a cluster adds: status, managedFields, ReplicaSets, EndpointSlices, pods, nodes; false: manifests
};

struct Item {
  std::string collection;  // "/api/v1/namespaces/shop/pods"
  std::size_t copies = 1;
  std::size_t first = 0;  // of all pods, the number of the first copy
  nlohmann::json object;
};

using EachItem = std::function<void(const Item& item)>;

// Namespaces, nodes and classes first; then workload by workload, each before what it owns.
void Generate(const ClusterSize& size, const EachItem& each);

// One thing in excess, which a naive index or rule pays for with n * n.
enum class Shape {
  kBudgets,     // n PodDisruptionBudgets that select everything in one namespace, and 100 workloads there
  kNamespace,   // n workloads in one namespace
  kPods,        // one Deployment with n pods
  kContainers,  // one Deployment whose pods have n containers
};
void Generate(Shape shape, std::size_t n, const EachItem& each);

// The JSON of a copy. `nodes`: over how many nodes they are spread.
std::string Expand(const Item& item, const std::string& text, std::size_t copy, std::size_t nodes);

// Block style, as people write it.
std::string Yaml(const nlohmann::json& value);

}  // namespace seaworthy::bench
