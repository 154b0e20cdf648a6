// Service, EndpointSlice, Ingress, NetworkPolicy.
#include <memory>
#include <utility>

#include "cache/decode_fields.h"
#include "seaworthy/objects.h"

namespace seaworthy::cache {
namespace {

void DecodeService(const Decoding& d, const Node& spec, Service& service) {
  service.selector = DecodeMapSelector(d, spec["selector"]);
  for (const Node& port : spec["ports"]) {
    service.ports.push_back(
        {d.Str(port["name"]), d.Str(port["protocol"]), Int32(port["port"]), DecodePortRef(d, port["targetPort"])});
  }
  service.type = d.Str(spec["type"]);
  service.headless = spec["clusterIP"].text() == "None";
  service.publish_not_ready = True(spec["publishNotReadyAddresses"]);
}

void DecodeSlice(const Decoding& d, const Node& node, EndpointSlice& slice) {
  slice.service = d.Intern(slice.meta.labels.Get("kubernetes.io/service-name"));
  const Node& endpoints = node["endpoints"];
  if (!endpoints.is_array()) return;
  slice.endpoints.reserve(endpoints.size());
  for (const Node& source : endpoints) {
    Endpoint endpoint;
    const Node& target = source["targetRef"];
    if (target["kind"].text() == "Pod") endpoint.pod = d.Str(target["name"]);
    endpoint.node = d.Str(source["nodeName"]);
    // discovery/v1: a nil ready is to be read as true, a nil serving as the same as ready, a nil terminating as false.
    const Node& conditions = source["conditions"];
    endpoint.ready = conditions["ready"].Bool().value_or(true);
    endpoint.serving = conditions["serving"].Bool().value_or(endpoint.ready);
    endpoint.terminating = True(conditions["terminating"]);
    slice.endpoints.push_back(std::move(endpoint));
  }
}

// `old`: of an Ingress in v1beta1.
IngressBackend DecodeBackend(const Decoding& d, const Node& node, bool old) {
  IngressBackend backend;
  const Node& service = node["service"];
  backend.service = d.Str(service["name"]);
  const Node& port = service["port"];
  if (port["number"].present()) {
    backend.port = DecodePortRef(d, port["number"]);
  } else {
    backend.port.name = d.Str(port["name"]);
  }
  backend.resource = node["resource"].is_object();
  if (old) {
    backend.service = d.Str(node["serviceName"]);
    backend.port = DecodePortRef(d, node["servicePort"]);
  }
  return backend;
}

void DecodeIngress(const Decoding& d, const Node& spec, bool old, Ingress& ingress) {
  ingress.ingress_class = d.Str(spec["ingressClassName"]);
  if (ingress.ingress_class.empty())
    ingress.ingress_class = d.Intern(ingress.meta.annotations.Get("kubernetes.io/ingress.class"));
  if (const Node& backend = spec[old ? "backend" : "defaultBackend"]; backend.is_object()) {
    ingress.has_default_backend = true;
    ingress.default_backend = DecodeBackend(d, backend, old);
  }
  for (const Node& rule : spec["rules"]) {
    const Text host = d.Str(rule["host"]);
    for (const Node& path : rule["http"]["paths"]) {
      IngressBackend backend = DecodeBackend(d, path["backend"], old);
      backend.host = host;
      backend.path = d.Str(path["path"]);
      ingress.backends.push_back(std::move(backend));
    }
  }
  for (const Node& tls : spec["tls"]) ingress.tls.push_back({d.Strings(tls["hosts"]), d.Str(tls["secretName"])});
}

void DecodeNetworkPolicy(const Decoding& d, const Node& spec, NetworkPolicy& policy) {
  policy.pod_selector = DecodeSelector(d, spec["podSelector"]);
  // Optional since networking/v1: an absent podSelector is the empty one and selects every pod.
  policy.pod_selector.present = true;
  const Node& types = spec["policyTypes"];
  if (types.is_array() && types.size() != 0) {
    for (const Node& type : types) {
      policy.ingress = policy.ingress || type.text() == "Ingress";
      policy.egress = policy.egress || type.text() == "Egress";
    }
    return;
  }
  // networking/v1 defaults.go: Ingress always, Egress when the policy has egress rules.
  policy.ingress = true;
  policy.egress = spec["egress"].is_array() && spec["egress"].size() != 0;
}

}  // namespace

ObjectPtr DecodeNetworkKind(Decoding& d, Kind kind, const Node& node) {
  const Node& spec = node["spec"];
  if (kind == Kind::kService) {
    auto service = std::make_unique<Service>();
    if (!DecodeMeta(d, node, {}, service->meta) || !d.ExpectObject(spec, "spec")) return nullptr;
    DecodeService(d, spec, *service);
    return service;
  }
  if (kind == Kind::kEndpointSlice) {
    auto slice = std::make_unique<EndpointSlice>();
    if (!DecodeMeta(d, node, {}, slice->meta)) return nullptr;
    DecodeSlice(d, node, *slice);
    return slice;
  }
  if (kind == Kind::kIngress) {
    auto ingress = std::make_unique<Ingress>();
    if (!DecodeMeta(d, node, {}, ingress->meta) || !d.ExpectObject(spec, "spec")) return nullptr;
    DecodeIngress(d, spec, node["apiVersion"].text().ends_with("/v1beta1"), *ingress);
    return ingress;
  }
  auto policy = std::make_unique<NetworkPolicy>();
  if (!DecodeMeta(d, node, {}, policy->meta) || !d.ExpectObject(spec, "spec")) return nullptr;
  DecodeNetworkPolicy(d, spec, *policy);
  return policy;
}

}  // namespace seaworthy::cache
