// Which containers of a workload the traffic of its Services reaches.
#pragma once

#include <string_view>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

// The name of a port that only monitoring reads: it does not make a container serve users.
bool IsMetricsPortName(std::string_view name);
// A Service made for scraping alone, as Kubebuilder's controller-manager-metrics-service.
bool IsMetricsServiceName(std::string_view name);
// An exporter, or the proxy that guards a metrics port, by its image: whatever its ports are called, scrapes come in.
bool ServesMetricsOnly(const Container& container);

struct Serving {
  struct Target {
    const Container* container;
    const Service* service;  // the first one, by name, that sends it traffic
  };
  std::vector<Target> targets;  // in document order, each container once
  // A Service sends traffic to a port number that no container declares, and several containers may listen on it.
  bool ambiguous = false;
  // Neither targets nor ambiguous, and why.
  bool none() const { return targets.empty() && !ambiguous; }
  std::string_view none_because;
};
// Services with publishNotReadyAddresses are left out: what the pod says about itself steers none of their traffic.
// Resolves targetPorts as the endpoints controller does: names by the first container that has the port under this name
// and protocol, main containers before sidecars; numbers by declaration, else by the only main container there is.
// Kinds: kService.
const Serving& FindServing(const Context& context);

}  // namespace seaworthy::checks
