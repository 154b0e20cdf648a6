#include "seaworthy/kind.h"

#include <array>

namespace seaworthy {
namespace {

// clang-format off
constexpr std::array<KindInfo, kKindCount> kTable = {{
    {Kind::kDeployment, "Deployment", "apps", "v1", "deployments", true, true},
    {Kind::kStatefulSet, "StatefulSet", "apps", "v1", "statefulsets", true, true},
    {Kind::kDaemonSet, "DaemonSet", "apps", "v1", "daemonsets", true, true},
    {Kind::kCronJob, "CronJob", "batch", "v1", "cronjobs", true, true},
    {Kind::kJob, "Job", "batch", "v1", "jobs", true, true},
    {Kind::kReplicaSet, "ReplicaSet", "apps", "v1", "replicasets", true, true},
    {Kind::kPod, "Pod", "", "v1", "pods", true, true},
    {Kind::kNode, "Node", "", "v1", "nodes", false, true},
    {Kind::kNamespace, "Namespace", "", "v1", "namespaces", false, true},
    {Kind::kService, "Service", "", "v1", "services", true, true},
    {Kind::kEndpointSlice, "EndpointSlice", "discovery.k8s.io", "v1", "endpointslices", true, false},
    {Kind::kIngress, "Ingress", "networking.k8s.io", "v1", "ingresses", true, false},
    {Kind::kNetworkPolicy, "NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies", true, false},
    {Kind::kPodDisruptionBudget, "PodDisruptionBudget", "policy", "v1", "poddisruptionbudgets", true, false},
    {Kind::kHorizontalPodAutoscaler, "HorizontalPodAutoscaler", "autoscaling", "v2,v1", "horizontalpodautoscalers", true, false},
    {Kind::kPersistentVolumeClaim, "PersistentVolumeClaim", "", "v1", "persistentvolumeclaims", true, false},
    {Kind::kPersistentVolume, "PersistentVolume", "", "v1", "persistentvolumes", false, false},
    {Kind::kStorageClass, "StorageClass", "storage.k8s.io", "v1", "storageclasses", false, false},
    {Kind::kServiceAccount, "ServiceAccount", "", "v1", "serviceaccounts", true, false},
    {Kind::kRoleBinding, "RoleBinding", "rbac.authorization.k8s.io", "v1", "rolebindings", true, false},
    {Kind::kClusterRoleBinding, "ClusterRoleBinding", "rbac.authorization.k8s.io", "v1", "clusterrolebindings", false, false},
    {Kind::kLimitRange, "LimitRange", "", "v1", "limitranges", true, false},
    {Kind::kResourceQuota, "ResourceQuota", "", "v1", "resourcequotas", true, false},
    {Kind::kPriorityClass, "PriorityClass", "scheduling.k8s.io", "v1", "priorityclasses", false, false},
    {Kind::kValidatingWebhookConfiguration, "ValidatingWebhookConfiguration", "admissionregistration.k8s.io", "v1",
     "validatingwebhookconfigurations", false, false, Reach::kCluster},
    {Kind::kMutatingWebhookConfiguration, "MutatingWebhookConfiguration", "admissionregistration.k8s.io", "v1",
     "mutatingwebhookconfigurations", false, false, Reach::kCluster},
    {Kind::kApiService, "APIService", "apiregistration.k8s.io", "v1", "apiservices", false, false, Reach::kCluster},
    {Kind::kConfigMap, "ConfigMap", "", "v1", "configmaps", true, false, Reach::kNamespace},
    {Kind::kHttpRoute, "HTTPRoute", "gateway.networking.k8s.io", "v1,v1beta1", "httproutes", true, false, Reach::kIndexed},
    {Kind::kGateway, "Gateway", "gateway.networking.k8s.io", "v1,v1beta1", "gateways", true, false, Reach::kCluster},
    {Kind::kTraefikMiddleware, "Middleware", "traefik.io", "v1alpha1", "middlewares", true, false, Reach::kCluster},
    {Kind::kCiliumNetworkPolicy, "CiliumNetworkPolicy", "cilium.io", "v2", "ciliumnetworkpolicies", true, false, Reach::kNamespace},
    {Kind::kCiliumClusterwideNetworkPolicy, "CiliumClusterwideNetworkPolicy", "cilium.io", "v2", "ciliumclusterwidenetworkpolicies", false,
     false, Reach::kCluster},
    {Kind::kCalicoNetworkPolicy, "NetworkPolicy", "crd.projectcalico.org", "v1", "networkpolicies", true, false, Reach::kNamespace},
    {Kind::kCalicoGlobalNetworkPolicy, "GlobalNetworkPolicy", "crd.projectcalico.org", "v1", "globalnetworkpolicies", false, false,
     Reach::kCluster},
    {Kind::kAdminNetworkPolicy, "AdminNetworkPolicy", "policy.networking.k8s.io", "v1alpha1", "adminnetworkpolicies", false, false,
     Reach::kCluster},
    {Kind::kBaselineAdminNetworkPolicy, "BaselineAdminNetworkPolicy", "policy.networking.k8s.io", "v1alpha1", "baselineadminnetworkpolicies",
     false, false, Reach::kCluster},
    {Kind::kClusterNetworkPolicy, "ClusterNetworkPolicy", "policy.networking.k8s.io", "v1alpha2", "clusternetworkpolicies", false, false,
     Reach::kCluster},
    {Kind::kCertificate, "Certificate", "cert-manager.io", "v1", "certificates", true, false, Reach::kNamespace},
    {Kind::kRollout, "Rollout", "argoproj.io", "v1alpha1", "rollouts", true, false, Reach::kIndexed},
    {Kind::kAnalysisRun, "AnalysisRun", "argoproj.io", "v1alpha1", "analysisruns", true, false, Reach::kNamespace},
    {Kind::kApplication, "Application", "argoproj.io", "v1alpha1", "applications", true, false, Reach::kCluster},
    {Kind::kCanary, "Canary", "flagger.app", "v1beta1", "canaries", true, false, Reach::kNamespace},
    {Kind::kHelmRelease, "HelmRelease", "helm.toolkit.fluxcd.io", "v2,v2beta2,v2beta1", "helmreleases", true, false, Reach::kCluster},
    {Kind::kKustomization, "Kustomization", "kustomize.toolkit.fluxcd.io", "v1,v1beta2", "kustomizations", true, false, Reach::kCluster},
    {Kind::kScaledObject, "ScaledObject", "keda.sh", "v1alpha1", "scaledobjects", true, false, Reach::kIndexed},
    {Kind::kVerticalPodAutoscaler, "VerticalPodAutoscaler", "autoscaling.k8s.io", "v1", "verticalpodautoscalers", true, false,
     Reach::kNamespace},
    {Kind::kVulnerabilityReport, "VulnerabilityReport", "aquasecurity.github.io", "v1alpha1", "vulnerabilityreports", true, false,
     Reach::kIndexed},
    {Kind::kVeleroSchedule, "Schedule", "velero.io", "v1", "schedules", true, false, Reach::kCluster},
    {Kind::kVeleroBackup, "Backup", "velero.io", "v1", "backups", true, false, Reach::kCluster},
    {Kind::kK8upSchedule, "Schedule", "k8up.io", "v1", "schedules", true, false, Reach::kNamespace},
    {Kind::kK8upBackup, "Backup", "k8up.io", "v1", "backups", true, false, Reach::kNamespace},
    {Kind::kVolumeSnapshot, "VolumeSnapshot", "snapshot.storage.k8s.io", "v1", "volumesnapshots", true, false, Reach::kNamespace},
    {Kind::kSnapshotSchedule, "SnapshotSchedule", "snapscheduler.backube", "v1", "snapshotschedules", true, false, Reach::kNamespace},
    {Kind::kReplicationSource, "ReplicationSource", "volsync.backube", "v1alpha1", "replicationsources", true, false, Reach::kNamespace},
    {Kind::kKastenPolicy, "Policy", "config.kio.kasten.io", "v1alpha1", "policies", true, false, Reach::kCluster},
    {Kind::kLonghornRecurringJob, "RecurringJob", "longhorn.io", "v1beta2", "recurringjobs", true, false, Reach::kCluster},
    {Kind::kLonghornVolume, "Volume", "longhorn.io", "v1beta2", "volumes", true, false, Reach::kCluster},
    {Kind::kCnpgScheduledBackup, "ScheduledBackup", "postgresql.cnpg.io", "v1", "scheduledbackups", true, false, Reach::kNamespace},
    {Kind::kCnpgBackup, "Backup", "postgresql.cnpg.io", "v1", "backups", true, false, Reach::kNamespace},
    {Kind::kServiceMonitor, "ServiceMonitor", "monitoring.coreos.com", "v1", "servicemonitors", true, false, Reach::kIndexed},
    {Kind::kPodMonitor, "PodMonitor", "monitoring.coreos.com", "v1", "podmonitors", true, false, Reach::kIndexed},
    {Kind::kProbe, "Probe", "monitoring.coreos.com", "v1", "probes", true, false, Reach::kCluster},
    {Kind::kPrometheusRule, "PrometheusRule", "monitoring.coreos.com", "v1", "prometheusrules", true, false, Reach::kCluster},
    {Kind::kPrometheus, "Prometheus", "monitoring.coreos.com", "v1", "prometheuses", true, false, Reach::kCluster},
    {Kind::kPrometheusAgent, "PrometheusAgent", "monitoring.coreos.com", "v1alpha1", "prometheusagents", true, false, Reach::kCluster},
    {Kind::kThanosRuler, "ThanosRuler", "monitoring.coreos.com", "v1", "thanosrulers", true, false, Reach::kCluster},
    {Kind::kVmServiceScrape, "VMServiceScrape", "operator.victoriametrics.com", "v1beta1", "vmservicescrapes", true, false, Reach::kIndexed},
    {Kind::kVmPodScrape, "VMPodScrape", "operator.victoriametrics.com", "v1beta1", "vmpodscrapes", true, false, Reach::kIndexed},
    {Kind::kVmRule, "VMRule", "operator.victoriametrics.com", "v1beta1", "vmrules", true, false, Reach::kCluster},
    {Kind::kVmProbe, "VMProbe", "operator.victoriametrics.com", "v1beta1", "vmprobes", true, false, Reach::kCluster},
    {Kind::kPodMonitoring, "PodMonitoring", "monitoring.googleapis.com", "v1", "podmonitorings", true, false, Reach::kIndexed},
    {Kind::kClusterPodMonitoring, "ClusterPodMonitoring", "monitoring.googleapis.com", "v1", "clusterpodmonitorings", false, false,
     Reach::kIndexed},
    {Kind::kEndpointMonitor, "EndpointMonitor", "endpointmonitor.stakater.com", "v1alpha1", "endpointmonitors", true, false,
     Reach::kCluster},
    {Kind::kGrafanaDashboard, "GrafanaDashboard", "grafana.integreatly.org", "v1beta1", "grafanadashboards", true, false, Reach::kNamespace},
    {Kind::kPodMetrics, "PodMetrics", "metrics.k8s.io", "v1beta1", "pods", true, false, Reach::kIndexed, Feed::kPoll},
    {Kind::kServerVersion, "ServerVersion", "version.seaworthy.dev", "v1", "serverversions", false, false, Reach::kCluster, Feed::kTold},
    {Kind::kContainerThrottling, "ContainerThrottling", "source.seaworthy.dev", "v1", "containerthrottlings", true, false, Reach::kNamespace,
     Feed::kSource},
    {Kind::kVolumeStats, "VolumeStats", "source.seaworthy.dev", "v1", "volumestats", true, false, Reach::kNamespace, Feed::kSource},
    {Kind::kScrapeTarget, "ScrapeTarget", "source.seaworthy.dev", "v1", "scrapetargets", true, false, Reach::kNamespace, Feed::kSource},
    {Kind::kAlertDelivery, "AlertDelivery", "source.seaworthy.dev", "v1", "alertdeliveries", false, false, Reach::kCluster, Feed::kSource},
    {Kind::kImageConfig, "ImageConfig", "source.seaworthy.dev", "v1", "imageconfigs", false, false, Reach::kCluster, Feed::kSource},
    {Kind::kLogSample, "LogSample", "source.seaworthy.dev", "v1", "logsamples", true, false, Reach::kNamespace, Feed::kSource},
    {Kind::kAuditPolicy, "AuditPolicy", "audit.seaworthy.dev", "v1alpha1", "auditpolicies", false, false, Reach::kIndexed},
    {Kind::kAttestation, "Attestation", "audit.seaworthy.dev", "v1alpha1", "attestations", true, false, Reach::kIndexed},
    {Kind::kClusterAttestation, "ClusterAttestation", "audit.seaworthy.dev", "v1alpha1", "clusterattestations", false, false,
     Reach::kIndexed},
    {Kind::kWaiver, "Waiver", "audit.seaworthy.dev", "v1alpha1", "waivers", true, false, Reach::kIndexed},
    {Kind::kClusterWaiver, "ClusterWaiver", "audit.seaworthy.dev", "v1alpha1", "clusterwaivers", false, false, Reach::kIndexed},
    {Kind::kWorkloadAudit, "WorkloadAudit", "audit.seaworthy.dev", "v1alpha1", "workloadaudits", true, false, Reach::kNobody},
    {Kind::kNamespaceAudit, "NamespaceAudit", "audit.seaworthy.dev", "v1alpha1", "namespaceaudits", true, false, Reach::kNobody},
    {Kind::kClusterAudit, "ClusterAudit", "audit.seaworthy.dev", "v1alpha1", "clusteraudits", false, false, Reach::kNobody},
    {Kind::kOpenReport, "Report", "openreports.io", "v1alpha1", "reports", true, false, Reach::kNobody, Feed::kWatch,
     "app.kubernetes.io/managed-by=seaworthy"},
}};
// clang-format on

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].kind != static_cast<Kind>(i)) return false;
  }
  return true;
}
static_assert(InOrder(), "the table is indexed by Kind");

bool HasVersion(std::string_view versions, std::string_view version) {
  while (!versions.empty()) {
    const std::size_t comma = versions.find(',');
    if (versions.substr(0, comma) == version) return true;
    if (comma == std::string_view::npos) return false;
    versions.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

std::span<const KindInfo, kKindCount> KindTable() { return kTable; }

const KindInfo& Info(Kind kind) { return kTable[static_cast<std::size_t>(kind)]; }

SourceWords SourceOf(Kind kind) {
  switch (kind) {
    case Kind::kContainerThrottling:
    case Kind::kVolumeStats:
    case Kind::kScrapeTarget:
    case Kind::kAlertDelivery: return {"Prometheus", "--prometheus-url"};
    case Kind::kImageConfig: return {"the container registries", "--registry-lookups"};
    case Kind::kLogSample: return {"the pods' logs", "--log-sampling"};
    default: return {};
  }
}

std::optional<Kind> FindKind(std::string_view api_version, std::string_view name) {
  const std::size_t slash = api_version.find('/');
  const std::string_view group = slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
  const std::string_view version = slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
  for (const KindInfo& info : kTable) {
    if (info.name == name && info.group == group && HasVersion(info.versions, version)) return info.kind;
  }
  // Calico's users write the group of its API server, which stores the same objects in the other one.
  if (api_version == "projectcalico.org/v3") return FindKind("crd.projectcalico.org/v1", name);
  return std::nullopt;
}

}  // namespace seaworthy
