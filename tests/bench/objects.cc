#include "bench/objects.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/random.h"

namespace seaworthy::bench {
namespace {

using nlohmann::json;

constexpr std::array kApps = {"web",    "api",    "checkout", "cart",  "billing", "search", "auth", "mail",
                              "export", "import", "stock",    "price", "image",   "media",  "feed", "sync"};
constexpr std::array kCpus = {"50m", "100m", "250m", "500m", "1"};
constexpr std::array kMemories = {"64Mi", "128Mi", "256Mi", "512Mi", "1Gi"};
constexpr std::array kVariables = {"LOG_LEVEL", "HTTP_PORT", "CACHE_SIZE",      "REGION", "FEATURE_FLAGS",
                                   "WORKERS",   "QUEUE_URL", "TIMEOUT_SECONDS", "TZ",     "UPSTREAM"};
constexpr const char* kCreated = "2026-10-01T08:00:00Z";

std::string Collection(const char* group_version, const char* resource, const std::string& ns = {}) {
  return (std::string_view(group_version) == "v1" ? "/api/" : "/apis/") + std::string(group_version) +
         (ns.empty() ? "" : "/namespaces/" + ns) + "/" + resource;
}

class Builder {
 public:
  Builder(const ClusterSize& size, const EachItem& each) : size_(size), each_(each) {}

  void Around(const std::vector<std::string>& namespaces) {
    for (const std::string& ns : namespaces) {
      json object = Object("v1", "Namespace", {}, ns);
      object["metadata"]["labels"] = {
          {"kubernetes.io/metadata.name", ns}, {"team", ns}, {"pod-security.kubernetes.io/enforce", "baseline"}};
      if (size_.status) object["status"] = {{"phase", "Active"}};
      Emit("v1", "namespaces", {}, std::move(object));
    }
    if (!size_.status) return;
    for (std::size_t i = 0; i < size_.nodes; ++i) Node(i);
    json storage = Object("storage.k8s.io/v1", "StorageClass", {}, "fast");
    storage["provisioner"] = "ebs.csi.aws.com";
    storage["allowVolumeExpansion"] = true;
    storage["volumeBindingMode"] = "WaitForFirstConsumer";
    Emit("storage.k8s.io/v1", "storageclasses", {}, std::move(storage));
    json priority = Object("scheduling.k8s.io/v1", "PriorityClass", {}, "business");
    priority["value"] = 1000;
    Emit("scheduling.k8s.io/v1", "priorityclasses", {}, std::move(priority));
  }

  struct Wanted {
    const char* kind = nullptr;  // nullptr: as the numbers have it
    std::size_t containers = 0;  // 0: likewise
    bool alone = false;          // nothing around it
  };

  void Workload(std::size_t number, const std::string& ns, std::size_t pods, Wanted wanted) {
    Random random(size_.seed * 1'000'003 + number);
    const std::size_t draw = random.Below(100);
    const std::string kind = wanted.kind != nullptr ? wanted.kind
                             : draw < 70            ? "Deployment"
                             : draw < 82            ? "StatefulSet"
                             : draw < 90            ? "DaemonSet"
                                                    : "CronJob";
    const std::string app = random.Pick(kApps), name = app + "-" + std::to_string(number);
    const bool cron = kind == "CronJob";
    const char* api = cron ? "batch/v1" : "apps/v1";
    const json labels = {{"app.kubernetes.io/name", app},
                         {"app.kubernetes.io/instance", name},
                         {"app.kubernetes.io/part-of", ns},
                         {"app.kubernetes.io/version", "1." + std::to_string(number % 20)}};
    const json selector = {{"app.kubernetes.io/instance", name}};

    if (!wanted.alone) {
      json account = Object("v1", "ServiceAccount", ns, name);
      account["automountServiceAccountToken"] = false;
      Emit("v1", "serviceaccounts", ns, std::move(account));
    }
    json object = Object(api, kind, ns, name);
    json& meta = object["metadata"];
    meta["labels"] = labels;
    if (random.Percent(40))
      meta["annotations"] = {{"seaworthy.dev/runbook", "https://runbooks.example/" + name},
                             {"description", "The " + app + " of " + ns + ", kept by its team."}};
    json pod = PodSpec(random, name, wanted.containers == 0 ? 1 + random.Below(2) : wanted.containers, cron);
    json pod_labels = labels;
    pod_labels["team"] = ns;
    const json pod_template = {{"metadata", {{"labels", pod_labels}}}, {"spec", pod}};
    json& spec = object["spec"];
    const std::size_t replicas = size_.status ? pods : 1 + random.Below(4);
    if (cron) {
      spec = {{"schedule", std::to_string(random.Below(60)) + " * * * *"},
              {"concurrencyPolicy", random.Percent(60) ? "Forbid" : "Allow"},
              {"jobTemplate", {{"spec", {{"backoffLimit", 3}, {"template", pod_template}}}}}};
    } else {
      spec = {{"selector", {{"matchLabels", selector}}}, {"template", pod_template}};
      if (kind != "DaemonSet") spec["replicas"] = replicas;
      if (kind == "Deployment")
        spec["strategy"] = {
            {"type", "RollingUpdate"},
            {"rollingUpdate", {{"maxSurge", 1}, {"maxUnavailable", random.Percent(50) ? json(0) : json("25%")}}}};
      if (kind == "StatefulSet") {
        spec["serviceName"] = name;
        spec["volumeClaimTemplates"] = {{{"metadata", {{"name", "data"}}},
                                         {"spec",
                                          {{"accessModes", {"ReadWriteOnce"}},
                                           {"storageClassName", "fast"},
                                           {"resources", {{"requests", {{"storage", "10Gi"}}}}}}}}};
      }
    }
    if (size_.status) Status(kind, object, replicas);
    Emit(api,
         kind == "Deployment"    ? "deployments"
         : kind == "StatefulSet" ? "statefulsets"
         : kind == "DaemonSet"   ? "daemonsets"
                                 : "cronjobs",
         ns, std::move(object));
    if (!wanted.alone && !cron) Companions(random, ns, name, kind, selector, pods);
    if (size_.status) Pods(ns, name, kind, pod, pod_labels, pods);
  }

  void Budget(const std::string& ns, const std::string& name, const json& selector) {
    json object = Object("policy/v1", "PodDisruptionBudget", ns, name);
    object["spec"] = {{"maxUnavailable", 1}, {"selector", selector}};
    if (size_.status)
      object["status"] = {{"currentHealthy", 2},
                          {"desiredHealthy", 1},
                          {"disruptionsAllowed", 1},
                          {"expectedPods", 2},
                          {"observedGeneration", 1}};
    Emit("policy/v1", "poddisruptionbudgets", ns, std::move(object));
  }

 private:
  json Object(const char* api, const std::string& kind, const std::string& ns, const std::string& name) const {
    json object = {{"apiVersion", api}, {"kind", kind}, {"metadata", {{"name", name}}}};
    json& meta = object["metadata"];
    if (!ns.empty()) meta["namespace"] = ns;
    if (!size_.status) return object;
    meta["uid"] = "@uid " + kind + "/" + ns + "/" + name + "@";
    meta["creationTimestamp"] = kCreated;
    meta["resourceVersion"] = "1";
    meta["generation"] = 1;
    // As a server keeps it of everything: half of what it sends of small objects.
    meta["managedFields"] = {{{"manager", "helm"},
                              {"operation", "Update"},
                              {"apiVersion", api},
                              {"time", kCreated},
                              {"fieldsType", "FieldsV1"},
                              {"fieldsV1",
                               {{"f:metadata",
                                 {{"f:labels",
                                   {{".", json::object()},
                                    {"f:app.kubernetes.io/name", json::object()},
                                    {"f:app.kubernetes.io/instance", json::object()}}}}},
                                {"f:spec",
                                 {{"f:replicas", json::object()},
                                  {"f:selector", json::object()},
                                  {"f:template",
                                   {{"f:spec",
                                     {{"f:containers", json::object()},
                                      {"f:dnsPolicy", json::object()},
                                      {"f:restartPolicy", json::object()},
                                      {"f:terminationGracePeriodSeconds", json::object()}}}}}}}}}}};
    return object;
  }

  void Emit(const char* api, const char* resource, const std::string& ns, json object, std::size_t copies = 1) {
    Item item{Collection(api, resource, ns), copies, pods_, std::move(object)};
    if (std::string_view(resource) == "pods") pods_ += copies;
    each_(item);
  }

  static json Owner(const char* api, const std::string& kind, const std::string& ns, const std::string& name) {
    return {{{"apiVersion", api},
             {"kind", kind},
             {"name", name},
             {"uid", "@uid " + kind + "/" + ns + "/" + name + "@"},
             {"controller", true},
             {"blockOwnerDeletion", true}}};
  }

  void Node(std::size_t i) {
    const std::string name = "node-" + std::to_string(i);
    json object = Object("v1", "Node", {}, name);
    object["metadata"]["labels"] = {
        {"kubernetes.io/hostname", name},
        {"kubernetes.io/os", "linux"},
        {"kubernetes.io/arch", "amd64"},
        {"topology.kubernetes.io/zone", std::string("zone-") + static_cast<char>('a' + i % 3)},
        {"topology.kubernetes.io/region", "local"},
        {"node.kubernetes.io/instance-type", "m6.4xlarge"}};
    object["spec"] = {{"podCIDR", "10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24"}};
    const json size = {{"cpu", "64"}, {"memory", "256Gi"}, {"pods", "250"}, {"ephemeral-storage", "200Gi"}};
    json conditions;
    for (const char* type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
      conditions.push_back({{"type", type},
                            {"status", type[0] == 'R' ? "True" : "False"},
                            {"lastHeartbeatTime", "2026-11-24T11:59:00Z"},
                            {"lastTransitionTime", kCreated},
                            {"reason", "Kubelet"},
                            {"message", "kubelet says so"}});
    }
    json images;
    for (int image = 0; image < 20; ++image)
      images.push_back({{"names",
                         {"registry.example/team/app-" + std::to_string(image) + "@sha256:" + std::string(64, 'a'),
                          "registry.example/team/app-" + std::to_string(image) + ":1.0"}},
                        {"sizeBytes", 80'000'000 + image}});
    object["status"] = {{"allocatable", size},
                        {"capacity", size},
                        {"conditions", conditions},
                        {"images", images},
                        {"nodeInfo",
                         {{"architecture", "amd64"},
                          {"bootID", ""},
                          {"containerRuntimeVersion", "containerd://2.1.4"},
                          {"kernelVersion", "6.1.0"},
                          {"kubeProxyVersion", ""},
                          {"kubeletVersion", "v1.36.3"},
                          {"machineID", ""},
                          {"operatingSystem", "linux"},
                          {"osImage", "Debian GNU/Linux 12"},
                          {"systemUUID", ""}}},
                        {"addresses", {{{"type", "Hostname"}, {"address", name}}}}};
    Emit("v1", "nodes", {}, std::move(object));
  }

  json PodSpec(Random& random, const std::string& name, std::size_t containers, bool cron) const {
    json list;
    for (std::size_t i = 0; i < containers; ++i) {
      json one = {{"name", i == 0 ? "app" : "side-" + std::to_string(i)},
                  {"image", "registry.example/" + name +
                                (random.Percent(85) ? ":1." + std::to_string(random.Below(30)) + ".0" : ":latest")},
                  {"imagePullPolicy", "IfNotPresent"}};
      const std::size_t memory = random.Below(kMemories.size());
      if (random.Percent(80))
        one["resources"]["requests"] = {{"cpu", random.Pick(kCpus)}, {"memory", kMemories[memory]}};
      // A server refuses less than is requested.
      if (random.Percent(60))
        one["resources"]["limits"] = {{"memory", kMemories[memory + random.Below(kMemories.size() - memory)]}};
      json env;
      for (std::size_t variable = 0, count = 2 + random.Below(8); variable < count; ++variable)
        env.push_back({{"name", kVariables[variable]}, {"value", name + "-" + std::to_string(random.Below(1000))}});
      one["env"] = std::move(env);
      if (!cron) {
        const int port = 8080 + static_cast<int>(i);
        one["ports"] = {
            {{"name", i == 0 ? "http" : "side-" + std::to_string(i)}, {"containerPort", port}, {"protocol", "TCP"}}};
        if (random.Percent(75))
          one["readinessProbe"] = {{"httpGet", {{"path", "/readyz"}, {"port", port}, {"scheme", "HTTP"}}},
                                   {"periodSeconds", 5},
                                   {"timeoutSeconds", 2},
                                   {"failureThreshold", 3},
                                   {"successThreshold", 1}};
        if (random.Percent(60))
          one["livenessProbe"] = {{"httpGet", {{"path", "/livez"}, {"port", port}, {"scheme", "HTTP"}}},
                                  {"periodSeconds", 10},
                                  {"timeoutSeconds", 2},
                                  {"failureThreshold", 6},
                                  {"successThreshold", 1}};
        if (random.Percent(40)) one["lifecycle"] = {{"preStop", {{"exec", {{"command", {"sleep", "5"}}}}}}};
      }
      if (random.Percent(60))
        one["securityContext"] = {{"allowPrivilegeEscalation", false},
                                  {"readOnlyRootFilesystem", true},
                                  {"capabilities", {{"drop", {"ALL"}}}}};
      one["volumeMounts"] = {{{"name", "tmp"}, {"mountPath", "/tmp"}},
                             {{"name", "config"}, {"mountPath", "/etc/app"}, {"readOnly", true}}};
      one["terminationMessagePath"] = "/dev/termination-log";
      one["terminationMessagePolicy"] = "File";
      list.push_back(std::move(one));
    }
    json spec = {{"containers", list},
                 {"serviceAccountName", name},
                 {"restartPolicy", cron ? "OnFailure" : "Always"},
                 {"terminationGracePeriodSeconds", 30},
                 {"dnsPolicy", "ClusterFirst"},
                 {"schedulerName", "default-scheduler"},
                 {"volumes",
                  {{{"name", "tmp"}, {"emptyDir", {{"sizeLimit", "64Mi"}}}},
                   {{"name", "config"}, {"configMap", {{"name", name}, {"defaultMode", 420}}}}}}};
    if (random.Percent(70))
      spec["securityContext"] = {
          {"runAsNonRoot", true}, {"runAsUser", 1000}, {"seccompProfile", {{"type", "RuntimeDefault"}}}};
    if (random.Percent(50)) {
      spec["topologySpreadConstraints"] = {
          {{"maxSkew", 1},
           {"topologyKey", "topology.kubernetes.io/zone"},
           {"whenUnsatisfiable", "ScheduleAnyway"},
           {"labelSelector", {{"matchLabels", {{"app.kubernetes.io/instance", name}}}}}}};
    }
    return spec;
  }

  static void Status(const std::string& kind, json& object, std::size_t replicas) {
    if (kind == "CronJob") {
      object["status"] = {{"lastScheduleTime", "2026-11-24T11:00:00Z"}, {"lastSuccessfulTime", "2026-11-24T11:00:20Z"}};
    } else if (kind == "DaemonSet") {
      object["status"] = {{"currentNumberScheduled", replicas},
                          {"desiredNumberScheduled", replicas},
                          {"numberAvailable", replicas},
                          {"numberMisscheduled", 0},
                          {"numberReady", replicas},
                          {"updatedNumberScheduled", replicas},
                          {"observedGeneration", 1}};
    } else {
      object["status"] = {{"replicas", replicas},
                          {"readyReplicas", replicas},
                          {"availableReplicas", replicas},
                          {"updatedReplicas", replicas},
                          {"observedGeneration", 1}};
      if (kind == "StatefulSet") {
        object["status"]["currentReplicas"] = replicas;
        return;
      }
      object["status"]["conditions"] = {{{"type", "Available"},
                                         {"status", "True"},
                                         {"reason", "MinimumReplicasAvailable"},
                                         {"message", "Deployment has minimum availability."},
                                         {"lastUpdateTime", kCreated},
                                         {"lastTransitionTime", kCreated}},
                                        {{"type", "Progressing"},
                                         {"status", "True"},
                                         {"reason", "NewReplicaSetAvailable"},
                                         {"message", "ReplicaSet has successfully progressed."},
                                         {"lastUpdateTime", kCreated},
                                         {"lastTransitionTime", kCreated}}};
    }
  }

  void Companions(Random& random, const std::string& ns, const std::string& name, const std::string& kind,
                  const json& selector, std::size_t pods) {
    if (kind != "DaemonSet" || random.Percent(30)) {
      json service = Object("v1", "Service", ns, name);
      service["spec"] = {{"selector", selector},
                         {"type", "ClusterIP"},
                         {"ports", {{{"name", "http"}, {"port", 80}, {"targetPort", "http"}, {"protocol", "TCP"}}}}};
      if (kind == "StatefulSet") service["spec"]["clusterIP"] = "None";
      Emit("v1", "services", ns, std::move(service));
      if (size_.status && pods != 0) {
        json slice = Object("discovery.k8s.io/v1", "EndpointSlice", ns, name + "-" + Letters(pods_, 5));
        slice["metadata"]["labels"] = {{"kubernetes.io/service-name", name},
                                       {"endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io"}};
        slice["metadata"]["ownerReferences"] = Owner("v1", "Service", ns, name);
        slice["addressType"] = "IPv4";
        slice["ports"] = {{{"name", "http"}, {"port", 8080}, {"protocol", "TCP"}}};
        for (std::size_t i = 0; i < std::min<std::size_t>(pods, 100); ++i) {  // a slice's cap
          slice["endpoints"].push_back({{"addresses", {Address(pods_ + i)}},
                                        {"conditions", {{"ready", true}, {"serving", true}, {"terminating", false}}}});
        }
        Emit("discovery.k8s.io/v1", "endpointslices", ns, std::move(slice));
      }
    }
    if (kind != "DaemonSet" && random.Percent(60)) Budget(ns, name, {{"matchLabels", selector}});
    if (kind == "Deployment" && random.Percent(20)) {
      json hpa = Object("autoscaling/v2", "HorizontalPodAutoscaler", ns, name);
      hpa["spec"] = {
          {"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", kind}, {"name", name}}},
          {"minReplicas", 2},
          {"maxReplicas", 10},
          {"metrics",
           {{{"type", "Resource"},
             {"resource", {{"name", "cpu"}, {"target", {{"type", "Utilization"}, {"averageUtilization", 80}}}}}}}}};
      Emit("autoscaling/v2", "horizontalpodautoscalers", ns, std::move(hpa));
    }
    if (random.Percent(30)) {
      json policy = Object("networking.k8s.io/v1", "NetworkPolicy", ns, name);
      policy["spec"] = {{"podSelector", {{"matchLabels", selector}}},
                        {"policyTypes", {"Ingress"}},
                        {"ingress",
                         {{{"from", {{{"namespaceSelector", {{"matchLabels", {{"team", ns}}}}}}}},
                           {"ports", {{{"port", "http"}, {"protocol", "TCP"}}}}}}}};
      Emit("networking.k8s.io/v1", "networkpolicies", ns, std::move(policy));
    }
  }

  void Pods(const std::string& ns, const std::string& name, const std::string& kind, const json& spec,
            const json& labels, std::size_t pods) {
    if (kind == "CronJob") return;
    std::string owner_kind = kind, owner = name;
    json pod_labels = labels;
    if (kind == "Deployment") {
      const std::string hash = Letters(Hash(name) % 100'000, 9);
      owner_kind = "ReplicaSet";
      owner = name + "-" + hash;
      pod_labels["pod-template-hash"] = hash;
      json set = Object("apps/v1", "ReplicaSet", ns, owner);
      set["metadata"]["labels"] = pod_labels;
      set["metadata"]["annotations"] = {{"deployment.kubernetes.io/revision", "1"},
                                        {"deployment.kubernetes.io/desired-replicas", std::to_string(pods)}};
      set["metadata"]["ownerReferences"] = Owner("apps/v1", kind, ns, name);
      set["spec"] = {{"replicas", pods},
                     {"selector", {{"matchLabels", pod_labels}}},
                     {"template", {{"metadata", {{"labels", pod_labels}}}, {"spec", spec}}}};
      set["status"] = {{"replicas", pods},
                       {"readyReplicas", pods},
                       {"availableReplicas", pods},
                       {"fullyLabeledReplicas", pods},
                       {"observedGeneration", 1}};
      Emit("apps/v1", "replicasets", ns, std::move(set));
    }
    if (pods == 0) return;
    json pod = Object("v1", "Pod", ns, owner + (kind == "StatefulSet" ? "-@i@" : "-@n@"));
    pod["metadata"]["uid"] = "@uid@";
    pod["metadata"]["labels"] = pod_labels;
    pod["metadata"]["ownerReferences"] = Owner("apps/v1", owner_kind, ns, owner);
    json pod_spec = spec;
    pod_spec["nodeName"] = "@node@";
    pod_spec["enableServiceLinks"] = true;
    pod_spec["priority"] = 0;
    pod_spec["preemptionPolicy"] = "PreemptLowerPriority";
    pod_spec["tolerations"] = {{{"key", "node.kubernetes.io/not-ready"},
                                {"operator", "Exists"},
                                {"effect", "NoExecute"},
                                {"tolerationSeconds", 300}},
                               {{"key", "node.kubernetes.io/unreachable"},
                                {"operator", "Exists"},
                                {"effect", "NoExecute"},
                                {"tolerationSeconds", 300}}};
    pod["spec"] = std::move(pod_spec);
    json conditions, statuses;
    bool resources = false;
    for (const char* type : {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"})
      conditions.push_back(
          {{"type", type}, {"status", "True"}, {"lastProbeTime", nullptr}, {"lastTransitionTime", kCreated}});
    for (const json& container : spec["containers"]) {
      resources = resources || container.contains("resources");
      statuses.push_back({{"name", container["name"]},
                          {"image", container["image"]},
                          {"imageID", container["image"].get<std::string>().substr(
                                          0, container["image"].get<std::string>().rfind(':')) +
                                          "@sha256:" + std::string(64, 'b')},
                          {"containerID", "containerd://" + std::string(64, 'c')},
                          {"ready", true},
                          {"started", true},
                          {"restartCount", 0},
                          {"state", {{"running", {{"startedAt", kCreated}}}}},
                          {"lastState", json::object()}});
    }
    pod["status"] = {{"phase", "Running"},
                     {"conditions", conditions},
                     {"containerStatuses", statuses},
                     {"hostIP", "10.0.0.1"},
                     {"podIP", "@ip@"},
                     {"podIPs", {{{"ip", "@ip@"}}}},
                     {"qosClass", resources ? "Burstable" : "BestEffort"},
                     {"startTime", kCreated}};
    Emit("v1", "pods", ns, std::move(pod), pods);
  }

  const ClusterSize size_;
  const EachItem& each_;
  std::size_t pods_ = 0;
};

}  // namespace

void Generate(const ClusterSize& size, const EachItem& each) {
  std::vector<std::string> namespaces;
  for (std::size_t i = 0; i < std::max<std::size_t>(size.workloads / 25, 1); ++i)
    namespaces.push_back("team-" + std::to_string(i));
  Builder builder(size, each);
  builder.Around(namespaces);
  for (std::size_t i = 0; i < size.workloads; ++i) {
    // 900 of 1,000 have pods: the others are CronJobs. Which these are, the workload decides; the remainder goes to the
    // first.
    const std::size_t share = size.pods * 10 / 9 / std::max<std::size_t>(size.workloads, 1),
                      rest = size.pods * 10 / 9 % std::max<std::size_t>(size.workloads, 1);
    builder.Workload(i, namespaces[i / 25 % namespaces.size()], share + (i < rest ? 1 : 0), {});
  }
}

void Generate(Shape shape, std::size_t n, const EachItem& each) {
  Builder builder({.seed = 1, .nodes = 20}, each);
  builder.Around({"all"});
  switch (shape) {
    case Shape::kBudgets:
      for (std::size_t i = 0; i < 100; ++i) builder.Workload(i, "all", 2, {.kind = "Deployment"});
      for (std::size_t i = 0; i < n; ++i)
        builder.Budget("all", "budget-" + std::to_string(i), nlohmann::json::object());
      break;
    case Shape::kNamespace:
      for (std::size_t i = 0; i < n; ++i) builder.Workload(i, "all", 2, {});
      break;
    case Shape::kPods: builder.Workload(0, "all", n, {.kind = "Deployment"}); break;
    case Shape::kContainers: builder.Workload(0, "all", 2, {.kind = "Deployment", .containers = n}); break;
  }
}

}  // namespace seaworthy::bench
