// Who changes workloads, by the field manager's name: the default lists, which a policy extends (spec.managers).
#pragma once

#include <cstdint>
#include <string_view>

#include "seaworthy/check.h"

namespace seaworthy::checks {

enum class ManagerKind : std::uint8_t {
  kUnlisted,
  kGitOps,       // keeps the object as a source says: Argo CD, Flux, Helm, ... A change by somebody else is drift
  kPipeline,     // other tools that apply from a declared state
  kPlain,        // kubectl apply and set: a person's or a pipeline's, the name does not tell
  kInteractive,  // editors, dashboards, consoles
};
// The policy's names win over the built-in lists. `policy` may be null.
ManagerKind KindOfManager(std::string_view name, const ManagerNames* policy);

}  // namespace seaworthy::checks
