#include "seaworthy/kind.h"

#include <array>

namespace seaworthy {
namespace {

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
    {Kind::kWorkloadAudit, "WorkloadAudit", "audit.seaworthy.dev", "v1alpha1", "workloadaudits", true, false},
    {Kind::kNamespaceAudit, "NamespaceAudit", "audit.seaworthy.dev", "v1alpha1", "namespaceaudits", true, false},
    {Kind::kClusterAudit, "ClusterAudit", "audit.seaworthy.dev", "v1alpha1", "clusteraudits", false, false},
}};

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

std::optional<Kind> FindKind(std::string_view api_version, std::string_view name) {
  const std::size_t slash = api_version.find('/');
  const std::string_view group = slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
  const std::string_view version = slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
  for (const KindInfo& info : kTable) {
    if (info.name == name && info.group == group && HasVersion(info.versions, version)) return info.kind;
  }
  return std::nullopt;
}

}  // namespace seaworthy
