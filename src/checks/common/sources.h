// Sources that a check can do without, and what it answers when one that it cannot do without is missing at run time.
#pragma once

#include <optional>

#include "seaworthy/check.h"

namespace seaworthy::checks {

// Whether the absence of an object of this kind means that there is none. In a scan that holds for what selects
// workloads (Service, PodDisruptionBudget, HorizontalPodAutoscaler, NetworkPolicy), and for nothing that only a cluster
// shows.
bool Usable(const Context& context, Kind kind);

// The answer for a source that is not usable: which it is and how to provide it. nullopt when it is.
// For `needs` the evaluator answers by itself; this is for preconditions that rest on a source ("behind a Service"),
// which would otherwise be taken for absent when the source is denied.
std::optional<Outcome> Missing(const Context& context, Kind kind);

}  // namespace seaworthy::checks
