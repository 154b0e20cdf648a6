#include "cache/capacity.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "cache/annotations.h"
#include "cache/quantity.h"
#include "support/trim.h"

namespace seaworthy::cache {
namespace {

constexpr std::string_view kPrefix = "seaworthy.dev/";
constexpr std::int64_t kMost = 1'000'000'000;  // of what is counted: products of two stay within 64 bits
constexpr std::int64_t kMostBytes = std::int64_t{1} << 53;

std::optional<std::int64_t> ParseCount(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 0 && value <= kMost ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> ParseBytes(std::string_view text) {
  const auto value = QuantityValue(text);
  return value && *value >= 0 && *value <= kMostBytes ? value : std::nullopt;
}

bool SameWord(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// kubectl's habit of "deployment/web" is everybody's.
std::string_view KindName(std::string_view kind) {
  for (const std::string_view known :
       {"Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicaSet", "Rollout", "Cluster"}) {
    if (SameWord(kind, known)) return known;
  }
  return kind;
}

// "kind/name=n" or "namespace/kind/name=n".
std::optional<Capacity::Dependency> ParseDependency(std::string_view text, TextPool& pool) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const auto connections = ParseCount(support::Trim(text.substr(equals + 1), support::kBlanks));
  std::string_view target = support::Trim(text.substr(0, equals), support::kBlanks);
  const auto slashes = std::count(target.begin(), target.end(), '/');
  if (!connections || slashes < 1 || slashes > 2) return std::nullopt;
  Capacity::Dependency dependency;
  dependency.connections = *connections;
  if (slashes == 2) {
    dependency.namespace_ = pool.Intern(target.substr(0, target.find('/')));
    if (dependency.namespace_.empty()) return std::nullopt;
    target.remove_prefix(target.find('/') + 1);
  }
  const std::size_t slash = target.find('/');
  dependency.kind = pool.Intern(KindName(target.substr(0, slash)));
  dependency.name = pool.Intern(target.substr(slash + 1));
  if (dependency.kind.empty() || dependency.name.empty()) return std::nullopt;
  return dependency;
}

bool ParseDependencies(std::string_view text, Capacity& capacity, TextPool& pool) {
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(",;\n");
    const std::string_view one = support::Trim(text.substr(0, end), support::kBlanks);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (one.empty()) continue;
    auto dependency = ParseDependency(one, pool);
    if (!dependency) return false;
    capacity.depends_on.push_back(*std::move(dependency));
  }
  return true;
}

}  // namespace

std::unique_ptr<const Capacity> CapacityOf(const Labels& annotations, TextPool& pool) {
  std::unique_ptr<Capacity> capacity;
  for (const KeyValue& annotation : annotations) {
    const std::string_view key = annotation.key;
    if (!key.starts_with(kPrefix)) continue;
    const std::string_view name = key.substr(kPrefix.size());
    const bool counted = name == "expected-concurrency" || name == "worker-slots" || name == "max-connections";
    const bool bytes = name == "memory-per-slot" || name == "base-memory" || name == "expected-data-size";
    if (!counted && !bytes && name != "depends-on") continue;
    if (capacity == nullptr) capacity = std::make_unique<Capacity>();
    const std::string_view value = support::Trim(annotation.value, support::kBlanks);
    const auto number = counted ? ParseCount(value) : bytes ? ParseBytes(value) : std::nullopt;
    // What was cut on the way in may end in the midst of a number.
    const bool whole = annotation.value.view().size() < kMaxAnnotationValue;
    const bool readable = whole && (counted || bytes ? number.has_value() : ParseDependencies(value, *capacity, pool));
    if (!readable) {
      capacity->unreadable.push_back(annotation.key);
    } else if (name == "expected-concurrency") {
      capacity->expected_concurrency = *number;
    } else if (name == "worker-slots") {
      capacity->worker_slots = *number;
    } else if (name == "max-connections") {
      capacity->max_connections = *number;
    } else if (name == "memory-per-slot") {
      capacity->memory_per_slot = *number;
    } else if (name == "base-memory") {
      capacity->base_memory = *number;
    } else if (name == "expected-data-size") {
      capacity->expected_data = *number;
    }
  }
  return capacity;
}

}  // namespace seaworthy::cache
