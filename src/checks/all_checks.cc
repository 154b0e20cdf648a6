#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

constexpr const Check* kAll[] = {
    // design
    &kTwelveFactorReview,
    &kStatelessDeployment,
    // images
    &kImageTag,
    &kImageDigest,
    &kImageSize,
    &kImageVulnerabilities,
    &kImageBaseSupported,
    &kImageUpdates,
    &kImageAge,
    &kImageBuildLeftovers,
    &kImageScannerPresent,
    // namespaces
    &kNamespaceNotDefault,
    &kNamespaceOneApplication,
    &kRecommendedLabels,
    &kNoBarePods,
    &kOwnerDeclared,
    // environments
    &kReleaseTool,
    &kNoCopiedManifests,
    // replicas
    &kReplicas,
    &kReplicasAvailable,
    &kRolloutKeptAvailable,
    &kPodLossSurvived,
    &kPodsStart,
    &kServiceMatches,
    &kServiceReadyEndpoints,
    &kServiceSelectorExact,
    &kAutoscalerWorks,
    &kAutoscalerHeadroom,
    // resources
    &kCpuRequest,
    &kMemoryRequest,
    &kMemoryLimit,
    &kCpuLimit,
    &kMemoryRequestEqualsLimit,
    &kRequestsSchedulable,
    &kLimitsNotTooLow,
    &kRequestsMatchUsage,
    &kEphemeralStorage,
    &kNamespaceQuota,
    &kQuotaHeadroom,
    &kNodeOvercommit,
    &kSurvivesNodeLoss,
    // placement
    &kPlacementDeclared,
    &kNoNoisyNeighbours,
    &kWorkloadsSeparated,
    &kNodePools,
    &kPriorityClass,
    // disruption
    &kSpreadDeclared,
    &kSpreadAcrossNodes,
    &kSpreadAcrossZones,
    &kPdb,
    &kPdbSensible,
    &kPdbSingle,
    &kPdbOrphan,
    &kPdbUnhealthyEviction,
    &kStatefulService,
    &kDrainSafe,
    // configuration
    &kConfigInjected,
    &kNoPlainSecrets,
    &kConfigReferencesExist,
    &kConfigRollout,
    &kCapacityConsistent,
    &kRuntimeMemoryFits,
    &kLoadTest,
    // health
    &kReadinessProbe,
    &kLivenessProbe,
    &kProbePort,
    &kProbesDistinct,
    &kProbeTiming,
    &kNotRestarting,
    // lifecycle
    &kPreStop,
    &kGracePeriod,
    &kGracefulStopObserved,
    &kStuckTerminating,
    // maintenance
    &kMaintenancePage,
    &kIngressBackend,
    &kIngressTls,
    &kCertificateValid,
    // storage
    &kVolumeExpandable,
    &kClaimBound,
    &kVolumeUsage,
    &kVolumeRetained,
    &kClaimRetention,
    &kLocalStorageReplicated,
    // backups
    &kBackupScheduled,
    &kBackupRecent,
    &kRestoreTest,
    &kEtcdBackup,
    // third-party
    &kThirdPartyChart,
    &kDeprecatedApi,
    &kKubernetesSupported,
    // security
    &kRunAsNonRoot,
    &kNoPrivilegeEscalation,
    &kCapabilitiesDropped,
    &kReadOnlyRoot,
    &kSeccomp,
    &kNotPrivileged,
    &kNoHostNamespaces,
    &kNoHostPath,
    &kNoUnsafeSysctls,
    &kNoHostPorts,
    &kPodSecurityLevel,
    &kNamespacePodSecurity,
    &kServiceAccount,
    &kNetworkPolicy,
    &kNamespaceNetworkPolicy,
    // delivery
    &kDeployedByPipeline,
    &kManualChange,
    &kPipelineTests,
    &kSmokeTest,
    &kUpdateStrategy,
    &kRolloutCanProceed,
    &kRolloutComplete,
    &kMinReadySeconds,
    &kProgressDeadline,
    &kProgressiveDelivery,
    &kWebhookSafe,
    // monitoring
    &kMetricsScraped,
    &kExporter,
    &kAlertsDefined,
    &kDashboard,
    &kRunbook,
    &kMonitoringStack,
    &kAlertRoute,
    &kServiceMesh,
    &kExternalCheck,
    // logging
    &kLogsStructured,
    &kLogsToStdout,
    &kLogCollector,
    &kLogStore,
    // cronjobs
    &kCronLastSuccess,
    &kCronDeadline,
    &kCronConcurrency,
    &kCronLimits,
    &kCronHistory,
    // platform
    &kNodeReady,
    &kNodeVersionSkew,
    &kMultiZone,
    &kControlPlaneRedundant,
    &kClusterDns,
    &kApiServicesAvailable,
    &kControlPlaneVersion,
};

}  // namespace

std::span<const Check* const> AllChecks() { return kAll; }

const Check* FindCheck(std::string_view id) {
  for (const Check* check : kAll) {
    if (check->id == id) return check;
  }
  return nullptr;
}

}  // namespace seaworthy::checks
