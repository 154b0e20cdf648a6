// Labels by which clouds, installers and people tell node pools apart. Data for node_pools.h.
//
// Source: the documentation of GKE, EKS and eksctl, AKS, DOKS, Scaleway, OVH, Linode, IBM, Oracle, Yandex, kOps,
// Karpenter, Rancher, Gardener, OpenShift and CAST AI; looked through on 2026-11-20. A key that ends in "/" is a
// prefix, of which the whole key counts.
#pragma once

#include <string_view>

namespace seaworthy::checks {

inline constexpr std::string_view kPoolLabels[] = {
    // clang-format off
    "cloud.google.com/gke-nodepool", "eks.amazonaws.com/nodegroup", "alpha.eksctl.io/nodegroup-name", "kubernetes.azure.com/agentpool", "agentpool",
    "doks.digitalocean.com/node-pool", "k8s.scaleway.com/pool-name", "nodepool", "node-pool", "pool", "node.kubernetes.io/pool", "lke.linode.com/pool-id",
    "ibm-cloud.kubernetes.io/worker-pool-name", "oci.oraclecloud.com/node-pool", "yandex.cloud/node-group-id", "kops.k8s.io/instancegroup",
    "karpenter.sh/nodepool", "karpenter.sh/provisioner-name", "worker.gardener.cloud/pool", "scheduling.cast.ai/node-template",
    "rke.cattle.io/machine-pool", "node-role.kubernetes.io/", "workload", "workload-type", "dedicated",
    // clang-format on
};

}  // namespace seaworthy::checks
