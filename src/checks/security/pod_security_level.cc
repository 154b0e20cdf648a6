#include "checks/all_checks.h"
#include "checks/common/paths.h"
#include "checks/security/pod_security_standard.h"

namespace seaworthy::checks {
namespace {

constexpr std::size_t kShownReasons = 5;

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  std::vector<std::string> reasons;
  const PodSecurityLevel level = EvaluatePodSecurity(context.spec(), workload.template_annotations, &reasons);
  if (level == PodSecurityLevel::kRestricted)
    return Outcome::Pass("the template meets restricted, " SEAWORTHY_POD_SECURITY_VERSION);
  const bool baseline = level == PodSecurityLevel::kBaseline;
  std::string message = baseline ? "the template meets baseline but not restricted, " SEAWORTHY_POD_SECURITY_VERSION
                                   ": "
                                 : "the template does not meet baseline, " SEAWORTHY_POD_SECURITY_VERSION ": ";
  for (std::size_t i = 0; i < reasons.size() && i < kShownReasons; ++i) {
    if (i > 0) message += "; ";
    message += reasons[i];
  }
  if (reasons.size() > kShownReasons) message += "; and " + std::to_string(reasons.size() - kShownReasons) + " more";
  Outcome outcome = baseline ? Outcome::Warn(std::move(message)) : Outcome::Fail(std::move(message));
  return std::move(outcome).At(std::string(TemplatePath(workload)));
}

}  // namespace

constinit const Check kPodSecurityLevel = {
    .id = "pod-security-level",
    .title = "The strictest Pod Security Standard that the pods meet",
    .section = Section::kSecurity,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .rule = "The strictest Pod Security Standard, version " SEAWORTHY_POD_SECURITY_VERSION
            ", that the pod template meets exactly as upstream's admission evaluates it: restricted passes, baseline "
            "warns, privileged fails, with what keeps it from the next level.",
    .why =
        "It says at once which level a namespace's pod-security.kubernetes.io/enforce label can be set to without "
        "refusing this workload.",
    .fix = "Mend what the message names; the other checks of this section have patches for most of it.",
    .source = "Kubernetes: Pod Security Standards",
    .traps =
        "The template is judged, not what admission adds to the pods. Levels are judged literally: runAsUser above 0 "
        "without runAsNonRoot is not restricted, though run-as-non-root passes. Only spec.os.name makes a pod a "
        "Windows pod here.",
    .run = Run,
};

}  // namespace seaworthy::checks
