// Deployment, StatefulSet, DaemonSet, ReplicaSet, Job and CronJob as one shape.
#include <memory>
#include <utility>

#include "cache/capacity.h"
#include "cache/decode_fields.h"
#include "support/canonical_json.h"

namespace seaworthy::cache {
namespace {

WorkloadClass ClassOf(Kind kind) {
  switch (kind) {
    case Kind::kDeployment: return WorkloadClass::kDeployment;
    case Kind::kStatefulSet: return WorkloadClass::kStatefulSet;
    case Kind::kDaemonSet: return WorkloadClass::kDaemonSet;
    case Kind::kCronJob: return WorkloadClass::kCronJob;
    case Kind::kReplicaSet: return WorkloadClass::kReplicaSet;
    default: return WorkloadClass::kOther;  // Jobs, which are no subject by themselves
  }
}

StrategyType DecodeStrategyType(const Node& node) {
  if (!node.present()) return StrategyType::kUnset;
  const std::string_view type = node.text();
  return type == "RollingUpdate" ? StrategyType::kRollingUpdate
         : type == "Recreate"    ? StrategyType::kRecreate
         : type == "OnDelete"    ? StrategyType::kOnDelete
                                 : StrategyType::kOther;
}

List<ClaimTemplate> DecodeClaimTemplates(const Decoding& d, const Node& list) {
  List<ClaimTemplate> claims;
  if (!list.is_array()) return claims;
  claims.reserve(list.size());
  for (const Node& node : list) {
    const Node& spec = node["spec"];
    ClaimTemplate claim;
    claim.name = d.Str(node["metadata"]["name"]);
    claim.storage_class = d.Str(spec["storageClassName"]);
    claim.has_class = spec["storageClassName"].is_string();
    claim.access_modes = d.Strings(spec["accessModes"]);
    claim.bytes = QuantityBytes(spec["resources"]["requests"]["storage"]);
    claims.push_back(std::move(claim));
  }
  return claims;
}

void DecodeTemplate(Decoding& d, const Node& node, std::string_view path, Workload& workload) {
  if (!node.is_object()) {
    d.Fail(path, node.present() ? "not an object" : "missing");
    return;
  }
  const Node& meta = node["metadata"];
  workload.template_labels = d.Map(meta["labels"]);
  if (meta["annotations"].is_object()) {
    workload.template_annotations = KeepAnnotations(meta["annotations"], d.pool, &workload.credentials);
  }
  workload.template_hash = support::CanonicalHash(node).low;
  workload.spec = DecodePodSpec(d, node["spec"], std::string(path) + ".spec", SpecOf::kTemplate);
}

// What a Job's spec, by itself or in a CronJob's template, says about time and retries.
void DecodeJobSpec(const Node& spec, CronSpec& cron) {
  cron.active_deadline = Int(spec["activeDeadlineSeconds"]);
  cron.backoff_limit = Int(spec["backoffLimit"]);
  cron.ttl_after_finished = Int(spec["ttlSecondsAfterFinished"]);
  cron.pod_active_deadline = Int(spec["template"]["spec"]["activeDeadlineSeconds"]);
}

void DecodeCronJob(Decoding& d, const Node& spec, const Node& status, Workload& workload) {
  CronSpec& cron = workload.cron.edit();
  cron.schedule = d.Str(spec["schedule"]);
  cron.time_zone = d.Str(spec["timeZone"]);
  cron.suspend = True(spec["suspend"]);
  cron.concurrency = d.Str(spec["concurrencyPolicy"]);
  cron.starting_deadline = Int(spec["startingDeadlineSeconds"]);
  cron.success_history = Int(spec["successfulJobsHistoryLimit"]);
  cron.failure_history = Int(spec["failedJobsHistoryLimit"]);
  cron.last_schedule = Time(status["lastScheduleTime"]);
  cron.last_success = Time(status["lastSuccessfulTime"]);
  const Node& job = spec["jobTemplate"];
  if (!job.is_object()) {
    d.Fail("spec.jobTemplate", job.present() ? "not an object" : "missing");
    return;
  }
  DecodeJobSpec(job["spec"], cron);
  DecodeTemplate(d, job["spec"]["template"], "spec.jobTemplate.spec.template", workload);
}

void DecodeJobStatus(const Node& status, Workload& workload) {
  workload.job_started = Time(status["startTime"]);
  workload.job_completed = Time(status["completionTime"]);
  for (const Condition& condition : workload.status.conditions) {
    if (!condition.is_true()) continue;
    if (condition.type == "Complete") workload.job_complete = true;
    if (condition.type == "Failed") workload.job_failed = true;
  }
  workload.status.replicas = Int(status["active"]);
  workload.status.ready = Int(status["ready"]);
}

void DecodeStatus(const Decoding& d, const Node& node, Workload& workload) {
  WorkloadStatus& status = workload.status;
  if (!node.is_object()) return;
  status.conditions = DecodeConditions(d, node["conditions"]);
  if (workload.kind == Kind::kJob) return DecodeJobStatus(node, workload);
  status.observed_generation = Int(node["observedGeneration"]);
  // Counts are left out of JSON when they are 0 (omitempty): once the controller has spoken, an absent one is 0.
  const auto count = [&](std::string_view key) {
    const OptInt value = Int(node[key]);
    return value.has_value() || !status.observed_generation.has_value() ? value : OptInt(0);
  };
  if (workload.kind == Kind::kDaemonSet) {
    status.replicas = count("desiredNumberScheduled");
    status.current = count("currentNumberScheduled");
    status.ready = count("numberReady");
    status.available = count("numberAvailable");
    status.updated = count("updatedNumberScheduled");
    status.unavailable = count("numberUnavailable");
    status.misscheduled = count("numberMisscheduled");
  } else if (workload.kind != Kind::kCronJob) {
    status.replicas = count("replicas");
    status.ready = count("readyReplicas");
    status.available = count("availableReplicas");
    if (workload.kind == Kind::kDeployment) status.unavailable = count("unavailableReplicas");
    if (workload.kind != Kind::kReplicaSet) status.updated = count("updatedReplicas");
    if (workload.kind == Kind::kStatefulSet) status.current = count("currentReplicas");
  }
  status.current_revision = d.Str(node["currentRevision"]);
  status.update_revision = d.Str(node["updateRevision"]);
  status.collision = Int(node["collisionCount"]);
}

void DecodeReplicatedSpec(Decoding& d, const Node& spec, Workload& workload) {
  if (const Node& replicas = spec["replicas"]; replicas.present()) {
    workload.replicas = Int(replicas);
    if (!workload.replicas.has_value()) return d.Fail("spec.replicas", "not a number");
  }
  workload.selector = DecodeSelector(d, spec["selector"]);
  const Node& strategy = workload.kind == Kind::kDeployment ? spec["strategy"] : spec["updateStrategy"];
  workload.strategy = DecodeStrategyType(strategy["type"]);
  const Node& rolling = strategy["rollingUpdate"];
  workload.max_unavailable = DecodeIntOrPercent(rolling["maxUnavailable"]);
  workload.max_surge = DecodeIntOrPercent(rolling["maxSurge"]);
  workload.partition = Int(rolling["partition"]);
  workload.min_ready_seconds = Int(spec["minReadySeconds"]);
  workload.progress_deadline = Int(spec["progressDeadlineSeconds"]);
  workload.revision_history = Int(spec["revisionHistoryLimit"]);
  workload.paused = True(spec["paused"]);
  if (workload.kind != Kind::kStatefulSet) return;
  workload.service_name = d.Str(spec["serviceName"]);
  workload.pod_management = d.Str(spec["podManagementPolicy"]);
  workload.claims_when_deleted = d.Str(spec["persistentVolumeClaimRetentionPolicy"]["whenDeleted"]);
  workload.claims_when_scaled = d.Str(spec["persistentVolumeClaimRetentionPolicy"]["whenScaled"]);
  workload.claim_templates = DecodeClaimTemplates(d, spec["volumeClaimTemplates"]);
}

}  // namespace

ObjectPtr DecodeWorkload(Decoding& d, Kind kind, const Node& node) {
  auto workload = std::make_unique<Workload>(kind);
  const KindInfo& info = Info(kind);
  workload->kind_name = d.Intern(info.name);
  workload->workload_class = ClassOf(kind);
  // Elements of a list carry no apiVersion of their own.
  workload->api_version = d.Str(node["apiVersion"]);
  if (workload->api_version.empty()) workload->api_version = d.Intern(std::string(info.group) + "/v1");

  const MetaOptions options{.managers = true, .annotation_credentials = &workload->credentials};
  if (!DecodeMeta(d, node, options, workload->meta)) return nullptr;
  const Node& annotations = node["metadata"]["annotations"];
  workload->revision = d.Str(annotations["deployment.kubernetes.io/revision"]);

  const Node& spec = node["spec"];
  if (!spec.is_object()) {
    d.Fail("spec", spec.present() ? "not an object" : "missing");
    return nullptr;
  }
  DecodeStatus(d, node["status"], *workload);
  // There are many of these (ten old ReplicaSets a Deployment), and nobody judges them: their owner's template is.
  const bool owned = workload->meta.Controller() != nullptr && (kind == Kind::kReplicaSet || kind == Kind::kJob);
  if (owned) {
    workload->meta.annotations = Labels();
    workload->meta.managers = {};
    workload->credentials = {};
    workload->replicas = Int(spec["replicas"]);
    return workload;
  }
  if (kind == Kind::kCronJob) {
    DecodeCronJob(d, spec, node["status"], *workload);
  } else {
    DecodeReplicatedSpec(d, spec, *workload);
    if (kind == Kind::kJob) DecodeJobSpec(spec, workload->cron.edit());
    DecodeTemplate(d, spec["template"], "spec.template", *workload);
  }
  if (d.failed()) return nullptr;
  workload->capacity = CapacityOf(workload->meta.annotations, d.pool);
  return workload;
}

std::unique_ptr<const Workload> DecodeRollout(Decoding& d, const Node& node) {
  const Node& spec = node["spec"];
  if (!spec["template"].present()) return nullptr;
  auto workload = std::make_unique<Workload>(Kind::kRollout);
  workload->workload_class = WorkloadClass::kOther;
  DecodeTemplate(d, spec["template"], "spec.template", *workload);
  workload->selector = DecodeSelector(d, spec["selector"]);
  return workload;
}

}  // namespace seaworthy::cache
