// What the registries say of the images that a workload runs: the facts of each container's running digest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct ImageFacts {
  const Container* container = nullptr;
  std::string_view image;  // as the pod template or the pod says it
  bool injected = false;
  const Extension* facts = nullptr;  // created, leftovers[]
  std::string problem;               // why there are none: ends a finding
  std::string Suffix() const { return injected ? " (injected: not in the template)" : ""; }
};
// Containers and native sidecars. Kinds: kPod, kImageConfig.
std::vector<ImageFacts> RegistryFacts(const Context& context);

// The digest that the pods of the current revision run the container with; empty: none, or only a local one. Kinds:
// kPod.
std::string_view RunningDigest(const Context& context, std::string_view container);

}  // namespace seaworthy::checks
