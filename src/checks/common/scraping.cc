#include "checks/common/scraping.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "checks/common/facts_named.h"

namespace seaworthy::checks {
namespace {

// ---- which Prometheus

struct SelectorPaths {
  std::string_view own, of_namespace;
};
SelectorPaths PathsFor(Kind kind) {
  switch (kind) {
    case Kind::kServiceMonitor: return {"spec.serviceMonitorSelector{}", "spec.serviceMonitorNamespaceSelector{}"};
    case Kind::kPodMonitor: return {"spec.podMonitorSelector{}", "spec.podMonitorNamespaceSelector{}"};
    case Kind::kProbe: return {"spec.probeSelector{}", "spec.probeNamespaceSelector{}"};
    case Kind::kPrometheusRule: return {"spec.ruleSelector{}", "spec.ruleNamespaceSelector{}"};
    default: return {};
  }
}

// An absent selector chooses nothing, an absent namespace selector the Prometheus' own namespace (the operator's API).
Chosen Chooses(const Context& context, const Extension& prometheus, const SelectorPaths& paths,
               const Extension& object) {
  const LabelSelector* own = prometheus.SelectorAt(paths.own);
  if (own == nullptr || !own->Matches(object.meta.labels)) return Chosen::kNo;
  const LabelSelector* of_namespace = prometheus.SelectorAt(paths.of_namespace);
  if (of_namespace == nullptr) return prometheus.meta.namespace_ == object.meta.namespace_ ? Chosen::kYes : Chosen::kNo;
  if (of_namespace->present && !of_namespace->invalid && of_namespace->empty()) return Chosen::kYes;
  const Labels* labels = context.LabelsAround(object);
  if (labels == nullptr) return Chosen::kUnknown;
  return of_namespace->Matches(*labels) ? Chosen::kYes : Chosen::kNo;
}

// ---- which port

bool IsNumber(std::string_view text, std::int32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

enum class By : std::uint8_t { kName, kNameOrNumber };
bool HasContainerPort(const PodSpec& spec, std::string_view port, By by) {
  std::int32_t number = 0;
  const bool by_number = by == By::kNameOrNumber && IsNumber(port, number);
  for (const Container& container : spec.containers) {
    if (!container.is_running_long()) continue;
    for (const ContainerPort& own : container.ports) {
      if (by_number ? own.port == number : own.name == port) return true;
    }
  }
  return false;
}

struct EndpointPaths {
  std::string_view element, port, target, number;
};
constexpr EndpointPaths kServicePaths = {"spec.endpoints[]?", "spec.endpoints[].port", "spec.endpoints[].targetPort",
                                         ""};
constexpr EndpointPaths kPodPaths = {"spec.podMetricsEndpoints[]?", "spec.podMetricsEndpoints[].port",
                                     "spec.podMetricsEndpoints[].targetPort", "spec.podMetricsEndpoints[].portNumber"};

std::string_view Only(const std::vector<std::string_view>& values) {
  return values.empty() ? std::string_view() : values.front();
}

// Empty: one of the monitor's endpoints reaches a port. Else which port is missing.
std::string MissingServicePort(const Context& context, const Extension& monitor, const Service& service) {
  std::string missing = "it has no endpoints";
  for (const Extension::Fact* element : monitor.All(kServicePaths.element)) {
    const std::string_view port = Only(monitor.Within(element->outer, kServicePaths.port));
    const std::string_view target = Only(monitor.Within(element->outer, kServicePaths.target));
    if (port.empty() && target.empty()) return {};  // every port
    if (!port.empty()) {
      if (std::any_of(service.ports.begin(), service.ports.end(),
                      [&](const ServicePort& own) { return own.name == port; }))
        return {};
      missing = "Service " + service.meta.name.str() + " has no port named " + std::string(port);
      continue;
    }
    if (HasContainerPort(context.spec(), target, By::kNameOrNumber)) return {};
    missing = "no container has a port " + std::string(target);
  }
  return missing;
}

std::string MissingPodPort(const Context& context, const Extension& monitor) {
  const bool google = monitor.kind == Kind::kPodMonitoring || monitor.kind == Kind::kClusterPodMonitoring;
  const EndpointPaths& paths = google ? kServicePaths : kPodPaths;
  std::string missing = "it has no endpoints";
  for (const Extension::Fact* element : monitor.All(paths.element)) {
    std::string_view port = Only(monitor.Within(element->outer, paths.port));
    // A PodMonitor's `port` is a name, and asks for a port that is called "8080" where it is a number.
    const By by = port.empty() || google ? By::kNameOrNumber : By::kName;
    if (port.empty()) port = Only(monitor.Within(element->outer, paths.target));
    if (port.empty() && !paths.number.empty()) port = Only(monitor.Within(element->outer, paths.number));
    if (port.empty() || HasContainerPort(context.spec(), port, by)) return {};
    missing = std::string("no container has a port ") + (by == By::kName ? "named " : "") + std::string(port);
  }
  return missing;
}

// A monitor for every namespace (a mesh's sidecars, say) selects many whose metrics it is not about.
bool IsSpecific(const Extension& monitor) {
  return monitor.kind != Kind::kClusterPodMonitoring && monitor.First("spec.namespaceSelector.any") != "true";
}

// ---- annotations

// Which a Prometheus' or an agent's configuration follows: the example configuration of Prometheus' own repository,
// Grafana's k8s-monitoring chart, Dynatrace's ActiveGate. Datadog's have the container in their key.
constexpr std::string_view kScrapeAnnotations[] = {"prometheus.io/scrape", "k8s.grafana.com/scrape",
                                                   "metrics.dynatrace.com/scrape"};
constexpr std::string_view kDatadog = "ad.datadoghq.com/";

std::string ScrapeAnnotation(const Labels& annotations) {
  for (const std::string_view key : kScrapeAnnotations) {
    if (annotations.Get(key) == "true") return "annotation " + std::string(key);
  }
  for (const KeyValue& annotation : annotations) {
    if (annotation.key.view().starts_with(kDatadog) && annotation.key.view().ends_with(".checks"))
      return "annotation " + annotation.key.str();
  }
  return {};
}

// ---- targets

// One that is up is enough: of a rollout's pods some have not been scraped yet. Sidecars that are not in the template
// have metrics of their own.
Scraping::Targets TargetsOf(const Context& context) {
  if (!context.Live(Kind::kScrapeTarget)) return Scraping::Targets::kUnseen;
  const List<Shared<Container>>& own = context.spec().containers;
  bool down = false;
  for (const Pod* pod : context.CurrentPods()) {
    const Extension* targets = pod->IsReady() ? FindNamed(context.Here(Kind::kScrapeTarget), pod->meta.name) : nullptr;
    if (targets == nullptr) continue;
    for (const Extension::Fact* up : targets->All("targets[].up")) {
      const std::string_view container = targets->Beside(*up, "targets[].container");
      if (!container.empty() &&
          std::none_of(own.begin(), own.end(), [&](const Container& one) { return one.name == container; }))
        continue;
      if (up->value == "1") return Scraping::Targets::kUp;
      down = true;
    }
  }
  return down ? Scraping::Targets::kDown : Scraping::Targets::kUnseen;
}

}  // namespace

bool LooksInto(const Extension& monitor, std::string_view ns) {
  if (!IsSpecific(monitor)) return true;
  if (monitor.Has("spec.namespaceSelector.matchNames[]"))
    return monitor.Names("spec.namespaceSelector.matchNames[]", ns);
  return monitor.meta.namespace_ == ns;
}

std::string NameOf(const Object& object) {
  std::string name(Info(object.kind).name);
  name += ' ';
  if (!object.meta.namespace_.empty()) name += object.meta.namespace_.str() + "/";
  return name + object.meta.name.str();
}

Chosen ChosenByPrometheus(const Context& context, const Extension& object) {
  const SelectorPaths paths = PathsFor(object.kind);
  if (paths.own.empty()) return Chosen::kNobodyThere;
  const Kind other = object.kind == Kind::kPrometheusRule ? Kind::kThanosRuler : Kind::kPrometheusAgent;
  bool anybody = false, unknown = false;
  for (const Kind kind : {Kind::kPrometheus, other}) {
    const SourceState state = context.State(kind);
    unknown |= state != SourceState::kLive && state != SourceState::kAbsent && state != SourceState::kOffline;
    for (const Object* prometheus : context.Everywhere(kind)) {
      anybody = true;
      const Chosen chosen = Chooses(context, Context::AsExtension(*prometheus), paths, object);
      if (chosen == Chosen::kYes) return Chosen::kYes;
      unknown |= chosen == Chosen::kUnknown;
    }
  }
  if (unknown || (context.offline() && !anybody)) return Chosen::kUnknown;
  return anybody ? Chosen::kNo : Chosen::kNobodyThere;
}

Scraping FindScraping(const Context& context) {
  Scraping scraping;
  scraping.targets = TargetsOf(context);
  std::string broken;
  // Whether it does scrape.
  const auto works = [&](const Extension& monitor, const std::string& missing_port) {
    std::string why = missing_port;
    const Chosen chosen = why.empty() ? ChosenByPrometheus(context, monitor) : Chosen::kNo;
    if (why.empty() && chosen == Chosen::kNo)
      why = "no Prometheus object selects it by its labels and those of its namespace";
    if (why.empty()) {
      scraping.by = NameOf(monitor);
      scraping.not_seen = SelectionNotSeen(chosen);
      return true;
    }
    if (broken.empty() && IsSpecific(monitor)) broken = NameOf(monitor) + " is to scrape it, but " + why;
    return false;
  };
  for (const Service* service : context.Services().items) {
    const SelectingList<Extension>& monitors = context.MonitorsOf(*service);
    scraping.truncated |= monitors.truncated;
    for (const Extension* monitor : monitors.items) {
      if (works(*monitor, MissingServicePort(context, *monitor, *service))) return scraping;
    }
  }
  scraping.truncated |= context.Services().truncated || context.PodMonitors().truncated;
  for (const Extension* monitor : context.PodMonitors().items) {
    if (works(*monitor, MissingPodPort(context, *monitor))) return scraping;
  }
  scraping.by = ScrapeAnnotation(context.workload().template_annotations);
  if (!scraping.by.empty()) return scraping;
  for (const Service* service : context.Services().items) {
    scraping.by = ScrapeAnnotation(service->meta.annotations);
    if (scraping.by.empty()) continue;
    scraping.by += " of Service " + service->meta.name.str();
    return scraping;
  }
  // By a scrape configuration that no object shows, say.
  if (scraping.targets == Scraping::Targets::kUp) {
    scraping.by = "Prometheus, for which up is 1";
  } else {
    scraping.broken = std::move(broken);
  }
  return scraping;
}

}  // namespace seaworthy::checks
