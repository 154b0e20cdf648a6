// The objects around workloads: nodes, namespaces, network, policies, storage, access.
#include "testing/universe.h"

namespace seaworthy::testing {

using nlohmann::json;

json Universe::Node(std::int64_t now) {
  json object = {
      {"apiVersion", "v1"},
      {"kind", "Node"},
      {"metadata", Meta(Kind::kNode, "", Pick({"n1", "n1", "n2", "n2", "n3", "n3", "n4", "n5", "n6"}), now)}};
  object["metadata"]["labels"] = {{"pool", Pick({"a", "b"})}, {"topology.kubernetes.io/zone", Pick({"z1", "z2"})}};
  if (Chance(8)) object["metadata"]["labels"]["karpenter.sh/nodepool"] = "spot";
  if (Chance(4)) {
    object["spec"] = {
        {"unschedulable", true},
        {"taints",
         json::array(
             {{{"key", "node.kubernetes.io/unschedulable"}, {"effect", "NoSchedule"}, {"timeAdded", Ago(now)}}})}};
  } else if (Chance(5)) {
    object["spec"] = {{"taints", json::array({{{"key", "dedicated"}, {"value", "db"}, {"effect", "NoSchedule"}}})}};
  }
  object["status"] = {
      {"allocatable", {{"cpu", Pick({"1", "4"})}, {"memory", "8Gi"}, {"pods", "110"}}},
      {"conditions",
       json::array(
           {{{"type", "Ready"}, {"status", Chance(4) ? "False" : "True"}, {"lastTransitionTime", Ago(now)}},
            {{"type", "DiskPressure"}, {"status", Chance(6) ? "True" : "False"}, {"lastTransitionTime", Ago(now)}}})},
      {"nodeInfo", {{"containerRuntimeVersion", "containerd://2.1.0"}, {"kubeletVersion", "v1.34.1"}}},
      {"images",
       json::array({{{"names", json::array({"web:1.2"})}, {"sizeBytes", Chance(2) ? 900'000'000 : 90'000'000}}})}};
  return object;
}

json Universe::Namespace(std::int64_t now) {
  json object = {
      {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", Meta(Kind::kNamespace, "", AnyNamespace(), now)}};
  // Renaming leaves the uid alone here too.
  const std::string name = object["metadata"]["name"];
  std::string place;
  while (namespaces_[place.size()] != name) place += '+';
  object["metadata"]["uid"] = NewUid("Namespace" + place);
  if (Chance(6)) object["metadata"]["annotations"] = {{"seaworthy.dev/dashboard", "https://grafana.example/d/1"}};
  if (Chance(2)) object["metadata"]["labels"] = {{"seaworthy.dev/tier", Pick({"critical", "auxiliary", "exempt"})}};
  if (Chance(3)) object["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = Pick({"baseline", "privileged"});
  if (Chance(4)) object["metadata"]["annotations"] = {{"scheduler.alpha.kubernetes.io/node-selector", "pool=a"}};
  return object;
}

json Universe::Network(Kind kind, const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"kind", Info(kind).name}, {"metadata", Meta(kind, ns, app, now)}};
  switch (kind) {
    case Kind::kService:
      object["apiVersion"] = "v1";
      object["spec"] = {
          {"selector", Chance(4) ? json{{"tier", "front"}} : json{{"app", app}}},
          {"ports", json::array({{{"port", 80}, {"targetPort", Chance(2) ? json("http") : json(8080)}}})}};
      if (Chance(2)) object["spec"]["ports"][0]["name"] = Pick({"web", "metrics"});
      if (Chance(3)) object["metadata"]["labels"] = {{"team", Pick({"red", "blue"})}, {"app", app}};
      if (Chance(8)) object["metadata"]["labels"]["app.kubernetes.io/component"] = "maintenance-page";
      if (Chance(8)) object["metadata"]["annotations"] = {{"prometheus.io/scrape", "true"}};
      if (Chance(8)) object["spec"]["type"] = "ExternalName";
      if (Chance(8)) object["spec"].erase("selector");
      if (Chance(6)) object["spec"]["clusterIP"] = "None";
      break;
    case Kind::kEndpointSlice:
      object["apiVersion"] = "discovery.k8s.io/v1";
      object["metadata"]["name"] = app + "-" + std::to_string(Int(2));
      if (!Chance(8)) object["metadata"]["labels"] = {{"kubernetes.io/service-name", Chance(4) ? AnyApp() : app}};
      object["endpoints"] = json::array();
      for (int i = Int(4); i > 0; --i) {
        object["endpoints"].push_back(
            {{"conditions", {{"ready", !Chance(3)}, {"serving", Chance(2)}, {"terminating", Chance(8)}}},
             {"nodeName", Pick({"n1", "n2"})},
             {"targetRef", {{"kind", "Pod"}, {"name", app + (Chance(2) ? "-h1-" : "-h2-") + std::to_string(i - 1)}}}});
      }
      break;
    case Kind::kIngress: {
      object["apiVersion"] = "networking.k8s.io/v1";
      const json backend = {{"service", {{"name", AnyApp()}, {"port", {{"number", 80}}}}}};
      if (Chance(4)) {
        object["spec"] = {{"defaultBackend", backend}};
      } else {
        object["spec"]["rules"] = json::array(
            {{{"host", "x.example"},
              {"http", {{"paths", json::array({{{"path", "/"}, {"pathType", "Prefix"}, {"backend", backend}}})}}}}});
        if (Chance(2)) object["spec"]["rules"][0]["host"] = Pick({"y.example", "*.example"});
      }
      if (Chance(2))
        object["spec"]["tls"] = json::array({{{"hosts", {Pick({"x.example", "*.example"})}}, {"secretName", "cert"}}});
      if (Chance(3)) object["metadata"]["labels"] = {{"team", Pick({"red", "blue"})}};
      if (Chance(5))
        object["metadata"]["annotations"] = {{"nginx.ingress.kubernetes.io/custom-http-errors", "503"},
                                             {"prometheus.io/probe", "true"}};
      break;
    }
    default:
      object["apiVersion"] = "networking.k8s.io/v1";
      object["spec"] = {{"podSelector", Chance(2) ? json::object() : json{{"matchLabels", {{"app", app}}}}},
                        {"policyTypes", json::array({Pick({"Ingress", "Egress"})})}};
      break;
  }
  return object;
}

json Universe::CustomChecks() {
  const auto check = [](const char* id, json kinds, const char* expression) {
    return json{{"id", id},
                {"severity", "high"},
                {"section", "namespaces"},
                {"kinds", std::move(kinds)},
                {"message", "it is not so"},
                {"expression", expression},
                {"params", {{"team", "red"}}}};
  };
  return json::array(
      {check("custom-team", {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"},
             "object.metadata.labels.team == params.team"),
       check("custom-cron", {"CronJob"}, "object.metadata.generation > 1"),
       check("custom-prod", {"Deployment", "StatefulSet"},
             "namespaceObject.metadata.?labels.team.orValue('blue') != 'red' || object.spec.replicas > 1"),
       check("custom-ns", {"Namespace"}, "has(object.metadata.labels)"),
       check("custom-pdb", {"PodDisruptionBudget"}, "object.spec.maxUnavailable != 0"),
       check("custom-node", {"Node"}, "object.status.conditions.all(c, c.status == 'True')")});
}

json Universe::Policy(Kind kind, const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"kind", Info(kind).name}, {"metadata", Meta(kind, ns, app, now)}};
  switch (kind) {
    case Kind::kPodDisruptionBudget:
      object["apiVersion"] = "policy/v1";
      if (!Chance(6)) object["spec"]["selector"] = Chance(4) ? json::object() : json{{"matchLabels", {{"app", app}}}};
      if (Chance(4))
        object["metadata"]["managedFields"] = json::array(
            {{{"manager", "kubectl"}, {"apiVersion", Pick({"policy/v1beta1", "policy/v1"})}, {"time", Ago(now)}}});
      object["spec"][Chance(2) ? "minAvailable" : "maxUnavailable"] =
          Chance(2) ? json(Pick({"50%", "100%"})) : json(Int(3));
      object["status"] = {{"disruptionsAllowed", Int(2)},
                          {"currentHealthy", 1 + Int(2)},
                          {"desiredHealthy", 1},
                          {"expectedPods", 2},
                          {"observedGeneration", 1 + Int(3)}};
      if (Chance(4)) object["spec"]["unhealthyPodEvictionPolicy"] = "AlwaysAllow";
      if (Chance(4))
        object["status"]["conditions"] = json::array({{{"type", "DisruptionAllowed"},
                                                       {"status", "False"},
                                                       {"reason", Pick({"SyncFailed", "InsufficientPods"})},
                                                       {"lastTransitionTime", Ago(now)}}});
      break;
    case Kind::kHorizontalPodAutoscaler:
      object["apiVersion"] = "autoscaling/v2";
      object["spec"] = {{"scaleTargetRef",
                         {{"apiVersion", "apps/v1"},
                          {"kind", Pick({"Deployment", "Deployment", "StatefulSet", "Rollout"})},
                          {"name", AnyApp()}}},
                        {"minReplicas", 1 + Int(3)},
                        {"maxReplicas", Chance(4) ? 3 : 5}};
      object["status"] = {{"currentReplicas", Int(6)},
                          {"conditions", json::array({{{"type", "ScalingActive"},
                                                       {"status", Chance(4) ? "False" : "True"},
                                                       {"reason", "FailedGetResourceMetric"},
                                                       {"lastTransitionTime", Ago(now)}},
                                                      {{"type", "ScalingLimited"},
                                                       {"status", Pick({"True", "False"})},
                                                       {"reason", Pick({"TooManyReplicas", "TooFewReplicas"})},
                                                       {"lastTransitionTime", Ago(now)}}})}};
      break;
    case Kind::kLimitRange:
      object["apiVersion"] = "v1";
      object["spec"]["limits"] =
          json::array({{{"type", Pick({"Container", "Pod"})},
                        {Pick({"default", "defaultRequest", "max", "min"}), {{"cpu", "200m"}, {"memory", "128Mi"}}}}});
      break;
    case Kind::kResourceQuota:
      object["apiVersion"] = "v1";
      object["spec"]["hard"] = {{"requests.cpu", "4"}, {"pods", "10"}};
      object["status"] = {{"hard", {{"requests.cpu", "4"}, {"pods", "10"}}},
                          {"used", {{"requests.cpu", Pick({"1", "3900m"})}, {"pods", Pick({"2", "10"})}}}};
      break;
    case Kind::kAuditPolicy:
      object["apiVersion"] = "audit.seaworthy.dev/v1alpha1";
      object["spec"] = {{"threshold", Pick({"a", "b"}) == std::string("a") ? 70 : 80}, {"customChecks", json::array()}};
      for (const json& custom : CustomChecks()) {
        if (Chance(3)) continue;
        object["spec"]["customChecks"].push_back(custom);
        if (Chance(4)) object["spec"]["customChecks"].back()["severity"] = "low";
      }
      break;
    default:
      object["apiVersion"] = "scheduling.k8s.io/v1";
      object["metadata"]["name"] = Pick({"high", "low"});
      object["value"] = Int(3) * 500;
      object["globalDefault"] = Chance(4);
      break;
  }
  return object;
}

json Universe::Storage(Kind kind, const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"apiVersion", "v1"}, {"kind", Info(kind).name}, {"metadata", Meta(kind, ns, app, now)}};
  switch (kind) {
    case Kind::kPersistentVolumeClaim:
      if (Chance(2)) object["metadata"]["name"] = "data-" + app + "-" + std::to_string(Int(2));
      object["spec"] = {{"accessModes", json::array({Pick({"ReadWriteOnce", "ReadWriteMany"})})},
                        {"storageClassName", Pick({"fast", "slow"})},
                        {"volumeName", Pick({"v1", "v2"})},
                        {"resources", {{"requests", {{"storage", "1Gi"}}}}}};
      object["status"] = {{"phase", Pick({"Bound", "Pending", "Lost"})}};
      break;
    case Kind::kPersistentVolume:
      object["metadata"]["name"] = Pick({"v1", "v2"});
      object["spec"] = {{"storageClassName", "fast"},
                        {"persistentVolumeReclaimPolicy", Pick({"Retain", "Delete"})},
                        {"claimRef", {{"namespace", ns}, {"name", app}}}};
      object["spec"][Pick({"local", "nfs", "csi"})] = {{"path", "/data"}};
      break;
    default:
      object["apiVersion"] = "storage.k8s.io/v1";
      object["metadata"]["name"] = Pick({"fast", "slow"});
      object["provisioner"] = Pick({"csi.example", "rancher.io/local-path"});
      object["allowVolumeExpansion"] = Chance(2);
      break;
  }
  return object;
}

// What is polled, and what sources of ours say.
json Universe::Told(Kind kind, const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"kind", Info(kind).name},
                 {"metadata", Meta(kind, ns, app + Pick({"-h1-", "-h2-"}) + std::to_string(Int(3)), now)}};
  json& name = object["metadata"]["name"];
  switch (kind) {
    case Kind::kPodMetrics:
      object["timestamp"] = TimeText(now);
      object["containers"] =
          json::array({{{"name", "app"},
                        {"usage", {{"cpu", Pick({"3m", "250m", "8"})}, {"memory", Pick({"20Mi", "70Mi", "125Mi"})}}}}});
      break;
    case Kind::kContainerThrottling:
      if (Chance(3)) name = ".";
      object["containers"] = json::array({{{"name", "app"}, {"percent", Pick({"5", "20", "30", "90"})}}});
      break;
    case Kind::kVolumeStats:
      name = Chance(2) ? app : "data-" + app + "-" + std::to_string(Int(2));
      object["capacityBytes"] = Chance(2) ? 1'000'000'000 : 200'000'000'000;
      object["freePercent"] = Int(30);
      if (Chance(3)) object["filling"] = true;
      if (Chance(3)) object["fullWithinDays"] = 4;
      break;
    case Kind::kScrapeTarget:
      object["targets"] = json::array({{{"container", "app"}, {"up", Pick({"1", "0"})}}});
      break;
    case Kind::kAlertDelivery:
      name = "prometheus";
      object["alertmanagers"] = Int(2);
      object["notified"] = Pick({"some", "none"});
      break;
    case Kind::kImageConfig:
      name = Pick({"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                   "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"});
      object["created"] = now - static_cast<std::int64_t>(Below(400)) * 86'400;
      if (Chance(2)) object["leftovers"] = json::array({"apk add curl: package indexes are kept (/var/cache/apk)"});
      break;
    default:
      name = Pick({"Deployment/", "StatefulSet/", "DaemonSet/"}) + app;
      object["containers"] =
          json::array({{{"name", "app"}, {"lines", Pick({"5", "50"})}, {"structured", Pick({"5", "30", "50"})}}});
      break;
  }
  return object;
}

json Universe::Access(Kind kind, const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"apiVersion", "v1"}, {"kind", Info(kind).name}, {"metadata", Meta(kind, ns, app, now)}};
  if (kind == Kind::kServiceAccount) {
    object["metadata"]["name"] = Pick({"default", "web", "api"});
    if (Chance(3)) object["automountServiceAccountToken"] = Chance(2);
    return object;
  }
  object["apiVersion"] = "rbac.authorization.k8s.io/v1";
  object["roleRef"] = {{"kind", "Role"}, {"name", "reader"}};
  object["subjects"] = json::array();
  for (int i = Int(3); i > 0; --i) {
    const std::string of = AnyNamespace();
    switch (Int(4)) {
      case 0:
        object["subjects"].push_back(
            {{"kind", "User"}, {"name", "system:serviceaccount:" + of + ":" + Pick({"default", "web"})}});
        break;
      case 1: object["subjects"].push_back({{"kind", "Group"}, {"name", "system:serviceaccounts:" + of}}); break;
      case 2: object["subjects"].push_back({{"kind", "Group"}, {"name", "system:authenticated"}}); break;
      default:
        object["subjects"].push_back(
            {{"kind", "ServiceAccount"}, {"namespace", of}, {"name", Pick({"default", "web", "api"})}});
        break;
    }
  }
  return object;
}

}  // namespace seaworthy::testing
