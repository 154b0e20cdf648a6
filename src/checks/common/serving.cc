#include "checks/common/serving.h"

#include <algorithm>

namespace seaworthy::checks {
namespace {

std::string_view Protocol(const Text& protocol) { return protocol.empty() ? std::string_view("TCP") : protocol.view(); }

struct Resolved {
  const Container* container = nullptr;
  const ContainerPort* port = nullptr;
};

Resolved ResolveIn(const PodSpec& spec, ContainerRole role, const ServicePort& service_port) {
  const std::int32_t number = service_port.target.set() ? service_port.target.number : service_port.port;
  for (const Container& container : spec.containers) {
    if (container.role != role) continue;
    for (const ContainerPort& port : container.ports) {
      const bool same = service_port.target.name.empty() ? port.port == number : port.name == service_port.target.name;
      if (same && Protocol(port.protocol) == Protocol(service_port.protocol)) return {&container, &port};
    }
  }
  return {};
}

Resolved Resolve(const PodSpec& spec, const ServicePort& port) {
  const Resolved main = ResolveIn(spec, ContainerRole::kMain, port);
  return main.container != nullptr ? main : ResolveIn(spec, ContainerRole::kSidecar, port);
}

}  // namespace

bool IsMetricsPortName(std::string_view name) {
  return name.find("metrics") != std::string_view::npos || name.find("prometheus") != std::string_view::npos ||
         name == "prom" || name == "telemetry" || name == "exporter";
}

Serving FindServing(const Context& context) {
  const PodSpec& spec = context.spec();
  const Container* only_main = nullptr;
  int mains = 0;
  for (const Container& container : spec.containers) {
    if (container.role != ContainerRole::kMain) continue;
    only_main = &container;
    ++mains;
  }
  Serving serving;
  const auto add = [&serving](const Container* container, const Service* service) {
    for (const Serving::Target& target : serving.targets) {
      if (target.container == container) return;
    }
    serving.targets.push_back({container, service});
  };
  bool any_service = false, any_port = false, any_traffic = false;
  for (const Service* service : context.Services().items) {
    any_service = true;
    for (const ServicePort& port : service->ports) {
      any_port = true;
      if (IsMetricsPortName(port.name) || IsMetricsPortName(port.target.name)) continue;
      const Resolved resolved = Resolve(spec, port);
      if (resolved.port != nullptr && IsMetricsPortName(resolved.port->name)) continue;
      any_traffic = true;
      if (resolved.container != nullptr) {
        add(resolved.container, service);
      } else if (port.target.name.empty()) {
        // An undeclared port works all the same.
        if (mains == 1) {
          add(only_main, service);
        } else {
          serving.ambiguous = true;
        }
      }
    }
  }
  std::sort(serving.targets.begin(), serving.targets.end(),
            [](const Serving::Target& a, const Serving::Target& b) { return a.container < b.container; });
  if (!any_service) {
    serving.none_because = "no Service selects its pods";
  } else if (!any_port) {
    serving.none_because = "its Services name no port";
  } else if (!any_traffic) {
    serving.none_because = "its Services carry metrics only";
  } else {
    serving.none_because = "no container has the ports that its Services name";
  }
  return serving;
}

}  // namespace seaworthy::checks
