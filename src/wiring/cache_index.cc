#include "wiring/cache_index.h"

#include <utility>

namespace seaworthy::wiring {
namespace {

api::AuditEntries Entries(const cache::World& world, Kind kind, std::size_t max, std::uint64_t random) {
  api::AuditEntries all;
  if (world.ObjectCount(kind) > max && Info(kind).namespaced && !world.Namespaces().empty()) {
    const auto namespaces = world.Namespaces();
    all.name_space = namespaces[random % namespaces.size()]->name.str();
  }
  world.ForEach(kind, [&](const Object& object) {
    const std::string& of = object.meta.namespace_.str();
    if (!all.name_space.empty() && of != all.name_space) return;
    all.entries.push_back({of, object.meta.name.str(), object.meta.uid, object.meta.resource_version});
  });
  return all;
}

}  // namespace

// Events are applied in a task of the core's loop that was posted before this one.
void CacheIndex::Collect(Kind kind, std::size_t max, std::uint64_t random,
                         std::function<void(api::AuditEntries)> done) {
  core_loop_.Post([this, kind, max, random, done = std::move(done)]() mutable {
    api::AuditEntries entries = Entries(core_.world(), kind, max, random);
    api_loop_.Post([done = std::move(done), entries = std::move(entries)]() mutable { done(std::move(entries)); });
  });
}

}  // namespace seaworthy::wiring
