// An audit of manifests: loaded, decoded and evaluated once, by the same core as the operator's. What `scan` reports.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cache/world.h"
#include "score/engine.h"
#include "seaworthy/clock.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/text.h"
#include "wiring/manifests.h"
#include "wiring/policy_files.h"

namespace seaworthy::wiring {

class OfflineAudit {
 public:
  // `default_namespace`: of objects that name none; it becomes `options.default_namespace`. `policies`: files whose
  // AuditPolicies count as if they were among the objects.
  OfflineAudit(const std::vector<std::string>& paths, const std::string& default_namespace, LoadOptions options,
               WallTime now, const std::vector<std::string>& policies = {});
  OfflineAudit(const OfflineAudit&) = delete;
  OfflineAudit& operator=(const OfflineAudit&) = delete;

  const score::Engine& engine() const { return engine_; }
  // Without its objects: the World has them.
  const LoadedManifests& loaded() const { return loaded_; }
  const cache::World& world() const { return world_; }
  const std::vector<LoadError>& policy_errors() const { return policies_.errors; }

 private:
  void Accept(LoadedManifests& manifests);

  TextPool pool_;  // first, as all texts have to be gone before it is
  std::unique_ptr<ObjectDecoder> decoder_;
  cache::World world_;
  PolicyFiles policies_;
  LoadedManifests loaded_;
  score::Engine engine_;
};

}  // namespace seaworthy::wiring
