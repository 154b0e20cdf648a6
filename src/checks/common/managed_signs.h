// What nodes of managed Kubernetes services carry. Data for control_plane.h.
//
// Source: the providers' documentation of node labels, and what their clusters show; looked through on 2026-11-27.
// Labels alone that users do not set themselves; instance labels of a cloud (node.kubernetes.io/instance-type) are on
// self-made clusters as well.
#pragma once

#include <string_view>

namespace seaworthy::checks {

struct ManagedSign {
  std::string_view label;    // ends in "/": any label with this prefix
  std::string_view version;  // or: part of the kubelet's version
  std::string_view provider;
};
inline constexpr ManagedSign kManagedSigns[] = {
    {"eks.amazonaws.com/", "-eks-", "Amazon EKS"},
    {"alpha.eksctl.io/nodegroup-name", "", "Amazon EKS"},
    {"cloud.google.com/gke-nodepool", "-gke.", "Google GKE"},
    {"kubernetes.azure.com/cluster", "", "Azure AKS"},
    {"doks.digitalocean.com/", "", "DigitalOcean Kubernetes"},
    {"lke.linode.com/pool-id", "", "Linode Kubernetes Engine"},
    {"oke.oraclecloud.com/", "", "Oracle OKE"},
    {"ibm-cloud.kubernetes.io/worker-pool-id", "+IKS", "IBM Cloud Kubernetes Service"},
    {"k8s.scaleway.com/", "", "Scaleway Kapsule"},
    {"vke.vultr.com/", "", "Vultr Kubernetes Engine"},
    {"node.exoscale.net/nodepool-id", "", "Exoscale SKS"},
    {"kubernetes.civo.com/", "", "Civo Kubernetes"},
    {"k8s.ovh.net/", "", "OVHcloud Managed Kubernetes"},
    {"alibabacloud.com/nodepool-id", "-aliyun.", "Alibaba ACK"},
    {"cloud.tencent.com/node-instance-id", "-tke.", "Tencent TKE"},
    {"yandex.cloud/node-group-id", "", "Yandex Managed Kubernetes"},
    {"worker.gardener.cloud/", "", "Gardener"},
    {"hypershift.openshift.io/", "", "hosted OpenShift control planes"},
};

}  // namespace seaworthy::checks
