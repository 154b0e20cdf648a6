#include <algorithm>
#include <cstdint>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/third_party.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"passPercent", 90, "of the lines that are JSON or logfmt: as many pass"},
    {"warnPercent", 50, "as many warn, fewer fail"},
    {"lines", 10, "fewer lines say nothing"},
};

std::string_view Applies(const Context& context) {
  return IsThirdParty(context.spec()) ? "it runs other people's software, whose logs are as they are" : "";
}

Outcome Run(const Context& context) {
  const LogEvidence* logs = context.Logs();
  if (logs == nullptr) {
    return Outcome::Unknown(
        UnknownCause::kNotObserved,
        "its logs have not been sampled since the last rollout: that takes a pod that has been ready for 10 minutes");
  }
  Findings findings(context);
  for (const Container& container : context.spec().containers) {
    if (container.role != ContainerRole::kMain || IsThirdPartyImage(container.image)) continue;
    const auto sampled = std::find_if(logs->containers.begin(), logs->containers.end(),
                                      [&](const auto& one) { return one.name == container.name; });
    if (sampled == logs->containers.end() || sampled->lines < context.Param("lines")) {
      findings.Add(Verdict::kUnknown, context.workload(), container, "", "it logged too little to say");
      continue;
    }
    const double percent = 100.0 * sampled->structured / sampled->lines;
    if (percent >= context.Param("passPercent")) continue;
    const bool warns = percent >= context.Param("warnPercent");
    findings.Add(warns ? Verdict::kWarn : Verdict::kFail, context.workload(), container, "",
                 "of the last " + std::to_string(sampled->lines) + " lines " + std::to_string(sampled->structured) +
                     " were JSON or logfmt");
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kNotObserved;
  return outcome;
}

}  // namespace

constinit const Check kLogsStructured = {
    .id = "logs-structured",
    .title = "Logs can be read by machines",
    .section = Section::kLogging,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .applies_to = kLongRunning,
    .attestable = true,
    .max_days = 180,
    .rule =
        "Looks once a rollout at the last 50 lines of each main container, in one pod that has been ready for 10 "
        "minutes. Passes when 90 % of them are JSON objects or logfmt, warns from 50 % on, fails below. Unknown until "
        "there are 10 lines, and in a scan. Not applicable to well-known software of others, and without "
        "--log-sampling. What the lines say is not kept.",
    .why =
        "Somebody who searches ten million lines wants fields and not prose: by request, by user, by level. Free text "
        "has to be guessed apart, and breaks with every release.",
    .fix =
        "Switch the logger to JSON (most have a setting), one object a line, with time and level as fields; let stack "
        "traces be a field too.",
    .source = "S. Logging: logs to stdout, machine-parsable, not to files",
    .traps =
        "A banner at the start is not looked at: the sample is of the last lines of a pod that has settled. A stack "
        "trace of many lines is no structured log, and a few lines of it are within the 10 %. Sidecars are left out: "
        "they are others' software mostly. Quiet applications are unknown.",
    .reads = {Kind::kLogSample},
    .needs = {Kind::kLogSample},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
