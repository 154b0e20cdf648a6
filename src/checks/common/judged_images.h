// The images that a workload's containers run: those of its template, and those of containers that admission adds to
// its pods.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct JudgedImage {
  const Container* container = nullptr;
  std::string_view image;
  bool injected = false;  // runs in the pods of the current revision and is not in the template
  // The template says "auto" (Istio's gateways), which admission replaces, and no pod shows by what: `image` is "auto".
  bool unresolved = false;

  // " (injected: not in the template)", or nothing: ends a message.
  std::string Suffix() const { return injected ? " (injected: not in the template)" : ""; }
};
// Containers and native sidecars, with `init` those that end too; never ephemeral ones. In the order of the template,
// injected ones last. Kinds: kPod.
const std::vector<JudgedImage>& JudgedImages(const Context& context, bool init);

}  // namespace seaworthy::checks
