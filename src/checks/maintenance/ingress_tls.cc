#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/exposure.h"
#include "checks/common/findings.h"
#include "checks/common/scraping.h"
#include "checks/common/sources.h"
#include "support/trim.h"

namespace seaworthy::checks {
namespace {

// ---- Ingresses

// Certificates that controllers take from elsewhere than spec.tls: AWS', Google's and Azure's load balancers,
// OpenShift's router.
constexpr std::string_view kCertificateAnnotations[] = {
    "alb.ingress.kubernetes.io/certificate-arn", "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/managed-certificates", "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "route.openshift.io/termination"};

// The controller passes the connection on as it is: the application has the certificate (Argo CD's documented Ingress).
constexpr std::string_view kPassthroughAnnotations[] = {
    "nginx.ingress.kubernetes.io/ssl-passthrough", "haproxy-ingress.github.io/ssl-passthrough",
    "haproxy.org/ssl-passthrough", "ingress.kubernetes.io/ssl-passthrough"};

// The port of these entry points in Traefik's chart has TLS whatever the Ingress says.
bool EntersByTlsOnly(std::string_view entry_points) {
  if (entry_points.empty()) return false;
  while (!entry_points.empty()) {
    const std::size_t comma = entry_points.find(',');
    const std::string_view one = support::Trim(entry_points.substr(0, comma), support::kSpaces);
    entry_points.remove_prefix(comma == std::string_view::npos ? entry_points.size() : comma + 1);
    if (one != "websecure") return false;
  }
  return true;
}

bool HasCertificateOfItsController(const Ingress& ingress) {
  const Labels& annotations = ingress.meta.annotations;
  if (std::any_of(std::begin(kCertificateAnnotations), std::end(kCertificateAnnotations),
                  [&](std::string_view key) { return annotations.Has(key); }))
    return true;
  if (std::any_of(std::begin(kPassthroughAnnotations), std::end(kPassthroughAnnotations),
                  [&](std::string_view key) { return annotations.Get(key) == "true"; }))
    return true;
  // AWS' controller finds the certificate by the host once it listens with HTTPS.
  if (annotations.Get("alb.ingress.kubernetes.io/listen-ports").find("HTTPS") != std::string_view::npos) return true;
  if (annotations.Get("traefik.ingress.kubernetes.io/router.tls") == "true") return true;
  if (EntersByTlsOnly(annotations.Get("traefik.ingress.kubernetes.io/router.entrypoints"))) return true;
  // These serve nothing else, with certificates of their own.
  return ingress.ingress_class == "tailscale" || ingress.ingress_class == "ngrok" ||
         ingress.ingress_class == "cloudflare-tunnel";
}

// An entry without hosts means every host of the Ingress.
bool Lists(const Ingress& ingress, std::string_view host) {
  return std::any_of(ingress.tls.begin(), ingress.tls.end(), [&](const Ingress::Tls& tls) {
    return tls.hosts.empty() || host.empty() ||
           std::any_of(tls.hosts.begin(), tls.hosts.end(),
                       [&](const Text& covered) { return HostCovers(covered, host); });
  });
}

// Controllers keep certificates by host: of several Ingresses of one host (rules that need other annotations, canaries,
// the minions of a master) one that has it is enough.
bool HasTls(const Context& context, const Ingress& ingress, std::string_view host) {
  if (HasCertificateOfItsController(ingress) || Lists(ingress, host)) return true;
  const auto beside = context.NamespaceIngresses();
  return !host.empty() && std::any_of(beside.begin(), beside.end(), [&](const Ingress* other) {
    const bool serves = std::any_of(other->backends.begin(), other->backends.end(),
                                    [&](const IngressBackend& backend) { return backend.host == host; });
    return serves && other->ingress_class == ingress.ingress_class && Lists(*other, host);
  });
}

// ---- HTTPRoutes: the Gateways' listeners have the certificates

// kBoth: the same route answers on a listener with TLS and on one without.
enum class Tls : std::uint8_t { kYes, kNo, kBoth, kUnknown, kOtherKind, kNoGateway };

bool Meets(std::string_view a, std::string_view b) {
  return a.empty() || b.empty() || HostCovers(a, b) || HostCovers(b, a) ||
         (a.starts_with("*.") && b.ends_with(a.substr(1))) || (b.starts_with("*.") && a.ends_with(b.substr(1)));
}

Tls OfParent(const Context& context, const Extension& route, const Extension::Fact& parent, std::string_view host,
             std::string& missing) {
  const std::string_view kind = route.Beside(parent, "spec.parentRefs[].kind");
  if (kind == "Service" || kind == "ServiceEntry") return Tls::kNoGateway;  // a mesh's
  std::string_view ns = route.Beside(parent, "spec.parentRefs[].namespace");
  if (ns.empty()) ns = route.meta.namespace_;
  const bool is_gateway = kind.empty() || kind == "Gateway";  // else a ListenerSet or the like
  const Object* object = is_gateway ? FindByName(context.Everywhere(Kind::kGateway), ns, parent.value) : nullptr;
  if (object == nullptr) {
    missing = (is_gateway ? "Gateway" : std::string(kind)) + " " + std::string(ns) + "/" + parent.value.str();
    return is_gateway ? Tls::kUnknown : Tls::kOtherKind;
  }
  const Extension& gateway = Context::AsExtension(*object);
  const std::string_view section = route.Beside(parent, "spec.parentRefs[].sectionName"),
                         port = route.Beside(parent, "spec.parentRefs[].port");
  bool with = false, without = false;
  for (const Extension::Fact* listener : gateway.All("spec.listeners[].name")) {
    if (!section.empty() && listener->value != section) continue;
    if (!port.empty() && gateway.Beside(*listener, "spec.listeners[].port") != port) continue;
    if (!Meets(gateway.Beside(*listener, "spec.listeners[].hostname"), host)) continue;
    const std::string_view protocol = gateway.Beside(*listener, "spec.listeners[].protocol");
    (protocol == "HTTPS" || protocol == "TLS" ? with : without) = true;
  }
  if (with) return without ? Tls::kBoth : Tls::kYes;
  // Attached to nothing: it serves nobody, which is not this check's question.
  return without ? Tls::kNo : Tls::kNoGateway;
}

Tls HasTls(const Context& context, const Extension& route, std::string_view host, std::string& missing) {
  Tls best = Tls::kNoGateway;
  bool with = false, without = false;
  for (const Extension::Fact* parent : route.All("spec.parentRefs[].name")) {
    const Tls one = OfParent(context, route, *parent, host, missing);
    with |= one == Tls::kYes || one == Tls::kBoth;
    without |= one == Tls::kNo || one == Tls::kBoth;
    if (one == Tls::kUnknown || one == Tls::kOtherKind || (one == Tls::kNo && best == Tls::kNoGateway)) best = one;
  }
  return with ? without ? Tls::kBoth : Tls::kYes : best;
}

std::string HostWords(const Text& host) { return host.empty() ? std::string("every host") : "host " + host.str(); }

Outcome Run(const Context& context) {
  if (std::optional<Outcome> missing = MissingExposure(context)) return *std::move(missing);
  Findings findings(context);
  std::string no_gateway, other_kind;
  bool judged = false;
  for (const ExposedHost& exposed : ExposedHosts(context)) {
    if (exposed.ingress != nullptr) {
      judged = true;
      if (!HasTls(context, *exposed.ingress, exposed.host))
        findings.Add(
            Verdict::kFail, "",
            "Ingress " + exposed.ingress->meta.name.str() + " serves " + HostWords(exposed.host) + " without TLS");
      continue;
    }
    std::string gateway;
    switch (HasTls(context, *exposed.route, exposed.host, gateway)) {
      case Tls::kYes: judged = true; break;
      case Tls::kNoGateway: break;
      case Tls::kBoth:
        findings.Add(Verdict::kWarn, "",
                     NameOf(*exposed.route) + " serves " + HostWords(exposed.host) +
                         " by a listener without TLS as well; sectionName keeps it to the other");
        break;
      case Tls::kNo:
        findings.Add(Verdict::kFail, "",
                     NameOf(*exposed.route) + " serves " + HostWords(exposed.host) + " by listeners without TLS");
        break;
      case Tls::kUnknown:
        if (no_gateway.empty()) no_gateway = gateway;
        break;
      case Tls::kOtherKind:
        if (other_kind.empty()) other_kind = gateway;
        break;
    }
  }
  if (findings.empty() && !no_gateway.empty()) {
    if (context.offline())
      return Outcome::Unknown(UnknownCause::kNotInInput,
                              no_gateway + ", which would have the certificate, is not among these files");
    if (std::optional<Outcome> missing = Missing(context, Kind::kGateway)) return *std::move(missing);
    return Outcome::Unknown(UnknownCause::kAbsent, "there is no " + no_gateway + ", which would have the certificate");
  }
  if (findings.empty() && !other_kind.empty())
    return Outcome::Unknown(UnknownCause::kAbsent,
                            other_kind + ", which would have the certificate, is of a kind that is not read");
  if (findings.empty() && !judged)
    return Outcome::Na("its HTTPRoutes are attached to no listener of a Gateway: nobody reaches it by them");
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kIngressTls = {
    .id = "ingress-tls",
    .title = "Every host is served with TLS",
    .section = Section::kMaintenance,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "For a workload behind an Ingress or HTTPRoute: passes when each host under which its Services are reached is "
        "in spec.tls of the Ingress (a wildcard covers one level, an entry without hosts all) or of another Ingress of "
        "the same host, class and namespace, or the controller takes its certificate from an annotation (AWS, Google, "
        "Azure, OpenShift, Traefik's router.tls and websecure) or passes TLS through to the pods (ssl-passthrough), "
        "and each HTTPRoute attaches to a listener of protocol HTTPS or TLS. Fails otherwise; warns where an HTTPRoute "
        "answers on a listener without TLS as well, since a Gateway does not redirect by itself. Unknown where the "
        "Gateway is not known. Not applicable where nothing exposes it: HTTPRoutes of a mesh, whose parents are "
        "Services, do not.",
    .why = "Passwords, cookies and whatever else is sent travel in clear text, and browsers call the page insecure.",
    .fix =
        "Add the host to spec.tls with a secretName, and let cert-manager fill it (annotation "
        "cert-manager.io/cluster-issuer); for HTTPRoutes add a listener of protocol HTTPS to the Gateway.",
    .source = "L. Traffic and maintenance: maintenance page",
    .traps =
        "TLS that ends before the cluster (a CDN, a load balancer with the certificate in front of the controller) is "
        "not seen: waive with that as the reason. A redirect from HTTP to HTTPS needs no backend and is not judged. A "
        "rule of an Ingress without a host is taken for covered by any entry of spec.tls. That the certificate is "
        "valid is certificate-valid's question.",
    .reads = kExposureKinds | KindSet{Kind::kGateway},
    .applies = AppliesBehindIngress,
    .run = Run,
};

}  // namespace seaworthy::checks
