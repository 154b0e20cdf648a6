#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/roles.h"
#include "checks/common/security.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  Findings findings(context);
  for (const JudgedContainer& judged : JudgedContainers(context)) {
    if (!IsPrivileged(*judged.pod, *judged.container)) continue;
    const bool windows = judged.container->security->privileged != OptBool::kTrue;
    std::string what = windows ? "windowsOptions.hostProcess is true" : "privileged is true";
    const std::string_view field =
        windows ? "securityContext.windowsOptions.hostProcess" : "securityContext.privileged";
    const std::optional<NodeAgent> agent = AsNodeAgent(context);
    if (agent.has_value()) what += "; a node agent (" + agent->ToString() + ") may need it, and seldom all of it";
    AddFinding(findings, agent.has_value() ? Verdict::kWarn : Verdict::kFail, context, judged, field, what);
  }
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kNotPrivileged = {
    .id = "not-privileged",
    .title = "No container is privileged",
    .section = Section::kSecurity,
    .severity = Severity::kCritical,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Fails when a container, init, sidecar and ephemeral ones too, has privileged: true or is a Windows "
        "HostProcess container. Warns instead where the workload is a node agent: a DaemonSet of a recognised "
        "collector, exporter, CNI, CSI or device image. Where pods run, their specs are judged; CronJobs are judged "
        "by their template.",
    .why =
        "A privileged container is root on the node: it sees every device, may load kernel modules, and reads the "
        "secrets of all pods there.",
    .fix =
        "Remove privileged: true and grant what is needed by name: single capabilities, a device plugin, a read-only "
        "hostPath.",
    .source = "P. Security: security contexts, not root",
    .traps =
        "Node agents are warned, not silently excused: waive the container with a reason where it truly needs all of "
        "it. CSI node plugins do: Kubernetes allows Bidirectional mounts to privileged containers alone.",
    .reads = {Kind::kPod},
    .run = Run,
};

}  // namespace seaworthy::checks
