#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/security/pod_security_standard.h"

namespace seaworthy::checks {
namespace {

// As the kubelet: a name whose first separator is a slash is the slash form ("net/ipv4/conf/eth0.1/forwarding"), where
// the two change places.
std::string Dotted(std::string_view name) {
  std::string dotted(name);
  const std::size_t first = dotted.find_first_of("./");
  if (first == std::string::npos || dotted[first] == '.') return dotted;
  for (char& c : dotted) c = c == '/' ? '.' : c == '.' ? '/' : c;
  return dotted;
}

Outcome Run(const Context& context) {
  Findings findings(context);
  for (const KeyValue& sysctl : context.spec().sysctls) {
    if (IsSafeSysctl(Dotted(sysctl.key))) continue;
    findings.Add(
        Verdict::kFail,
        std::string(TemplatePath(context.workload())) + ".securityContext.sysctls[name=" + sysctl.key.str() + "]",
        "sysctl " + sysctl.key.str() + " is not among the safe ones");
  }
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kNoUnsafeSysctls = {
    .id = "no-unsafe-sysctls",
    .title = "Pods set only safe kernel parameters",
    .section = Section::kSecurity,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Fails when securityContext.sysctls names a parameter outside the safe set of "
        "Kubernetes " SEAWORTHY_POD_SECURITY_VERSION ".",
    .why =
        "An unsafe sysctl is either not confined to the pod or can starve its neighbours; kubelets refuse it unless "
        "told otherwise, and the pod then fails with SysctlForbidden on every node that was not.",
    .fix = "Remove it, or set it on the nodes of a pool of its own.",
    .source = "Kubernetes: Using sysctls in a Kubernetes Cluster",
    .traps =
        "Both spellings, net.ipv4.x and net/ipv4/x, are known. Kubelets older than the stated version know fewer safe "
        "ones.",
    .run = Run,
};

}  // namespace seaworthy::checks
