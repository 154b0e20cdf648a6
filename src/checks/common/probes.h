// The probes of a container, for checks that look at all of them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct NamedProbe {
  std::string_view field;  // "livenessProbe"
  const Probe* probe;
};
inline std::array<NamedProbe, 3> ProbesOf(const Container& container) {
  return {{{"readinessProbe", &*container.readiness},
           {"livenessProbe", &*container.liveness},
           {"startupProbe", &*container.startup}}};
}

// A probe without a handler is none, and refused by the API server: charts write `readinessProbe: {}`.
inline constexpr std::string_view kNoHandler =
    "has no handler (httpGet, exec, tcpSocket or grpc), which the API server refuses";

inline bool HasProbes(const Container& container) {
  return container.readiness->has_handler() || container.liveness->has_handler() || container.startup->has_handler();
}

// A precondition: na where no container has a probe.
inline std::string_view AppliesWithProbes(const Context& context) {
  for (const Container& container : context.spec().containers) {
    if (HasProbes(container)) return "";
  }
  return "no container has a probe";
}

// How long a probe has to fail before the kubelet acts.
// Manifests can hold any number; the API server takes 32 bits.
inline std::int64_t BudgetSeconds(const Probe& probe) {
  constexpr std::int64_t kMost = 1'000'000'000;
  return std::clamp<std::int64_t>(probe.PeriodSeconds(), 0, kMost) *
         std::clamp<std::int64_t>(probe.FailureThreshold(), 0, kMost);
}

}  // namespace seaworthy::checks
