#include "checks/common/serving.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "checks/common/exporter_images.h"
#include "checks/common/image_reference.h"

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
  constexpr std::string_view kParts[] = {"metrics", "prometheus", "profiling", "pprof"};
  constexpr std::string_view kWhole[] = {"prom", "telemetry", "exporter", "monitoring"};
  return std::any_of(std::begin(kParts), std::end(kParts),
                     [name](std::string_view part) { return name.find(part) != std::string_view::npos; }) ||
         std::find(std::begin(kWhole), std::end(kWhole), name) != std::end(kWhole) || name.ends_with("-prom") ||
         name.ends_with("-monitoring");
}

bool IsMetricsServiceName(std::string_view name) {
  return name.ends_with("-metrics") || name.ends_with("-metrics-service");
}

bool ServesMetricsOnly(const Container& container) {
  const std::optional<ImageReference> reference = ParseImageReference(container.image);
  if (!reference) return false;
  std::string_view name = reference->repository;
  if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  if (std::find(std::begin(kMetricsOnlyImages), std::end(kMetricsOnlyImages), name) != std::end(kMetricsOnlyImages))
    return true;
  for (const std::string_view suffix : {"_exporter", "-exporter"}) {
    if (!name.ends_with(suffix)) continue;
    name.remove_suffix(suffix.size());
    return std::find(std::begin(kExporterSubjects), std::end(kExporterSubjects), name) != std::end(kExporterSubjects);
  }
  return false;
}

namespace {

Serving WorkOutServing(const Context& context) {
  const PodSpec& spec = context.spec();
  const Container* only_main = nullptr;
  int mains = 0;
  for (const Container& container : spec.containers) {
    if (container.role != ContainerRole::kMain || ServesMetricsOnly(container)) continue;
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
  bool any_service = false, any_steered = false, any_port = false, any_traffic = false;
  for (const Service* service : context.Services().items) {
    any_service = true;
    if (service->publish_not_ready) continue;
    any_steered = true;
    for (const ServicePort& port : service->ports) {
      any_port = true;
      if (IsMetricsServiceName(service->meta.name) || IsMetricsPortName(port.name) ||
          IsMetricsPortName(port.target.name))
        continue;
      const Resolved resolved = Resolve(spec, port);
      if (resolved.port != nullptr && IsMetricsPortName(resolved.port->name)) continue;
      if (resolved.container != nullptr && ServesMetricsOnly(*resolved.container)) continue;
      if (resolved.container == nullptr && mains == 0) continue;
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
  const auto place = [&spec](const Serving::Target& target) {
    return std::find_if(spec.containers.begin(), spec.containers.end(),
                        [&](const Shared<Container>& one) { return &*one == target.container; });
  };
  std::sort(serving.targets.begin(), serving.targets.end(),
            [&](const Serving::Target& a, const Serving::Target& b) { return place(a) < place(b); });
  if (!any_service) {
    serving.none_because = "no Service selects its pods";
  } else if (!any_steered) {
    serving.none_because = "its Services send traffic to pods that are not ready, too (publishNotReadyAddresses)";
  } else if (!any_port) {
    serving.none_because = "its Services name no port";
  } else if (!any_traffic) {
    serving.none_because = "its Services carry metrics only";
  } else {
    serving.none_because = "no container has the ports that its Services name";
  }
  return serving;
}

}  // namespace

const Serving& FindServing(const Context& context) {
  return context.Once<Serving>([&] { return WorkOutServing(context); });
}

}  // namespace seaworthy::checks
