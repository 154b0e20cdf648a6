#include <algorithm>
#include <cstdint>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/probes.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"minLivenessBudgetSeconds", 10, "period x failureThreshold that a livenessProbe has at least"},
    {"maxInitialDelaySeconds", 60, "initialDelaySeconds from which on a startupProbe is the better means"},
    {"minExecPeriodSeconds", 5, "period of a probe that starts a process in the container"},
};

bool Is(const NamedProbe& named, std::string_view field) { return named.field == field; }

Outcome Run(const Context& context) {
  const auto min_budget = static_cast<std::int64_t>(context.Param("minLivenessBudgetSeconds"));
  const auto max_delay = static_cast<std::int64_t>(context.Param("maxInitialDelaySeconds"));
  const auto min_exec = static_cast<std::int64_t>(context.Param("minExecPeriodSeconds"));
  Findings findings(context);
  for (const Container& container : context.spec().containers) {
    for (const NamedProbe& named : ProbesOf(container)) {
      const Probe& probe = *named.probe;
      if (!probe.has_handler()) continue;
      const auto warn = [&](std::string_view member, const std::string& what) {
        findings.Add(Verdict::kWarn, context.workload(), container,
                     std::string(named.field) + "." + std::string(member), std::string(named.field) + " " + what);
      };
      if (probe.TimeoutSeconds() > probe.PeriodSeconds()) {
        warn("timeoutSeconds", "waits " + std::to_string(probe.TimeoutSeconds()) + " s for an answer and asks every " +
                                   std::to_string(probe.PeriodSeconds()) + " s");
      }
      if (Is(named, "livenessProbe") && BudgetSeconds(probe) < min_budget) {
        warn("failureThreshold", "restarts the container after " + std::to_string(BudgetSeconds(probe)) +
                                     " s, wanted at least " + std::to_string(min_budget) + " s");
      }
      if (!container.startup->present && probe.InitialDelaySeconds() > max_delay) {
        warn("initialDelaySeconds",
             "waits " + std::to_string(probe.InitialDelaySeconds()) + " s on every start and there is no startupProbe");
      }
      if (probe.handler == ProbeHandler::kExec && probe.PeriodSeconds() < min_exec) {
        warn("periodSeconds", "starts a process every " + std::to_string(probe.PeriodSeconds()) +
                                  " s, wanted at most every " + std::to_string(min_exec) + " s");
      }
    }
  }
  return std::move(findings).Finish(Outcome::Pass());
}

// New numbers for everything but a long initial delay, which wants a startupProbe that only the application's author
// can write.
std::string MakePatch(const Context& context) {
  const auto min_budget = static_cast<std::int64_t>(context.Param("minLivenessBudgetSeconds"));
  const auto max_delay = static_cast<std::int64_t>(context.Param("maxInitialDelaySeconds"));
  const auto min_exec = static_cast<std::int64_t>(context.Param("minExecPeriodSeconds"));
  Patch patch(context.workload());
  for (const Container& container : context.spec().containers) {
    for (const NamedProbe& named : ProbesOf(container)) {
      const Probe& probe = *named.probe;
      if (!probe.has_handler()) continue;
      if (!container.startup->present && probe.InitialDelaySeconds() > max_delay) return {};
      std::string members;
      const auto set = [&members](std::string_view member, std::int64_t value) {
        if (!members.empty()) members += ',';
        members += "\"" + std::string(member) + "\":" + std::to_string(value);
      };
      std::int64_t period = std::max<std::int64_t>(probe.PeriodSeconds(), 1);
      const std::int64_t threshold = BudgetSeconds(probe) / period;
      if (probe.handler == ProbeHandler::kExec && period < min_exec) set("periodSeconds", period = min_exec);
      if (probe.TimeoutSeconds() > period) set("timeoutSeconds", period);
      if (Is(named, "livenessProbe") && period < min_budget && period * threshold < min_budget) {
        set("failureThreshold", (min_budget + period - 1) / period);
      }
      if (!members.empty()) patch.Container(container, "\"" + std::string(named.field) + "\":{" + members + "}");
    }
  }
  return patch.Build();
}

}  // namespace

constinit const Check kProbeTiming = {
    .id = "probe-timing",
    .title = "Probes have sensible timing",
    .section = Section::kHealth,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Warns, naming each: a timeout longer than the period; a liveness budget (period x failureThreshold) "
        "under 10 s; an initialDelaySeconds over 60 without a startupProbe; an exec probe more often than every 5 "
        "s. Kubernetes' defaults stand in for what is left out or 0 (period 10, timeout 1, failureThreshold 3, "
        "no delay). Not applicable where no container has a probe.",
    .why =
        "A short liveness budget restarts containers for a pause of a few seconds, usually all of them at once "
        "under load. A long initial delay makes each restart as slow as the slowest start. Each exec probe starts "
        "a process and is paid for by the container's CPU limit.",
    .fix =
        "Keep timeoutSeconds at or under periodSeconds, give liveness 30 s or more, use a startupProbe for slow "
        "starts, and probe by HTTP, TCP or gRPC rather than exec.",
    .source = "J. Health: liveness and readiness, sensible",
    .traps =
        "A readiness budget may be short: being unready costs little. A timeout over the period is accepted by the "
        "API server: the kubelet runs one probe at a time, so it then asks less often than the manifest says.",
    .params = kParams,
    .applies = AppliesWithProbes,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
