// The one list of checks, in the order of the checklist. A file that nobody lists here fails tests/repo.
#pragma once

#include <span>

#include "seaworthy/check.h"

namespace seaworthy::checks {

// design
extern const Check kTwelveFactorReview;
extern const Check kStatelessDeployment;

// images
extern const Check kImageTag;
extern const Check kImageDigest;
extern const Check kImageSize;
extern const Check kImageVulnerabilities;
extern const Check kImageBaseSupported;
extern const Check kImageUpdates;
extern const Check kImageAge;
extern const Check kImageBuildLeftovers;
extern const Check kImageScannerPresent;

// namespaces
extern const Check kNamespaceNotDefault;
extern const Check kNamespaceOneApplication;
extern const Check kRecommendedLabels;
extern const Check kNoBarePods;
extern const Check kOwnerDeclared;

// environments
extern const Check kReleaseTool;
extern const Check kNoCopiedManifests;

// replicas
extern const Check kReplicas;
extern const Check kReplicasAvailable;
extern const Check kRolloutKeptAvailable;
extern const Check kPodLossSurvived;
extern const Check kPodsStart;
extern const Check kServiceMatches;
extern const Check kServiceReadyEndpoints;
extern const Check kServiceSelectorExact;
extern const Check kAutoscalerWorks;
extern const Check kAutoscalerHeadroom;

// resources
extern const Check kCpuRequest;
extern const Check kMemoryRequest;
extern const Check kMemoryLimit;
extern const Check kCpuLimit;
extern const Check kMemoryRequestEqualsLimit;
extern const Check kRequestsSchedulable;
extern const Check kLimitsNotTooLow;
extern const Check kRequestsMatchUsage;
extern const Check kEphemeralStorage;
extern const Check kNamespaceQuota;
extern const Check kQuotaHeadroom;
extern const Check kNodeOvercommit;
extern const Check kSurvivesNodeLoss;

// placement
extern const Check kPlacementDeclared;
extern const Check kNoNoisyNeighbours;
extern const Check kWorkloadsSeparated;
extern const Check kNodePools;
extern const Check kPriorityClass;

// disruption
extern const Check kSpreadDeclared;
extern const Check kSpreadAcrossNodes;
extern const Check kSpreadAcrossZones;
extern const Check kPdb;
extern const Check kPdbSensible;
extern const Check kPdbSingle;
extern const Check kPdbOrphan;
extern const Check kPdbUnhealthyEviction;
extern const Check kStatefulService;
extern const Check kDrainSafe;

// configuration
extern const Check kConfigInjected;
extern const Check kNoPlainSecrets;
extern const Check kConfigReferencesExist;
extern const Check kConfigRollout;
extern const Check kCapacityConsistent;
extern const Check kRuntimeMemoryFits;
extern const Check kLoadTest;

// health
extern const Check kReadinessProbe;
extern const Check kLivenessProbe;
extern const Check kProbePort;
extern const Check kProbesDistinct;
extern const Check kProbeTiming;
extern const Check kNotRestarting;

// lifecycle
extern const Check kPreStop;
extern const Check kGracePeriod;
extern const Check kGracefulStopObserved;
extern const Check kStuckTerminating;

// maintenance
extern const Check kMaintenancePage;
extern const Check kIngressBackend;
extern const Check kIngressTls;
extern const Check kCertificateValid;

// storage
extern const Check kVolumeExpandable;
extern const Check kClaimBound;
extern const Check kVolumeUsage;
extern const Check kVolumeRetained;
extern const Check kClaimRetention;
extern const Check kLocalStorageReplicated;

// backups
extern const Check kBackupScheduled;
extern const Check kBackupRecent;
extern const Check kRestoreTest;
extern const Check kEtcdBackup;

// third-party
extern const Check kThirdPartyChart;
extern const Check kDeprecatedApi;
extern const Check kKubernetesSupported;

// security
extern const Check kRunAsNonRoot;
extern const Check kNoPrivilegeEscalation;
extern const Check kCapabilitiesDropped;
extern const Check kReadOnlyRoot;
extern const Check kSeccomp;
extern const Check kNotPrivileged;
extern const Check kNoHostNamespaces;
extern const Check kNoHostPath;
extern const Check kNoUnsafeSysctls;
extern const Check kNoHostPorts;
extern const Check kPodSecurityLevel;
extern const Check kNamespacePodSecurity;
extern const Check kServiceAccount;
extern const Check kNetworkPolicy;
extern const Check kNamespaceNetworkPolicy;

// delivery
extern const Check kDeployedByPipeline;
extern const Check kManualChange;
extern const Check kPipelineTests;
extern const Check kSmokeTest;
extern const Check kUpdateStrategy;
extern const Check kRolloutCanProceed;
extern const Check kRolloutComplete;
extern const Check kMinReadySeconds;
extern const Check kProgressDeadline;
extern const Check kProgressiveDelivery;
extern const Check kWebhookSafe;

// monitoring
extern const Check kMetricsScraped;
extern const Check kExporter;
extern const Check kAlertsDefined;
extern const Check kDashboard;
extern const Check kRunbook;
extern const Check kMonitoringStack;
extern const Check kAlertRoute;
extern const Check kServiceMesh;
extern const Check kExternalCheck;

// logging
extern const Check kLogsStructured;
extern const Check kLogsToStdout;
extern const Check kLogCollector;
extern const Check kLogStore;

// cronjobs
extern const Check kCronLastSuccess;
extern const Check kCronDeadline;
extern const Check kCronConcurrency;
extern const Check kCronLimits;
extern const Check kCronHistory;

// platform
extern const Check kNodeReady;
extern const Check kNodeVersionSkew;
extern const Check kMultiZone;
extern const Check kControlPlaneRedundant;
extern const Check kClusterDns;
extern const Check kApiServicesAvailable;
extern const Check kControlPlaneVersion;

// In reference order; ids are unique.
std::span<const Check* const> AllChecks();
// nullptr when there is none.
const Check* FindCheck(std::string_view id);

}  // namespace seaworthy::checks
