#include <algorithm>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/backups.h"
#include "checks/common/claims.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  if (!HasClaims(context)) return kNoClaims;
  return Rebuildable(context);
}

void AddOnce(std::string& list, const std::string& item) {
  if (list.find(item) == std::string::npos) list += (list.empty() ? "" : ", ") + item;
}

Outcome Run(const Context& context) {
  if (auto na = HoldsBackups(context)) return *std::move(na);
  if (!context.offline()) {
    if (auto missing = Missing(context, Kind::kPersistentVolumeClaim)) return *std::move(missing);
  }
  std::string by, uncovered, why, unclear;
  bool absence = true, no_tool = false;
  Kind source = Kind::kCount;
  for (const ClaimUse& use : ClaimsUsed(context)) {
    const BackupCover cover = CoverOf(context, use);
    switch (cover.state) {
      case BackupCover::State::kCovered:
        for (const BackupPlan& plan : cover.plans) AddOnce(by, plan.name);
        break;
      case BackupCover::State::kUnclear: AddOnce(unclear, use.what + ": " + cover.why); break;
      case BackupCover::State::kNoTool: no_tool = true; break;
      case BackupCover::State::kSourceMissing: source = cover.missing; break;
      case BackupCover::State::kNot:
        AddOnce(uncovered, use.what);
        if (why.empty()) why = cover.why;
        absence = absence && !cover.seen_wrong;
        break;
    }
  }
  if (context.offline() && (no_tool || !uncovered.empty() || !unclear.empty())) {
    return Outcome::Unknown(UnknownCause::kOffline,
                            "no backup schedule for it is among the files; a cluster shows whether there is one");
  }
  if (!uncovered.empty()) {
    Outcome outcome = Outcome::Fail("no backup takes " + uncovered + ": " + why);
    outcome.absence = absence;
    return outcome;
  }
  if (source != Kind::kCount) return *Missing(context, source);
  if (!unclear.empty()) return Outcome::Unknown(UnknownCause::kNotObserved, std::move(unclear));
  if (no_tool) {
    return Outcome::Unknown(
        UnknownCause::kAbsent,
        "no backup tool that is known here is in the cluster: label the CronJob that makes the backup "
        "seaworthy.dev/backup-of: <workload>, or attest it");
  }
  return Outcome::Pass("by " + by);
}

}  // namespace

constinit const Check kBackupScheduled = {
    .id = "backup-scheduled",
    .title = "Volumes are backed up by a schedule",
    .section = Section::kBackups,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .attestable = true,
    .max_days = 30,
    .rule =
        "Passes when a schedule that is switched on takes each claim: a Velero Schedule (namespaces, resources, "
        "labels, and by snapshot or from the file system), a K8up Schedule, a SnapshotSchedule, a VolSync "
        "ReplicationSource, a Kasten Policy, a Longhorn RecurringJob of task backup, a CloudNativePG ScheduledBackup, "
        "or a CronJob labelled seaworthy.dev/backup-of with the workload's or the claim's name. Fails when one of "
        "these tools is there and none takes the claim, with the reason of the schedule that comes nearest. Unknown "
        "where no tool is known, or where what decides is not read. Not applicable without claims and for rebuildable "
        "data.",
    .why =
        "Disks fail seldom; people delete the wrong thing, migrations go wrong and ransomware encrypts. A volume that "
        "no schedule takes is lost then, and nobody notices before.",
    .fix =
        "Include the namespace in a schedule and see that it takes the volumes, not the objects alone: snapshotVolumes "
        "or defaultVolumesToFsBackup. For dumps by a CronJob of your own: label it seaworthy.dev/backup-of: "
        "<workload>. Data that can be made anew: annotation seaworthy.dev/data: rebuildable.",
    .source = "N. Backups: backups of stateful data",
    .traps =
        "A namespace that a Velero Schedule includes is not enough: snapshotVolumes: false without file-system backup "
        "takes the objects and leaves the data; NFS, local and hostPath volumes have no snapshots, "
        "nor have those of some CSI drivers (EFS, FSx for Lustre, S3, SMB, Hetzner Cloud); label "
        "velero.io/exclude-from-backup leaves out. Velero's server writes its default for file systems into the "
        "Backups that it makes, and is believed from there. Longhorn snapshots stay on the disks that they protect and "
        "are no backups. Caches, search indexes and time series are left out unless seaworthy.dev/data says otherwise."
        " What makes the backups of another workload (label or annotation seaworthy.dev/backup-of) is "
        "not asked for a backup of them.",
    .reads = kBackupKinds,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
