// Workload: Deployment, StatefulSet, DaemonSet, CronJob, ReplicaSet, Job and pods of any other controller, seen as one
// shape.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "seaworthy/custom_facts.h"
#include "seaworthy/list.h"
#include "seaworthy/object.h"
#include "seaworthy/pod_spec.h"
#include "seaworthy/shared.h"

namespace seaworthy {

// What a check's applicability is said in. One bit each; see WorkloadClasses.
enum class WorkloadClass : std::uint8_t {
  kDeployment,
  kStatefulSet,
  kDaemonSet,
  kCronJob,
  kReplicaSet,  // without an owner
  kPod,         // a Pod manifest in `scan`
  kOther,       // pods of another controller (a database operator's Cluster, StrimziPodSet, ...), and Argo Rollouts
  kCount,
};
std::string_view ClassName(WorkloadClass workload_class);

class WorkloadClasses {
 public:
  constexpr WorkloadClasses() = default;
  constexpr WorkloadClasses(std::initializer_list<WorkloadClass> classes) {
    for (WorkloadClass c : classes) bits_ = static_cast<std::uint8_t>(bits_ | 1U << static_cast<unsigned>(c));
  }
  constexpr bool Has(WorkloadClass c) const { return (bits_ >> static_cast<unsigned>(c) & 1U) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr WorkloadClasses operator|(WorkloadClasses other) const {
    other.bits_ = static_cast<std::uint8_t>(other.bits_ | bits_);
    return other;
  }
  constexpr bool operator==(const WorkloadClasses&) const = default;

 private:
  std::uint8_t bits_ = 0;
};
inline constexpr WorkloadClasses kAllWorkloads = {
    WorkloadClass::kDeployment, WorkloadClass::kStatefulSet, WorkloadClass::kDaemonSet, WorkloadClass::kCronJob,
    WorkloadClass::kReplicaSet, WorkloadClass::kPod,         WorkloadClass::kOther};
// "Long-running": all but CronJobs.
inline constexpr WorkloadClasses kLongRunning = {WorkloadClass::kDeployment, WorkloadClass::kStatefulSet,
                                                 WorkloadClass::kDaemonSet,  WorkloadClass::kReplicaSet,
                                                 WorkloadClass::kPod,        WorkloadClass::kOther};
// "Replicated": long-running less DaemonSets.
inline constexpr WorkloadClasses kReplicated = {WorkloadClass::kDeployment, WorkloadClass::kStatefulSet,
                                                WorkloadClass::kReplicaSet, WorkloadClass::kPod, WorkloadClass::kOther};

// status.conditions[], of any object.
struct Condition {
  Text type, status, reason;
  Timestamp since;  // lastTransitionTime
  bool is_true() const { return status == "True"; }
  bool is_false() const { return status == "False"; }
  bool operator==(const Condition&) const = default;
};
const Condition* FindCondition(const List<Condition>& conditions, std::string_view type);

// An absolute number or a percentage (intstr).
struct IntOrPercent {
  enum class Form : std::uint8_t { kUnset, kNumber, kPercent, kInvalid };
  Form form = Form::kUnset;
  std::int32_t value = 0;
  bool set() const { return form != Form::kUnset; }
  // Of `total`, rounded as asked (intstr.GetScaledValueFromIntOrPercent).
  std::int64_t Of(std::int64_t total, bool round_up) const;
  std::string ToString() const;
  bool operator==(const IntOrPercent&) const = default;
};

struct ClaimTemplate {
  Text name;
  Text storage_class;  // "" with has_class: explicitly none
  bool has_class = false;
  List<Text> access_modes;
  OptInt bytes;
  bool operator==(const ClaimTemplate&) const = default;
};

// What people declare of a workload's capacity in its annotations (cache/capacity.h has their form).
struct Capacity {
  struct Dependency {
    Text namespace_;  // empty: the workload's own
    Text kind, name;
    std::int64_t connections = 0;  // of one replica
    bool operator==(const Dependency&) const = default;
  };
  OptInt expected_concurrency;          // requests at a time, by all replicas
  OptInt worker_slots;                  // of one replica
  OptInt memory_per_slot, base_memory;  // bytes
  OptInt max_connections;               // of a datastore
  OptInt expected_data;                 // bytes, of one replica of it
  List<Dependency> depends_on;
  List<Text> unreadable;  // annotations that are there and cannot be read
  bool operator==(const Capacity&) const = default;
};

// Rollout strategy, whatever the kind calls it.
enum class StrategyType : std::uint8_t { kUnset, kRollingUpdate, kRecreate, kOnDelete, kOther };

// The CronJob half of a workload.
struct CronSpec {
  Text schedule, time_zone;
  bool suspend = false;
  Text concurrency;  // Allow when unset
  OptInt starting_deadline;
  OptInt success_history, failure_history;
  OptInt active_deadline;  // of the job template
  OptInt pod_active_deadline;
  OptInt backoff_limit;
  OptInt ttl_after_finished;
  Timestamp last_schedule, last_success;
  bool operator==(const CronSpec&) const = default;
};

struct WorkloadStatus {
  OptInt replicas, ready, available, updated, unavailable, current, misscheduled;  // DaemonSet: desired in `replicas`
  OptInt observed_generation;
  OptInt collision;
  Text current_revision, update_revision;
  List<Condition> conditions;
  bool operator==(const WorkloadStatus&) const = default;
};

// A Kubernetes object that runs pods. Deployments etc. are decoded to it; for pods of other controllers the cache
// builds one from the pods.
class Workload : public Object {
 public:
  explicit Workload(Kind kind_of) : Object(kind_of) {}

  std::size_t resident_bytes() const override;

  WorkloadClass workload_class = WorkloadClass::kDeployment;
  Text kind_name;  // as in the manifest: "Deployment", "StrimziPodSet"
  Text api_version;
  // Jobs and ReplicaSets that a CronJob or a Deployment owns keep neither template nor spec: their owner's is judged.
  PodSpecPtr spec;  // never null for a subject
  Labels template_labels;
  Labels template_annotations;
  std::uint64_t template_hash = 0;  // of the template as written: a change of it is a new release
  LabelSelector selector;
  OptInt replicas;
  Text service_name;  // StatefulSet
  StrategyType strategy = StrategyType::kUnset;
  IntOrPercent max_unavailable, max_surge;
  OptInt partition;
  OptInt min_ready_seconds, progress_deadline, revision_history;
  bool paused = false;
  Text pod_management;
  Text claims_when_deleted, claims_when_scaled;
  List<ClaimTemplate> claim_templates;
  Shared<CronSpec> cron;  // of a CronJob
  Text revision;          // deployment.kubernetes.io/revision, of a Deployment and of its ReplicaSets
  WorkloadStatus status;
  // Job only.
  bool job_complete = false, job_failed = false;
  Timestamp job_started, job_completed;
  CustomFactsPtr custom;
  List<CredentialFact> credentials;          // of annotations
  std::unique_ptr<const Capacity> capacity;  // null: nothing is declared

  bool is_long_running() const { return kLongRunning.Has(workload_class); }
  bool is_replicated() const { return kReplicated.Has(workload_class); }
};

}  // namespace seaworthy
