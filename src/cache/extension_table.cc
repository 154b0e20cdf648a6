#include "cache/extension_table.h"

#include <array>

namespace seaworthy::cache {
namespace {

using Paths = std::span<const std::string_view>;

constexpr std::string_view kWebhook[] = {
    "webhooks[].name",
    "webhooks[].failurePolicy",
    "webhooks[].clientConfig.service.namespace",
    "webhooks[].clientConfig.service.name",
    "webhooks[].clientConfig.url?",
    "webhooks[].rules[].resources[]",
    "webhooks[].rules[].apiGroups[]",
    "webhooks[].rules[].operations[]",
    "webhooks[].rules[].scope",
    "webhooks[].namespaceSelector{}",
    "webhooks[].objectSelector{}",
    "webhooks[].matchConditions?",
};
constexpr std::string_view kApiServicePaths[] = {"spec.service.namespace", "spec.service.name", "spec.group",
                                                 "spec.version"};
constexpr std::string_view kConfigMapPaths[] = {"data{keys}"};
constexpr std::string_view kHttpRoutePaths[] = {"spec.hostnames[]",
                                                "spec.rules[].backendRefs[].name",
                                                "spec.rules[].backendRefs[].namespace",
                                                "spec.rules[].backendRefs[].port",
                                                "spec.rules[].backendRefs[].kind",
                                                "spec.rules[].backendRefs[].group",
                                                "spec.parentRefs[].name",
                                                "spec.parentRefs[].namespace",
                                                "spec.parentRefs[].group",
                                                "spec.parentRefs[].kind",
                                                "spec.parentRefs[].sectionName",
                                                "spec.parentRefs[].port",
                                                "spec.rules[].filters[].extensionRef.kind",
                                                "spec.rules[].filters[].extensionRef.name"};
constexpr std::string_view kGatewayPaths[] = {"spec.listeners[].name", "spec.listeners[].hostname",
                                              "spec.listeners[].port", "spec.listeners[].protocol"};
constexpr std::string_view kTraefikMiddlewarePaths[] = {"spec.errors?"};
constexpr std::string_view kCiliumPaths[] = {
    "spec.endpointSelector{}",    "spec.ingress[]?",    "spec.ingressDeny[]?",    "spec.enableDefaultDeny.ingress",
    "specs[].endpointSelector{}", "specs[].ingress[]?", "specs[].ingressDeny[]?", "specs[].enableDefaultDeny.ingress"};
constexpr std::string_view kCalicoPaths[] = {"spec.selector", "spec.namespaceSelector", "spec.serviceAccountSelector",
                                             "spec.types[]",  "spec.ingress[]?",        "spec.egress[]?"};
constexpr std::string_view kAdminPolicyPaths[] = {"spec.subject.namespaces{}", "spec.subject.pods.namespaceSelector{}",
                                                  "spec.subject.pods.podSelector{}", "spec.ingress[]?",
                                                  "spec.priority"};
constexpr std::string_view kCertificatePaths[] = {"spec.secretName", "spec.dnsNames[]", "status.notBefore{time}",
                                                  "status.notAfter{time}", "status.renewalTime{time}"};
constexpr std::string_view kRolloutPaths[] = {
    "spec.replicas",         "spec.workloadRef.kind",    "spec.workloadRef.name",
    "spec.strategy.canary?", "spec.strategy.blueGreen?", "status.phase"};
constexpr std::string_view kAnalysisRunPaths[] = {"status.phase", "status.completedAt{time}"};
constexpr std::string_view kApplicationPaths[] = {"spec.destination.namespace",
                                                  "status.sync.status",
                                                  "status.health.status",
                                                  "status.operationState.phase",
                                                  "status.operationState.finishedAt{time}",
                                                  "status.resources[].kind",
                                                  "status.resources[].name",
                                                  "status.resources[].namespace",
                                                  "status.operationState.syncResult.resources[].kind",
                                                  "status.operationState.syncResult.resources[].name",
                                                  "status.operationState.syncResult.resources[].namespace",
                                                  "status.operationState.syncResult.resources[].hookType",
                                                  "status.operationState.syncResult.resources[].hookPhase"};
constexpr std::string_view kCanaryPaths[] = {
    "spec.targetRef.kind",           "spec.targetRef.name", "spec.analysis.webhooks[].type",
    "spec.analysis.webhooks[].name", "status.phase",        "status.lastTransitionTime{time}"};
constexpr std::string_view kHelmReleasePaths[] = {"spec.targetNamespace",
                                                  "spec.releaseName",
                                                  "spec.test.enable",
                                                  "spec.suspend",
                                                  "status.history[].status",
                                                  "status.history[].lastDeployed",
                                                  "status.history[].testHooks{keys}"};
constexpr std::string_view kKustomizationPaths[] = {"spec.targetNamespace", "spec.suspend",
                                                    "status.lastAppliedRevision"};
constexpr std::string_view kScaledObjectPaths[] = {
    "spec.scaleTargetRef.kind", "spec.scaleTargetRef.name", "spec.minReplicaCount", "spec.maxReplicaCount",
    "spec.idleReplicaCount",    "spec.triggers[].type",     "status.hpaName"};
constexpr std::string_view kVpaPaths[] = {"spec.targetRef.kind",
                                          "spec.targetRef.name",
                                          "spec.updatePolicy.updateMode",
                                          "status.recommendation.containerRecommendations[].containerName",
                                          "status.recommendation.containerRecommendations[].target.cpu",
                                          "status.recommendation.containerRecommendations[].target.memory",
                                          "status.recommendation.containerRecommendations[].lowerBound.memory",
                                          "status.recommendation.containerRecommendations[].upperBound.memory"};
constexpr std::string_view kVulnerabilityPaths[] = {
    "report.artifact.repository", "report.artifact.tag", "report.artifact.digest", "report.registry.server",
    "report.os.family",           "report.os.name",      "report.os.eosl",         "report.summary.criticalCount"};
constexpr std::string_view kVeleroSchedulePaths[] = {"spec.schedule",
                                                     "spec.paused",
                                                     "spec.template.includedNamespaces[]",
                                                     "spec.template.excludedNamespaces[]",
                                                     "spec.template.includedResources[]",
                                                     "spec.template.excludedResources[]",
                                                     "spec.template.includedNamespaceScopedResources[]",
                                                     "spec.template.excludedNamespaceScopedResources[]",
                                                     "spec.template.labelSelector{}",
                                                     "spec.template.orLabelSelectors[]{}",
                                                     "spec.template.resourcePolicy.name",
                                                     "spec.template.snapshotVolumes",
                                                     "spec.template.defaultVolumesToFsBackup",
                                                     "spec.template.defaultVolumesToRestic",
                                                     "status.phase"};
// What a Backup covers is its Schedule's to say.
constexpr std::string_view kVeleroBackupPaths[] = {"spec.defaultVolumesToFsBackup", "status.phase",
                                                   "status.startTimestamp{time}", "status.expiration{time}"};
constexpr std::string_view kK8upSchedulePaths[] = {"spec.backup?", "spec.backup.schedule",
                                                   "spec.backup.labelSelectors[]{}"};
constexpr std::string_view kK8upBackupPaths[] = {"status.finished"};
constexpr std::string_view kVolumeSnapshotPaths[] = {"spec.source.persistentVolumeClaimName", "status.readyToUse",
                                                     "status.creationTime{time}"};
constexpr std::string_view kSnapshotSchedulePaths[] = {"spec.schedule", "spec.disabled", "spec.claimSelector{}"};
constexpr std::string_view kReplicationSourcePaths[] = {"spec.sourcePVC", "spec.trigger.schedule", "spec.paused",
                                                        "status.lastSyncTime{time}"};
constexpr std::string_view kKastenPolicyPaths[] = {"spec.frequency",  "spec.presetRef.name", "spec.actions[].action",
                                                   "spec.selector{}", "spec.paused",         "status.validation"};
constexpr std::string_view kLonghornJobPaths[] = {"spec.task", "spec.cron", "spec.groups[]"};
constexpr std::string_view kLonghornVolumePaths[] = {"spec.numberOfReplicas", "status.lastBackupAt{time}",
                                                     "status.kubernetesStatus.pvcName",
                                                     "status.kubernetesStatus.namespace", "status.robustness"};
constexpr std::string_view kCnpgSchedulePaths[] = {"spec.schedule", "spec.suspend", "spec.cluster.name"};
constexpr std::string_view kCnpgBackupPaths[] = {"spec.cluster.name", "status.phase", "status.startedAt{time}",
                                                 "status.stoppedAt{time}"};
constexpr std::string_view kServiceMonitorPaths[] = {
    "spec.endpoints[]?",          "spec.selector{}",
    "spec.namespaceSelector.any", "spec.namespaceSelector.matchNames[]",
    "spec.endpoints[].port",      "spec.endpoints[].targetPort"};
constexpr std::string_view kPodMonitorPaths[] = {
    "spec.podMetricsEndpoints[]?",          "spec.selector{}",
    "spec.namespaceSelector.any",           "spec.namespaceSelector.matchNames[]",
    "spec.podMetricsEndpoints[].port",      "spec.podMetricsEndpoints[].targetPort",
    "spec.podMetricsEndpoints[].portNumber"};
constexpr std::string_view kProbePaths[] = {"spec.targets.staticConfig.static[]{host}",
                                            "spec.targets.ingress.selector{}",
                                            "spec.targets.ingress.namespaceSelector.any",
                                            "spec.targets.ingress.namespaceSelector.matchNames[]", "spec.prober.url?"};
constexpr std::string_view kVmProbePaths[] = {
    "spec.targets.staticConfig.targets[]{host}", "spec.targets.ingress.selector{}",
    "spec.targets.ingress.namespaceSelector.any", "spec.targets.ingress.namespaceSelector.matchNames[]"};
constexpr std::string_view kEndpointMonitorPaths[] = {"spec.url{host}", "spec.urlFrom.ingressRef.name",
                                                      "spec.urlFrom.routeRef.name"};
constexpr std::string_view kRulePaths[] = {"spec.groups[].rules[].alert", "spec.groups[].rules[].expr{matchers}",
                                           "spec.groups[].rules[].labels.severity",
                                           "spec.groups[].rules[].annotations.runbook_url?"};
constexpr std::string_view kPrometheusPaths[] = {"spec.serviceMonitorSelector{}",
                                                 "spec.serviceMonitorNamespaceSelector{}",
                                                 "spec.podMonitorSelector{}",
                                                 "spec.podMonitorNamespaceSelector{}",
                                                 "spec.ruleSelector{}",
                                                 "spec.ruleNamespaceSelector{}",
                                                 "spec.probeSelector{}",
                                                 "spec.probeNamespaceSelector{}",
                                                 "spec.replicas",
                                                 "status.availableReplicas"};
constexpr std::string_view kPodMonitoringPaths[] = {"spec.endpoints[]?", "spec.selector{}", "spec.endpoints[].port"};
constexpr std::string_view kGrafanaDashboardPaths[] = {"spec.folder", "spec.url?"};
constexpr std::string_view kPodMetricsPaths[] = {"timestamp", "window", "containers[].name", "containers[].usage.cpu",
                                                 "containers[].usage.memory"};
constexpr std::string_view kServerVersionPaths[] = {"gitVersion"};
// What our own sources tell (wiring/sources); docs/sources.md says where each comes from.
constexpr std::string_view kThrottlingPaths[] = {"containers[].name", "containers[].percent"};
constexpr std::string_view kVolumeStatsPaths[] = {"capacityBytes",  "freePercent", "inodesFreePercent",
                                                  "fullWithinDays", "filling",     "usedPercentAtMost",
                                                  "observedDays"};
constexpr std::string_view kScrapeTargetPaths[] = {"targets[].container", "targets[].up"};
constexpr std::string_view kAlertDeliveryPaths[] = {"alertmanagers", "sent", "sendErrors", "notified",
                                                    "failingIntegrations[]"};
constexpr std::string_view kImageConfigPaths[] = {"created", "leftovers[]", "problem"};
constexpr std::string_view kLogSamplePaths[] = {"revision", "containers[].name", "containers[].lines",
                                                "containers[].structured"};

}  // namespace

Paths ExtensionPaths(Kind kind) {
  switch (kind) {
    case Kind::kValidatingWebhookConfiguration:
    case Kind::kMutatingWebhookConfiguration: return kWebhook;
    case Kind::kApiService: return kApiServicePaths;
    case Kind::kConfigMap: return kConfigMapPaths;
    case Kind::kHttpRoute: return kHttpRoutePaths;
    case Kind::kGateway: return kGatewayPaths;
    case Kind::kTraefikMiddleware: return kTraefikMiddlewarePaths;
    case Kind::kCiliumNetworkPolicy:
    case Kind::kCiliumClusterwideNetworkPolicy: return kCiliumPaths;
    case Kind::kCalicoNetworkPolicy:
    case Kind::kCalicoGlobalNetworkPolicy: return kCalicoPaths;
    case Kind::kAdminNetworkPolicy:
    case Kind::kBaselineAdminNetworkPolicy:
    case Kind::kClusterNetworkPolicy: return kAdminPolicyPaths;
    case Kind::kCertificate: return kCertificatePaths;
    case Kind::kRollout: return kRolloutPaths;
    case Kind::kAnalysisRun: return kAnalysisRunPaths;
    case Kind::kApplication: return kApplicationPaths;
    case Kind::kCanary: return kCanaryPaths;
    case Kind::kHelmRelease: return kHelmReleasePaths;
    case Kind::kKustomization: return kKustomizationPaths;
    case Kind::kScaledObject: return kScaledObjectPaths;
    case Kind::kVerticalPodAutoscaler: return kVpaPaths;
    case Kind::kVulnerabilityReport: return kVulnerabilityPaths;
    case Kind::kVeleroSchedule: return kVeleroSchedulePaths;
    case Kind::kVeleroBackup: return kVeleroBackupPaths;
    case Kind::kK8upSchedule: return kK8upSchedulePaths;
    case Kind::kK8upBackup: return kK8upBackupPaths;
    case Kind::kVolumeSnapshot: return kVolumeSnapshotPaths;
    case Kind::kSnapshotSchedule: return kSnapshotSchedulePaths;
    case Kind::kReplicationSource: return kReplicationSourcePaths;
    case Kind::kKastenPolicy: return kKastenPolicyPaths;
    case Kind::kLonghornRecurringJob: return kLonghornJobPaths;
    case Kind::kLonghornVolume: return kLonghornVolumePaths;
    case Kind::kCnpgScheduledBackup: return kCnpgSchedulePaths;
    case Kind::kCnpgBackup: return kCnpgBackupPaths;
    case Kind::kServiceMonitor: return kServiceMonitorPaths;
    case Kind::kPodMonitor: return kPodMonitorPaths;
    case Kind::kProbe: return kProbePaths;
    case Kind::kVmProbe: return kVmProbePaths;
    case Kind::kEndpointMonitor: return kEndpointMonitorPaths;
    case Kind::kPrometheusRule:
    case Kind::kVmRule: return kRulePaths;
    case Kind::kPrometheus:
    case Kind::kPrometheusAgent:
    case Kind::kThanosRuler: return kPrometheusPaths;
    // VictoriaMetrics' operator took over the fields that are read of Prometheus' operator.
    case Kind::kVmServiceScrape: return kServiceMonitorPaths;
    case Kind::kVmPodScrape: return kPodMonitorPaths;
    case Kind::kPodMonitoring:
    case Kind::kClusterPodMonitoring: return kPodMonitoringPaths;
    case Kind::kGrafanaDashboard: return kGrafanaDashboardPaths;
    case Kind::kPodMetrics: return kPodMetricsPaths;
    case Kind::kServerVersion: return kServerVersionPaths;
    case Kind::kContainerThrottling: return kThrottlingPaths;
    case Kind::kVolumeStats: return kVolumeStatsPaths;
    case Kind::kScrapeTarget: return kScrapeTargetPaths;
    case Kind::kAlertDelivery: return kAlertDeliveryPaths;
    case Kind::kImageConfig: return kImageConfigPaths;
    case Kind::kLogSample: return kLogSamplePaths;
    default: return {};
  }
}

}  // namespace seaworthy::cache
