#include <algorithm>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/serving.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr std::int64_t kDelaySeconds = 5;  // of the patch: endpoints have reached every node's proxy by then, as a rule

std::string_view Applies(const Context& context) {
  if (!Usable(context, Kind::kService)) return "";
  const Serving& serving = FindServing(context);
  return serving.none() && !context.Services().truncated ? serving.none_because : "";
}

// A hook that takes time before the container gets SIGTERM. What a command or a request of the application's own does
// cannot be told; it is there for the purpose.
bool Delays(const PreStop& hook) {
  switch (hook.action) {
    case PreStop::Action::kNone:
    case PreStop::Action::kTcpSocket: return false;  // accepted by the API for old manifests, never run
    case PreStop::Action::kSleep: return hook.sleep_seconds.value_or(0) > 0;
    case PreStop::Action::kExec:
    case PreStop::Action::kHttpGet: return !hook.sleep_seconds.has_value() || *hook.sleep_seconds > 0;
  }
  return false;
}

std::string_view Lack(const PreStop& hook) {
  switch (hook.action) {
    case PreStop::Action::kNone: return "no preStop hook delays its stop while endpoints are taken out of the Service";
    case PreStop::Action::kTcpSocket: return "a tcpSocket preStop hook is never run";
    default: return "the preStop hook sleeps for 0 s";
  }
}

Outcome Run(const Context& context) {
  if (auto missing = Missing(context, Kind::kService)) return *std::move(missing);
  const Serving& serving = FindServing(context);
  Findings findings(context);
  for (const Serving::Target& target : serving.targets) {
    const Container& container = *target.container;
    if (!Delays(container.pre_stop))
      findings.Add(Verdict::kWarn, context.workload(), container, "lifecycle.preStop", Lack(container.pre_stop));
  }
  if (serving.targets.empty() && serving.ambiguous) {
    const auto& containers = context.spec().containers;
    const bool delayed = std::any_of(containers.begin(), containers.end(), [](const Container& container) {
      return container.role == ContainerRole::kMain && Delays(container.pre_stop);
    });
    if (!delayed) {
      findings.Add(Verdict::kWarn, std::string(TemplatePath(context.workload())) + ".containers",
                   "no container has a preStop hook that delays its stop while endpoints are taken out of the Service");
    }
  }
  if (findings.empty() && context.Services().truncated) {
    return Outcome::Unknown(UnknownCause::kUnreadable, "too many Services select its pods");
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  // A program that drains by itself shows nowhere: somebody may vouch for it.
  return outcome.verdict == Verdict::kWarn ? std::move(outcome).Absence() : std::move(outcome);
}

std::string MakePatch(const Context& context) {
  Patch patch(context.workload());
  for (const Serving::Target& target : FindServing(context).targets) {
    const PreStop& hook = target.container->pre_stop;
    if (Delays(hook)) continue;
    // A hook has one action only: what is there has to go.
    const std::string_view others =
        hook.action == PreStop::Action::kNone ? "" : "\"exec\":null,\"httpGet\":null,\"tcpSocket\":null,";
    patch.Container(*target.container, "\"lifecycle\":{\"preStop\":{" + std::string(others) +
                                           "\"sleep\":{\"seconds\":" + std::to_string(kDelaySeconds) + "}}}");
  }
  if (!patch.empty() && context.spec().termination_grace.value_or(30) <= 2 * kDelaySeconds) {
    patch.PodSpec("\"terminationGracePeriodSeconds\":30");
  }
  return patch.Build();
}

}  // namespace

constinit const Check kPreStop = {
    .id = "pre-stop",
    .title = "Containers behind a Service delay their stop until traffic has left",
    .section = Section::kLifecycle,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = kLongRunning,
    .attestable = true,
    .max_days = 180,
    .rule =
        "Each container that a Service sends traffic to (resolved as for readiness-probe) has a preStop hook that "
        "takes time: sleep, exec or httpGet; a sleep of 0 s and tcpSocket do not count. None warns, unless "
        "somebody attests that the application drains by itself. Not applicable where no Service port reaches a "
        "container.",
    .why =
        "A pod gets SIGTERM at the same time as the proxies are told to leave it out, so for a second or more they "
        "still send it requests. A program that stops at once drops them, on every rollout and every drain.",
    .fix =
        "Add lifecycle.preStop.sleep.seconds: 5 (Kubernetes 1.30 and later; before that exec: [\"sleep\", \"5\"]), "
        "within terminationGracePeriodSeconds. Where the application itself keeps serving after SIGTERM, attest it.",
    .source = "K. Lifecycle: lifecycle hooks for safe shutdown",
    .aged = "The article's exec hooks need a shell or sleep in the image; the sleep action needs neither.",
    .traps =
        "Programs that handle SIGTERM by draining are right without a hook, which no manifest shows: this is a "
        "warning, and attestable. Workers without a Service are not asked.",
    .reads = {Kind::kService},
    .applies = Applies,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
