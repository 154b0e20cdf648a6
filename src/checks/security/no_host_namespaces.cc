#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/roles.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  const PodSpec& spec = context.spec();
  if (!spec.host_network && !spec.host_pid && !spec.host_ipc) return Outcome::Pass();
  const std::optional<NodeAgent> agent = AsNodeAgent(context);
  Findings findings(context);
  std::string excused;
  const auto add = [&](bool set, std::string_view field, std::string_view what, bool of_the_job) {
    if (!set) return;
    if (agent.has_value() && of_the_job) {
      excused += excused.empty() ? "" : " and ";
      excused += field;
      return;
    }
    findings.Add(Verdict::kFail, std::string(TemplatePath(context.workload())) + "." + std::string(field), what);
  };
  add(spec.host_network, "hostNetwork", "hostNetwork is true: it shares the node's network", true);
  add(spec.host_pid, "hostPID", "hostPID is true: it sees the node's processes", true);
  add(spec.host_ipc, "hostIPC", "hostIPC is true: it shares the node's shared memory", false);
  if (findings.empty())
    return Outcome::Na("needed by its job: " + excused + " of a node agent (" + agent->ToString() + ")");
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kNoHostNamespaces = {
    .id = "no-host-namespaces",
    .title = "Pods do not share the node's network, process or IPC namespace",
    .section = Section::kSecurity,
    .severity = Severity::kCritical,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Fails when hostNetwork, hostPID or hostIPC is true. Not applicable where hostNetwork and hostPID are needed "
        "by the job of a node agent: a DaemonSet of a recognised collector, exporter, CNI, CSI or device image; "
        "hostIPC fails there too.",
    .why =
        "On the host network a pod reaches what listens on the node's loopback and escapes NetworkPolicies; with "
        "hostPID it reads other processes' environment, credentials included.",
    .fix = "Remove hostNetwork, hostPID and hostIPC; publish ports by a Service instead.",
    .source = "P. Security: security contexts, not root",
    .traps = "Only DaemonSets are node agents: a Deployment with a collector's image is judged as an application.",
    .run = Run,
};

}  // namespace seaworthy::checks
