// The ConfigMaps and Secrets that a pod template takes its configuration from.
#pragma once

#include <string>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct ConfigReference {
  bool secret = false;
  Text name;
  const Container* container = nullptr;  // of an environment variable; null: a volume
};
// Of all containers, each object once for the environment and once for volumes, in document order. The token volume
// that Kubernetes adds does not count; what stands inside a projected volume is one reference without a name.
std::vector<ConfigReference> ConfigReferencesOf(const PodSpec& spec);

}  // namespace seaworthy::checks
