// Images of node agents: what runs once a node and works on the node itself. Data for roles.h.
//
// Source: written down from knowledge of the projects' Helm charts and manifests and of the names under which
// distributions (EKS, GKE, AKS, RKE2) mirror them, as of 2026; not generated from them. A missing name costs an agent a
// finding that a waiver answers; add it here then. An entry is compared with the end of the image's repository, at a
// `/`: "node-exporter" matches quay.io/prometheus/node-exporter, "cilium/cilium" matches quay.io/cilium/cilium but not
// quay.io/cilium/operator. A name that is a common word ("agent", "driver") stands here only with its organisation.
#pragma once

#include <cstdint>
#include <string_view>

namespace seaworthy::checks {

enum class NodeAgentKind : std::uint8_t { kCollector, kNodeExporter, kNetwork, kStorage, kDevice, kNode };

struct NodeAgentImage {
  std::string_view repository;
  NodeAgentKind kind;
};

inline constexpr NodeAgentImage kNodeAgentImages[] = {
    // Logs, metrics, traces and security events read from the node.
    {"fluent-bit", NodeAgentKind::kCollector},
    {"fluentd", NodeAgentKind::kCollector},
    {"fluentd-kubernetes-daemonset", NodeAgentKind::kCollector},
    {"fluentd-elasticsearch", NodeAgentKind::kCollector},
    {"fluentd-hec", NodeAgentKind::kCollector},
    {"aws-for-fluent-bit", NodeAgentKind::kCollector},
    {"newrelic-fluentbit-output", NodeAgentKind::kCollector},
    {"timberio/vector", NodeAgentKind::kCollector},
    {"vectordotdev/vector", NodeAgentKind::kCollector},
    {"promtail", NodeAgentKind::kCollector},
    {"grafana/alloy", NodeAgentKind::kCollector},
    {"grafana/agent", NodeAgentKind::kCollector},
    {"grafana/beyla", NodeAgentKind::kCollector},
    {"filebeat", NodeAgentKind::kCollector},
    {"metricbeat", NodeAgentKind::kCollector},
    {"auditbeat", NodeAgentKind::kCollector},
    {"packetbeat", NodeAgentKind::kCollector},
    {"elastic-agent", NodeAgentKind::kCollector},
    {"opentelemetry-collector", NodeAgentKind::kCollector},
    {"opentelemetry-collector-contrib", NodeAgentKind::kCollector},
    {"opentelemetry-collector-k8s", NodeAgentKind::kCollector},
    {"splunk-otel-collector", NodeAgentKind::kCollector},
    {"aws-otel-collector", NodeAgentKind::kCollector},
    {"cloudwatch-agent", NodeAgentKind::kCollector},
    {"ciprod", NodeAgentKind::kCollector},  // Azure Monitor for containers
    {"telegraf", NodeAgentKind::kCollector},
    {"netdata", NodeAgentKind::kCollector},
    {"datadog/agent", NodeAgentKind::kCollector},
    {"datadoghq/agent", NodeAgentKind::kCollector},
    {"datadog/datadog-agent", NodeAgentKind::kCollector},
    {"newrelic/infrastructure-bundle", NodeAgentKind::kCollector},
    {"newrelic/infrastructure-k8s", NodeAgentKind::kCollector},
    {"nri-kubernetes", NodeAgentKind::kCollector},
    {"dynatrace-operator", NodeAgentKind::kCollector},  // OneAgent's and the CSI driver's DaemonSets run it
    {"dynatrace/oneagent", NodeAgentKind::kCollector},
    {"sysdig/agent", NodeAgentKind::kCollector},
    {"instana/agent", NodeAgentKind::kCollector},
    {"falco", NodeAgentKind::kCollector},
    {"falco-no-driver", NodeAgentKind::kCollector},
    {"cilium/tetragon", NodeAgentKind::kCollector},
    {"aquasecurity/tracee", NodeAgentKind::kCollector},
    {"kubearmor", NodeAgentKind::kCollector},
    {"kubescape/node-agent", NodeAgentKind::kCollector},
    {"parca-agent", NodeAgentKind::kCollector},
    {"coroot-node-agent", NodeAgentKind::kCollector},
    {"inspektor-gadget", NodeAgentKind::kCollector},
    {"aquasec/tracee", NodeAgentKind::kCollector},
    {"aws-guardduty-agent", NodeAgentKind::kCollector},
    {"falcon-sensor", NodeAgentKind::kCollector},
    {"wazuh-agent", NodeAgentKind::kCollector},
    {"netobserv-ebpf-agent", NodeAgentKind::kCollector},

    // What drains, restarts and identifies nodes.
    {"kured", NodeAgentKind::kNode},
    {"aws-node-termination-handler", NodeAgentKind::kNode},
    {"spire-agent", NodeAgentKind::kNode},

    // Exporters of the node's own numbers.
    {"node-exporter", NodeAgentKind::kNodeExporter},
    {"node-problem-detector", NodeAgentKind::kNodeExporter},
    {"cadvisor", NodeAgentKind::kNodeExporter},
    {"process-exporter", NodeAgentKind::kNodeExporter},
    {"dcgm-exporter", NodeAgentKind::kNodeExporter},
    {"smartctl-exporter", NodeAgentKind::kNodeExporter},
    {"ipmi-exporter", NodeAgentKind::kNodeExporter},
    {"ebpf_exporter", NodeAgentKind::kNodeExporter},
    {"windows-exporter", NodeAgentKind::kNodeExporter},
    {"x509-certificate-exporter", NodeAgentKind::kNodeExporter},
    {"kepler", NodeAgentKind::kNodeExporter},

    // CNI plugins and the rest of the node's network.
    {"cilium/cilium", NodeAgentKind::kNetwork},
    {"cilium/cilium-envoy", NodeAgentKind::kNetwork},
    {"calico/node", NodeAgentKind::kNetwork},
    {"projectcalico-org/node", NodeAgentKind::kNetwork},
    {"calico/node-windows", NodeAgentKind::kNetwork},
    {"calico/csi", NodeAgentKind::kNetwork},
    {"hardened-calico", NodeAgentKind::kNetwork},
    {"flannel", NodeAgentKind::kNetwork},
    {"hardened-flannel", NodeAgentKind::kNetwork},
    {"weave-kube", NodeAgentKind::kNetwork},
    {"kindnetd", NodeAgentKind::kNetwork},
    {"amazon-k8s-cni", NodeAgentKind::kNetwork},
    {"azure-cni", NodeAgentKind::kNetwork},
    {"azure-cns", NodeAgentKind::kNetwork},
    {"azure-npm", NodeAgentKind::kNetwork},
    {"azure-ip-masq-agent-v2", NodeAgentKind::kNetwork},
    {"ip-masq-agent", NodeAgentKind::kNetwork},
    {"netd", NodeAgentKind::kNetwork},
    {"antrea-ubuntu", NodeAgentKind::kNetwork},
    {"antrea-agent-ubuntu", NodeAgentKind::kNetwork},
    {"cloudnativelabs/kube-router", NodeAgentKind::kNetwork},
    {"kube-ovn", NodeAgentKind::kNetwork},
    {"ovn-kube-ubuntu", NodeAgentKind::kNetwork},
    {"multus-cni", NodeAgentKind::kNetwork},
    {"hardened-multus-cni", NodeAgentKind::kNetwork},
    {"whereabouts", NodeAgentKind::kNetwork},
    {"sriov-cni", NodeAgentKind::kNetwork},
    {"install-cni", NodeAgentKind::kNetwork},  // Istio's, under several organisations
    {"ztunnel", NodeAgentKind::kNetwork},
    {"linkerd/cni-plugin", NodeAgentKind::kNetwork},
    {"kube-proxy", NodeAgentKind::kNetwork},
    {"hardened-kube-proxy", NodeAgentKind::kNetwork},
    {"k8s-dns-node-cache", NodeAgentKind::kNetwork},
    {"hardened-dns-node-cache", NodeAgentKind::kNetwork},
    {"metallb/speaker", NodeAgentKind::kNetwork},
    {"kube-vip", NodeAgentKind::kNetwork},
    {"klipper-lb", NodeAgentKind::kNetwork},
    {"kube-network-policies", NodeAgentKind::kNetwork},

    // CSI node plugins and local storage. Nearly every CSI node plugin carries the registrar beside it, whoever made
    // the driver.
    {"csi-node-driver-registrar", NodeAgentKind::kStorage},
    {"csi-secrets-store/driver", NodeAgentKind::kStorage},
    {"secrets-store-csi-driver-provider-aws", NodeAgentKind::kStorage},
    {"secrets-store-csi-driver-provider-gcp", NodeAgentKind::kStorage},
    {"vault-csi-provider", NodeAgentKind::kStorage},
    {"cert-manager-csi-driver", NodeAgentKind::kStorage},
    {"velero/velero", NodeAgentKind::kStorage},  // its node agent, which reads the pods' volumes
    {"longhorn-manager", NodeAgentKind::kStorage},
    {"cephcsi", NodeAgentKind::kStorage},
    {"rook/ceph", NodeAgentKind::kStorage},
    {"local-volume-provisioner", NodeAgentKind::kStorage},
    {"node-disk-manager", NodeAgentKind::kStorage},
    {"mayastor-io-engine", NodeAgentKind::kStorage},
    {"topolvm-with-sidecar", NodeAgentKind::kStorage},
    {"linstor-satellite", NodeAgentKind::kStorage},
    {"piraeus-server", NodeAgentKind::kStorage},
    {"portworx/oci-monitor", NodeAgentKind::kStorage},

    // Device plugins, drivers, and what discovers devices.
    {"k8s-device-plugin", NodeAgentKind::kDevice},  // NVIDIA's and AMD's
    {"nvidia-gpu-device-plugin", NodeAgentKind::kDevice},
    {"gpu-feature-discovery", NodeAgentKind::kDevice},
    {"node-feature-discovery", NodeAgentKind::kDevice},
    {"nvidia/driver", NodeAgentKind::kDevice},
    {"container-toolkit", NodeAgentKind::kDevice},
    {"k8s-mig-manager", NodeAgentKind::kDevice},
    {"k8s-driver-manager", NodeAgentKind::kDevice},
    {"gpu-operator-validator", NodeAgentKind::kDevice},
    {"k8s-dra-driver-gpu", NodeAgentKind::kDevice},
    {"intel-gpu-plugin", NodeAgentKind::kDevice},
    {"intel-qat-plugin", NodeAgentKind::kDevice},
    {"intel-sgx-plugin", NodeAgentKind::kDevice},
    {"sriov-network-device-plugin", NodeAgentKind::kDevice},
    {"sriov-network-operator-config-daemon", NodeAgentKind::kDevice},
    {"k8s-rdma-shared-dev-plugin", NodeAgentKind::kDevice},
    {"neuron-device-plugin", NodeAgentKind::kDevice},
    {"smarter-device-manager", NodeAgentKind::kDevice},
    {"generic-device-plugin", NodeAgentKind::kDevice},
};

}  // namespace seaworthy::checks
