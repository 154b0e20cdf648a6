#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/local_storage.h"
#include "checks/common/paths.h"
#include "checks/common/replicas.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

bool OnOneNodeOnly(const PersistentVolumeClaim& claim) {
  return !claim.access_modes.empty() &&
         std::all_of(claim.access_modes.begin(), claim.access_modes.end(),
                     [](const Text& mode) { return mode == "ReadWriteOnce" || mode == "ReadWriteOncePod"; });
}

void JudgeClaim(const Context& context, const Volume& volume, const ReplicaBounds& bounds, std::size_t index,
                Findings& findings) {
  const std::string path = std::string(TemplatePath(context.workload())) + ".volumes[" + std::to_string(index) + "]";
  const auto claims = context.Claims();
  const auto found = std::find_if(claims.begin(), claims.end(),
                                  [&](const auto* claim) { return claim->meta.name == volume.reference; });
  const std::string name = "PersistentVolumeClaim " + volume.reference.str();
  if (found == claims.end()) {
    // In a cluster a claim that is not there keeps the pods from starting, which is another check's.
    if (context.offline() || !Usable(context, Kind::kPersistentVolumeClaim))
      findings.Add(Verdict::kUnknown, path,
                   name + ": its access modes are not known; give its manifest too, or let claims be read");
    return;
  }
  if (!OnOneNodeOnly(**found)) return;
  findings.Add(Verdict::kFail, path,
               name + " is " + (*found)->access_modes.front().str() + ", and " +
                   (bounds.minimum > 1 ? bounds.source + " asks for more than one replica"
                                       : "its autoscaler may run more than one replica") +
                   "; want a StatefulSet with a claim for each, or ReadWriteMany");
}

Outcome Run(const Context& context) {
  const PodSpec& spec = context.spec();
  const ReplicaBounds& bounds = EffectiveReplicas(context);
  Findings findings(context);
  for (std::size_t i = 0; i < spec.volumes.size(); ++i) {
    const Volume& volume = spec.volumes[i];
    if (volume.source == VolumeSource::kClaim && bounds.maximum > 1) JudgeClaim(context, volume, bounds, i, findings);
    if (volume.source == VolumeSource::kHostPath && MayKeepData(volume.reference) && IsMountedWritable(spec, volume)) {
      findings.Add(Verdict::kWarn,
                   std::string(TemplatePath(context.workload())) + ".volumes[" + std::to_string(i) + "]",
                   "writes to the node's " + volume.reference.str() + ", which stays behind when the pod moves");
    }
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) {
    const bool denied = context.State(Kind::kPersistentVolumeClaim) == SourceState::kDenied;
    outcome.cause = denied              ? UnknownCause::kDenied
                    : context.offline() ? UnknownCause::kNotInInput
                                        : UnknownCause::kPending;
  }
  return outcome;
}

}  // namespace

constinit const Check kStatelessDeployment = {
    .id = "stateless-deployment",
    .title = "A Deployment keeps no state of its own",
    .section = Section::kDesign,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kDeployment},
    .penalty_only = true,
    .rule =
        "Fails when the Deployment may run more than one replica (by its autoscaler, else spec.replicas) and mounts a "
        "PersistentVolumeClaim that is ReadWriteOnce or ReadWriteOncePod only. Warns when a container writes to a "
        "hostPath where data could lie. Unknown where the claim cannot be read or is not among the files of a scan. "
        "Does not apply to other kinds.",
    .why =
        "A ReadWriteOnce volume is attached to one node: replicas on another one hang in ContainerCreating, and two on "
        "one node write to one disk that neither expects to share. Data on a node is lost to the pod with its next "
        "move.",
    .fix =
        "Keep state in a database or object store. What has to keep files itself is a StatefulSet with "
        "volumeClaimTemplates, a claim for each replica; files that all replicas share need a ReadWriteMany class.",
    .source = "A. Application design: twelve-factor design (processes are stateless)",
    .traps =
        "One replica may mount such a claim. Claims that allow ReadWriteMany or ReadOnlyMany, generic ephemeral "
        "volumes (one a pod), emptyDir, read-only mounts, sockets, devices and the system's own folders are no state.",
    .reads = {Kind::kPersistentVolumeClaim, Kind::kHorizontalPodAutoscaler, Kind::kScaledObject},
    .run = Run,
};

}  // namespace seaworthy::checks
