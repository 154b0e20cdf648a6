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

// For `applies` of checks about who changes the template: why there is none that somebody could change; empty: there
// is.
inline std::string_view WithoutTemplate(const Context& context) {
  switch (context.workload().workload_class) {
    case WorkloadClass::kOther: return "its template is written by its controller";
    case WorkloadClass::kPod: return "a Pod has no template that could be changed";
    default: return "";
  }
}

}  // namespace seaworthy::checks
