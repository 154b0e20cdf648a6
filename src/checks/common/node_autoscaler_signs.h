// What node autoscalers leave where it can be seen. Data for node_autoscaler.h.
//
// Source: Karpenter's well-known labels (karpenter.sh/docs "Labels"), the AWS, Azure and Alibaba providers' forms of
// it; EKS Auto Mode's compute-type label; the image names of cluster-autoscaler's Helm chart and forks; looked through
// on 2026-11-20. The taints that autoscalers set are left out: they come and go, and the verdict would with them.
#pragma once

#include <string_view>

namespace seaworthy::checks {

struct NodeSign {
  std::string_view label;
  std::string_view value;  // empty: any
};
inline constexpr NodeSign kAutoscaledNodeLabels[] = {
    {"karpenter.sh/nodepool", ""},
    {"karpenter.sh/provisioner-name", ""},
    {"eks.amazonaws.com/compute-type", "auto"},
    {"scheduling.cast.ai/node-template", ""},
    {"provisioner.cast.ai/managed-by", ""},
    {"spotinst.io/node-lifecycle", ""},
};

// Compared with the end of an image's repository at a slash.
inline constexpr std::string_view kAutoscalerImages[] = {
    "cluster-autoscaler",
    "cluster-autoscaler-amd64",
    "cluster-autoscaler-arm64",
    "mirrored-cluster-autoscaler",
    "karpenter/controller",
    "karpenter",
    "spotinst/kubernetes-cluster-controller",
    "spot/kubernetes-cluster-controller",
    "castai/cluster-controller",
};

}  // namespace seaworthy::checks
