// The projections of what is not a workload: pods, nodes, and the objects around them. Field names and meanings are
// Kubernetes'.
#pragma once

#include <cstdint>

#include "seaworthy/custom_facts.h"
#include "seaworthy/list.h"
#include "seaworthy/object.h"
#include "seaworthy/pod_spec.h"
#include "seaworthy/shared.h"
#include "seaworthy/workload.h"

namespace seaworthy {

struct Terminated {
  Text reason;
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;
  Timestamp started, finished;
  bool set() const { return finished.set() || !reason.empty(); }
  bool operator==(const Terminated&) const = default;
};

struct ContainerStatus {
  Text name;
  Text image_id;
  bool ready = false;
  bool started = false;
  bool running = false;
  bool init = false;
  std::int32_t restarts = 0;
  Timestamp running_since;
  Text waiting_reason;
  Text waiting_message;  // kept only for CreateContainer*Error, cut to 256 bytes
  Shared<Terminated> terminated, last_terminated;
  bool operator==(const ContainerStatus&) const = default;
};

struct WorkloadRecord;

class Pod : public Object {
 public:
  Pod() : Object(Kind::kPod) {}
  std::size_t resident_bytes() const override;

  PodSpecPtr spec;
  Text node;
  Text phase;
  Text reason;                       // "Evicted", "NodeLost"
  Text template_hash_label;          // pod-template-hash or controller-revision-hash: which revision the pod is of
  bool evicted_for_storage = false;  // by the kubelet, for its ephemeral storage
  bool mirror = false;               // a static pod's mirror (annotation kubernetes.io/config.mirror)
  Timestamp started;
  List<Condition> conditions;  // those that a check reads (decode_pod.cc)
  List<ContainerStatus> containers;
  // Maintained by the cache: the workload that the pod is judged with; null for bare pods, mirror pods and Jobs' own.
  WorkloadRecord* workload = nullptr;

  bool IsReady() const {
    const Condition* ready = FindCondition(conditions, "Ready");
    return ready != nullptr && ready->is_true();
  }
  // When it ended, as far as its containers say so.
  Timestamp EndedAt() const;
  bool IsTerminal() const { return phase == "Succeeded" || phase == "Failed"; }
};

struct NodeImage {
  List<Text> names;
  std::int64_t bytes = 0;
  bool operator==(const NodeImage&) const = default;
};

struct Taint {
  Text key, value, effect;
  bool operator==(const Taint&) const = default;
};

class Node : public Object {
 public:
  Node() : Object(Kind::kNode) {}
  std::size_t resident_bytes() const override;

  bool unschedulable = false;
  Timestamp cordoned_since;  // of the unschedulable taint
  List<Taint> taints;
  List<Condition> conditions;  // without heartbeats: a change of these is a change of state
  ResourceAmounts allocatable;
  OptInt allocatable_pods;
  Text kubelet_version;
  Text runtime_version;
  Text architecture, os;
  Text provider_id;
  List<NodeImage> images;
  CustomFactsPtr custom;

  bool IsReady() const {
    const Condition* ready = FindCondition(conditions, "Ready");
    return ready != nullptr && ready->is_true();
  }
};

class Namespace : public Object {
 public:
  Namespace() : Object(Kind::kNamespace) {}
  std::size_t resident_bytes() const override;
  Text phase;
  CustomFactsPtr custom;
};

struct ServicePort {
  Text name;
  Text protocol;
  std::int32_t port = 0;
  PortRef target;  // unset: the same as `port`
  bool operator==(const ServicePort&) const = default;
};

class Service : public Object {
 public:
  Service() : Object(Kind::kService) {}
  std::size_t resident_bytes() const override;
  LabelSelector selector;  // absent: endpoints are kept by somebody else
  List<ServicePort> ports;
  Text type;
  bool headless = false;
  bool publish_not_ready = false;
};

struct Endpoint {
  Text pod;  // targetRef of kind Pod
  Text node;
  bool ready = false, serving = false, terminating = false;
  bool operator==(const Endpoint&) const = default;
};

class EndpointSlice : public Object {
 public:
  EndpointSlice() : Object(Kind::kEndpointSlice) {}
  std::size_t resident_bytes() const override;
  Text service;  // label kubernetes.io/service-name
  List<Endpoint> endpoints;
};

struct IngressBackend {
  Text host, path;
  Text service;
  PortRef port;
  bool resource = false;  // a backend that is not a Service
  bool operator==(const IngressBackend&) const = default;
};

class Ingress : public Object {
 public:
  Ingress() : Object(Kind::kIngress) {}
  std::size_t resident_bytes() const override;
  Text ingress_class;
  List<IngressBackend> backends;  // rules in order
  bool has_default_backend = false;
  IngressBackend default_backend;
  struct Tls {
    List<Text> hosts;
    Text secret;
  };
  List<Tls> tls;
};

class NetworkPolicy : public Object {
 public:
  NetworkPolicy() : Object(Kind::kNetworkPolicy) {}
  std::size_t resident_bytes() const override;
  LabelSelector pod_selector;            // empty selects the whole namespace
  bool ingress = false, egress = false;  // policyTypes as defaulted
};

class PodDisruptionBudget : public Object {
 public:
  PodDisruptionBudget() : Object(Kind::kPodDisruptionBudget) {}
  std::size_t resident_bytes() const override;
  LabelSelector selector;  // policy/v1: {} selects every pod of the namespace, absent none
  IntOrPercent min_available, max_unavailable;
  Text unhealthy_eviction;
  bool has_status = false;
  std::int64_t disruptions_allowed = 0, current_healthy = 0, desired_healthy = 0, expected_pods = 0;
  OptInt observed_generation;
  List<Condition> conditions;
  CustomFactsPtr custom;
};

struct HpaMetric {
  Text type;      // Resource, ContainerResource, Pods, Object, External
  Text resource;  // "cpu"
  Text container;
  bool utilization = false;  // a percentage of the request
  bool operator==(const HpaMetric&) const = default;
};

class HorizontalPodAutoscaler : public Object {
 public:
  HorizontalPodAutoscaler() : Object(Kind::kHorizontalPodAutoscaler) {}
  std::size_t resident_bytes() const override;
  Text target_kind, target_name, target_api_version;
  OptInt min_replicas;  // unset: 1
  std::int64_t max_replicas = 0;
  List<HpaMetric> metrics;
  OptInt current_replicas, desired_replicas;
  List<Condition> conditions;
};

class PersistentVolumeClaim : public Object {
 public:
  PersistentVolumeClaim() : Object(Kind::kPersistentVolumeClaim) {}
  std::size_t resident_bytes() const override;
  Text storage_class;
  bool has_class = false;
  Text volume;
  Text phase;
  List<Text> access_modes;
  OptInt requested_bytes, capacity_bytes;
  List<Condition> conditions;
};

class PersistentVolume : public Object {
 public:
  PersistentVolume() : Object(Kind::kPersistentVolume) {}
  std::size_t resident_bytes() const override;
  Text storage_class, reclaim_policy, phase;
  Text source;  // "csi", "local", "hostPath", "nfs", ...
  Text csi_driver;
  Text claim_namespace, claim_name;
  OptInt capacity_bytes;
  bool one_node = false;  // nodeAffinity allows a single node: the data is on its disk
};

class StorageClass : public Object {
 public:
  StorageClass() : Object(Kind::kStorageClass) {}
  std::size_t resident_bytes() const override;
  Text provisioner, reclaim_policy, binding_mode;
  bool expandable = false;
  bool is_default = false;
};

class ServiceAccount : public Object {
 public:
  ServiceAccount() : Object(Kind::kServiceAccount) {}
  std::size_t resident_bytes() const override;
  OptBool automount_token = OptBool::kUnset;
};

// RoleBinding and ClusterRoleBinding.
class RoleBinding : public Object {
 public:
  explicit RoleBinding(Kind kind_of) : Object(kind_of) {}
  std::size_t resident_bytes() const override;
  struct Subject {
    Text kind, namespace_, name;
    bool operator==(const Subject&) const = default;
  };
  List<Subject> subjects;
  Text role_kind, role;
};

struct LimitRangeItem {
  Text type;  // Container, Pod, PersistentVolumeClaim
  ResourceAmounts default_request, default_limit;
  bool operator==(const LimitRangeItem&) const = default;
};

class LimitRange : public Object {
 public:
  LimitRange() : Object(Kind::kLimitRange) {}
  std::size_t resident_bytes() const override;
  List<LimitRangeItem> items;
};

class ResourceQuota : public Object {
 public:
  ResourceQuota() : Object(Kind::kResourceQuota) {}
  std::size_t resident_bytes() const override;
  struct Amount {
    Text resource;                    // "requests.cpu", "pods"
    std::int64_t hard = 0, used = 0;  // milli-units
    bool operator==(const Amount&) const = default;
  };
  List<Amount> amounts;
  bool scoped = false;  // scopes or scopeSelector: counts only some pods
};

class PriorityClass : public Object {
 public:
  PriorityClass() : Object(Kind::kPriorityClass) {}
  std::size_t resident_bytes() const override;
  std::int64_t value = 0;
  bool global_default = false;
};

// A warn or fail as an audit object tells it: since when it stands has to outlive a restart.
struct AuditedFinding {
  Text check, subject, verdict;
  Timestamp since;
  bool operator==(const AuditedFinding&) const = default;
};

// A verdict that changed, as an audit object tells it.
struct AuditedTransition {
  Text check, from, to, cause, manager;
  std::int64_t generation = 0;
  Timestamp when;
  bool operator==(const AuditedTransition&) const = default;
};

// What a Report of openreports.io says, beside its metadata.
inline constexpr std::string_view kOpenReportMembers[] = {"results", "scope", "source", "summary"};

// WorkloadAudit, NamespaceAudit, ClusterAudit as the API server has them: what the writer compares with, and what
// evidence is restored from. Of a Report of openreports.io there is only what the writer compares with.
class AuditObject : public Object {
 public:
  explicit AuditObject(Kind kind_of) : Object(kind_of) {}
  std::size_t resident_bytes() const override;
  std::string resource_version;  // as the server wrote it: goes back into the next write
  std::uint64_t status_hash_high = 0,
                status_hash_low = 0;  // of .status in canonical form; of a Report of the members that say something
  List<Condition> conditions;         // their times are kept as long as their status stays
  List<AuditedFinding> findings;
  Text passed;  // ids of the checks that passed, with commas: the same lists recur, so they are interned whole
  List<AuditedTransition> transitions;
  Text checklist_hash;   // of a ClusterAudit
  std::string evidence;  // .status.evidence, JSON in canonical form; empty when absent
};

}  // namespace seaworthy
