// Which backup schedules take a volume, and how their last runs went: one place for every check that asks.
//
// Known are Velero, K8up, snapscheduler, VolSync, Kasten, Longhorn, CloudNativePG, and CronJobs that say by label or
// annotation `seaworthy.dev/backup-of` what they back up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/common/claims.h"
#include "checks/common/cron_schedule.h"
#include "seaworthy/check.h"

namespace seaworthy::checks {

// A schedule that takes the volume.
struct BackupPlan {
  std::string name;                      // "Velero Schedule velero/daily"
  std::optional<CronSchedule> schedule;  // nullopt: when it is due is not known
  Timestamp made;                        // since when the plan is there
  Timestamp completed;                   // start of the newest backup that is complete and still kept
  Timestamp partial;                     // of the newest that is not complete
  bool expired = false;                  // there was a complete one, and its time has run out
  Timestamp next_expiry;                 // when the next of those that are kept runs out
  bool shows_results = true;
};

struct BackupCover {
  enum class State : std::uint8_t {
    kCovered,
    kUnclear,        // a plan may take it; `why` says what is not known
    kNot,            // there are tools, and none takes it; `why` is the nearest plan's reason
    kNoTool,         // none that is known here
    kSourceMissing,  // `missing` may be the tool, and cannot be read
  };
  State state = State::kNoTool;
  std::vector<BackupPlan> plans;
  std::string why;
  bool seen_wrong = false;  // the nearest plan would take it, but is paused or refused
  Kind missing = Kind::kCount;

  bool covered() const { return state == State::kCovered; }
};

// Kinds: kBackupKinds.
BackupCover CoverOf(const Context& context, const ClaimUse& use);

inline constexpr KindSet kBackupKinds = {Kind::kPersistentVolumeClaim,
                                         Kind::kPersistentVolume,
                                         Kind::kPod,
                                         Kind::kNamespace,
                                         Kind::kCronJob,
                                         Kind::kVeleroSchedule,
                                         Kind::kVeleroBackup,
                                         Kind::kK8upSchedule,
                                         Kind::kK8upBackup,
                                         Kind::kSnapshotSchedule,
                                         Kind::kVolumeSnapshot,
                                         Kind::kReplicationSource,
                                         Kind::kKastenPolicy,
                                         Kind::kLonghornRecurringJob,
                                         Kind::kLonghornVolume,
                                         Kind::kCnpgScheduledBackup,
                                         Kind::kCnpgBackup};

}  // namespace seaworthy::checks
