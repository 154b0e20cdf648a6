#include <string>
#include <utility>

#include "checks/all_checks.h"
#include "checks/common/backups.h"
#include "checks/common/claims.h"
#include "checks/common/findings.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (!HasClaims(context)) return kNoClaims;
  return Rebuildable(context);
}

// The policy of the volume itself where there is one, else that of the class it would be made with; and whose it is.
std::pair<std::string_view, std::string> PolicyOf(const Context& context, const ClaimUse& use) {
  if (use.claim != nullptr && !use.claim->volume.empty()) {
    if (const PersistentVolume* volume = context.FindVolume(use.claim->volume))
      return {volume->reclaim_policy.view(), "its volume"};
  }
  if (use.claim == nullptr && use.made_from == nullptr) return {};
  const ClaimClass storage = ClassOf(context, use);
  if (storage.object == nullptr) return {};
  const std::string_view policy = storage.object->reclaim_policy;
  return {policy.empty() ? "Delete" : policy, "StorageClass " + storage.name.str()};
}

Outcome Run(const Context& context) {
  if (auto na = HoldsBackups(context)) return *std::move(na);
  Findings findings(context);
  UnknownCause cause = context.offline() ? UnknownCause::kNotInInput : UnknownCause::kNotObserved;
  for (const ClaimUse& use : ClaimsUsed(context)) {
    const auto [policy, whose] = PolicyOf(context, use);
    if (policy == "Retain") continue;
    const BackupCover cover = CoverOf(context, use);
    if (cover.covered()) continue;
    if (policy.empty()) {
      // Bound by hand to a volume that is not seen, or not bound at all.
      for (const Kind kind : {Kind::kPersistentVolumeClaim, Kind::kPersistentVolume, Kind::kStorageClass}) {
        if (context.offline() || Usable(context, kind)) continue;
        return *Missing(context, kind);
      }
      findings.Add(Verdict::kUnknown, {},
                   use.what + ": neither its volume nor its StorageClass is " +
                       (context.offline() ? "among the files" : "there to say what happens when it is deleted"));
      continue;
    }
    if (cover.state == BackupCover::State::kSourceMissing) return *Missing(context, cover.missing);
    if (context.offline()) {
      findings.Add(Verdict::kUnknown, {},
                   use.what + ": " + whose + " says " + std::string(policy) +
                       ", and whether a backup is made shows in a cluster only");
      cause = UnknownCause::kOffline;
      continue;
    }
    findings.Add(Verdict::kFail, {},
                 use.what + ": deleting the claim deletes the data (" + whose + " says " + std::string(policy) +
                     "), and no backup of it is seen");
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = cause;
  return outcome;
}

}  // namespace

constinit const Check kVolumeRetained = {
    .id = "volume-retained",
    .title = "Deleting a claim does not destroy the only copy of the data",
    .section = Section::kStorage,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when each claim's volume has reclaim policy Retain (a volume that is not there yet: its StorageClass) "
        "or is taken by a backup schedule (backup-scheduled); fails when one is deleted with its claim and no backup "
        "of it is seen. Not applicable without claims and for rebuildable data.",
    .why =
        "kubectl delete namespace, a chart that is uninstalled, a pruning GitOps tool: claims are deleted by accident, "
        "and with policy Delete the disk is gone a second later.",
    .fix =
        "Back the volume up. Or patch the volume: kubectl patch pv NAME -p "
        "'{\"spec\":{\"persistentVolumeReclaimPolicy\":\"Retain\"}}'; for new ones use a StorageClass with "
        "reclaimPolicy: Retain, and clean up released volumes by hand.",
    .source = "M. Volumes: volumes of the right size",
    .traps =
        "Retain is not asked of everybody: with a backup Delete is right and saves disks that nobody cleans up. The "
        "policy of the volume counts, not that of the class it once came from. What makes the backups of another "
        "workload (seaworthy.dev/backup-of) is not asked for a backup of them.",
    .reads = kBackupKinds | KindSet{Kind::kPersistentVolume, Kind::kStorageClass, Kind::kPod},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
