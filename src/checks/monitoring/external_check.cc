#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/exposure.h"
#include "checks/common/scraping.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr Kind kProbes[] = {Kind::kProbe, Kind::kVmProbe, Kind::kEndpointMonitor};

struct Sign {
  std::string_view annotation;
  std::string_view by;
};
// By which Ingresses, HTTPRoutes and Services ask to be probed: the blackbox jobs of Prometheus' example configuration,
// IngressMonitorController's (before EndpointMonitor), gatus-sidecar's.
constexpr Sign kSigns[] = {{"prometheus.io/probe", "Prometheus' blackbox job"},
                           {"blackbox.prometheus.io/probe", "Prometheus' blackbox job"},
                           {"monitor.stakater.com/enabled", "IngressMonitorController"},
                           {"gatus.home-operations.com/enabled", "Gatus"}};

std::string ProbedByAnnotation(const Object& object) {
  for (const Sign& sign : kSigns) {
    if (object.meta.annotations.Get(sign.annotation) == "true")
      return "annotation " + std::string(sign.annotation) + " of " + NameOf(object) + " asks " + std::string(sign.by);
  }
  return {};
}

// EndpointMonitors are for services outside (UptimeRobot, Pingdom, ...); the others' probers run in the cluster.
std::string Words(const Extension& probe) {
  return NameOf(probe) +
         (probe.kind == Kind::kEndpointMonitor ? " watches it from outside" : " probes it, from inside the cluster");
}

bool SelectsIngress(const Extension& probe, const Ingress& ingress) {
  const LabelSelector* selector = probe.SelectorAt("spec.targets.ingress.selector{}");
  if (selector == nullptr || !selector->Matches(ingress.meta.labels)) return false;
  if (probe.First("spec.targets.ingress.namespaceSelector.any") == "true") return true;
  if (probe.Has("spec.targets.ingress.namespaceSelector.matchNames[]"))
    return probe.Names("spec.targets.ingress.namespaceSelector.matchNames[]", ingress.meta.namespace_);
  return probe.meta.namespace_ == ingress.meta.namespace_;
}

struct Probed {
  std::string by;
  const Extension* ignored = nullptr;  // names a host, but no Prometheus chooses it
};

Probed FindProbe(const Context& context, const std::vector<ExposedHost>& hosts) {
  Probed probed;
  const auto take = [&](const Extension& probe) {
    if (const Chosen chosen = ChosenByPrometheus(context, probe); chosen != Chosen::kNo) {
      probed.by = Words(probe) + std::string(SelectionNotSeen(chosen));
    } else if (probed.ignored == nullptr) {
      probed.ignored = &probe;
    }
    return !probed.by.empty();
  };
  for (const ExposedHost& exposed : hosts) {
    if (!exposed.host.view().starts_with("*.")) {
      for (const Extension* probe : context.ProbesOf(exposed.host)) {
        if (take(*probe)) return probed;
      }
      continue;
    }
    for (const Kind kind : kProbes) {  // any host under the wildcard will do
      for (const Object* object : context.Everywhere(kind)) {
        const Extension& probe = Context::AsExtension(*object);
        const bool under = std::any_of(probe.facts.begin(), probe.facts.end(), [&](const Extension::Fact& fact) {
          return fact.path.view().ends_with("{host}") && HostCovers(exposed.host, fact.value);
        });
        if (under && take(probe)) return probed;
      }
    }
  }
  for (const Kind kind : {Kind::kProbe, Kind::kVmProbe}) {
    for (const Object* object : context.Everywhere(kind)) {
      const Extension& probe = Context::AsExtension(*object);
      if (probe.selectors.empty()) continue;
      for (const ExposedHost& exposed : hosts) {
        if (exposed.ingress != nullptr && SelectsIngress(probe, *exposed.ingress) && take(probe)) return probed;
      }
    }
  }
  // There may be one for each Ingress of the cluster, and they stand beside it.
  const auto monitors = context.Everywhere(Kind::kEndpointMonitor);
  for (const ExposedHost& exposed : hosts) {
    const Object& by = exposed.ingress != nullptr ? static_cast<const Object&>(*exposed.ingress) : *exposed.route;
    const std::string_view path =
        exposed.ingress != nullptr ? "spec.urlFrom.ingressRef.name" : "spec.urlFrom.routeRef.name";
    const std::string_view ns = by.meta.namespace_;
    auto at = std::partition_point(monitors.begin(), monitors.end(),
                                   [ns](const Object* object) { return object->meta.namespace_.view() < ns; });
    for (; at != monitors.end() && (*at)->meta.namespace_ == by.meta.namespace_; ++at) {
      const Extension& monitor = Context::AsExtension(**at);
      if (by.meta.name == monitor.First(path) && take(monitor)) return probed;
    }
  }
  return probed;
}

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = MissingExposure(context)) return *std::move(missing);
  const std::vector<ExposedHost> hosts = ExposedHosts(context);
  const Probed probed = FindProbe(context, hosts);
  if (!probed.by.empty()) return Outcome::Pass(probed.by);
  for (const ExposedHost& exposed : hosts) {
    const std::string by =
        ProbedByAnnotation(exposed.ingress != nullptr ? static_cast<const Object&>(*exposed.ingress) : *exposed.route);
    if (!by.empty()) return Outcome::Pass(by);
  }
  for (const Service* service : context.Services().items) {
    if (const std::string by = ProbedByAnnotation(*service); !by.empty()) return Outcome::Pass(by);
  }
  if (probed.ignored != nullptr)
    return Outcome::Warn(NameOf(*probed.ignored) +
                         " names it, but no Prometheus object selects it by its labels and those of its namespace");
  if (context.offline())
    return Outcome::Unknown(UnknownCause::kNotInInput,
                            "no probe of its hosts among these files: it may be elsewhere, attest it");
  for (const Kind kind : kProbes) {
    if (context.State(kind) == SourceState::kAbsent) continue;
    if (std::optional<Outcome> missing = Missing(context, kind)) return *std::move(missing);
  }
  if (std::none_of(std::begin(kProbes), std::end(kProbes), [&](Kind kind) { return context.Live(kind); })) {
    return Outcome::Unknown(
        UnknownCause::kAbsent,
        "the cluster serves no Probes, VMProbes or EndpointMonitors: attest what checks it from outside");
  }
  const bool any_host =
      std::any_of(hosts.begin(), hosts.end(), [](const ExposedHost& exposed) { return !exposed.host.empty(); });
  if (!any_host)
    return Outcome::Unknown(UnknownCause::kNotDeclared,
                            "it is exposed under no host name by which a probe could be told to be its own: attest it");
  return Outcome::Warn("no Probe, VMProbe or EndpointMonitor names one of its hosts or selects its Ingress").Absence();
}

}  // namespace

constinit const Check kExternalCheck = {
    .id = "external-check",
    .title = "Its hosts are checked from outside",
    .section = Section::kMonitoring,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .attestable = true,
    .max_days = 180,
    .rule =
        "For a workload behind an Ingress or HTTPRoute: passes when a Probe or VMProbe names one of its hosts or "
        "selects its Ingress (and some Prometheus object, where there are any, selects the Probe), an EndpointMonitor "
        "names it, or an annotation asks a blackbox job, IngressMonitorController or Gatus. Warns when the cluster "
        "serves such a kind and none is about it. Else unknown. Not applicable where nothing exposes it.",
    .why =
        "Pods, endpoints and targets may all be green while DNS, the certificate, the load balancer or a firewall "
        "keeps everybody out. Only a request that comes the users' way sees that.",
    .fix =
        "Add a Probe of the host with blackbox_exporter and an alert on probe_success, better a service that asks from "
        "outside the cluster, and attest that.",
    .source = "R. Monitoring: external checks that alert",
    .traps =
        "A prober in the cluster shares its fate and often does not take the users' way: the message says \"from "
        "inside\". Checks of a service outside leave nothing in the cluster: attest them.",
    .reads = kExposureKinds | KindSet{Kind::kProbe, Kind::kVmProbe, Kind::kEndpointMonitor, Kind::kPrometheus,
                                      Kind::kPrometheusAgent, Kind::kThanosRuler},
    .applies = AppliesBehindIngress,
    .run = Run,
};

}  // namespace seaworthy::checks
