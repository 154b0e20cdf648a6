#include <algorithm>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/roles.h"
#include "checks/common/security.h"
#include "checks/security/pod_security_standard.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) { return IsWindows(context.spec()) ? kWindowsHasNoSuchField : ""; }

// Runtimes compare ALL without regard to case.
bool IsAll(std::string_view name) {
  return name.size() == 3 && (name[0] | 0x20) == 'a' && (name[1] | 0x20) == 'l' && (name[2] | 0x20) == 'l';
}

bool DropsAll(const Container& container) {
  return std::any_of(container.security->cap_drop.begin(), container.security->cap_drop.end(),
                     [](const Text& name) { return IsAll(name); });
}

// Names added beyond NET_BIND_SERVICE, of those that the baseline Pod Security Standard allows or of what lies beyond.
std::string Added(const Container& container, bool beyond_baseline) {
  std::string names;
  for (const Text& capability : container.security->cap_add) {
    const std::string_view name =
        capability.view().starts_with("CAP_") ? capability.view().substr(4) : capability.view();
    if (name == "NET_BIND_SERVICE" || IsBaselineCapability(name) == beyond_baseline) continue;
    names += names.empty() ? "" : ", ";
    names += name;
  }
  return names;
}

void Judge(Findings& findings, const Context& context, const JudgedContainer& judged) {
  const Container& container = *judged.container;
  constexpr std::string_view kAdd = "securityContext.capabilities.add";
  constexpr std::string_view kDrop = "securityContext.capabilities.drop";
  if (container.security->privileged == OptBool::kTrue) {
    const Verdict verdict = AsNodeAgent(context).has_value() ? Verdict::kWarn : Verdict::kFail;
    return AddFinding(findings, verdict, context, judged, "securityContext.privileged",
                      "privileged is true, so it has every capability whatever it drops");
  }
  if (!DropsAll(container)) {
    std::string what = container.security->cap_drop.empty() ? "drops no capabilities, want drop ALL"
                                                            : "drops single capabilities, want drop ALL";
    return AddFinding(findings, Verdict::kFail, context, judged, kDrop, what);
  }
  if (const std::string names = Added(container, true); !names.empty()) {
    const std::optional<NodeAgent> agent = AsNodeAgent(context);
    if (agent.has_value()) {
      return AddFinding(findings, Verdict::kWarn, context, judged, kAdd,
                        "drops ALL and adds " + names + " for the job of a node agent (" + agent->ToString() + ")");
    }
    return AddFinding(findings, Verdict::kFail, context, judged, kAdd,
                      "drops ALL but adds " + names + ", beyond what the baseline Pod Security Standard allows");
  }
  if (const std::string names = Added(container, false); !names.empty()) {
    AddFinding(findings, Verdict::kWarn, context, judged, kAdd, "drops ALL but adds back " + names);
  }
}

Outcome Run(const Context& context) {
  Findings findings(context);
  for (const JudgedContainer& judged : JudgedContainers(context)) Judge(findings, context, judged);
  return std::move(findings).Finish(Outcome::Pass());
}

std::string MakePatch(const Context& context) {
  Patch patch(context.workload());
  for (const Container& container : context.spec().containers) {
    // What it adds it may need; the patch would not mend that.
    if (container.security->privileged == OptBool::kTrue || !Added(container, true).empty() ||
        !Added(container, false).empty())
      return {};
    if (!DropsAll(container)) patch.Container(container, R"("securityContext":{"capabilities":{"drop":["ALL"]}})");
  }
  return patch.Build();
}

}  // namespace

constinit const Check kCapabilitiesDropped = {
    .id = "capabilities-dropped",
    .title = "Every container drops all capabilities",
    .section = Section::kSecurity,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when each container, init, sidecar and ephemeral ones too, drops ALL capabilities and adds at most "
        "NET_BIND_SERVICE. Warns where it drops ALL and adds back some that the baseline Pod Security Standard allows, "
        "and for a container of a node agent (a DaemonSet of a recognised collector, exporter, CNI, CSI or device "
        "image) that is privileged or drops ALL and adds others by name. Fails where ALL is not dropped, where a "
        "capability beyond baseline is added, and where privileged makes dropping meaningless. Not applicable to "
        "Windows pods. Where pods run, their specs are judged; CronJobs are judged by their template.",
    .why =
        "The default set lets an attacker forge packets, change owners of files and step into other users; NET_ADMIN, "
        "SYS_ADMIN and the like reach the node.",
    .fix =
        "Set securityContext.capabilities.drop: [\"ALL\"] on every container and add back by name what it then "
        "misses; a server on a port under 1024 needs NET_BIND_SERVICE, or a higher port.",
    .source = "P. Security: security contexts, not root",
    .traps =
        "Names with and without the CAP_ prefix are the same here, and ALL in any case, as runtimes have it; the Pod "
        "Security Standards take names literally. Adding back what baseline allows is a warning, not a failure: an "
        "image that starts as root needs some of it. NET_RAW is not among that, though runtimes may grant it by "
        "default. Dropping single capabilities, which other linters accept, leaves whatever a runtime grants besides.",
    .reads = {Kind::kPod},
    .applies = Applies,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
