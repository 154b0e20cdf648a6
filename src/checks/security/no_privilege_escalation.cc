#include <algorithm>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/roles.h"
#include "checks/common/security.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) { return IsWindows(context.spec()) ? kWindowsHasNoSuchField : ""; }

// The API server refuses allowPrivilegeEscalation: false beside these (core validation, ValidateSecurityContext).
bool AddsSysAdmin(const Container& container) {
  const List<Text>& added = container.security->cap_add;
  return std::any_of(added.begin(), added.end(),
                     [](const Text& name) { return name == "SYS_ADMIN" || name == "CAP_SYS_ADMIN"; });
}

std::string_view Problem(const Container& container) {
  if (container.security->privileged == OptBool::kTrue) return "privileged is true, which implies privilege escalation";
  if (container.security->allow_privilege_escalation == OptBool::kFalse) return "";
  if (AddsSysAdmin(container)) return "adds SYS_ADMIN, which implies privilege escalation";
  return container.security->allow_privilege_escalation == OptBool::kTrue
             ? "allowPrivilegeEscalation is true, want false"
             : "allowPrivilegeEscalation is not set (default true), want false";
}

Outcome Run(const Context& context) {
  Findings findings(context);
  for (const JudgedContainer& judged : JudgedContainers(context)) {
    const std::string_view problem = Problem(*judged.container);
    if (problem.empty()) continue;
    const Container& container = *judged.container;
    const bool implied = container.security->privileged == OptBool::kTrue || AddsSysAdmin(container);
    const bool by_job = implied && AsNodeAgent(context).has_value();
    AddFinding(findings, by_job ? Verdict::kWarn : Verdict::kFail, context, judged,
               "securityContext.allowPrivilegeEscalation", problem);
  }
  return std::move(findings).Finish(Outcome::Pass());
}

std::string MakePatch(const Context& context) {
  Patch patch(context.workload());
  for (const Container& container : context.spec().containers) {
    if (Problem(container).empty()) continue;
    if (container.security->privileged == OptBool::kTrue || AddsSysAdmin(container)) return {};
    patch.Container(container, R"("securityContext":{"allowPrivilegeEscalation":false})");
  }
  return patch.Build();
}

}  // namespace

constinit const Check kNoPrivilegeEscalation = {
    .id = "no-privilege-escalation",
    .title = "No container may gain more privileges than it starts with",
    .section = Section::kSecurity,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when each container, init, sidecar and ephemeral ones too, has allowPrivilegeEscalation: false. Fails "
        "where it is true or not set, and where privileged or SYS_ADMIN imply it. Warns for a container of a node "
        "agent that is privileged or adds SYS_ADMIN. Not applicable to Windows pods. Where pods run, their specs are "
        "judged; CronJobs are judged by their template.",
    .why =
        "Without no_new_privs a set-user-ID binary in the image turns the application's user into root again, "
        "whatever runAsUser says.",
    .fix =
        "Set securityContext.allowPrivilegeEscalation: false on every container; only programs that call sudo, ping "
        "or another set-user-ID binary notice.",
    .source = "P. Security: security contexts, not root",
    .traps =
        "The field exists on containers only: the pod's securityContext cannot set it, although some linters look "
        "for it there. A user other than root does not excuse: set-user-ID binaries are for them.",
    .reads = {Kind::kPod},
    .applies = Applies,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
