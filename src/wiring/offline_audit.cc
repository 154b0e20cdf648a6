#include "wiring/offline_audit.h"

#include <utility>

#include "cache/decode.h"
#include "checks/all_checks.h"
#include "seaworthy/watch_event.h"

namespace seaworthy::wiring {
namespace {

LoadOptions WithNamespace(LoadOptions options, TextPool& pool, const std::string& name) {
  options.default_namespace = pool.Intern(name);
  return options;
}

}  // namespace

OfflineAudit::OfflineAudit(const std::vector<std::string>& paths, const std::string& default_namespace,
                           LoadOptions options, WallTime now, const std::vector<std::string>& policies)
    : decoder_(cache::MakeDecoder(pool_)),
      world_(cache::World::Mode::kOffline, pool_),
      loaded_(LoadManifests(paths, *decoder_, WithNamespace(std::move(options), pool_, default_namespace))),
      policies_(LoadPolicies(policies, *decoder_)),
      engine_(world_, checks::AllChecks(), pool_, {}) {
  for (ObjectPtr& object : loaded_.objects) {
    const Kind kind = object->kind;
    world_.Accept({EventType::kApply, kind, std::move(object), {}});
  }
  loaded_.objects.clear();
  world_.TakeTouches();
  engine_.SetExtraPolicies(policies_.policies);
  engine_.TouchAll();
  while (engine_.Step(now, 4096)) {
  }
}

}  // namespace seaworthy::wiring
