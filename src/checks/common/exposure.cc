#include "checks/common/exposure.h"

#include <algorithm>
#include <utility>

#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

// Absent is fine for either: clusters without the Gateway API have no routes.
std::optional<Outcome> MissingSource(const Context& context) {
  for (const Kind kind : {Kind::kService, Kind::kIngress, Kind::kHttpRoute}) {
    if (kind != Kind::kService && context.State(kind) == SourceState::kAbsent) continue;
    if (std::optional<Outcome> missing = Missing(context, kind)) return missing;
  }
  return std::nullopt;
}

}  // namespace

std::vector<ExposedHost> ExposedHosts(const Context& context) {
  std::vector<ExposedHost> hosts;
  const auto add = [&](const Text& host, const Ingress* ingress, const Extension* route) {
    for (const ExposedHost& known : hosts) {
      if (known.host == host && known.ingress == ingress && known.route == route) return;
    }
    hosts.push_back({host, ingress, route});
  };
  for (const Service* service : context.Services().items) {
    for (const Ingress* ingress : context.IngressesOf(*service)) {
      for (const IngressBackend& backend : ingress->backends) {
        if (backend.service == service->meta.name) add(backend.host, ingress, nullptr);
      }
      if (ingress->has_default_backend && ingress->default_backend.service == service->meta.name)
        add(Text(), ingress, nullptr);
    }
    for (const Extension* route : context.RoutesOf(*service)) {
      const std::vector<const Extension::Fact*> names = route->All("spec.hostnames[]");
      for (const Extension::Fact* name : names) add(name->value, nullptr, route);
      if (names.empty()) add(Text(), nullptr, route);
    }
  }
  return hosts;
}

std::string_view AppliesBehindIngress(const Context& context) {
  if (context.BehindIngress() || MissingSource(context)) return "";
  return "no Ingress and no HTTPRoute names one of its Services";
}

std::optional<Outcome> MissingExposure(const Context& context) {
  return context.BehindIngress() ? std::nullopt : MissingSource(context);
}

const Object* FindByName(std::span<const Object* const> objects, std::string_view ns, std::string_view name) {
  const std::pair wanted(ns, name);
  const auto key = [](const Object* object) {
    return std::pair(object->meta.namespace_.view(), object->meta.name.view());
  };
  const auto at = std::lower_bound(objects.begin(), objects.end(), wanted,
                                   [&](const Object* object, const auto& of) { return key(object) < of; });
  return at == objects.end() || key(*at) != wanted ? nullptr : *at;
}

bool HostCovers(std::string_view pattern, std::string_view host) {
  if (pattern == host) return true;
  if (!pattern.starts_with("*.") || host.starts_with("*.")) return false;
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && dot > 0 && host.substr(dot) == pattern.substr(1);
}

}  // namespace seaworthy::checks
