#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/exposure.h"
#include "checks/common/scraping.h"
#include "checks/common/sources.h"
#include "support/trim.h"

namespace seaworthy::checks {
namespace {

// What an Ingress says for itself: pages for errors, or another backend for when its own has no endpoints.
// ingress-nginx's (Traefik's provider for it reads the same), haproxy-ingress' and HAProxy Technologies'.
constexpr std::string_view kErrorAnnotations[] = {
    "nginx.ingress.kubernetes.io/custom-http-errors", "nginx.ingress.kubernetes.io/default-backend",
    "haproxy-ingress.github.io/http-response-503", "haproxy-ingress.github.io/default-backend-redirect",
    "haproxy.org/errorfiles"};
constexpr std::string_view kMiddlewares = "traefik.ingress.kubernetes.io/router.middlewares";
constexpr std::string_view kCrdProvider = "@kubernetescrd";

bool ServesErrors(const Object& middleware) { return Context::AsExtension(middleware).Has("spec.errors?"); }

// Traefik's annotation lists middlewares as "namespace-name@kubernetescrd", with "_" between the two under safeNaming.
const Object* ErrorsMiddleware(const Context& context, std::string_view list) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view one = support::Trim(list.substr(0, comma), support::kSpaces);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    if (!one.ends_with(kCrdProvider)) continue;
    one.remove_suffix(kCrdProvider.size());
    // Namespaces have hyphens too: each place where the two may meet is tried.
    for (std::size_t at = one.find_first_of("-_"); at != std::string_view::npos; at = one.find_first_of("-_", at + 1)) {
      const Object* middleware =
          FindByName(context.Everywhere(Kind::kTraefikMiddleware), one.substr(0, at), one.substr(at + 1));
      if (middleware != nullptr && ServesErrors(*middleware)) return middleware;
    }
  }
  return nullptr;
}

bool IsOwn(const Context& context, const Text& service) {
  const auto& services = context.Services().items;
  return std::any_of(services.begin(), services.end(), [&](const Service* own) { return own->meta.name == service; });
}

// What would answer in its place; empty: nothing seen.
std::string PageOf(const Context& context, const Ingress& ingress) {
  const std::string name = "Ingress " + ingress.meta.name.str();
  for (const std::string_view key : kErrorAnnotations) {
    if (ingress.meta.annotations.Has(key)) return name + " has the annotation " + std::string(key);
  }
  if (const Object* middleware = ErrorsMiddleware(context, ingress.meta.annotations.Get(kMiddlewares)))
    return name + " has errors answered by " + NameOf(*middleware);
  if (ingress.has_default_backend && !ingress.backends.empty() && !IsOwn(context, ingress.default_backend.service)) {
    return name + " has a default backend" +
           (ingress.default_backend.service.empty() ? "" : ", Service " + ingress.default_backend.service.str());
  }
  return {};
}

std::string PageOf(const Context& context, const Extension& route) {
  for (const Extension::Fact* filter : route.All("spec.rules[].filters[].extensionRef.name")) {
    if (route.Beside(*filter, "spec.rules[].filters[].extensionRef.kind") != "Middleware") continue;
    const Object* middleware =
        FindByName(context.Everywhere(Kind::kTraefikMiddleware), route.meta.namespace_, filter->value);
    if (middleware != nullptr && ServesErrors(*middleware))
      return NameOf(route) + " has errors answered by " + NameOf(*middleware);
  }
  return {};
}

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = MissingExposure(context)) return *std::move(missing);
  for (const ExposedHost& host : ExposedHosts(context)) {
    const std::string page = host.ingress != nullptr ? PageOf(context, *host.ingress) : PageOf(context, *host.route);
    if (!page.empty()) return Outcome::Pass(page);
  }
  if (!context.MaintenancePages().empty()) {
    return Outcome::Pass(
        std::string(context.MaintenancePages().front()->kind == Kind::kService ? "Service " : "workload ") +
        context.MaintenancePages().front()->meta.name.str() + " is labelled as a maintenance page");
  }
  return Outcome::Unknown(UnknownCause::kNotDeclared,
                          "no maintenance page is seen: give the Ingress a page for errors, label a Service "
                          "app.kubernetes.io/component: maintenance-page, or attest what users see while it is down");
}

}  // namespace

constinit const Check kMaintenancePage = {
    .id = "maintenance-page",
    .title = "Users see a page of yours while it is down",
    .section = Section::kMaintenance,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .attestable = true,
    .max_days = 365,
    .rule =
        "For a workload behind an Ingress or HTTPRoute: passes when the Ingress has custom error pages or another "
        "backend for errors (ingress-nginx's custom-http-errors and default-backend, HAProxy's error files, a Traefik "
        "Middleware with errors, a defaultBackend beside its rules), the HTTPRoute a filter with such a Middleware, or "
        "a Service or workload of the namespace is labelled app.kubernetes.io/component: maintenance-page. Else "
        "unknown. Not applicable where nothing exposes it.",
    .why =
        "During maintenance or an outage the controller answers with a bare 503. Users do not know whether to wait, "
        "and search engines take it for good.",
    .fix =
        "Run a small static page, point the Ingress' errors at it, and write down how to switch it on for maintenance; "
        "a page at the CDN is as good: attest it.",
    .source = "L. Traffic and maintenance: maintenance page",
    .aged =
        "The article's page was ingress-nginx's custom error backend. That controller is retired: others have means of "
        "their own, and any of them counts.",
    .traps =
        "Pages of a CDN, and errors that a controller answers for all hosts (Traefik's entry points, ConfigMaps of "
        "HAProxy and ingress-nginx), are not seen: attest them. Whether the page is of any use is not asked. A "
        "defaultBackend is taken for a page by its place: it answers what no rule matches, and most controllers do not "
        "turn to it when a workload behind a rule has no endpoints.",
    .reads = kExposureKinds | KindSet{Kind::kTraefikMiddleware},
    .applies = AppliesBehindIngress,
    .run = Run,
};

}  // namespace seaworthy::checks
