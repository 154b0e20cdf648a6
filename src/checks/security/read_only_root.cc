#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/security.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) { return IsWindows(context.spec()) ? kWindowsHasNoSuchField : ""; }

Outcome Run(const Context& context) {
  Findings findings(context);
  for (const JudgedContainer& judged : JudgedContainers(context)) {
    const OptBool read_only = judged.container->security->read_only_root;
    if (read_only == OptBool::kTrue) continue;
    AddFinding(findings, Verdict::kFail, context, judged, "securityContext.readOnlyRootFilesystem",
               read_only == OptBool::kFalse ? "readOnlyRootFilesystem is false, want true"
                                            : "readOnlyRootFilesystem is not set (default false), want true");
  }
  return std::move(findings).Finish(Outcome::Pass());
}

std::string MakePatch(const Context& context) {
  Patch patch(context.workload());
  for (const Container& container : context.spec().containers) {
    if (container.security->read_only_root != OptBool::kTrue)
      patch.Container(container, R"("securityContext":{"readOnlyRootFilesystem":true})");
  }
  return patch.Build();
}

}  // namespace

constinit const Check kReadOnlyRoot = {
    .id = "read-only-root",
    .title = "Every container's root file system is read-only",
    .section = Section::kSecurity,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when each container, init, sidecar and ephemeral ones too, has readOnlyRootFilesystem: true. Fails "
        "where it is false or not set. Not applicable to Windows pods. Where pods run, their specs are judged; "
        "CronJobs are judged by their template.",
    .why =
        "A writable root lets an intruder plant tools and change the program, and hides state that is lost with every "
        "restart: uploads, sessions and logs written into the container.",
    .fix =
        "Set securityContext.readOnlyRootFilesystem: true and mount an emptyDir with a sizeLimit on each folder that "
        "the program writes to, usually /tmp and its cache.",
    .source = "P. Security: security contexts, not root",
    .traps =
        "Mounted volumes stay writable and are not asked about. The patch sets the flag alone: which folders need an "
        "emptyDir only the application knows.",
    .reads = {Kind::kPod},
    .applies = Applies,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
