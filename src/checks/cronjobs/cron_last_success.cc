#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/cron_schedule.h"
#include "checks/common/sources.h"
#include "checks/common/time_text.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"graceMinutes", 5, "a run may take so long at least before it counts as missed, whatever earlier runs took"},
    {"suspendedDays", 30, "a CronJob that has been suspended for longer is named"},
};
constexpr std::int64_t kDay = 86400;

// The median of the runs that are kept (successfulJobsHistoryLimit); 0 where none is.
std::int64_t UsualRun(const Context& context) {
  std::vector<std::int64_t> runs;
  for (const Workload* job : context.Jobs()) {
    if (!job->job_complete || !job->job_started.set() || job->job_completed < job->job_started) continue;
    runs.push_back(job->job_completed.seconds - job->job_started.seconds);
  }
  if (runs.empty()) return 0;
  std::sort(runs.begin(), runs.end());
  return runs[runs.size() / 2];
}

const Workload* NewestRun(const Context& context) {
  const Workload* newest = nullptr;
  for (const Workload* job : context.Jobs()) {
    if (newest == nullptr || job->meta.created > newest->meta.created) newest = job;
  }
  return newest;
}

// From when on the schedule has been what it is: what it would have been due before says nothing. The entries of
// managedFields date the last change of each writer.
Timestamp InForceSince(const Workload& workload) {
  Timestamp since = workload.meta.created;
  for (const FieldManager& manager : workload.meta.managers) {
    if (manager.subresource.empty()) since = std::max(since, manager.time);
  }
  return since;
}

struct DueTimes {
  Timestamp last, before;  // of those whose runs should have ended by now
  Timestamp next_look;     // when the next one should have
};

DueTimes DueBy(const CronSchedule& schedule, const Workload& workload, std::int64_t now, std::int64_t allowance) {
  // "@every" counts from the last run, which is late at most by one run that did not come.
  const Timestamp anchor = workload.cron->last_success.set() ? workload.cron->last_success : workload.meta.created;
  DueTimes due;
  const Timestamp at{now - allowance};
  if (schedule.by_interval()) {
    const std::int64_t every = std::max<std::int64_t>(schedule.UsualInterval(anchor), 1);
    const std::int64_t times = std::max<std::int64_t>((at.seconds - anchor.seconds) / every, 0);
    if (times >= 1) due.last = {anchor.seconds + times * every};
    if (times >= 2) due.before = {due.last.seconds - every};
    due.next_look = {anchor.seconds + (times + 1) * every + allowance};
    return due;
  }
  due.last = schedule.Previous(at, anchor);
  if (due.last.set()) due.before = schedule.Previous({due.last.seconds - 1}, anchor);
  const Timestamp next = schedule.Next(at);
  if (next.set()) due.next_look = {next.seconds + allowance};
  return due;
}

// What became of the newest runs, as far as it is known. A run that began a moment ago says nothing: with it the text
// would change.
std::string RunsSay(const Context& context, Timestamp due) {
  const Workload *ended = nullptr, *hangs = nullptr;
  for (const Workload* job : context.Jobs()) {
    if (!job->job_complete && !job->job_failed) {
      if (job->meta.created <= due && (hangs == nullptr || job->meta.created < hangs->meta.created)) hangs = job;
    } else if (ended == nullptr || job->meta.created > ended->meta.created) {
      ended = job;
    }
  }
  if (hangs != nullptr) return "; a run that began on " + DateTimeText(hangs->meta.created) + " has not ended";
  if (ended != nullptr && ended->job_failed) return "; the newest run that ended failed";
  if (!context.workload().cron->last_schedule.set() || context.workload().cron->last_schedule < due)
    return "; no run was started";
  return {};
}

Outcome Suspended(const Context& context) {
  const auto days = static_cast<std::int64_t>(context.Param("suspendedDays"));
  const Timestamp last = context.workload().cron->last_schedule;
  const Timestamp long_ago{last.seconds + days * kDay};
  if (last.set() && context.now_seconds() >= long_ago.seconds)
    return Outcome::Na("suspended; it has not run for more than " + std::to_string(days) + " days");
  Outcome outcome = Outcome::Na("suspended");
  return last.set() ? std::move(outcome).RecheckAt(long_ago) : std::move(outcome);
}

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  const CronSpec& cron = workload.cron;
  if (cron.suspend) return Suspended(context);
  if (context.offline())
    return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows whether its runs succeed");
  const Result<CronSchedule> schedule = CronSchedule::OfCronJob(cron.schedule, cron.time_zone);
  if (!schedule.ok()) {
    return Outcome::Unknown(UnknownCause::kUnreadable, "its schedule cannot be read: " + schedule.status().message())
        .At("spec.schedule");
  }
  const auto grace = static_cast<std::int64_t>(context.Param("graceMinutes") * 60);
  const std::int64_t usual = UsualRun(context);
  const DueTimes due = DueBy(*schedule, workload, context.now_seconds(), std::max(usual, grace));
  if (!due.last.set() && !due.next_look.set())
    return Outcome::Unknown(UnknownCause::kUnreadable, "its schedule is due at no time within five years")
        .At("spec.schedule");
  const bool succeeded = cron.last_success.set();
  if (succeeded && (!due.before.set() || cron.last_success >= due.before))
    return Outcome::Pass().RecheckAt(due.next_look);
  if (!due.before.set() || due.before <= InForceSince(workload)) {
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            "it has not been due twice since it was last changed, and " +
                                (succeeded ? "no run has succeeded since " + DateTimeText(cron.last_success)
                                           : std::string("no run has succeeded yet")))
        .RecheckAt(due.next_look);
  }
  const Workload* newest = NewestRun(context);
  const bool runs = newest != nullptr && !newest->job_complete && !newest->job_failed;
  if (runs && usual == 0 && newest->job_started >= due.before) {
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            "a run is under way, and how long one usually takes is not known")
        .RecheckAt(due.next_look);
  }
  // Without the due times, which move on while the finding stays.
  std::string message = succeeded ? "no run has succeeded since " + DateTimeText(cron.last_success) +
                                        ", and it has been due at least twice since"
                                  : "no run has ever succeeded, and it has been due at least twice";
  return Outcome::Fail(message + RunsSay(context, due.before)).RecheckAt(due.next_look);
}

}  // namespace

constinit const Check kCronLastSuccess = {
    .id = "cron-last-success",
    .title = "Its runs succeed when they are due",
    .section = Section::kCronJobs,
    .severity = Severity::kCritical,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kCronJob},
    .rule =
        "Fails when no run has succeeded (status.lastSuccessfulTime) since the second-to-last due time, counting due "
        "times by schedule and timeZone whose run should have ended: the median time of the runs that are kept, at "
        "least 5 minutes, is added to each. Passes otherwise. Unknown in a scan, before it has been due twice since "
        "the CronJob was last changed, for a schedule that cannot be read, and while a first run of unknown length is "
        "under way. Not applicable while suspended; after 30 days without a run that is said.",
    .why =
        "A nightly job that fails is noticed when its result is needed: the backup that is to be restored, the "
        "invoices at the end of the month. Nothing else in the cluster turns red.",
    .fix =
        "Read the log of the newest Job (kubectl logs job/NAME). Where none was started, see startingDeadlineSeconds "
        "and whether an earlier run still goes under concurrencyPolicy Forbid. Suspend what is not needed.",
    .source = "Kubernetes: CronJob, status.lastSuccessfulTime",
    .traps =
        "One failed run alone is no fault: the next may mend it. After a change of the CronJob, or a resume, counting "
        "begins anew: until it has been due twice again only a recent success passes. Without timeZone the "
        "controller's clock is taken to be UTC.",
    .reads = {Kind::kJob},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
