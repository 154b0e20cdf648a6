#include <optional>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/roles.h"

namespace seaworthy::checks {
namespace {

// The API server copies containerPort to hostPort there, so the field says nothing.
std::string_view Applies(const Context& context) {
  return context.spec().host_network ? "on the host network every port is the node's: no-host-namespaces judges that"
                                     : "";
}

Outcome Run(const Context& context) {
  Findings findings(context);
  for (const Container& container : context.spec().containers) {
    for (const ContainerPort& port : container.ports) {
      if (port.host_port == 0) continue;
      findings.Add(Verdict::kFail, context.workload(), container, "ports",
                   "port " + std::to_string(port.port) + " takes hostPort " + std::to_string(port.host_port));
    }
  }
  if (!findings.empty()) {
    // It is na on the host network, and a port is the smaller part of that.
    if (const std::optional<NodeAgent> agent = AsNodeAgent(context))
      return Outcome::Na("needed by its job: hostPorts of a node agent (" + agent->ToString() + ")");
  }
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kNoHostPorts = {
    .id = "no-host-ports",
    .title = "Containers take no port of the node",
    .section = Section::kSecurity,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Fails when a container, init, sidecar and ephemeral ones too, sets a hostPort. Not applicable on the host "
        "network, and to a node agent (a DaemonSet of a recognised collector, exporter, CNI, CSI or device image), "
        "which pods of its node reach by the node's address.",
    .why =
        "A hostPort publishes the pod on every address of its node, past Services and often past NetworkPolicies, and "
        "lets only one replica run on a node.",
    .fix = "Remove hostPort and publish the port by a Service.",
    .source = "Kubernetes: Pod Security Standards, baseline, Host Ports",
    .traps =
        "hostPort 0 is none. The hostPort that the API server fills in for pods on the host network is not held "
        "against anybody.",
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
