// AuditPolicies from files: `scan --policy`.
#pragma once

#include <string>
#include <vector>

#include "seaworthy/object_decoder.h"
#include "seaworthy/policy.h"
#include "wiring/manifests.h"

namespace seaworthy::wiring {

struct PolicyFiles {
  std::vector<ObjectPtr> owners;
  std::vector<const AuditPolicy*> policies;
  std::vector<LoadError> errors;  // also: what is there that is no policy
};
PolicyFiles LoadPolicies(const std::vector<std::string>& paths, const ObjectDecoder& decoder);

}  // namespace seaworthy::wiring
