#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

constexpr const Check* kAll[] = {
    // images
    &kImageTag,
    &kImageDigest,
    &kImageSize,
    // namespaces
    &kNamespaceNotDefault,
    &kRecommendedLabels,
    &kNoBarePods,
    // environments
    &kReleaseTool,
    // replicas
    &kReplicas,
    &kReplicasAvailable,
    &kPodsStart,
    &kServiceMatches,
    &kServiceReadyEndpoints,
    // resources
    &kCpuRequest,
    &kMemoryRequest,
    &kMemoryLimit,
    &kCpuLimit,
    &kRequestsSchedulable,
    &kSurvivesNodeLoss,
    // disruption
    &kSpreadDeclared,
    &kSpreadAcrossNodes,
    &kPdb,
    &kPdbSensible,
    &kPdbSingle,
    &kPdbOrphan,
    // configuration
    &kConfigInjected,
    &kNoPlainSecrets,
    &kRuntimeMemoryFits,
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
    &kUpdateStrategy,
    &kRolloutCanProceed,
    &kRolloutComplete,
    // cronjobs
    &kCronDeadline,
    &kCronConcurrency,
    &kCronLimits,
    &kCronHistory,
    // platform
    &kNodeReady,
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
