#include "wiring/offline_audit.h"

#include <algorithm>
#include <cstdint>
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

void OfflineAudit::Accept(LoadedManifests& manifests) {
  for (ObjectPtr& object : manifests.objects) {
    const Kind kind = object->kind;
    world_.Accept({EventType::kApply, kind, std::move(object), {}});
  }
  manifests.objects.clear();
}

OfflineAudit::OfflineAudit(const std::vector<std::string>& paths, const std::string& default_namespace,
                           LoadOptions options, WallTime now, const std::vector<std::string>& policies)
    : decoder_(cache::MakeDecoder(pool_)),
      world_(cache::World::Mode::kOffline, pool_),
      policies_(LoadPolicies(policies, *decoder_)),
      engine_(world_, checks::AllChecks(), pool_, {}) {
  options = WithNamespace(std::move(options), pool_, default_namespace);
  engine_.SetExtraPolicies(policies_.policies);
  engine_.RefreshPolicies();
  const CustomRulesPtr rules = engine_.custom_rules();
  decoder_->Use(rules);
  loaded_ = LoadManifests(paths, *decoder_, options);
  Accept(loaded_);
  // Policies among the manifests: what they ask for is read again. Standard input cannot be.
  engine_.PoliciesChanged();
  engine_.RefreshPolicies();
  const bool again = !score::KindsToJudgeAgain(rules, engine_.custom_rules()).empty();
  if (again && std::find(paths.begin(), paths.end(), "-") == paths.end()) {
    decoder_->Use(engine_.custom_rules());
    options.lines = false;
    options.progress = nullptr;
    LoadedManifests second = LoadManifests(paths, *decoder_, options);
    std::erase_if(second.objects,
                  [](const ObjectPtr& object) { return CustomFactsOf(std::as_const(*object)) == nullptr; });
    Accept(second);
  }
  world_.TakeTouches();
  engine_.TouchAll();
  if (ProgressCount* progress = options.progress; progress != nullptr) {
    progress->what = "evaluating";
    progress->total = 0;
    progress->done = 0;
  }
  while (engine_.Step(now, 1024)) {
    if (options.progress == nullptr) continue;
    const std::uint64_t left = engine_.queue_length();  // which the first step fills
    if (options.progress->total < left) options.progress->total = left;
    options.progress->done = options.progress->total - left;
  }
}

}  // namespace seaworthy::wiring
