#include "wiring/cache_index.h"

#include <utility>

namespace seaworthy::wiring {
namespace {

api::AuditEntries Entries(const Core& core, Kind kind, std::size_t max, std::uint64_t random) {
  api::AuditEntries all;
  std::size_t count = 0;
  all.known = core.ForEach(kind, [&](auto...) { ++count; });
  const auto namespaces = core.world().Namespaces();
  if (count > max && Info(kind).namespaced && !namespaces.empty())
    all.name_space = namespaces[random % namespaces.size()]->name.str();
  core.ForEach(kind, [&](std::string_view ns, std::string_view name, const Uid& uid, std::uint64_t version) {
    if (all.name_space.empty() || ns == all.name_space)
      all.entries.push_back({std::string(ns), std::string(name), uid, version});
  });
  return all;
}

}  // namespace

// Events are applied in a task of the core's loop that was posted before this one.
void CacheIndex::Collect(Kind kind, std::size_t max, std::uint64_t random,
                         std::function<void(api::AuditEntries)> done) {
  core_loop_.Post([this, kind, max, random, done = std::move(done)]() mutable {
    api::AuditEntries entries = Entries(core_, kind, max, random);
    api_loop_.Post([done = std::move(done), entries = std::move(entries)]() mutable { done(std::move(entries)); });
  });
}

}  // namespace seaworthy::wiring
