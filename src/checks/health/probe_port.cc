#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/probes.h"

namespace seaworthy::checks {
namespace {

bool Declares(const Container& container, const PortRef& port) {
  for (const ContainerPort& own : container.ports) {
    if (port.name.empty() ? own.port == port.number : own.name == port.name) return true;
  }
  return false;
}

std::string_view FieldWithPort(ProbeHandler handler) {
  switch (handler) {
    case ProbeHandler::kHttpGet: return ".httpGet.port";
    case ProbeHandler::kTcpSocket: return ".tcpSocket.port";
    case ProbeHandler::kGrpc: return ".grpc.port";
    default: return "";
  }
}

Outcome Run(const Context& context) {
  Findings findings(context);
  std::string undeclared;
  for (const Container& container : context.spec().containers) {
    for (const NamedProbe& named : ProbesOf(container)) {
      const Probe& probe = *named.probe;
      if (!probe.present || !probe.port.set() || probe.other_host || Declares(container, probe.port)) continue;
      if (probe.port.name.empty()) {
        if (undeclared.empty()) {
          undeclared = std::string(RoleWord(container)) + " " + container.name.str() + ": " + std::string(named.field) +
                       " uses port " + std::to_string(probe.port.number) + ", which it does not declare (that works)";
        }
        continue;
      }
      std::string what =
          std::string(named.field) + " names port " + probe.port.name.str() + ", which this container does not have";
      for (const Container& other : context.spec().containers) {
        if (&other != &container && Declares(other, probe.port)) {
          what += "; a probe does not see that of container " + other.name.str();
          break;
        }
      }
      findings.Add(Verdict::kFail, context.workload(), container,
                   std::string(named.field) + std::string(FieldWithPort(probe.handler)), what);
    }
  }
  return std::move(findings).Finish(Outcome::Pass(std::move(undeclared)));
}

}  // namespace

constinit const Check kProbePort = {
    .id = "probe-port",
    .title = "Probes name ports that their container has",
    .section = Section::kHealth,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "A probe that names a port which its own container does not declare fails. A number that is not declared "
        "passes and is mentioned. Not applicable where no container has a probe.",
    .why =
        "The kubelet cannot resolve the name, so the probe fails for ever: the pod never gets ready, or is "
        "restarted without end.",
    .fix = "Name the port in the container's ports, or probe it by number.",
    .source = "J. Health: liveness and readiness, sensible",
    .traps =
        "Declaring a port is optional, so an undeclared number is no fault. A probe of another host "
        "(httpGet.host) is left alone. A name that only another container of the pod declares does not resolve.",
    .applies = AppliesWithProbes,
    .run = Run,
};

}  // namespace seaworthy::checks
