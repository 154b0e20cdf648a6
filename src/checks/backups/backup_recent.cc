#include <algorithm>
#include <cstdio>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/backups.h"
#include "checks/common/claims.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"intervals", 1.25, "how old the newest complete backup may be, in intervals of its schedule"}};

std::string_view Applies(const Context& context) {
  if (!HasClaims(context)) return kNoClaims;
  return Rebuildable(context);
}

std::string Span(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60, kHour = 3'600, kDay = 86'400;
  const auto text = [](std::int64_t count, const char* unit) {
    return std::to_string(count) + " " + unit + (count == 1 ? "" : "s");
  };
  if (seconds % kDay == 0) return text(seconds / kDay, "day");
  if (seconds % kHour == 0) return text(seconds / kHour, "hour");
  return text((seconds + kMinute - 1) / kMinute, "minute");
}

std::string Factor(double factor) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", factor);
  return text;
}

// When the next one after `last` is too late: its due time, and the part of an interval that it may take. So over a
// weekend on which nothing is due, nothing is late. Unset: never due.
Timestamp LateAfter(const CronSchedule& schedule, Timestamp last, double intervals) {
  const Timestamp due = schedule.Next(last);
  if (!due.set()) return {};
  const Timestamp after = schedule.Next(due);
  const std::int64_t interval = after.set() ? after.seconds - due.seconds : due.seconds - last.seconds;
  return {due.seconds + static_cast<std::int64_t>(static_cast<double>(interval) * std::max(intervals - 1, 0.0))};
}

Outcome Judge(const Context& context, const ClaimUse& use, const BackupPlan& plan) {
  const std::string who = use.what + ": " + plan.name;
  if (!plan.shows_results) {
    return Outcome::Unknown(UnknownCause::kAbsent, who + " takes it; how its runs went is not to be seen by this API");
  }
  if (!plan.schedule) {
    return Outcome::Unknown(UnknownCause::kUnreadable, who + " takes it, and when it is due cannot be read");
  }
  const double intervals = context.Param("intervals");
  const std::int64_t now = context.now_seconds();
  const std::int64_t usual = plan.schedule->UsualInterval({now});
  const Timestamp late = LateAfter(*plan.schedule, plan.completed.set() ? plan.completed : plan.made, intervals);
  if (!late.set()) return Outcome::Fail(who + " is never due").Settled();
  const bool in_time = now <= late.seconds;
  if (plan.completed.set() && in_time) return Outcome::Pass("by " + plan.name).RecheckAt({late.seconds + 1});
  const Timestamp partly_late =
      plan.partial > plan.completed ? LateAfter(*plan.schedule, plan.partial, intervals) : Timestamp();
  if (partly_late.set() && now <= partly_late.seconds) {
    return Outcome::Warn(who + ": the newest backup is incomplete (PartiallyFailed)")
        .Since(plan.partial)
        .RecheckAt({partly_late.seconds + 1});
  }
  if (!plan.completed.set() && in_time) {
    return Outcome::Unknown(UnknownCause::kNotObserved, who + " takes it; its first backup is yet to come")
        .RecheckAt({late.seconds + 1});
  }
  std::string what =
      !plan.completed.set()
          ? plan.expired ? " keeps no backup: the newest has expired" : " has never completed a backup"
          : " has no complete backup younger than " + Factor(intervals) + " x its interval of " + Span(usual);
  return Outcome::Fail(who + what).Since(late);
}

// Of several plans the best counts, of several claims the worst.
int Badness(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFail: return 3;
    case Verdict::kWarn: return 2;
    case Verdict::kUnknown: return 1;
    default: return 0;
  }
}
int BadnessOfPlan(Verdict verdict) {
  return verdict == Verdict::kUnknown ? 2 : verdict == Verdict::kWarn ? 1 : Badness(verdict);
}

Outcome Run(const Context& context) {
  if (!context.offline()) {
    if (auto missing = Missing(context, Kind::kPersistentVolumeClaim)) return *std::move(missing);
  }
  Outcome worst = Outcome::Pass();
  bool covered = false;
  Timestamp recheck;
  for (const ClaimUse& use : ClaimsUsed(context)) {
    const BackupCover cover = CoverOf(context, use);
    if (!cover.covered()) continue;
    if (context.offline()) return Outcome::Unknown(UnknownCause::kOffline, "how backups went shows in a cluster only");
    Outcome best = Judge(context, use, cover.plans.front());
    for (std::size_t i = 1; i < cover.plans.size(); ++i) {
      Outcome other = Judge(context, use, cover.plans[i]);
      if (BadnessOfPlan(other.verdict) < BadnessOfPlan(best.verdict)) best = std::move(other);
    }
    const auto earlier = [&recheck](Timestamp time) {
      if (time.set() && (!recheck.set() || time < recheck)) recheck = time;
    };
    earlier(best.recheck);
    for (const BackupPlan& plan : cover.plans) earlier(plan.next_expiry);
    if (!covered || Badness(best.verdict) > Badness(worst.verdict)) worst = std::move(best);
    covered = true;
  }
  if (!covered) return Outcome::Na("no backup schedule that is known here takes its claims (backup-scheduled)");
  worst.recheck = recheck;
  return worst;
}

}  // namespace

constinit const Check kBackupRecent = {
    .id = "backup-recent",
    .title = "The newest backup is complete and as young as its schedule promises",
    .section = Section::kBackups,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .holds = true,
    .rule =
        "Passes when the newest complete backup by a schedule that takes the claim is not older than 1.25 x the "
        "interval of that schedule, counted from when it started; of several schedules the best counts. Warns when the "
        "newest in time is PartiallyFailed. Fails when there is none in time, when the newest has expired, or when "
        "none was ever made although one was due. Unknown before the first is due, and where results are not to be "
        "seen (Kasten). Not applicable where nothing takes the claims, and for rebuildable data.",
    .why =
        "Backups that worked once stop working quietly: a rotated key, a full bucket, a snapshot class that was "
        "renamed. It is noticed on the day of the restore.",
    .fix =
        "Look at the tool's newest run (velero backup describe --details, kubectl describe backup) and mend what it "
        "complains of. Make backups live longer than their interval (ttl).",
    .source = "N. Backups: backups of stateful data",
    .traps =
        "The interval is read from the schedule as the tool reads it, time zone and weekends included: a backup of "
        "Friday is no failure on Monday morning where nothing is due in between. A backup whose ttl has run out counts "
        "as none. CronJobs count by their last successful run.",
    .reads = kBackupKinds,
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
