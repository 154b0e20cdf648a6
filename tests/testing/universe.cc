#include "testing/universe.h"

#include <ctime>
#include <utility>

namespace seaworthy::testing {

using nlohmann::json;

std::string TimeText(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

Universe::Universe(std::uint64_t seed, std::vector<std::string> namespaces)
    : random_(seed), namespaces_(std::move(namespaces)) {}

Kind Universe::AnyKind() {
  constexpr Kind kOften[] = {Kind::kPod,        Kind::kPod,     Kind::kPod,  Kind::kPod,        Kind::kDeployment,
                             Kind::kReplicaSet, Kind::kService, Kind::kNode, Kind::kStatefulSet};
  if (Chance(2)) return kOften[Below(std::size(kOften))];
  return static_cast<Kind>(Below(static_cast<std::size_t>(Kind::kWorkloadAudit)));
}

std::string Universe::Ago(std::int64_t now) {
  return TimeText(now - static_cast<std::int64_t>(Chance(4) ? 3000 + Below(200'000) : Below(3000)));
}

std::string Universe::UidOf(const std::string& of) { return of + "-" + std::to_string(incarnation_[of]); }

std::string Universe::NewUid(const std::string& of) {
  if (Chance(30)) ++incarnation_[of];
  return UidOf(of);
}

// Uids are made of kinds, places among the namespaces and names, so that renaming a namespace leaves them alone.
json Universe::Meta(Kind kind, const std::string& ns, const std::string& name, std::int64_t now) {
  json meta = {{"name", name}, {"generation", 1 + Int(3)}, {"creationTimestamp", Ago(now)}};
  std::string place;
  if (Info(kind).namespaced) {
    meta["namespace"] = ns;
    while (namespaces_[place.size()] != ns) place += '+';
  }
  meta["uid"] = NewUid(std::string(Info(kind).name) + place + "/" + name);
  return meta;
}

json Universe::Owner(const std::string& api_version, const std::string& kind, const std::string& ns,
                     const std::string& name) {
  std::string place;
  while (namespaces_[place.size()] != ns) place += '+';
  json owner = {{"apiVersion", api_version}, {"kind", kind}, {"name", name}, {"controller", true}};
  owner["uid"] = UidOf(kind + place + "/" + name);
  return owner;
}

json Universe::Labels(const std::string& app) {
  json labels = {{"app", app}};
  if (Chance(3)) labels["tier"] = Pick({"front", "back"});
  if (Chance(6)) labels["app.kubernetes.io/part-of"] = Pick({"store", "site"});
  if (Chance(6)) labels["team"] = Pick({"red", "blue"});
  return labels;
}

json Universe::Container(const std::string& app) {
  json container = {{"name", "app"},
                    {"image", Pick({"web:1.2", "web:1.2", "web:latest", "r.example/web:2.0.1",
                                    "registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.0", "postgres:16.4",
                                    "redis:7.2.5", "prometheuscommunity/postgres-exporter:v0.15.0",
                                    "oliver006/redis_exporter:v1.62.0", "fluent/fluent-bit:3.1.4", "grafana/loki:3.1.0",
                                    "quay.io/prometheus/prometheus:v3.0.0", "datadog/agent:7.60.0"})}};
  if (Chance(2))
    container["resources"] = {{"requests", {{"cpu", Pick({"100m", "9"})}, {"memory", "64Mi"}}},
                              {"limits", {{"memory", "128Mi"}}}};
  if (Chance(2)) container["readinessProbe"] = {{"httpGet", {{"path", "/"}, {"port", 8080}}}};
  if (Chance(3))
    container["livenessProbe"] = {{"httpGet", {{"path", "/"}, {"port", Chance(2) ? json("http") : json(8080)}}},
                                  {"periodSeconds", 1 + Int(9)}};
  if (Chance(2)) container["ports"] = json::array({{{"containerPort", 8080}, {"name", "http"}}});
  if (Chance(3)) container["lifecycle"] = {{"preStop", {{"sleep", {{"seconds", 1 + Int(40)}}}}}};
  if (Chance(3))
    container["securityContext"] = {
        {"privileged", Chance(2)}, {"runAsNonRoot", Chance(2)}, {"allowPrivilegeEscalation", Chance(2)}};
  if (Chance(5))
    container["env"] = json::array({{{"name", "DB_PASSWORD"}, {"value", "not-in-the-report"}},
                                    {{"name", "JAVA_TOOL_OPTIONS"}, {"value", "-Xmx120m"}}});
  if (Chance(5))
    container["volumeMounts"] = json::array({{{"name", "data"}, {"mountPath", Chance(3) ? "/var/log" : "/" + app}}});
  return container;
}

json Universe::PodSpec(const std::string& app) {
  // Now and then the same in every namespace: copies are to meet.
  if (Chance(6))
    return {{"containers", json::array({{{"name", "app"},
                                         {"image", "web:1.2"},
                                         {"resources", {{"limits", {{"memory", Pick({"16Mi", "128Mi"})}}}}}}})}};
  json spec = {{"containers", json::array({Container(app)})}};
  if (Chance(6))
    spec["initContainers"] = json::array({{{"name", "side"}, {"image", "proxy:1.0.0"}, {"restartPolicy", "Always"}}});
  if (Chance(3)) spec["nodeSelector"] = {{"pool", Pick({"a", "b"})}};
  if (Chance(3)) {
    spec["topologySpreadConstraints"] = json::array({{{"maxSkew", 1},
                                                      {"topologyKey", "kubernetes.io/hostname"},
                                                      {"whenUnsatisfiable", "ScheduleAnyway"},
                                                      {"labelSelector", {{"matchLabels", {{"app", app}}}}}}});
  }
  if (Chance(5)) {
    spec["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = json::array(
        {{{"topologyKey", "kubernetes.io/hostname"}, {"labelSelector", {{"matchLabels", {{"app", app}}}}}}});
  }
  if (Chance(3)) spec["serviceAccountName"] = Pick({"default", "web", "api"});
  if (Chance(5)) spec["automountServiceAccountToken"] = Chance(2);
  if (Chance(4)) spec["terminationGracePeriodSeconds"] = Int(40);
  if (Chance(8)) spec["hostNetwork"] = true;
  if (Chance(6)) spec["priorityClassName"] = Pick({"high", "low"});
  if (Chance(8)) {
    spec["volumes"] = json::array({{{"name", "data"}, {"emptyDir", json::object()}}});
    return spec;
  }
  if (Chance(4))
    spec["volumes"] = json::array({Chance(2) ? json{{"name", "data"}, {"persistentVolumeClaim", {{"claimName", app}}}}
                                             : json{{"name", "data"}, {"hostPath", {{"path", "/var/lib"}}}}});
  if (Chance(6)) spec["tolerations"] = json::array({{{"operator", "Exists"}}});
  return spec;
}

json Universe::Template(const std::string& app) {
  json made = {{"metadata", {{"labels", Labels(app)}}}, {"spec", PodSpec(app)}};
  if (Chance(6))
    made["metadata"]["annotations"] = {{Pick({"karpenter.sh/do-not-disrupt", "prometheus.io/scrape",
                                              "seaworthy.dev/dashboard", "seaworthy.dev/runbook"}),
                                        "true"}};
  return made;
}

json Universe::Replicated(Kind kind, const std::string& ns, const std::string& app, std::int64_t now) {
  const int replicas = Int(4);
  const bool daemon_set = kind == Kind::kDaemonSet;
  json object = {{"apiVersion", "apps/v1"}, {"kind", Info(kind).name}, {"metadata", Meta(kind, ns, app, now)}};
  json& meta = object["metadata"];
  if (kind == Kind::kDeployment)
    meta["annotations"] = {{"deployment.kubernetes.io/revision", std::to_string(1 + Int(2))}};
  if (kind == Kind::kStatefulSet && Chance(6))
    meta["ownerReferences"] = json::array({Owner("postgresql.cnpg.io/v1", "Cluster", ns, app)});
  if (Chance(4)) meta["labels"] = {{"app.kubernetes.io/managed-by", "Helm"}, {"team", Pick({"red", "blue"})}};
  if (Chance(4)) {
    json& annotations = meta["annotations"];
    if (Chance(2)) annotations["seaworthy.dev/expected-concurrency"] = Pick({"100", "300", "many"});
    if (Chance(2)) annotations["seaworthy.dev/worker-slots"] = "100";
    if (Chance(2)) annotations["seaworthy.dev/memory-per-slot"] = Pick({"1Mi", "4Mi"});
    if (Chance(2)) annotations["seaworthy.dev/max-connections"] = Pick({"20", "60"});
    if (Chance(2))
      annotations["seaworthy.dev/depends-on"] =
          Pick({"StatefulSet/db=10", "deployment/web=5, StatefulSet/db=20", "StatefulSet/api=7,Cluster/db=1"});
    if (Chance(3)) annotations["seaworthy.dev/expected-data-size"] = Pick({"512Mi", "2Gi"});
    if (Chance(3)) annotations["seaworthy.dev/pipeline-run"] = Pick({"https://ci.example/1 tests=passed", "tests=0"});
  }
  meta["managedFields"] = json::array({{{"manager", Pick({"kubectl-edit", "helm", "argocd-controller"})},
                                        {"operation", "Update"},
                                        {"time", Ago(now)},
                                        {"fieldsV1", {{"f:spec", {{"f:template", json::object()}}}}}}});
  json& spec = object["spec"] = {{"selector", {{"matchLabels", {{"app", app}}}}}, {"template", Template(app)}};
  if (!daemon_set) spec["replicas"] = replicas;
  if (kind == Kind::kDeployment && Chance(3)) spec["progressDeadlineSeconds"] = 600 * (1 + Int(3));
  if (kind == Kind::kDeployment && Chance(4)) spec["strategy"] = {{"type", Pick({"Recreate", "RollingUpdate"})}};
  if (kind == Kind::kDeployment && Chance(8)) spec["paused"] = true;
  if (kind == Kind::kStatefulSet) {
    spec["serviceName"] = app;
    if (Chance(2))
      spec["volumeClaimTemplates"] =
          json::array({{{"metadata", {{"name", "data"}}},
                        {"spec", {{"accessModes", {"ReadWriteOnce"}}, {"storageClassName", "fast"}}}}});
    if (Chance(3)) spec["persistentVolumeClaimRetentionPolicy"] = {{"whenScaled", Pick({"Delete", "Retain"})}};
  }
  if (Chance(6))
    meta["managedFields"].push_back({{"manager", "kubectl"},
                                     {"operation", "Update"},
                                     {"apiVersion", Pick({"apps/v1beta2", "apps/v1"})},
                                     {"time", Ago(now)}});
  json& status = object["status"] = {{"observedGeneration", 1 + Int(3)},
                                     {"replicas", replicas},
                                     {"updatedReplicas", Chance(4) ? Int(4) : replicas},
                                     {"readyReplicas", Int(4)},
                                     {"availableReplicas", Int(4)}};
  if (daemon_set) {
    status = {{"observedGeneration", 1 + Int(3)},     {"desiredNumberScheduled", 3}, {"currentNumberScheduled", 3},
              {"updatedNumberScheduled", 2 + Int(2)}, {"numberReady", Int(4)},       {"numberAvailable", Int(4)},
              {"numberUnavailable", Int(4)}};
  }
  if (kind == Kind::kStatefulSet) {
    status["updateRevision"] = Pick({"r1", "r2"});
    status["currentRevision"] = "r1";
  }
  if (kind == Kind::kDeployment) {
    status["conditions"] = json::array(
        {{{"type", "Available"}, {"status", Pick({"True", "False"})}, {"lastTransitionTime", Ago(now)}},
         {{"type", "Progressing"},
          {"status", "True"},
          {"reason",
           Pick({"NewReplicaSetAvailable", "NewReplicaSetAvailable", "ReplicaSetUpdated", "ProgressDeadlineExceeded"})},
          {"lastTransitionTime", Ago(now)}}});
  }
  return object;
}

json Universe::ReplicaSet(const std::string& ns, const std::string& app, std::int64_t now) {
  const std::string hash = Pick({"h1", "h2"});
  json object = {{"apiVersion", "apps/v1"},
                 {"kind", "ReplicaSet"},
                 {"metadata", Meta(Kind::kReplicaSet, ns, app + "-" + hash, now)}};
  object["metadata"]["labels"] = {{"app", app}, {"pod-template-hash", hash}};
  object["metadata"]["annotations"] = {{"deployment.kubernetes.io/revision", hash == "h1" ? "1" : "2"}};
  if (Chance(10)) {
    object["metadata"]["ownerReferences"] = json::array({Owner("argoproj.io/v1alpha1", "Rollout", ns, app)});
  } else if (!Chance(10)) {
    object["metadata"]["ownerReferences"] = json::array({Owner("apps/v1", "Deployment", ns, app)});
  }
  object["spec"] = {{"replicas", 2}, {"selector", {{"matchLabels", {{"app", app}}}}}, {"template", Template(app)}};
  return object;
}

json Universe::CronJob(const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"apiVersion", "batch/v1"}, {"kind", "CronJob"}, {"metadata", Meta(Kind::kCronJob, ns, app, now)}};
  json pod = Template(app);
  pod["spec"]["restartPolicy"] = "Never";
  object["spec"] = {
      {"schedule", "*/5 * * * *"}, {"suspend", Chance(4)}, {"jobTemplate", {{"spec", {{"template", pod}}}}}};
  if (Chance(3)) object["metadata"]["labels"]["seaworthy.dev/backup-of"] = AnyApp();
  if (Chance(2)) object["spec"]["startingDeadlineSeconds"] = Int(20);
  if (Chance(2)) object["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"] = 600;
  object["status"] = {{"lastScheduleTime", Ago(now)}, {"lastSuccessfulTime", Ago(now)}};
  return object;
}

json Universe::Job(const std::string& ns, const std::string& app, std::int64_t now) {
  json object = {{"apiVersion", "batch/v1"},
                 {"kind", "Job"},
                 {"metadata", Meta(Kind::kJob, ns, app + "-job" + std::to_string(Int(2)), now)}};
  if (!Chance(4)) {
    object["metadata"]["ownerReferences"] = json::array(
        {Chance(4) ? Owner("postgresql.cnpg.io/v1", "Cluster", ns, app) : Owner("batch/v1", "CronJob", ns, app)});
  }
  json pod = Template(app);
  pod["spec"]["restartPolicy"] = "Never";
  object["spec"] = {{"template", pod}};
  if (Chance(3))
    object["metadata"]["labels"] = {{"seaworthy.dev/smoke-test-of", Chance(2) ? app : "deployment." + app}};
  object["status"] = {{"startTime", Ago(now)},
                      {"conditions", json::array({{{"type", Pick({"Complete", "Failed", "Suspended"})},
                                                   {"status", "True"},
                                                   {"lastTransitionTime", Ago(now)}}})}};
  if (Chance(3)) object["status"]["completionTime"] = Ago(now);
  return object;
}

json Universe::PodStatus(std::int64_t now) {
  json state = Chance(5)
                   ? json{{"waiting",
                           {{"reason", Pick({"CrashLoopBackOff", "ImagePullBackOff", "CreateContainerConfigError"})}}}}
                   : json{{"running", {{"startedAt", Ago(now)}}}};
  json container = {
      {"name", "app"},
      {"ready", true},
      {"restartCount", Int(7)},
      {"imageID", Pick({"r.example/web@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                        "r.example/web@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"})},
      {"state", std::move(state)}};
  if (Chance(2))
    container["lastState"] = {
        {"terminated",
         {{"exitCode", 137}, {"reason", "OOMKilled"}, {"startedAt", Ago(now)}, {"finishedAt", Ago(now)}}}};
  if (Chance(12)) {
    return {{"phase", "Failed"},
            {"reason", "Evicted"},
            {"message", "Usage of EmptyDir volume \"data\" exceeds the limit \"1Gi\"."},
            {"startTime", Ago(now)}};
  }
  return {
      {"phase", Chance(3) ? Pick({"Pending", "Failed", "Succeeded"}) : "Running"},
      {"startTime", Ago(now)},
      {"conditions",
       json::array({{{"type", "Ready"}, {"status", Pick({"True", "True", "False"})}, {"lastTransitionTime", Ago(now)}},
                    {{"type", "PodScheduled"},
                     {"status", Chance(4) ? "False" : "True"},
                     {"reason", "Unschedulable"},
                     {"lastTransitionTime", Ago(now)}}})},
      {"containerStatuses", json::array({std::move(container)})}};
}

json Universe::Pod(const std::string& ns, const std::string& app, std::int64_t now) {
  const std::string hash = Pick({"h1", "h2"});
  json object = Template(app);
  object["apiVersion"] = "v1";
  object["kind"] = "Pod";
  const json labels = object["metadata"]["labels"];
  object["metadata"] = Meta(Kind::kPod, ns, app + "-" + hash + "-" + std::to_string(Int(3)), now);
  json& meta = object["metadata"];
  meta["labels"] = labels;
  meta["labels"]["pod-template-hash"] = hash;
  if (Chance(10)) meta["deletionTimestamp"] = TimeText(now);
  switch (Int(14)) {
    case 0: break;  // bare
    case 1:
      meta["ownerReferences"] =
          json::array({Owner(Pick({"postgresql.cnpg.io/v1", "other.example/v1"}), "Cluster", ns, app)});
      break;
    case 2: meta["ownerReferences"] = json::array({Owner("apps/v1", "StatefulSet", ns, app)}); break;
    case 3: meta["ownerReferences"] = json::array({Owner("apps/v1", "DaemonSet", ns, app)}); break;
    case 4: {
      meta["ownerReferences"] = json::array({Owner("batch/v1", "Job", ns, app + "-job" + std::to_string(Int(2)))});
      object["spec"]["restartPolicy"] = "Never";
      break;
    }
    default: meta["ownerReferences"] = json::array({Owner("apps/v1", "ReplicaSet", ns, app + "-" + hash)}); break;
  }
  if (!Chance(4)) object["spec"]["nodeName"] = Pick({"n1", "n2", "n3"});
  object["status"] = PodStatus(now);
  return object;
}

void Universe::Nudge(json& object, std::int64_t now) {
  json& meta = object["metadata"];
  const auto has = [&object](const char* part, const char* field) {
    return object.contains(part) && object[part].contains(field);
  };
  if (has("status", "images") && Chance(3)) {
    object["status"]["images"][0]["sizeBytes"] = Chance(2) ? 900'000'000 : 90'000'000;
    return;
  }
  if (object.contains("endpoints") && !object["endpoints"].empty() && Chance(2)) {
    object["endpoints"][0]["conditions"]["ready"] = Chance(2);
    return;
  }
  // A pod is asked to go, and its containers end.
  if (object["kind"] == "Pod" && Chance(3)) {
    if (!meta.contains("deletionTimestamp")) {
      meta["deletionTimestamp"] = TimeText(now + 30);
      meta["deletionGracePeriodSeconds"] = Chance(6) ? 0 : 30;
    } else if (has("status", "containerStatuses")) {
      for (json& status : object["status"]["containerStatuses"])
        status["state"] = {{"terminated",
                            {{"exitCode", Chance(2) ? 137 : Int(3)},
                             {"reason", Pick({"Error", "OOMKilled"})},
                             {"finishedAt", TimeText(now)}}}};
    }
    return;
  }
  // A release begins, or comes to its end.
  if (object["kind"] == "Deployment" && Chance(3)) {
    const int replicas = object["spec"].value("replicas", 1);
    if (Chance(2)) {
      meta["generation"] = meta.value("generation", 1) + 1;
      object["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] = TimeText(now);
    } else {
      object["status"]["observedGeneration"] = meta.value("generation", 1);
      for (const char* count : {"replicas", "updatedReplicas", "readyReplicas", "availableReplicas"})
        object["status"][count] = replicas;
    }
    return;
  }
  switch (Int(6)) {
    case 0: return;
    case 1: meta["generation"] = meta.value("generation", 1) + 1; return;
    case 2:
      meta["labels"][Chance(3) ? "app.kubernetes.io/component" : "team"] = Pick({"red", "blue", "maintenance-page"});
      return;
    case 3:
      if (!has("status", "conditions")) return;
      for (json& condition : object["status"]["conditions"]) {
        if (!Chance(2)) continue;
        condition["status"] = condition["status"] == "True" ? "False" : "True";
        condition["lastTransitionTime"] = TimeText(now);
      }
      return;
    case 4:
      if (has("spec", "replicas")) object["spec"]["replicas"] = Int(4);
      return;
    default:
      if (!has("status", "containerStatuses")) return;
      for (json& status : object["status"]["containerStatuses"]) {
        status["restartCount"] = status["restartCount"].get<int>() + Int(4);
        status["state"] = {{"running", {{"startedAt", TimeText(now)}}}};
      }
      return;
  }
}

json Universe::Object(Kind kind, std::int64_t now) {
  const std::string ns = AnyNamespace();
  const std::string app = AnyApp();
  switch (kind) {
    case Kind::kDeployment:
    case Kind::kStatefulSet:
    case Kind::kDaemonSet: return Replicated(kind, ns, app, now);
    case Kind::kReplicaSet: return ReplicaSet(ns, app, now);
    case Kind::kCronJob: return CronJob(ns, app, now);
    case Kind::kJob: return Job(ns, app, now);
    case Kind::kPod: return Pod(ns, app, now);
    case Kind::kNode: return Node(now);
    case Kind::kNamespace: return Namespace(now);
    case Kind::kService:
    case Kind::kEndpointSlice:
    case Kind::kIngress:
    case Kind::kNetworkPolicy: return Network(kind, ns, app, now);
    case Kind::kScaledObject: return ScaledObject(ns, app, now);
    case Kind::kRollout: return Rollout(ns, app, now);
    case Kind::kVulnerabilityReport: return VulnerabilityReport(ns, app, now);
    case Kind::kPersistentVolumeClaim:
    case Kind::kPersistentVolume:
    case Kind::kStorageClass: return Storage(kind, ns, app, now);
    case Kind::kServiceAccount:
    case Kind::kRoleBinding:
    case Kind::kClusterRoleBinding: return Access(kind, ns, app, now);
    case Kind::kVeleroSchedule:
    case Kind::kVeleroBackup:
    case Kind::kK8upSchedule:
    case Kind::kK8upBackup:
    case Kind::kSnapshotSchedule:
    case Kind::kVolumeSnapshot:
    case Kind::kReplicationSource:
    case Kind::kKastenPolicy:
    case Kind::kLonghornRecurringJob:
    case Kind::kLonghornVolume:
    case Kind::kCnpgScheduledBackup:
    case Kind::kCnpgBackup: return Backup(kind, ns, app, now);
    case Kind::kValidatingWebhookConfiguration:
    case Kind::kMutatingWebhookConfiguration:
    case Kind::kApiService:
    case Kind::kServerVersion: return Platform(kind, ns, app, now);
    case Kind::kHttpRoute:
    case Kind::kGateway:
    case Kind::kTraefikMiddleware:
    case Kind::kCertificate: return Traffic(kind, ns, app, now);
    case Kind::kCiliumNetworkPolicy:
    case Kind::kCiliumClusterwideNetworkPolicy:
    case Kind::kCalicoNetworkPolicy:
    case Kind::kCalicoGlobalNetworkPolicy:
    case Kind::kAdminNetworkPolicy:
    case Kind::kBaselineAdminNetworkPolicy:
    case Kind::kClusterNetworkPolicy: return OtherPolicy(kind, ns, app, now);
    case Kind::kServiceMonitor:
    case Kind::kPodMonitor:
    case Kind::kProbe:
    case Kind::kPrometheusRule:
    case Kind::kPrometheus:
    case Kind::kPrometheusAgent:
    case Kind::kThanosRuler:
    case Kind::kVmServiceScrape:
    case Kind::kVmPodScrape:
    case Kind::kVmRule:
    case Kind::kVmProbe:
    case Kind::kPodMonitoring:
    case Kind::kClusterPodMonitoring:
    case Kind::kEndpointMonitor:
    case Kind::kGrafanaDashboard:
    case Kind::kConfigMap: return Monitoring(kind, ns, app, now);
    case Kind::kPodMetrics:
    case Kind::kContainerThrottling:
    case Kind::kVolumeStats:
    case Kind::kScrapeTarget:
    case Kind::kAlertDelivery:
    case Kind::kImageConfig:
    case Kind::kLogSample: return Told(kind, ns, app, now);
    default: return Policy(kind, ns, app, now);
  }
}

}  // namespace seaworthy::testing
