// Under which hosts a workload's Services are reached from outside: by Ingresses and HTTPRoutes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct ExposedHost {
  Text host;                         // empty: every host; "*.example.com" as written
  const Ingress* ingress = nullptr;  // by which; else
  const Extension* route = nullptr;  // by which HTTPRoute
};
// In order of Services, then of Ingresses and HTTPRoutes; each host of one object once. A mesh's HTTPRoutes, whose
// parents are Services, expose nothing (the World leaves them out). Kinds: kExposureKinds.
std::vector<ExposedHost> ExposedHosts(const Context& context);

inline constexpr KindSet kExposureKinds = {Kind::kService, Kind::kIngress, Kind::kHttpRoute};

// A precondition: na where no Ingress and no HTTPRoute names one of its Services.
std::string_view AppliesBehindIngress(const Context& context);
// Why it is not known whether it is behind one, for Run: nullopt where it is.
std::optional<Outcome> MissingExposure(const Context& context);

// The Services that the HTTPRoute names: fn(namespace, name, port as text, empty where it names none).
template <typename Fn>
void ForEachServiceOf(const Extension& route, Fn fn) {
  for (const Extension::Fact* name : route.All("spec.rules[].backendRefs[].name")) {
    const std::string_view kind = route.Beside(*name, "spec.rules[].backendRefs[].kind");
    if ((!kind.empty() && kind != "Service") || !route.Beside(*name, "spec.rules[].backendRefs[].group").empty())
      continue;
    const std::string_view ns = route.Beside(*name, "spec.rules[].backendRefs[].namespace");
    fn(ns.empty() ? route.meta.namespace_.view() : ns, name->value.view(),
       route.Beside(*name, "spec.rules[].backendRefs[].port"));
  }
}

// The element of the list with this namespace and name; nullptr: none. REQUIRES: the list is sorted by them, as
// Context's are.
const Object* FindByName(std::span<const Object* const> objects, std::string_view ns, std::string_view name);

// "a.example.com" is covered by itself and by "*.example.com", which covers no deeper host; "*.example.com" by itself.
bool HostCovers(std::string_view pattern, std::string_view host);

}  // namespace seaworthy::checks
