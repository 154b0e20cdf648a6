// Routes to Services, what scrapes workloads, probes by host, alerts by what they name, and pages for maintenance:
// indexes over kinds that are kept as facts.
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "cache/world_impl.h"

namespace seaworthy::cache {
namespace {

// The namespaces of the Services that a route names. A backend without kind and group is a Service (Gateway API's
// defaults).
template <typename Fn>
void ForEachBackend(const Extension& route, Fn fn) {
  for (const Extension::Fact* name : route.All("spec.rules[].backendRefs[].name")) {
    const std::string_view kind = route.Beside(*name, "spec.rules[].backendRefs[].kind");
    if ((!kind.empty() && kind != "Service") || !route.Beside(*name, "spec.rules[].backendRefs[].group").empty())
      continue;
    const std::string_view ns = route.Beside(*name, "spec.rules[].backendRefs[].namespace");
    fn(ns.empty() ? route.meta.namespace_.view() : ns, name->value);
  }
}

std::set<std::string_view> BackendNamespaces(const Extension& route) {
  std::set<std::string_view> named;
  ForEachBackend(route, [&](std::string_view ns, const Text&) { named.insert(ns); });
  return named;
}

bool RouteNames(const Extension& route, const Service& service) {
  bool names = false;
  ForEachBackend(route, [&](std::string_view ns, const Text& name) {
    names |= service.meta.namespace_ == ns && service.meta.name == name;
  });
  return names;
}

// A route whose parents are Services only steers calls between workloads, in a mesh (Linkerd, Istio, Cilium): nobody
// comes in by it.
bool IsOfMesh(const Extension& route) {
  const std::vector<const Extension::Fact*> parents = route.All("spec.parentRefs[].name");
  return !parents.empty() && std::all_of(parents.begin(), parents.end(), [&](const Extension::Fact* parent) {
    const std::string_view kind = route.Beside(*parent, "spec.parentRefs[].kind");
    return kind == "Service" || kind == "ServiceEntry";
  });
}

bool SelectsIn(const Extension& monitor, const Labels& labels) {
  const LabelSelector* selector = monitor.SelectorAt("spec.selector{}");
  return selector != nullptr && selector->Matches(labels);
}

bool OfAllNamespaces(const Extension& monitor) {
  return monitor.kind == Kind::kClusterPodMonitoring || monitor.First("spec.namespaceSelector.any") == "true";
}

// In which it selects, where these can be named.
std::set<std::string_view> NamespacesOf(const Extension& monitor) {
  std::set<std::string_view> names;
  for (const Extension::Fact* name : monitor.All("spec.namespaceSelector.matchNames[]")) names.insert(name->value);
  if (names.empty()) names.insert(monitor.meta.namespace_.view());
  return names;
}

void AddMonitor(SelectingList<Extension>& list, const Extension* monitor) {
  InsertSorted(list.items, monitor, ByKindAndKey());
  if (list.items.size() > kMaxSelecting) {
    list.items.pop_back();
    list.truncated = true;
  }
}

bool Before(const AlertMention& a, const AlertMention& b) {
  if (a.rules != b.rules) return ByKindAndKey()(a.rules, b.rules);
  return std::tie(a.group, a.rule, a.label, a.value) < std::tie(b.group, b.rule, b.label, b.value);
}

// The value by which it is looked up: PodMonitors make jobs called "namespace/name".
std::string_view LookedUpBy(std::string_view value) {
  const std::size_t slash = value.rfind('/');
  return slash == std::string_view::npos ? value : value.substr(slash + 1);
}

}  // namespace

// ---------------------------------------------------------------- routes

void World::LinkRoute(Extension& route) {
  List(route);
  const bool exposes = !IsOfMesh(route);
  for (const std::string_view name : BackendNamespaces(route)) {
    const Text ns_name = pool_.Intern(name);
    Insert<const Extension>(routes_by_namespace_[ns_name], &route);
    const auto ns = namespaces_.find(ns_name);
    if (ns == namespaces_.end()) continue;
    for (ServiceRecord* service : ns->second->services) {
      if (!exposes || !RouteNames(route, *service->service)) continue;
      Insert<const Extension>(service->routes, &route);
      TouchWorkloads(service->workloads, {Kind::kHttpRoute});
    }
  }
  TouchSubject(Ns(route.meta.namespace_).subject, {Kind::kHttpRoute});
  TouchCluster({Kind::kHttpRoute});
}

void World::UnlinkRoute(Extension& route) {
  for (const std::string_view name : BackendNamespaces(route)) {
    const Text ns_name = pool_.Intern(name);
    const auto routes = routes_by_namespace_.find(ns_name);
    Erase<const Extension>(routes->second, &route);
    if (routes->second.empty()) routes_by_namespace_.erase(routes);
    const auto ns = namespaces_.find(ns_name);
    if (ns == namespaces_.end()) continue;
    for (ServiceRecord* service : ns->second->services) {
      if (EraseSorted(service->routes, static_cast<const Extension*>(&route), ByKey()))
        TouchWorkloads(service->workloads, {Kind::kHttpRoute});
    }
  }
  Unlist(route);
  TouchSubject(Ns(route.meta.namespace_).subject, {Kind::kHttpRoute});
  TouchCluster({Kind::kHttpRoute});
}

void World::JoinRoutes(ServiceRecord& service) {
  const auto routes = routes_by_namespace_.find(service.service->meta.namespace_);
  if (routes == routes_by_namespace_.end()) return;
  for (const Extension* route : routes->second) {
    if (!IsOfMesh(*route) && RouteNames(*route, *service.service)) service.routes.push_back(route);
  }
}

// The namespace of a route is judged by the Services that it names, wherever these are.
void World::TouchRoutesElsewhere(const Service& service) {
  const auto routes = routes_by_namespace_.find(service.meta.namespace_);
  if (routes == routes_by_namespace_.end()) return;
  for (const Extension* route : routes->second) {
    if (route->meta.namespace_ == service.meta.namespace_ || !RouteNames(*route, service)) continue;
    TouchSubject(Ns(route->meta.namespace_).subject, {Kind::kService});
  }
}

// ---------------------------------------------------------------- monitors

void World::LinkMonitor(Extension& monitor) {
  List(monitor);
  KindSet kinds;
  kinds.Add(monitor.kind);
  const auto join = [&](NamespaceRecord& ns) {
    if (IsServiceMonitorKind(monitor.kind)) {
      for (ServiceRecord* service : ns.services) {
        if (!SelectsIn(monitor, service->service->meta.labels)) continue;
        AddMonitor(service->monitors, &monitor);
        TouchWorkloads(service->workloads, kinds);
      }
    } else {
      for (WorkloadRecord* workload : ns.workloads) {
        if (!SelectsIn(monitor, workload->workload->template_labels)) continue;
        AddMonitor(workload->pod_monitors, &monitor);
        TouchSubject(workload->subject, kinds);
      }
    }
  };
  if (OfAllNamespaces(monitor)) {
    InsertSorted(monitors_of_all_, static_cast<const Extension*>(&monitor), ByKindAndKey());
    for (NamespaceRecord* ns : namespace_list_) join(*ns);
  } else {
    for (const std::string_view name : NamespacesOf(monitor)) {
      const Text ns_name = pool_.Intern(name);
      InsertSorted(monitors_by_namespace_[ns_name], static_cast<const Extension*>(&monitor), ByKindAndKey());
      if (const auto ns = namespaces_.find(ns_name); ns != namespaces_.end()) join(*ns->second);
    }
  }
  if (Info(monitor.kind).namespaced) TouchSubject(Ns(monitor.meta.namespace_).subject, kinds);
  TouchCluster(kinds);
}

void World::UnlinkMonitor(Extension& monitor) {
  KindSet kinds;
  kinds.Add(monitor.kind);
  const auto gone = static_cast<const Extension*>(&monitor);
  const auto leave = [&](NamespaceRecord& ns) {
    if (IsServiceMonitorKind(monitor.kind)) {
      for (ServiceRecord* service : ns.services) {
        if (!SelectsIn(monitor, service->service->meta.labels)) continue;
        EraseSorted(service->monitors.items, gone, ByKindAndKey());
        if (service->monitors.truncated) JoinMonitors(*service);
        TouchWorkloads(service->workloads, kinds);
      }
    } else {
      for (WorkloadRecord* workload : ns.workloads) {
        if (!SelectsIn(monitor, workload->workload->template_labels)) continue;
        EraseSorted(workload->pod_monitors.items, gone, ByKindAndKey());
        if (workload->pod_monitors.truncated) JoinMonitors(*workload);
        TouchSubject(workload->subject, kinds);
      }
    }
  };
  // Out of the index first: a list that was truncated is filled up from there.
  if (OfAllNamespaces(monitor)) {
    EraseSorted(monitors_of_all_, gone, ByKindAndKey());
    for (NamespaceRecord* ns : namespace_list_) leave(*ns);
  } else {
    for (const std::string_view name : NamespacesOf(monitor)) {
      const Text ns_name = pool_.Intern(name);
      const auto monitors = monitors_by_namespace_.find(ns_name);
      EraseSorted(monitors->second, gone, ByKindAndKey());
      if (monitors->second.empty()) monitors_by_namespace_.erase(monitors);
      if (const auto ns = namespaces_.find(ns_name); ns != namespaces_.end()) leave(*ns->second);
    }
  }
  Unlist(monitor);
  if (Info(monitor.kind).namespaced) TouchSubject(Ns(monitor.meta.namespace_).subject, kinds);
  TouchCluster(kinds);
}

template <typename Fn>
void World::ForEachMonitorOf(const NamespaceRecord& ns, Fn fn) const {
  for (const Extension* monitor : monitors_of_all_) fn(monitor);
  const auto own = monitors_by_namespace_.find(ns.name);
  if (own == monitors_by_namespace_.end()) return;
  for (const Extension* monitor : own->second) fn(monitor);
}

void World::JoinMonitors(ServiceRecord& service) const {
  service.monitors = {};
  const auto ns = namespaces_.find(service.service->meta.namespace_);
  ForEachMonitorOf(*ns->second, [&](const Extension* monitor) {
    if (IsServiceMonitorKind(monitor->kind) && SelectsIn(*monitor, service.service->meta.labels))
      AddMonitor(service.monitors, monitor);
  });
}

void World::JoinMonitors(WorkloadRecord& workload) const {
  workload.pod_monitors = {};
  ForEachMonitorOf(*workload.ns, [&](const Extension* monitor) {
    if (IsPodMonitorKind(monitor->kind) && SelectsIn(*monitor, workload.workload->template_labels))
      AddMonitor(workload.pod_monitors, monitor);
  });
}

// ---------------------------------------------------------------- probes and alerts

void World::IndexExtension(const Object& object, bool enter) {
  switch (object.kind) {
    case Kind::kProbe:
    case Kind::kVmProbe:
    case Kind::kEndpointMonitor: IndexProbe(static_cast<const Extension&>(object), enter); break;
    case Kind::kPrometheusRule:
    case Kind::kVmRule: IndexAlerts(static_cast<const Extension&>(object), enter); break;
    default: break;
  }
}

void World::IndexProbe(const Extension& probe, bool enter) {
  for (const Extension::Fact& fact : probe.facts) {
    if (!fact.path.view().ends_with("{host}")) continue;
    if (enter) {
      InsertSorted(probes_by_host_[fact.value], &probe, ByKindAndKey());
      continue;
    }
    const auto probes = probes_by_host_.find(fact.value);
    if (probes == probes_by_host_.end()) continue;  // it named the host twice
    EraseSorted(probes->second, &probe, ByKindAndKey());
    if (probes->second.empty()) probes_by_host_.erase(probes);
  }
}

void World::IndexAlerts(const Extension& rules, bool enter) {
  const auto keep = [&](std::vector<AlertMention>& list, const AlertMention& mention) {
    const auto at = std::lower_bound(list.begin(), list.end(), mention, Before);
    const bool there = at != list.end() && *at == mention;
    if (enter && !there) list.insert(at, mention);
    if (!enter && there) list.erase(at);
  };
  std::set<std::pair<std::uint16_t, std::uint16_t>> alerts;  // recording rules wake nobody
  for (const Extension::Fact* alert : rules.All("spec.groups[].rules[].alert"))
    alerts.insert({alert->outer, alert->inner});
  for (const Extension::Fact* matcher : rules.All("spec.groups[].rules[].expr{matchers}")) {
    if (!alerts.contains({matcher->outer, matcher->inner})) continue;
    const std::string_view text = matcher->value;
    const std::size_t equals = text.find('=');
    AlertMention mention{&rules, matcher->outer, matcher->inner, pool_.Intern(text.substr(0, equals)),
                         pool_.Intern(text.substr(equals + 1))};
    const std::string_view value = mention.value;
    if (value.starts_with('*') || value.ends_with('*')) {
      keep(alert_patterns_, mention);
      continue;
    }
    const Text key = pool_.Intern(LookedUpBy(value));
    if (key.empty()) continue;
    std::vector<AlertMention>& list = alerts_by_value_[key];
    keep(list, mention);
    if (list.empty()) alerts_by_value_.erase(key);
  }
}

std::span<const AlertMention> World::AlertsNaming(const Text& value) const {
  const auto found = alerts_by_value_.find(value);
  return found == alerts_by_value_.end() ? std::span<const AlertMention>() : std::span(found->second);
}

std::span<const Extension* const> World::ProbesOf(const Text& host) const {
  const auto found = probes_by_host_.find(host);
  return found == probes_by_host_.end() ? std::span<const Extension* const>() : std::span(found->second);
}

// ---------------------------------------------------------------- maintenance pages

void World::KeepMaintenancePage(const Object& object, NamespaceEntry& ns, bool is_page) {
  const bool was =
      std::find(ns.maintenance_pages.begin(), ns.maintenance_pages.end(), &object) != ns.maintenance_pages.end();
  if (was == is_page) return;
  if (is_page) {
    InsertSorted(ns.maintenance_pages, &object, ByKindAndKey());
  } else {
    EraseSorted(ns.maintenance_pages, &object, ByKindAndKey());
  }
  TouchNamespaceWorkloads(ns, {Kind::kService});
}

}  // namespace seaworthy::cache
