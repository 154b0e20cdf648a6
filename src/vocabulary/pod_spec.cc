#include "seaworthy/pod_spec.h"

#include <algorithm>
#include <limits>

#include "vocabulary/resident.h"

namespace seaworthy {
namespace {

std::size_t Heap(const Container& container) {
  return sizeof(Container) + HeapOf(container.ports) + HeapOf(container.mounts) + HeapOf(container.devices) +
         HeapOf(container.env) + HeapOf(container.env_from) + HeapOf(container.credentials) +
         HeapOf(container.runtime_memory);
}

std::size_t Heap(const PodAffinityTerm& term) {
  return HeapOf(term.selector) + HeapOf(term.match_label_keys) + HeapOf(term.mismatch_label_keys) +
         HeapOf(term.namespace_selector) + HeapOf(term.namespaces);
}

std::size_t Heap(const NodeSelectorTerm& term) {
  std::size_t bytes = HeapOf(term.labels) + HeapOf(term.fields);
  for (const NodeSelectorRequirement& requirement : term.labels) bytes += HeapOf(requirement.values);
  for (const NodeSelectorRequirement& requirement : term.fields) bytes += HeapOf(requirement.values);
  return bytes;
}

template <typename T>
std::size_t HeapOfEach(const List<T>& items) {
  std::size_t bytes = HeapOf(items);
  for (const T& item : items) bytes += Heap(item);
  return bytes;
}

// Amounts come from strangers: sums stop at the largest integer instead of wrapping.
std::int64_t Sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

struct Amount {
  std::int64_t cpu = 0, memory = 0, ephemeral = 0;
  Amount operator+(const Amount& other) const {
    return {Sum(cpu, other.cpu), Sum(memory, other.memory), Sum(ephemeral, other.ephemeral)};
  }
  Amount Max(const Amount& other) const {
    return {std::max(cpu, other.cpu), std::max(memory, other.memory), std::max(ephemeral, other.ephemeral)};
  }
};

// core/v1 defaults.go SetDefaults_Pod: a limit without a request is the request, too.
Amount RequestOf(const Resources& resources) {
  return {resources.requests.cpu_milli.value_or(resources.limits.cpu_milli.value_or(0)),
          resources.requests.memory_bytes.value_or(resources.limits.memory_bytes.value_or(0)),
          resources.requests.ephemeral_bytes.value_or(resources.limits.ephemeral_bytes.value_or(0))};
}

using ExtendedList = List<ResourceAmounts::Extended>;

// Extended resources have request = limit, so either will do.
const ExtendedList& ExtendedOf(const Resources& resources) {
  return resources.requests.extended.empty() ? resources.limits.extended : resources.requests.extended;
}

// Lists are of few names: searched in order.
std::int64_t& AmountIn(ExtendedList& list, const Text& name) {
  for (ResourceAmounts::Extended& extended : list) {
    if (extended.name == name) return extended.amount;
  }
  return list.emplace_back(ResourceAmounts::Extended{name, 0}).amount;
}

// As for CPU and memory below.
ExtendedList ExtendedRequest(const PodSpec& spec) {
  ExtendedList total, sidecars, init;
  for (const Container& container : spec.containers) {
    for (const ResourceAmounts::Extended& own : ExtendedOf(container.resources)) {
      if (own.amount <= 0) continue;
      if (container.role == ContainerRole::kInit) {
        std::int64_t& most = AmountIn(init, own.name);
        most = std::max(most, Sum(own.amount, AmountIn(sidecars, own.name)));
      } else if (container.is_running_long()) {
        std::int64_t& sum = AmountIn(total, own.name);
        sum = Sum(sum, own.amount);
        if (container.role == ContainerRole::kSidecar) AmountIn(sidecars, own.name) = sum;
      }
    }
  }
  for (const ResourceAmounts::Extended& most : init) {
    std::int64_t& sum = AmountIn(total, most.name);
    sum = std::max(sum, most.amount);
  }
  for (const ResourceAmounts::Extended& pod : ExtendedOf(spec.resources)) AmountIn(total, pod.name) = pod.amount;
  return total;
}

}  // namespace

std::size_t PodSpec::resident_bytes() const {
  std::size_t bytes = sizeof(PodSpec) + HeapOfEach(containers) + HeapOf(volumes) + HeapOf(sysctls) +
                      HeapOf(node_selector) + HeapOfEach(node_affinity) + HeapOfEach(pod_affinity) +
                      HeapOfEach(pod_anti_affinity) + HeapOf(topology_spread) + HeapOf(tolerations);
  for (const TopologySpread& spread : topology_spread)
    bytes += HeapOf(spread.selector) + HeapOf(spread.match_label_keys);
  return bytes;
}

// component-helpers resource.PodRequests and AggregateContainerRequests (KEP-753 for sidecars, KEP-2837 for the pod
// level).
PodRequest EffectiveRequest(const PodSpec& spec) {
  PodRequest request;
  Amount running, sidecars, init;
  for (const Container& container : spec.containers) {
    if (container.role == ContainerRole::kEphemeral) continue;  // they have no resources
    request.invalid = request.invalid || container.resources->requests.invalid || container.resources->limits.invalid;
    const Amount own = RequestOf(container.resources);
    if (container.role == ContainerRole::kInit) {
      // Runs beside the sidecars that were started before it.
      init = init.Max(own + sidecars);
      continue;
    }
    running = running + own;
    if (container.role == ContainerRole::kSidecar) {
      sidecars = sidecars + own;
      init = init.Max(sidecars);
    }
  }
  Amount total = running.Max(init);
  const Resources& pod = spec.resources;
  request.invalid = request.invalid || pod.requests.invalid || pod.limits.invalid || spec.overhead->invalid;
  // A pod-level limit becomes the pod-level request only for what no container requests (defaultPodRequests).
  if (pod.requests.cpu_milli.has_value()) {
    total.cpu = *pod.requests.cpu_milli;
  } else if (pod.limits.cpu_milli.has_value() && total.cpu == 0) {
    total.cpu = *pod.limits.cpu_milli;
  }
  if (pod.requests.memory_bytes.has_value()) {
    total.memory = *pod.requests.memory_bytes;
  } else if (pod.limits.memory_bytes.has_value() && total.memory == 0) {
    total.memory = *pod.limits.memory_bytes;
  }
  total = total + Amount{spec.overhead->cpu_milli.value_or(0), spec.overhead->memory_bytes.value_or(0),
                         spec.overhead->ephemeral_bytes.value_or(0)};
  request.cpu_milli = total.cpu;
  request.memory_bytes = total.memory;
  request.ephemeral_bytes = total.ephemeral;
  request.extended = ExtendedRequest(spec);
  return request;
}

}  // namespace seaworthy
