#include <algorithm>
#include <map>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/health/restarts.h"

namespace seaworthy::checks {
namespace {

constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;
constexpr Param kParams[] = {
    {"perHour", 3, "restarts of one container within an hour that fail"},
    {"perDay", 5, "restarts of one container within 24 hours that fail"},
};

// What is wrong with the containers of one name, over all pods. Ordered by how much it says.
enum class Trouble : std::uint8_t { kNone, kUndecided, kOftenADay, kOftenAnHour, kCrashLoop };

struct Finding {
  Trouble trouble = Trouble::kNone;
  const Container* container = nullptr;  // of the pod: an injected sidecar is in no template
};

const Container* FindContainer(const PodSpec& spec, const Text& name) {
  for (const Container& container : spec.containers) {
    if (container.name == name) return &container;
  }
  return nullptr;
}

void Sooner(Timestamp& recheck, Timestamp candidate) {
  if (candidate.set() && (!recheck.set() || candidate < recheck)) recheck = candidate;
}

Outcome Run(const Context& context) {
  const auto per_hour = static_cast<std::int64_t>(context.Param("perHour"));
  const auto per_day = static_cast<std::int64_t>(context.Param("perDay"));
  const RestartRule hour{per_hour, kHour}, day{per_day, kDay};
  const RestartEvidence* evidence = context.Restarts();
  std::map<Text, Finding> troubles;
  Timestamp recheck;
  bool any_pod = false;
  for (const Pod* pod : context.CurrentPods()) {
    any_pod = true;
    for (const ContainerStatus& status : pod->containers) {
      Trouble trouble = Trouble::kNone;
      if (status.waiting_reason == "CrashLoopBackOff") {
        trouble = Trouble::kCrashLoop;
      } else if (status.restarts > 0) {
        const RestartHistory history = HistoryOf(*pod, status, evidence);
        const RestartAnswer in_hour = Decide(history, hour, context.now_seconds());
        const RestartAnswer in_day = Decide(history, day, context.now_seconds());
        if (in_hour.truth == RestartAnswer::Truth::kYes) {
          trouble = Trouble::kOftenAnHour;
        } else if (in_day.truth == RestartAnswer::Truth::kYes) {
          trouble = Trouble::kOftenADay;
        } else if (in_hour.truth == RestartAnswer::Truth::kPossible ||
                   in_day.truth == RestartAnswer::Truth::kPossible) {
          trouble = Trouble::kUndecided;
        }
        Sooner(recheck, in_hour.changes_at);
        Sooner(recheck, in_day.changes_at);
      }
      if (trouble == Trouble::kNone) continue;
      Finding& finding = troubles[status.name];
      if (trouble <= finding.trouble) continue;
      finding.trouble = trouble;
      if (pod->spec != nullptr) finding.container = FindContainer(*pod->spec, status.name);
    }
  }
  if (!any_pod) return Outcome::Na("it has no pods of the current revision");
  Findings findings(context);
  bool undecided = false;
  for (const auto& [name, finding] : troubles) {
    std::string what;
    switch (finding.trouble) {
      case Trouble::kNone: continue;
      case Trouble::kUndecided: undecided = true; continue;
      case Trouble::kCrashLoop: what = "in CrashLoopBackOff"; break;
      case Trouble::kOftenAnHour:
        what = "restarted at least " + std::to_string(per_hour) + " times within an hour";
        break;
      case Trouble::kOftenADay:
        what = "restarted at least " + std::to_string(per_day) + " times within 24 hours";
        break;
    }
    if (finding.container == nullptr) {
      findings.Add(Verdict::kFail, {}, "container " + name.str() + ": " + what);
    } else if (FindContainer(context.spec(), name) == nullptr) {
      findings.Add(Verdict::kFail, context.workload(), *finding.container, "",
                   "not in the template (injected), " + what);
    } else {
      findings.Add(Verdict::kFail, context.workload(), *finding.container, "", what);
    }
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kPass && undecided) {
    outcome = Outcome::Unknown(
        UnknownCause::kNotObserved,
        "containers have restarted before they were watched, and when is not known: it shows within 24 hours");
  }
  outcome.recheck = recheck;
  return outcome;
}

}  // namespace

constinit const Check kNotRestarting = {
    .id = "not-restarting",
    .title = "Containers do not keep restarting",
    .section = Section::kHealth,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Looks at the pods of the current revision. A container in CrashLoopBackOff fails, and so does one that "
        "restarted 3 times within an hour or 5 times within 24 hours, counted per container of one pod from what "
        "the watch saw and what the status proves (restart count against the pod's age, the last end). Passes "
        "where that is excluded. Unknown without pods to read (a scan), or where restarts before the watch began "
        "may or may not have been that close. Not applicable without pods. Judged at once, not after 10 minutes.",
    .why =
        "Each restart drops requests and state in flight, and a crash that recurs under load will recur at the "
        "worst time; Kubernetes hides it by starting over.",
    .fix =
        "Read the last run's log (kubectl logs --previous) and its exit code: 137 with OOMKilled wants memory, 143 "
        "a liveness probe with more patience.",
    .source = "J. Health: liveness and readiness, sensible",
    .traps =
        "A restart count alone says nothing: ten in a year are no fault. One restart of each of a hundred pods "
        "is not either. Injected sidecars are named as such and can be waived by container.",
    .reads = {Kind::kPod},
    .needs = {Kind::kPod},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
