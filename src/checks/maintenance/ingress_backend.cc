#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/exposure.h"
#include "checks/common/findings.h"
#include "checks/common/scraping.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (!context.NamespaceIngresses().empty() || !context.Here(Kind::kHttpRoute).empty()) return "";
  for (const Kind kind : {Kind::kIngress, Kind::kHttpRoute}) {
    if (context.State(kind) != SourceState::kAbsent && Missing(context, kind)) return "";
  }
  return "no Ingress and no HTTPRoute in the namespace";
}

// "80, 8443 (https)"
std::string PortsOf(const Service& service) {
  std::string ports;
  for (const ServicePort& port : service.ports) {
    ports += ports.empty() ? "" : ", ";
    ports += std::to_string(port.port);
    if (!port.name.empty()) ports += " (" + port.name.str() + ")";
  }
  return ports;
}

// AWS' controller takes the backend from an annotation, under a name that is no Service's.
constexpr std::string_view kByAnnotation = "use-annotation";

class Judge {
 public:
  explicit Judge(const Context& context) : context_(context), findings_(context) {}

  void Ingresses() {
    for (const Ingress* ingress : context_.NamespaceIngresses()) {
      const std::string who = "Ingress " + ingress->meta.name.str();
      for (const IngressBackend& backend : ingress->backends) Backend(who, *ingress, backend);
      if (ingress->has_default_backend) Backend(who, *ingress, ingress->default_backend);
    }
  }

  void Routes() {
    for (const Object* object : context_.Here(Kind::kHttpRoute)) {
      const Extension& route = Context::AsExtension(*object);
      const std::string who = "HTTPRoute " + route.meta.name.str();
      ForEachServiceOf(route, [&](std::string_view ns, std::string_view name, std::string_view port) {
        PortRef reference;
        std::from_chars(port.data(), port.data() + port.size(), reference.number);
        Named(who, ns, name, reference);
      });
    }
  }

  Outcome Finish() && {
    Outcome outcome = std::move(findings_).Finish(Outcome::Pass());
    if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kNotInInput;
    return outcome;
  }

 private:
  void Backend(const std::string& who, const Ingress& ingress, const IngressBackend& backend) {
    if (backend.resource || backend.port.name == kByAnnotation) return;
    if (backend.service.empty()) {
      // serviceName and servicePort are of the removed v1beta1; a real API server refuses them here.
      Add(Verdict::kFail,
          who + ": the backend of path " + (backend.path.empty() ? std::string("/") : backend.path.str()) +
              (backend.host.empty() ? "" : " of " + backend.host.str()) + " names neither a Service nor a resource");
      return;
    }
    Named(who, ingress.meta.namespace_, backend.service, backend.port);
  }

  void Named(const std::string& who, std::string_view ns, std::string_view name, const PortRef& port) {
    const bool elsewhere = ns != context_.ns().name.view();
    const std::string service_name = "Service " + (elsewhere ? std::string(ns) + "/" : "") + std::string(name);
    const ServiceRecord* record = context_.FindNamedService(ns, name);
    if (record == nullptr) {
      if (context_.offline()) {
        Add(Verdict::kUnknown, who + ": " + service_name + " is not among these files");
      } else {
        Add(Verdict::kFail, who + ": there is no " + service_name);
      }
      return;
    }
    const Service& service = *record->service;
    if (!port.set() || service.type == "ExternalName") return;  // a name in DNS has whatever ports are there
    const bool has = std::any_of(service.ports.begin(), service.ports.end(), [&](const ServicePort& own) {
      return port.name.empty() ? own.port == port.number : own.name == port.name;
    });
    if (has) return;
    const std::string wanted = port.name.empty() ? std::to_string(port.number) : port.name.str();
    Add(Verdict::kFail, who + ": " + service_name + " has no port " + wanted +
                            (service.ports.empty() ? "" : ", it has " + PortsOf(service)));
  }

  void Add(Verdict verdict, const std::string& what) {
    // Several paths to one backend are one finding.
    if (std::find(said_.begin(), said_.end(), what) != said_.end()) return;
    said_.push_back(what);
    findings_.Add(verdict, "", what);
  }

  const Context& context_;
  Findings findings_;
  std::vector<std::string> said_;
};

Outcome Run(const Context& context) {
  for (const Kind kind : {Kind::kService, Kind::kIngress, Kind::kHttpRoute}) {
    if (kind != Kind::kService && context.State(kind) == SourceState::kAbsent) continue;
    if (std::optional<Outcome> missing = Missing(context, kind)) return *std::move(missing);
  }
  Judge judge(context);
  judge.Ingresses();
  judge.Routes();
  return std::move(judge).Finish();
}

}  // namespace

constinit const Check kIngressBackend = {
    .id = "ingress-backend",
    .title = "Ingresses and HTTPRoutes name Services and ports that exist",
    .section = Section::kMaintenance,
    .severity = Severity::kHigh,
    .subject = SubjectType::kNamespace,
    .penalty_only = true,
    .rule =
        "Fails when an Ingress or HTTPRoute of the namespace names a Service that does not exist, or a port that the "
        "Service does not have (the Service's port, not the container's), or has a backend that names neither a "
        "Service nor a resource. In a scan a Service that is not among the files is unknown. Not applicable without "
        "Ingresses and HTTPRoutes.",
    .why = "Every request to such a path is answered with an error, and nothing says so at deployment.",
    .fix =
        "Compare the backend's name and port with kubectl get service: a number must be one of spec.ports[].port, a "
        "name one of spec.ports[].name.",
    .source = "L. Traffic and maintenance: maintenance page",
    .traps =
        "Backends that are no Services (buckets, ServiceImports), those that AWS' controller takes from an annotation "
        "(port use-annotation) and the ports of ExternalName Services are not judged. Whether a ReferenceGrant allows "
        "a Service of another namespace is not asked.",
    .reads = {Kind::kService, Kind::kIngress, Kind::kHttpRoute},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
