#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/decoding.h"

namespace seaworthy::cache {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using DecodeWorkloadTest = DecodeTest;

TEST_F(DecodeWorkloadTest, ReadsADeployment) {
  const auto web = Yaml<Workload>(Kind::kDeployment, R"(
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  uid: 6ba7b810-9dad-11d1-80b4-00c04fd430c8
  resourceVersion: "4711"
  generation: 3
  creationTimestamp: "2026-11-01T10:00:00Z"
  labels: {app: web, version: 2, beta: true}
  annotations:
    deployment.kubernetes.io/revision: "14"
    kubectl.kubernetes.io/last-applied-configuration: '{"apiVersion":"apps/v1","kind":"Deployment"}'
    example.com/dsn: redis://:s3cr3t@cache/
  ownerReferences:
  - {apiVersion: example.com/v1, kind: Shop, name: main, uid: x, controller: true}
  finalizers: [example.com/wait]
  managedFields:
  - {manager: kubectl-edit, operation: Update, apiVersion: apps/v1, time: "2026-11-02T10:00:00Z", fieldsV1: {f:spec: {f:template: {}, f:replicas: {}}}}
  - {manager: kube-controller-manager, operation: Update, apiVersion: apps/v1, subresource: status, fieldsV1: {f:status: {}}}
  - {manager: argocd, operation: Apply, apiVersion: apps/v1, fieldsV1: {f:spec: {f:replicas: {}}}}
spec:
  replicas: 3
  paused: true
  minReadySeconds: 5
  progressDeadlineSeconds: 300
  revisionHistoryLimit: 2
  selector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [a, b]}]}
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 25%, maxSurge: 1}}
  template:
    metadata:
      labels: {app: web}
      annotations: {prometheus.io/scrape: "true", other: x}
    spec:
      containers: [{name: app, image: "web:1"}]
status:
  observedGeneration: 3
  replicas: 3
  readyReplicas: 2
  updatedReplicas: 3
  conditions: [{type: Available, status: "True", reason: MinimumReplicasAvailable, lastTransitionTime: "2026-11-01T10:01:00Z"}]
)");
  ASSERT_NE(web, nullptr);
  EXPECT_EQ(web->kind_name, "Deployment");
  EXPECT_EQ(web->api_version, "apps/v1");
  EXPECT_EQ(web->workload_class, WorkloadClass::kDeployment);
  EXPECT_EQ(web->meta.name, "web");
  EXPECT_EQ(web->meta.namespace_, "shop");
  EXPECT_EQ(web->meta.uid.ToString(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(web->meta.resource_version, 4711U);
  EXPECT_EQ(web->meta.generation, 3);
  EXPECT_TRUE(web->meta.created.set());
  EXPECT_EQ(web->meta.labels.Get("version"), "2");
  EXPECT_EQ(web->meta.labels.Get("beta"), "true");
  EXPECT_EQ(web->revision, "14");
  EXPECT_EQ(web->meta.written_in, "");
  ASSERT_EQ(web->credentials.size(), 1U);
  EXPECT_EQ(web->credentials[0].where, "annotation[example.com/dsn]");
  ASSERT_NE(web->meta.Controller(), nullptr);
  EXPECT_EQ(web->meta.Controller()->kind, "Shop");
  EXPECT_THAT(web->meta.finalizers, ElementsAre(Text(pool_.Intern("example.com/wait"))));

  ASSERT_EQ(web->meta.managers.size(), 3U);
  EXPECT_EQ(web->meta.managers[0].name, "kubectl-edit");
  EXPECT_TRUE(web->meta.managers[0].owns_template);
  EXPECT_TRUE(web->meta.managers[0].owns_replicas);
  EXPECT_FALSE(web->meta.managers[0].apply);
  EXPECT_TRUE(web->meta.managers[0].time.set());
  EXPECT_EQ(web->meta.managers[1].subresource, "status");
  EXPECT_FALSE(web->meta.managers[1].owns_template);
  EXPECT_TRUE(web->meta.managers[2].apply);

  EXPECT_EQ(*web->replicas, 3);
  EXPECT_TRUE(web->paused);
  EXPECT_EQ(*web->min_ready_seconds, 5);
  EXPECT_EQ(*web->progress_deadline, 300);
  EXPECT_EQ(*web->revision_history, 2);
  EXPECT_TRUE(web->selector.present);
  EXPECT_EQ(web->selector.terms.size(), 2U);
  EXPECT_EQ(web->strategy, StrategyType::kRollingUpdate);
  EXPECT_EQ(web->max_unavailable.ToString(), "25%");
  EXPECT_EQ(web->max_surge.ToString(), "1");
  EXPECT_EQ(web->template_labels.Get("app"), "web");
  EXPECT_EQ(web->template_annotations.size(), 1U);
  EXPECT_NE(web->template_hash, 0U);

  EXPECT_EQ(*web->status.ready, 2);
  EXPECT_EQ(*web->status.available, 0);  // left out by the server because it is 0
  EXPECT_EQ(*web->status.unavailable, 0);
  EXPECT_FALSE(web->status.current.has_value());
  EXPECT_TRUE(FindCondition(web->status.conditions, "Available")->is_true());
  EXPECT_GT(web->resident_bytes(), sizeof(Workload));
}

TEST_F(DecodeWorkloadTest, LeavesWhatIsAbsentUnset) {
  const auto web = Yaml<Workload>(Kind::kDeployment, R"(
metadata: {name: web}
spec: {template: {spec: {containers: []}}}
)");
  ASSERT_NE(web, nullptr);
  EXPECT_EQ(web->api_version, "apps/v1");
  EXPECT_FALSE(web->replicas.has_value());
  EXPECT_FALSE(web->selector.present);
  EXPECT_EQ(web->strategy, StrategyType::kUnset);
  EXPECT_FALSE(web->max_surge.set());
  EXPECT_FALSE(web->status.ready.has_value());  // nobody has reported yet: not 0
  ASSERT_NE(web->spec, nullptr);
  EXPECT_THAT(web->spec->containers, IsEmpty());
  EXPECT_EQ(web->spec->termination_grace, OptInt());
}

TEST_F(DecodeWorkloadTest, ReadsAStatefulSet) {
  const auto db = Yaml<Workload>(Kind::kStatefulSet, R"(
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  podManagementPolicy: Parallel
  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2, maxUnavailable: 1}}
  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}
  volumeClaimTemplates:
  - {metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], storageClassName: "", resources: {requests: {storage: 10Gi}}}}
  - {metadata: {name: wal}, spec: {resources: {requests: {storage: lots}}}}
  template: {spec: {containers: [{name: db}]}}
status: {observedGeneration: 1, replicas: 3, currentReplicas: 2, currentRevision: db-1, updateRevision: db-2, collisionCount: 1}
)");
  ASSERT_NE(db, nullptr);
  EXPECT_EQ(db->workload_class, WorkloadClass::kStatefulSet);
  EXPECT_EQ(db->service_name, "db");
  EXPECT_EQ(db->pod_management, "Parallel");
  EXPECT_EQ(*db->partition, 2);
  EXPECT_EQ(db->claims_when_deleted, "Delete");
  EXPECT_EQ(db->claims_when_scaled, "Retain");
  ASSERT_EQ(db->claim_templates.size(), 2U);
  EXPECT_EQ(*db->claim_templates[0].bytes, std::int64_t{10} << 30);
  EXPECT_TRUE(db->claim_templates[0].has_class);
  EXPECT_FALSE(db->claim_templates[1].has_class);
  EXPECT_FALSE(db->claim_templates[1].bytes.has_value());
  EXPECT_EQ(*db->status.current, 2);
  EXPECT_EQ(*db->status.ready, 0);
  EXPECT_EQ(db->status.update_revision, "db-2");
  EXPECT_EQ(*db->status.collision, 1);
}

TEST_F(DecodeWorkloadTest, ReadsADaemonSet) {
  const auto agent = Yaml<Workload>(Kind::kDaemonSet, R"(
metadata: {name: agent}
spec: {updateStrategy: {type: OnDelete}, template: {spec: {containers: [{name: a}]}}}
status: {observedGeneration: 1, desiredNumberScheduled: 5, currentNumberScheduled: 5, numberReady: 4, numberMisscheduled: 1, updatedNumberScheduled: 5}
)");
  ASSERT_NE(agent, nullptr);
  EXPECT_EQ(agent->strategy, StrategyType::kOnDelete);
  EXPECT_EQ(*agent->status.replicas, 5);
  EXPECT_EQ(*agent->status.ready, 4);
  EXPECT_EQ(*agent->status.unavailable, 0);
  EXPECT_EQ(*agent->status.misscheduled, 1);
}

TEST_F(DecodeWorkloadTest, ReadsACronJob) {
  const auto job = Yaml<Workload>(Kind::kCronJob, R"(
apiVersion: batch/v1
kind: CronJob
metadata: {name: report}
spec:
  schedule: "*/5 * * * *"
  timeZone: Europe/Berlin
  suspend: true
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 30
  successfulJobsHistoryLimit: 1
  failedJobsHistoryLimit: 0
  jobTemplate:
    spec:
      activeDeadlineSeconds: 600
      backoffLimit: 2
      ttlSecondsAfterFinished: 60
      template:
        metadata: {labels: {app: report}}
        spec: {activeDeadlineSeconds: 500, restartPolicy: Never, containers: [{name: run, image: report:1}]}
status: {lastScheduleTime: "2026-11-01T10:00:00Z", lastSuccessfulTime: "2026-11-01T09:55:00Z"}
)");
  ASSERT_NE(job, nullptr);
  EXPECT_EQ(job->workload_class, WorkloadClass::kCronJob);
  EXPECT_EQ(job->cron->schedule, "*/5 * * * *");
  EXPECT_EQ(job->cron->time_zone, "Europe/Berlin");
  EXPECT_TRUE(job->cron->suspend);
  EXPECT_EQ(job->cron->concurrency, "Forbid");
  EXPECT_EQ(*job->cron->starting_deadline, 30);
  EXPECT_EQ(*job->cron->failure_history, 0);
  EXPECT_EQ(*job->cron->active_deadline, 600);
  EXPECT_EQ(*job->cron->pod_active_deadline, 500);
  EXPECT_EQ(*job->cron->backoff_limit, 2);
  EXPECT_TRUE(job->cron->last_success.set());
  EXPECT_EQ(job->template_labels.Get("app"), "report");
  EXPECT_EQ(job->spec->containers[0]->image, "report:1");
}

TEST_F(DecodeWorkloadTest, ReadsAJob) {
  const auto job = Yaml<Workload>(Kind::kJob, R"(
metadata: {name: migrate}
spec: {backoffLimit: 4, template: {spec: {containers: [{name: m}]}}}
status: {startTime: "2026-11-01T10:00:00Z", completionTime: "2026-11-01T10:01:00Z", conditions: [{type: Complete, status: "True"}, {type: Failed, status: "False"}]}
)");
  ASSERT_NE(job, nullptr);
  EXPECT_EQ(job->kind_name, "Job");
  EXPECT_TRUE(job->job_complete);
  EXPECT_FALSE(job->job_failed);
  EXPECT_TRUE(job->job_completed.set());
  EXPECT_NE(job->spec, nullptr);
}

TEST_F(DecodeWorkloadTest, DropsTheTemplateOfOwnedReplicaSetsAndJobs) {
  constexpr std::string_view kOwned = R"(
metadata:
  name: web-5d4
  labels: {pod-template-hash: 5d4}
  annotations: {deployment.kubernetes.io/revision: "3", owner: x}
  ownerReferences: [{kind: Deployment, name: web, controller: true}]
  managedFields: [{manager: kube-controller-manager}]
spec: {replicas: 2, template: {spec: {containers: [{name: a, env: [{name: PASSWORD, value: s3cr3t}]}]}}}
status: {observedGeneration: 1, replicas: 2, readyReplicas: 1}
)";
  const auto set = Yaml<Workload>(Kind::kReplicaSet, kOwned);
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(set->spec, nullptr);
  EXPECT_EQ(set->revision, "3");
  EXPECT_EQ(*set->replicas, 2);
  EXPECT_EQ(*set->status.ready, 1);
  EXPECT_EQ(set->meta.owners.size(), 1U);
  EXPECT_TRUE(set->meta.annotations.empty());
  EXPECT_TRUE(set->meta.managers.empty());
  EXPECT_EQ(Yaml<Workload>(Kind::kJob, kOwned)->spec, nullptr);

  const auto own = Yaml<Workload>(Kind::kReplicaSet,
                                  R"({metadata: {name: a}, spec: {template: {spec: {containers: [{name: a}]}}}})");
  ASSERT_NE(own->spec, nullptr);
  EXPECT_EQ(own->workload_class, WorkloadClass::kReplicaSet);
}

TEST_F(DecodeWorkloadTest, HashesTheTemplateWhateverItsSpelling) {
  const auto a = Yaml<Workload>(Kind::kDeployment,
                                "{metadata: {name: a}, spec: {template: {spec: {containers: [{name: a, image: x}]}}}}");
  const auto b = Yaml<Workload>(Kind::kDeployment, R"(
metadata: {name: b}
spec:
  replicas: 7
  template:
    spec:
      containers:
      - image: x
        name: a
)");
  const auto c = Yaml<Workload>(Kind::kDeployment,
                                "{metadata: {name: a}, spec: {template: {spec: {containers: [{name: a, image: y}]}}}}");
  EXPECT_EQ(a->template_hash, b->template_hash);
  EXPECT_NE(a->template_hash, c->template_hash);
}

TEST_F(DecodeWorkloadTest, NamesObjectAndFieldInErrors) {
  EXPECT_EQ(
      ErrorOf(Kind::kDeployment, "{metadata: {name: web, namespace: shop}, spec: {replicas: many, template: {}}}"),
      "Deployment shop/web: spec.replicas: not a number");
  EXPECT_EQ(ErrorOf(Kind::kDeployment, "{metadata: {name: web}, spec: {template: []}}"),
            "Deployment web: spec.template: not an object");
  EXPECT_EQ(ErrorOf(Kind::kDeployment, "{metadata: {name: web}, spec: {}}"), "Deployment web: spec.template: missing");
  EXPECT_EQ(ErrorOf(Kind::kDeployment, "{metadata: {name: web}, spec: {template: {}}}"),
            "Deployment web: spec.template.spec: missing");
  EXPECT_EQ(ErrorOf(Kind::kDeployment, "{metadata: {name: web}}"), "Deployment web: spec: missing");
  EXPECT_EQ(ErrorOf(Kind::kDeployment, "{metadata: {namespace: shop}, spec: {}}"),
            "Deployment shop/?: metadata.name: missing");
  EXPECT_EQ(ErrorOf(Kind::kDeployment, "{metadata: {name: 7}, spec: {}}"), "Deployment 7: metadata.name: not a string");
  EXPECT_EQ(ErrorOf(Kind::kDeployment, "{spec: {}}"), "Deployment: metadata: missing");
  EXPECT_EQ(ErrorOf(Kind::kDeployment, "[]"), "Deployment: object: not an object");
  EXPECT_EQ(ErrorOf(Kind::kCronJob, "{metadata: {name: c}, spec: {jobTemplate: 7}}"),
            "CronJob c: spec.jobTemplate: not an object");
  EXPECT_EQ(ErrorOf(Kind::kCronJob, "{metadata: {name: c}, spec: {jobTemplate: {}}}"),
            "CronJob c: spec.jobTemplate.spec.template: missing");
  EXPECT_EQ(ErrorOf(Kind::kDeployment, "{metadata: {name: web}, spec: {template: {spec: {containers: {}}}}}"),
            "Deployment web: spec.template.spec.containers: not a list");
  EXPECT_EQ(
      ErrorOf(Kind::kDeployment, "{metadata: {name: web}, spec: {template: {spec: {initContainers: [{name: a}, b]}}}}"),
      "Deployment web: spec.template.spec.initContainers[1]: not an object");
}

TEST_F(DecodeWorkloadTest, TreatsOtherWrongTypesAsUnset) {
  const auto web = Yaml<Workload>(Kind::kDeployment, R"(
metadata: {name: web, ownerReferences: x, finalizers: {}, managedFields: 3, annotations: [], generation: x, uid: 7, creationTimestamp: 5}
spec:
  paused: "yes"
  minReadySeconds: soon
  selector: []
  strategy: RollingUpdate
  template: {metadata: x, spec: {containers: [], volumes: {}, tolerations: 3, affinity: x, nodeSelector: [a]}}
status: broken
)");
  ASSERT_NE(web, nullptr);
  EXPECT_FALSE(web->paused);
  EXPECT_FALSE(web->min_ready_seconds.has_value());
  EXPECT_FALSE(web->selector.present);
  EXPECT_EQ(web->strategy, StrategyType::kUnset);
}

TEST_F(DecodeWorkloadTest, TakesAGeneratedNamesPrefix) {
  const auto job =
      Yaml<Workload>(Kind::kJob, "{metadata: {generateName: migrate-}, spec: {template: {spec: {containers: []}}}}");
  ASSERT_NE(job, nullptr);
  EXPECT_EQ(job->meta.name, "migrate-");
}

TEST_F(DecodeWorkloadTest, MarksSelectorsThatTheServerRefuses) {
  const auto with = [&](std::string_view expression) {
    return Yaml<Workload>(Kind::kDeployment, "{metadata: {name: a}, spec: {selector: {matchExpressions: [" +
                                                 std::string(expression) + "]}, template: {spec: {containers: []}}}}")
        ->selector;
  };
  EXPECT_FALSE(with("{key: a, operator: In, values: [x]}").invalid);
  EXPECT_FALSE(with("{key: a, operator: Exists}").invalid);
  EXPECT_TRUE(with("{key: a, operator: In, values: []}").invalid);
  EXPECT_TRUE(with("{key: a, operator: Exists, values: [x]}").invalid);
  EXPECT_TRUE(with("{key: a, operator: Like, values: [x]}").invalid);
}

}  // namespace
}  // namespace seaworthy::cache
