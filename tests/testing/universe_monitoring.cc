// Objects of other projects: routes and gateways, other network policies, and what watches workloads.
#include "testing/universe.h"

namespace seaworthy::testing {

using nlohmann::json;

json Universe::Traffic(Kind kind, const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"kind", Info(kind).name}, {"metadata", Meta(kind, ns, app, now)}};
  json& spec = object["spec"];
  switch (kind) {
    case Kind::kHttpRoute: {
      object["apiVersion"] = "gateway.networking.k8s.io/v1";
      json backend = {{"name", AnyApp()}, {"port", Chance(3) ? 8080 : 80}};
      if (Chance(4)) backend["namespace"] = AnyNamespace();
      if (Chance(8)) backend["kind"] = "ServiceImport";
      json parent = {{"name", "edge"}};
      if (Chance(3)) parent["namespace"] = AnyNamespace();
      if (Chance(3)) parent["sectionName"] = Pick({"http", "https"});
      if (Chance(5)) parent["kind"] = Pick({"Service", "ListenerSet"});
      spec = {{"parentRefs", json::array({parent})},
              {"rules", json::array({{{"backendRefs", json::array({backend})}}})}};
      if (Chance(2)) spec["hostnames"] = json::array({Pick({"x.example", "y.example"})});
      if (Chance(4))
        spec["rules"][0]["filters"] =
            json::array({{{"type", "ExtensionRef"},
                          {"extensionRef", {{"group", "traefik.io"}, {"kind", "Middleware"}, {"name", "errors"}}}}});
      break;
    }
    case Kind::kGateway: {
      object["apiVersion"] = "gateway.networking.k8s.io/v1";
      object["metadata"]["name"] = "edge";
      spec["listeners"] = json::array({{{"name", "http"}, {"port", 80}, {"protocol", "HTTP"}}});
      if (Chance(2))
        spec["listeners"].push_back(
            {{"name", "https"}, {"port", 443}, {"protocol", "HTTPS"}, {"hostname", Pick({"*.example", "z.example"})}});
      break;
    }
    case Kind::kTraefikMiddleware:
      object["apiVersion"] = "traefik.io/v1alpha1";
      object["metadata"]["name"] = "errors";
      spec[Chance(2) ? "errors" : "headers"] = {{"query", "/"}};
      break;
    default: {
      object["apiVersion"] = "cert-manager.io/v1";
      spec = {{"secretName", app}, {"dnsNames", {"x.example"}}};
      const std::int64_t left = (Chance(2) ? 5 : 40) * 86400;
      object["status"] = {
          {"notBefore", TimeText(now + left - (Chance(4) ? 7 : 90) * 86400)},
          {"notAfter", TimeText(now + left)},
          {"conditions",
           json::array({{{"type", "Ready"}, {"status", Pick({"True", "False"})}, {"lastTransitionTime", Ago(now)}}})}};
      break;
    }
  }
  return object;
}

json Universe::OtherPolicy(Kind kind, const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"kind", Info(kind).name}, {"metadata", Meta(kind, ns, app, now)}};
  json& spec = object["spec"];
  const json selector = Chance(3) ? json::object() : json{{"matchLabels", {{"app", app}}}};
  const char* direction = Pick({"ingress", "ingress", "egress"});
  switch (kind) {
    case Kind::kCiliumNetworkPolicy:
    case Kind::kCiliumClusterwideNetworkPolicy:
      object["apiVersion"] = "cilium.io/v2";
      spec = {{"endpointSelector", selector}, {direction, json::array({json::object()})}};
      if (Chance(3))
        spec["endpointSelector"] = {{"matchLabels", {{"k8s:io.kubernetes.pod.namespace", AnyNamespace()}}}};
      break;
    case Kind::kCalicoNetworkPolicy:
    case Kind::kCalicoGlobalNetworkPolicy:
      object["apiVersion"] = "crd.projectcalico.org/v1";
      spec = {{"selector", Chance(3) ? "all()" : "app == '" + app + "'"}, {"types", {Pick({"Ingress", "Egress"})}}};
      if (kind == Kind::kCalicoGlobalNetworkPolicy && Chance(2)) spec["namespaceSelector"] = "has(seaworthy.dev/tier)";
      break;
    default:
      object["apiVersion"] = kind == Kind::kClusterNetworkPolicy ? "policy.networking.k8s.io/v1alpha2"
                                                                 : "policy.networking.k8s.io/v1alpha1";
      spec["priority"] = 1 + Int(10);
      spec[direction] = json::array({{{"action", "Deny"}}});
      if (Chance(2)) {
        spec["subject"]["namespaces"] = {{"matchLabels", {{"team", Pick({"red", "blue"})}}}};
      } else {
        spec["subject"]["pods"] = {{"namespaceSelector", json::object()}, {"podSelector", selector}};
      }
      break;
  }
  return object;
}

json Universe::Monitoring(Kind kind, const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"kind", Info(kind).name}, {"metadata", Meta(kind, ns, app, now)}};
  json& spec = object["spec"];
  if (Chance(3)) object["metadata"]["labels"] = {{"team", Pick({"red", "blue"})}};
  const auto selector = [&] {
    return Chance(5) ? json::object()
                     : json{{"matchLabels", {{Pick({"app", "team"}), Chance(2) ? AnyApp() : Pick({"red", "blue"})}}}};
  };
  const auto somewhere = [&]() -> json {
    return Chance(2) ? json{{"any", true}} : json{{"matchNames", json::array({AnyNamespace()})}};
  };
  const std::string other = AnyNamespace();
  switch (kind) {
    case Kind::kServiceMonitor:
    case Kind::kVmServiceScrape:
      object["apiVersion"] =
          kind == Kind::kServiceMonitor ? "monitoring.coreos.com/v1" : "operator.victoriametrics.com/v1beta1";
      spec = {{"selector", selector()},
              {"endpoints", json::array({Chance(3) ? json{{"targetPort", Chance(2) ? json("http") : json(8080)}}
                                                   : json{{"port", Pick({"web", "metrics"})}}})}};
      if (Chance(3)) spec["namespaceSelector"] = somewhere();
      break;
    case Kind::kPodMonitor:
    case Kind::kVmPodScrape:
      object["apiVersion"] =
          kind == Kind::kPodMonitor ? "monitoring.coreos.com/v1" : "operator.victoriametrics.com/v1beta1";
      spec = {{"selector", selector()}, {"podMetricsEndpoints", json::array({{{"port", Pick({"http", "metrics"})}}})}};
      if (Chance(3)) spec["namespaceSelector"] = somewhere();
      break;
    case Kind::kPodMonitoring:
    case Kind::kClusterPodMonitoring:
      object["apiVersion"] = "monitoring.googleapis.com/v1";
      spec = {{"selector", selector()},
              {"endpoints", json::array({{{"port", Chance(2) ? json("http") : json(8080)}}})}};
      break;
    case Kind::kProbe:
    case Kind::kVmProbe:
      object["apiVersion"] = kind == Kind::kProbe ? "monitoring.coreos.com/v1" : "operator.victoriametrics.com/v1beta1";
      if (Chance(2)) {
        spec["targets"]["staticConfig"][kind == Kind::kProbe ? "static" : "targets"] =
            json::array({Pick({"https://x.example/health", "y.example:443"})});
      } else {
        spec["targets"]["ingress"] = {{"selector", selector()}, {"namespaceSelector", somewhere()}};
      }
      break;
    case Kind::kEndpointMonitor:
      object["apiVersion"] = "endpointmonitor.stakater.com/v1alpha1";
      if (Chance(2)) {
        spec["url"] = "https://x.example/";
      } else {
        spec["urlFrom"]["ingressRef"]["name"] = app;
      }
      break;
    case Kind::kPrometheusRule:
    case Kind::kVmRule: {
      object["apiVersion"] =
          kind == Kind::kPrometheusRule ? "monitoring.coreos.com/v1" : "operator.victoriametrics.com/v1beta1";
      json rule = {{Chance(5) ? "record" : "alert", "Down"}};
      // Namespaces are compared by what follows them when they are renamed, so their names stand alone.
      switch (Int(4)) {
        case 0: rule["expr"] = "up{namespace=\"" + other + "\"} == 0"; break;
        case 1: rule["expr"] = "up{job=\"" + AnyApp() + "\", namespace=~\".*\"} == 0"; break;
        case 2: rule["expr"] = "kube_pod_status_ready{pod=~\"" + AnyApp() + "-.*\"} == 0"; break;
        default:
          rule["expr"] =
              "kube_deployment_status_replicas{namespace=\"" + other + "\", deployment=\"" + AnyApp() + "\"} == 0";
          break;
      }
      if (Chance(3)) rule["annotations"]["runbook_url"] = "https://runbooks.example/Down";
      spec["groups"] = json::array({{{"name", "g"}, {"rules", json::array({rule})}}});
      break;
    }
    case Kind::kPrometheus:
    case Kind::kPrometheusAgent:
    case Kind::kThanosRuler:
      object["apiVersion"] =
          kind == Kind::kPrometheusAgent ? "monitoring.coreos.com/v1alpha1" : "monitoring.coreos.com/v1";
      for (const char* what : {"serviceMonitor", "podMonitor", "probe", "rule"}) {
        if (Chance(5)) continue;
        spec[std::string(what) + "Selector"] =
            Chance(2) ? json::object() : json{{"matchLabels", {{"team", Pick({"red", "blue"})}}}};
        if (Chance(2))
          spec[std::string(what) + "NamespaceSelector"] =
              Chance(2) ? json::object() : json{{"matchLabels", {{"team", "red"}}}};
      }
      spec["replicas"] = 1;
      break;
    case Kind::kGrafanaDashboard:
      object["apiVersion"] = "grafana.integreatly.org/v1beta1";
      spec["folder"] = "apps";
      break;
    default:
      object.erase("spec");
      object["apiVersion"] = "v1";
      object["data"] = {{"dashboard.json", "{}"}};
      object["metadata"]["labels"]["grafana_dashboard"] = "1";
      break;
  }
  return object;
}

}  // namespace seaworthy::testing
