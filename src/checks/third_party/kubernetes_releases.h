// Kubernetes' own dates and removals. Data for kubernetes-supported and deprecated-api.
//
// Sources: kubernetes.io/releases (end of life of each minor) and
// kubernetes.io/docs/reference/using-api/deprecation-guide, as of 2026-11-27. A minor that is not here yet is younger
// than this table; one that is older than its first line has long been out of support.
#pragma once

#include <string_view>

#include "seaworthy/kind.h"

namespace seaworthy::checks {

struct KubernetesRelease {
  int minor;             // of 1.x
  int year, month, day;  // last day of support
};
inline constexpr KubernetesRelease kKubernetesReleases[] = {
    {24, 2023, 7, 28},  {25, 2023, 10, 28}, {26, 2024, 2, 28},  {27, 2024, 7, 16},  {28, 2024, 10, 22},
    {29, 2025, 2, 28},  {30, 2025, 7, 15},  {31, 2025, 11, 11}, {32, 2026, 2, 28},  {33, 2026, 6, 28},
    {34, 2026, 10, 27}, {35, 2027, 2, 28},  {36, 2027, 6, 28},  {37, 2027, 10, 28},
};

struct RemovedApi {
  std::string_view version;  // as written
  Kind kind;
  int removed_in;  // the minor of 1.x that no longer serves it
  std::string_view instead;
};
// Of the kinds that people write and that are watched here.
inline constexpr RemovedApi kRemovedApis[] = {
    {"extensions/v1beta1", Kind::kDeployment, 16, "apps/v1"},
    {"apps/v1beta1", Kind::kDeployment, 16, "apps/v1"},
    {"apps/v1beta2", Kind::kDeployment, 16, "apps/v1"},
    {"apps/v1beta1", Kind::kStatefulSet, 16, "apps/v1"},
    {"apps/v1beta2", Kind::kStatefulSet, 16, "apps/v1"},
    {"extensions/v1beta1", Kind::kDaemonSet, 16, "apps/v1"},
    {"apps/v1beta2", Kind::kDaemonSet, 16, "apps/v1"},
    {"extensions/v1beta1", Kind::kReplicaSet, 16, "apps/v1"},
    {"apps/v1beta2", Kind::kReplicaSet, 16, "apps/v1"},
    {"extensions/v1beta1", Kind::kNetworkPolicy, 16, "networking.k8s.io/v1"},
    {"extensions/v1beta1", Kind::kIngress, 22, "networking.k8s.io/v1"},
    {"networking.k8s.io/v1beta1", Kind::kIngress, 22, "networking.k8s.io/v1"},
    {"batch/v2alpha1", Kind::kCronJob, 21, "batch/v1"},
    {"batch/v1beta1", Kind::kCronJob, 25, "batch/v1"},
    {"policy/v1beta1", Kind::kPodDisruptionBudget, 25, "policy/v1"},
    {"autoscaling/v2beta1", Kind::kHorizontalPodAutoscaler, 25, "autoscaling/v2"},
    {"autoscaling/v2beta2", Kind::kHorizontalPodAutoscaler, 26, "autoscaling/v2"},
};

// nullptr: it is still served, or is no kind of ours. The fields that are read are the same in all of these, but for
// what the decoders mind (Ingress backends, an HPA's targets, a budget's empty selector).
inline const RemovedApi* FindRemovedApi(std::string_view api_version, std::string_view kind_name) {
  for (const RemovedApi& api : kRemovedApis) {
    if (api.version == api_version && Info(api.kind).name == kind_name) return &api;
  }
  return nullptr;
}

}  // namespace seaworthy::checks
