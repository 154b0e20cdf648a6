#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "cache/decoding.h"

namespace seaworthy::cache {
namespace {

using DecodeObjectsTest = DecodeTest;

constexpr std::string_view kNode = R"(
metadata: {name: n1, labels: {topology.kubernetes.io/zone: a}}
spec:
  providerID: kwok://n1
  unschedulable: true
  taints: [{key: node.kubernetes.io/unschedulable, effect: NoSchedule, timeAdded: "2026-11-01T10:00:00Z"}, {key: gpu, value: yes, effect: NoExecute}]
status:
  allocatable: {cpu: 3920m, memory: 14Gi, pods: "110", nvidia.com/gpu: 2}
  conditions: [{type: Ready, status: "True", lastHeartbeatTime: "%", lastTransitionTime: "2026-11-01T10:00:00Z"}]
  nodeInfo: {kubeletVersion: v1.36.3, containerRuntimeVersion: containerd://2.0, architecture: arm64, operatingSystem: linux}
  images: [{names: ["web@sha256:1", "web:1"], sizeBytes: 5000}]
)";

TEST_F(DecodeObjectsTest, ReadsANode) {
  const auto node = Yaml<Node>(Kind::kNode, kNode);
  ASSERT_NE(node, nullptr);
  EXPECT_TRUE(node->unschedulable);
  EXPECT_TRUE(node->cordoned_since.set());
  ASSERT_EQ(node->taints.size(), 2U);
  EXPECT_EQ(node->taints[1].value, "true");
  EXPECT_EQ(*node->allocatable.cpu_milli, 3920);
  EXPECT_EQ(*node->allocatable_pods, 110);
  ASSERT_EQ(node->allocatable.extended.size(), 1U);
  EXPECT_EQ(node->kubelet_version, "v1.36.3");
  EXPECT_EQ(node->runtime_version, "containerd://2.0");
  EXPECT_EQ(node->architecture, "arm64");
  EXPECT_EQ(node->os, "linux");
  EXPECT_EQ(node->provider_id, "kwok://n1");
  ASSERT_EQ(node->images.size(), 1U);
  EXPECT_EQ(node->images[0].names.size(), 2U);
  EXPECT_EQ(node->images[0].bytes, 5000);
  EXPECT_TRUE(node->IsReady());
}

TEST_F(DecodeObjectsTest, ForgetsANodesHeartbeat) {
  std::string later(kNode);
  later.replace(later.find('%'), 1, "2026-11-01T10:00:10Z");
  EXPECT_EQ(Yaml<Node>(Kind::kNode, kNode)->conditions, Yaml<Node>(Kind::kNode, later)->conditions);
}

TEST_F(DecodeObjectsTest, ReadsAService) {
  const auto web = Yaml<Service>(Kind::kService, R"(
metadata: {name: web, namespace: shop}
spec: {type: ClusterIP, clusterIP: None, publishNotReadyAddresses: true, selector: {app: web, v: 2}, ports: [{name: http, port: 80, targetPort: web, protocol: TCP}, {port: 81, targetPort: 8081}, {port: 82}]}
)");
  ASSERT_NE(web, nullptr);
  EXPECT_TRUE(web->headless);
  EXPECT_TRUE(web->publish_not_ready);
  EXPECT_TRUE(web->selector.present);
  EXPECT_EQ(web->selector.terms.size(), 2U);
  EXPECT_EQ(web->ports[0].target.name, "web");
  EXPECT_EQ(web->ports[1].target.number, 8081);
  EXPECT_FALSE(web->ports[2].target.set());
  EXPECT_FALSE(Yaml<Service>(Kind::kService, "{metadata: {name: a}, spec: {selector: {}}}")->selector.present);
  EXPECT_EQ(ErrorOf(Kind::kService, "{metadata: {name: a}, spec: []}"), "Service a: spec: not an object");
}

TEST_F(DecodeObjectsTest, ReadsAnEndpointSlice) {
  const auto slice = Yaml<EndpointSlice>(Kind::kEndpointSlice, R"(
metadata: {name: web-x, labels: {kubernetes.io/service-name: web}}
endpoints:
- {nodeName: n1, targetRef: {kind: Pod, name: web-1}, conditions: {ready: true, serving: true, terminating: false}}
- {targetRef: {kind: Pod, name: web-2}, conditions: {ready: false, serving: true, terminating: true}}
- {targetRef: {kind: Node, name: n1}}
)");
  ASSERT_NE(slice, nullptr);
  EXPECT_EQ(slice->service, "web");
  ASSERT_EQ(slice->endpoints.size(), 3U);
  EXPECT_EQ(slice->endpoints[0].pod, "web-1");
  EXPECT_FALSE(slice->endpoints[1].ready);
  EXPECT_TRUE(slice->endpoints[1].serving);
  EXPECT_TRUE(slice->endpoints[1].terminating);
  EXPECT_TRUE(slice->endpoints[2].ready);  // nil is read as true
  EXPECT_TRUE(slice->endpoints[2].pod.empty());
}

TEST_F(DecodeObjectsTest, ReadsAnIngress) {
  const auto ingress = Yaml<Ingress>(Kind::kIngress, R"(
metadata: {name: web, annotations: {kubernetes.io/ingress.class: nginx}}
spec:
  defaultBackend: {resource: {kind: Bucket}}
  tls: [{hosts: [a.example], secretName: tls}]
  rules:
  - host: a.example
    http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}, {path: /x, backend: {service: {name: x, port: {name: http}}}}]}
  - {host: b.example}
)");
  ASSERT_NE(ingress, nullptr);
  EXPECT_EQ(ingress->ingress_class, "nginx");
  EXPECT_TRUE(ingress->has_default_backend);
  EXPECT_TRUE(ingress->default_backend.resource);
  ASSERT_EQ(ingress->backends.size(), 2U);
  EXPECT_EQ(ingress->backends[0].host, "a.example");
  EXPECT_EQ(ingress->backends[0].port.number, 80);
  EXPECT_EQ(ingress->backends[1].port.name, "http");
  ASSERT_EQ(ingress->tls.size(), 1U);
  EXPECT_EQ(ingress->tls[0].secret, "tls");
}

TEST_F(DecodeObjectsTest, DefaultsANetworkPolicysTypes) {
  const auto policy = [&](std::string_view spec) {
    return Yaml<NetworkPolicy>(Kind::kNetworkPolicy, "{metadata: {name: a}, spec: " + std::string(spec) + "}");
  };
  EXPECT_TRUE(policy("{podSelector: {}}")->ingress);
  EXPECT_FALSE(policy("{podSelector: {}}")->egress);
  EXPECT_TRUE(policy("{podSelector: {}, egress: [{}]}")->egress);
  EXPECT_FALSE(policy("{podSelector: {}, policyTypes: [Egress]}")->ingress);
  EXPECT_TRUE(policy("{podSelector: {}, policyTypes: [Egress]}")->egress);
  EXPECT_TRUE(policy("{}")->pod_selector.present);
  EXPECT_TRUE(policy("{}")->pod_selector.Matches({}));
}

TEST_F(DecodeObjectsTest, ReadsABudget) {
  const auto budget = Yaml<PodDisruptionBudget>(Kind::kPodDisruptionBudget, R"(
metadata: {name: web}
spec: {minAvailable: 50%, maxUnavailable: "2", unhealthyPodEvictionPolicy: AlwaysAllow, selector: {}}
status: {disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 3, expectedPods: 3, observedGeneration: 1, conditions: [{type: DisruptionAllowed, status: "False", reason: SyncFailed}]}
)");
  ASSERT_NE(budget, nullptr);
  EXPECT_EQ(budget->min_available.form, IntOrPercent::Form::kPercent);
  EXPECT_EQ(budget->max_unavailable.form, IntOrPercent::Form::kInvalid);  // a string has to be a percentage
  EXPECT_TRUE(budget->selector.present);
  EXPECT_TRUE(budget->has_status);
  EXPECT_EQ(budget->current_healthy, 2);
  EXPECT_EQ(budget->conditions[0].reason, "SyncFailed");
  EXPECT_FALSE(
      Yaml<PodDisruptionBudget>(Kind::kPodDisruptionBudget, "{metadata: {name: a}, spec: {}, status: {}}")->has_status);
}

TEST_F(DecodeObjectsTest, ReadsBothVersionsOfAnAutoscaler) {
  const auto v2 = Yaml<HorizontalPodAutoscaler>(Kind::kHorizontalPodAutoscaler, R"(
apiVersion: autoscaling/v2
metadata: {name: web}
spec:
  scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}}
  - {type: ContainerResource, containerResource: {name: cpu, container: app, target: {type: Utilization, averageUtilization: 80}}}
  - {type: External, external: {}}
status: {currentReplicas: 3, desiredReplicas: 4, conditions: [{type: ScalingActive, status: "True"}]}
)");
  ASSERT_NE(v2, nullptr);
  EXPECT_EQ(v2->target_name, "web");
  EXPECT_EQ(*v2->min_replicas, 2);
  EXPECT_EQ(v2->max_replicas, 10);
  ASSERT_EQ(v2->metrics.size(), 3U);
  EXPECT_FALSE(v2->metrics[0].utilization);
  EXPECT_TRUE(v2->metrics[1].utilization);
  EXPECT_EQ(v2->metrics[1].container, "app");
  EXPECT_EQ(*v2->desired_replicas, 4);

  const auto v1 = Yaml<HorizontalPodAutoscaler>(Kind::kHorizontalPodAutoscaler, R"(
apiVersion: autoscaling/v1
metadata: {name: web}
spec: {scaleTargetRef: {kind: Deployment, name: web}, maxReplicas: 3, targetCPUUtilizationPercentage: 70}
)");
  ASSERT_EQ(v1->metrics.size(), 1U);
  EXPECT_EQ(v1->metrics[0].resource, "cpu");
  EXPECT_TRUE(v1->metrics[0].utilization);
  EXPECT_FALSE(v1->min_replicas.has_value());
}

TEST_F(DecodeObjectsTest, ReadsStorage) {
  const auto claim = Yaml<PersistentVolumeClaim>(Kind::kPersistentVolumeClaim, R"(
metadata: {name: data, annotations: {volume.beta.kubernetes.io/storage-class: old}}
spec: {storageClassName: fast, volumeName: pv1, accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}
status: {phase: Bound, capacity: {storage: 6Gi}, conditions: [{type: Resizing, status: "True"}]}
)");
  ASSERT_NE(claim, nullptr);
  EXPECT_EQ(claim->storage_class, "old");
  EXPECT_TRUE(claim->has_class);
  EXPECT_EQ(*claim->requested_bytes, std::int64_t{5} << 30);
  EXPECT_EQ(*claim->capacity_bytes, std::int64_t{6} << 30);
  EXPECT_EQ(claim->phase, "Bound");

  const auto volume = Yaml<PersistentVolume>(Kind::kPersistentVolume, R"(
metadata: {name: pv1}
spec: {storageClassName: fast, persistentVolumeReclaimPolicy: Retain, csi: {driver: d}, claimRef: {namespace: shop, name: data}, capacity: {storage: 5Gi}, nodeAffinity: {}}
status: {phase: Bound}
)");
  ASSERT_NE(volume, nullptr);
  EXPECT_EQ(volume->source, "csi");
  EXPECT_EQ(volume->csi_driver, "d");
  EXPECT_EQ(volume->claim_name, "data");
  EXPECT_FALSE(volume->one_node);
  EXPECT_EQ(Yaml<PersistentVolume>(Kind::kPersistentVolume, "{metadata: {name: a}, spec: {local: {path: /x}}}")->source,
            "local");

  const auto on_one_node = [&](const char* expression) {
    return Yaml<PersistentVolume>(Kind::kPersistentVolume,
                                  std::string("{metadata: {name: a}, spec: {csi: {driver: d}, nodeAffinity: {required: "
                                              "{nodeSelectorTerms: [{matchExpressions: [") +
                                      expression + "]}]}}}}")
        ->one_node;
  };
  EXPECT_TRUE(on_one_node("{key: kubernetes.io/hostname, operator: In, values: [n1]}"));
  EXPECT_TRUE(on_one_node("{key: topology.topolvm.io/node, operator: In, values: [n1]}"));
  EXPECT_FALSE(on_one_node("{key: kubernetes.io/hostname, operator: In, values: [n1, n2]}"));
  EXPECT_FALSE(on_one_node("{key: topology.ebs.csi.aws.com/zone, operator: In, values: [eu-1a]}"));
  EXPECT_FALSE(on_one_node("{key: kubernetes.io/hostname, operator: NotIn, values: [n1]}"));

  const auto fast = Yaml<StorageClass>(Kind::kStorageClass, R"(
metadata: {name: fast, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: d
reclaimPolicy: Delete
volumeBindingMode: WaitForFirstConsumer
allowVolumeExpansion: true
)");
  ASSERT_NE(fast, nullptr);
  EXPECT_TRUE(fast->expandable);
  EXPECT_TRUE(fast->is_default);
  EXPECT_EQ(fast->binding_mode, "WaitForFirstConsumer");
}

TEST_F(DecodeObjectsTest, DefaultsALimitRange) {
  const auto range = Yaml<LimitRange>(Kind::kLimitRange, R"(
metadata: {name: limits}
spec:
  limits:
  - {type: Container, max: {cpu: 2, memory: 2Gi}, min: {memory: 64Mi, ephemeral-storage: 1Mi}, default: {cpu: 1}}
  - {type: Pod, max: {cpu: 4}}
)");
  ASSERT_NE(range, nullptr);
  ASSERT_EQ(range->items.size(), 2U);
  EXPECT_EQ(*range->items[0].default_limit.cpu_milli, 1000);
  EXPECT_EQ(*range->items[0].default_limit.memory_bytes, std::int64_t{2} << 30);
  EXPECT_EQ(*range->items[0].default_request.cpu_milli, 1000);
  EXPECT_EQ(*range->items[0].default_request.memory_bytes, std::int64_t{2} << 30);
  EXPECT_EQ(*range->items[0].default_request.ephemeral_bytes, 1 << 20);
  EXPECT_FALSE(range->items[1].default_limit.cpu_milli.has_value());
}

TEST_F(DecodeObjectsTest, ReadsAQuota) {
  const auto quota = Yaml<ResourceQuota>(Kind::kResourceQuota, R"(
metadata: {name: quota}
spec: {hard: {pods: 10}, scopeSelector: {matchExpressions: []}}
status: {hard: {requests.cpu: "2", limits.memory: 20Pi, pods: "10", bad: x}, used: {requests.cpu: 1500m, pods: "3"}}
)");
  ASSERT_NE(quota, nullptr);
  EXPECT_TRUE(quota->scoped);
  ASSERT_EQ(quota->amounts.size(), 3U);
  EXPECT_EQ(quota->amounts[0].resource, "limits.memory");
  EXPECT_EQ(quota->amounts[0].hard, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(quota->amounts[1].resource, "pods");
  EXPECT_EQ(quota->amounts[1].used, 3000);
  EXPECT_EQ(quota->amounts[2].hard, 2000);
  EXPECT_EQ(quota->amounts[2].used, 1500);
  // Before the quota controller has come by, the spec is what there is.
  EXPECT_EQ(
      Yaml<ResourceQuota>(Kind::kResourceQuota, "{metadata: {name: q}, spec: {hard: {pods: 10}}}")->amounts[0].hard,
      10'000);
}

TEST_F(DecodeObjectsTest, ReadsTheSmallKinds) {
  EXPECT_EQ(Yaml<Namespace>(Kind::kNamespace, "{metadata: {name: shop}, status: {phase: Terminating}}")->phase,
            "Terminating");
  EXPECT_EQ(Yaml<ServiceAccount>(Kind::kServiceAccount, "{metadata: {name: a}, automountServiceAccountToken: false}")
                ->automount_token,
            OptBool::kFalse);
  EXPECT_EQ(Yaml<ServiceAccount>(Kind::kServiceAccount, "{metadata: {name: a}}")->automount_token, OptBool::kUnset);
  const auto priority =
      Yaml<PriorityClass>(Kind::kPriorityClass, "{metadata: {name: high}, value: 1000, globalDefault: true}");
  EXPECT_EQ(priority->value, 1000);
  EXPECT_TRUE(priority->global_default);
  const auto binding = Yaml<RoleBinding>(Kind::kClusterRoleBinding,
                                         "{metadata: {name: a}, roleRef: {kind: ClusterRole, name: admin}, subjects: "
                                         "[{kind: ServiceAccount, name: web, namespace: shop}]}");
  EXPECT_EQ(binding->kind, Kind::kClusterRoleBinding);
  EXPECT_EQ(binding->role, "admin");
  ASSERT_EQ(binding->subjects.size(), 1U);
  EXPECT_EQ(binding->subjects[0].namespace_, "shop");
}

TEST_F(DecodeObjectsTest, ReadsOurOwnAudits) {
  const auto audit = Yaml<AuditObject>(Kind::kWorkloadAudit, R"(
metadata: {name: deployment-web, namespace: shop, resourceVersion: "0042"}
status: {score: 86, conditions: [{type: ProductionReady, status: "True"}], evidence: {b: 1, a: [true, null, 1.50, "x\ny"]}}
)");
  ASSERT_NE(audit, nullptr);
  EXPECT_EQ(audit->resource_version, "0042");
  EXPECT_TRUE(FindCondition(audit->conditions, "ProductionReady")->is_true());
  EXPECT_EQ(audit->evidence, R"({"a":[true,null,1.5,"x\ny"],"b":1})");
  const auto again = Json<AuditObject>(
      Kind::kWorkloadAudit,
      R"({"status":{"evidence":{"a":[true,null,1.5,"x\ny"],"b":1.0},"conditions":[{"status":"True","type":"ProductionReady"}],"score":86},"metadata":{"name":"x"}})");
  EXPECT_EQ(audit->status_hash_high, again->status_hash_high);
  EXPECT_EQ(audit->status_hash_low, again->status_hash_low);
  const auto other = Yaml<AuditObject>(Kind::kClusterAudit, "{metadata: {name: cluster}, status: {score: 87}}");
  EXPECT_NE(audit->status_hash_low, other->status_hash_low);
  EXPECT_TRUE(other->evidence.empty());
}

TEST_F(DecodeObjectsTest, DecodesEveryKindWithoutContent) {
  for (const KindInfo& info : KindTable()) {
    const std::string error = ErrorOf(
        info.kind, "{metadata: {name: a}, spec: {template: {spec: {}}, jobTemplate: {spec: {template: {spec: {}}}}}}");
    EXPECT_EQ(error, "") << info.name;
    EXPECT_NE(ErrorOf(info.kind, "{metadata: {}}"), "") << info.name;
    EXPECT_NE(ErrorOf(info.kind, "7"), "") << info.name;
  }
}

TEST_F(DecodeObjectsTest, TakesAnyResourceVersion) {
  const auto version = [&](std::string_view text) {
    return Yaml<Namespace>(Kind::kNamespace, "{metadata: {name: a, resourceVersion: \"" + std::string(text) + "\"}}")
        ->meta.resource_version;
  };
  EXPECT_EQ(version("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_NE(version("abc"), 0U);
  EXPECT_NE(version("abc"), version("abd"));
  EXPECT_EQ(version(""), 0U);
}

}  // namespace
}  // namespace seaworthy::cache
