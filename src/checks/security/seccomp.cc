#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/roles.h"
#include "checks/common/security.h"

namespace seaworthy::checks {
namespace {

constexpr std::string_view kField = "securityContext.seccompProfile.type";

std::string_view Applies(const Context& context) { return IsWindows(context.spec()) ? kWindowsHasNoSuchField : ""; }

bool IsConfined(std::string_view type) { return type == "RuntimeDefault" || type == "Localhost"; }

Outcome Run(const Context& context) {
  Findings findings(context);
  for (const JudgedContainer& judged : JudgedContainers(context)) {
    if (judged.container->security->privileged == OptBool::kTrue) {
      AddFinding(findings, AsNodeAgent(context).has_value() ? Verdict::kWarn : Verdict::kFail, context, judged,
                 "securityContext.privileged", "privileged is true, so the runtime applies no seccomp profile");
      continue;
    }
    const std::string_view type = EffectiveSeccomp(*judged.pod, *judged.container);
    if (IsConfined(type)) continue;
    AddFinding(findings, Verdict::kFail, context, judged, kField,
               type.empty() ? "no seccomp profile is set, want RuntimeDefault"
                            : "seccomp profile is " + std::string(type) + ", want RuntimeDefault");
  }
  return std::move(findings).Finish(Outcome::Pass());
}

std::string MakePatch(const Context& context) {
  const PodSpec& spec = context.spec();
  Patch patch(context.workload());
  bool whole_pod = false;
  for (const Container& container : spec.containers) {
    if (container.security->privileged == OptBool::kTrue) return {};
    if (IsConfined(EffectiveSeccomp(spec, container))) continue;
    if (container.security->seccomp_type.empty()) {
      whole_pod = true;
    } else {
      patch.Container(container, R"("securityContext":{"seccompProfile":{"type":"RuntimeDefault"}})");
    }
  }
  if (whole_pod) patch.PodSpec(R"("securityContext":{"seccompProfile":{"type":"RuntimeDefault"}})");
  return patch.Build();
}

}  // namespace

constinit const Check kSeccomp = {
    .id = "seccomp",
    .title = "Every container runs under a seccomp profile",
    .section = Section::kSecurity,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when the effective seccompProfile of each container, init, sidecar and ephemeral ones too, is "
        "RuntimeDefault or Localhost (the container's value wins over the pod's). Fails where it is Unconfined or not "
        "set, and where privileged makes the runtime ignore it; a privileged container of a node agent warns. Not "
        "applicable to Windows pods. Where pods run, their specs are judged; CronJobs are judged by their template.",
    .why =
        "Unconfined, a container may call every system call; most escapes of the last years needed one that the "
        "runtime's default profile refuses.",
    .fix = "Set securityContext.seccompProfile.type: RuntimeDefault on the pod.",
    .source = "P. Security: security contexts, not root",
    .traps =
        "Each of seccomp, dropped capabilities and no_new_privs is asked for by itself; linters that accept one of "
        "several, AppArmor or SELinux among them, let the others go. A kubelet with seccompDefault: true applies "
        "RuntimeDefault where nothing is set; the API does not show that, so the field is asked for all the same. The "
        "seccomp annotations, without effect since Kubernetes 1.27, do not count.",
    .reads = {Kind::kPod},
    .applies = Applies,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
