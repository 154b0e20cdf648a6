#include <algorithm>
#include <string>

#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  if (context.offline()) return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows how its containers end");
  const AvailabilityEvidence* seen = context.Availability();
  if (seen == nullptr || seen->stops.empty()) {
    return Outcome::Unknown(UnknownCause::kNotObserved,
                            "no container of it has been seen to end after it was asked to yet");
  }
  const auto count = [&](char kind) { return std::count(seen->stops.begin(), seen->stops.end(), kind); };
  const auto all = static_cast<std::ptrdiff_t>(seen->stops.size());
  const auto killed = count(AvailabilityEvidence::kKilled), failed = count(AvailabilityEvidence::kError);
  // The numbers move with every pod; the finding stays.
  if (2 * killed > all) {
    return Outcome::Fail(
        "most of its containers that were asked to stop ended with exit code 137, killed and not by OOM: "
        "they did not stop within the grace period");
  }
  if (2 * (killed + failed) > all) {
    return Outcome::Warn(
        "most of its containers that were asked to stop ended with an error (exit code 1, 2 or another, or "
        "137)");
  }
  return Outcome::Pass();
}

}  // namespace

constinit const Check kGracefulStopObserved = {
    .id = "graceful-stop-observed",
    .title = "Its containers stop by themselves when they are asked to",
    .section = Section::kLifecycle,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .rule =
        "Observed, of the last 20 containers that ended because their pod was deleted. Fails when most ended with exit "
        "code 137 and not by OOM, warns when most ended with an error; 0, 143 and 130 pass. Unknown until one has been "
        "seen, and in a scan.",
    .why =
        "A container that ignores SIGTERM makes every rollout and drain wait for the whole grace period, and then "
        "loses whatever it was doing.",
    .fix =
        "Handle SIGTERM: stop accepting, finish what is in flight, exit 0. Where a shell is PID 1 let it exec the "
        "program, since a shell passes no signal on. Give terminationGracePeriodSeconds the time that this takes.",
    .source = "K. Lifecycle: lifecycle hooks for safe shutdown",
    .traps =
        "Deletions by force, evictions by the kubelet, and sidecars that are not in the template are left out, and so "
        "are exit codes that nobody was told before the pod was gone.",
    .reads = {Kind::kPod},
    .needs = {Kind::kPod},
    .run = Run,
};

}  // namespace seaworthy::checks
