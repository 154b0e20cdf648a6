#include <string>

#include "checks/all_checks.h"
#include "checks/common/backups.h"
#include "checks/common/claims.h"
#include "checks/common/paths.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (context.workload().claim_templates.empty()) return "it has no volumeClaimTemplates";
  return Rebuildable(context);
}

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  std::string what;
  if (workload.claims_when_deleted == "Delete")
    what = "whenDeleted is Delete: deleting the StatefulSet deletes the data";
  if (workload.claims_when_scaled == "Delete") {
    if (!what.empty()) what += "; ";
    what += "whenScaled is Delete: scaling down deletes data";
  }
  if (what.empty()) return Outcome::Pass();
  for (const ClaimUse& use : ClaimsUsed(context)) {
    if (use.made_from == nullptr) continue;
    const BackupCover cover = CoverOf(context, use);
    if (cover.covered()) continue;
    if (cover.state == BackupCover::State::kSourceMissing) return *Missing(context, cover.missing);
    if (context.offline())
      return Outcome::Unknown(UnknownCause::kOffline, what + "; whether a backup is made shows in a cluster only");
    return Outcome::Warn(what + ", and no backup of " + use.what + " is seen")
        .At("spec.persistentVolumeClaimRetentionPolicy");
  }
  return Outcome::Pass(what + "; a backup is made");
}

std::string MakePatch(const Context& context) {
  return Patch(context.workload())
      .Spec("\"persistentVolumeClaimRetentionPolicy\":{\"whenDeleted\":\"Retain\",\"whenScaled\":\"Retain\"}")
      .Build();
}

}  // namespace

constinit const Check kClaimRetention = {
    .id = "claim-retention",
    .title = "A StatefulSet keeps its claims when it is scaled down or deleted",
    .section = Section::kStorage,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kStatefulSet},
    .penalty_only = true,
    .rule =
        "Warns when persistentVolumeClaimRetentionPolicy has whenDeleted or whenScaled Delete and no backup schedule "
        "takes the claims. Left out, it passes: Retain is the default. Not applicable without volumeClaimTemplates and "
        "for rebuildable data.",
    .why =
        "kubectl scale to 1 for a quiet weekend deletes the other replicas' data; with a wrong count in Git, so does a "
        "merge.",
    .fix = "Leave the policy out, or set both to Retain, or back the volumes up.",
    .source = "Kubernetes: StatefulSets, PersistentVolumeClaim retention",
    .reads = kBackupKinds | KindSet{Kind::kPersistentVolume, Kind::kPod},
    .applies = Applies,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
