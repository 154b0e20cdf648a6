#include <algorithm>
#include <optional>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/roles.h"
#include "checks/common/security.h"

namespace seaworthy::checks {
namespace {

// Empty: it does not run as root.
std::string_view Problem(const PodSpec& pod, const Container& container) {
  const OptBool non_root = EffectiveRunAsNonRoot(pod, container);
  // Windows has no numeric users; runAsNonRoot there refuses ContainerAdministrator.
  if (IsWindows(pod)) return non_root == OptBool::kTrue ? "" : "runAsNonRoot is not true";
  const OptInt user = EffectiveRunAsUser(pod, container);
  if (user.has_value()) {
    if (*user != 0) return "";
    return non_root == OptBool::kTrue
               ? "runAsUser is 0 while runAsNonRoot is true: the kubelet never starts it; want a runAsUser above 0"
               : "runAsUser is 0, which is root; want a runAsUser above 0";
  }
  switch (non_root) {
    case OptBool::kTrue: return "";
    case OptBool::kFalse:
      return "runAsNonRoot is false and no runAsUser is set, so the image decides; want runAsNonRoot true";
    case OptBool::kUnset: break;
  }
  return "neither runAsNonRoot nor runAsUser is set, so the image decides; want runAsNonRoot true";
}

// What only root may use: everything on the node belongs to root, and capabilities that are added reach a process of
// another user only where the image's file grants them.
bool NeedsRootByItsJob(const PodSpec& pod, const Container& container) {
  if (container.security->privileged == OptBool::kTrue || !container.security->cap_add.empty()) return true;
  return std::any_of(container.mounts.begin(), container.mounts.end(), [&pod](const VolumeMount& mount) {
    return std::any_of(pod.volumes.begin(), pod.volumes.end(), [&mount](const Volume& volume) {
      return volume.source == VolumeSource::kHostPath && volume.name == mount.name;
    });
  });
}

Outcome Run(const Context& context) {
  if (context.spec().host_users == OptBool::kFalse)
    return Outcome::Pass("root is confined to the pod's own user namespace (hostUsers is false)");
  const std::optional<NodeAgent> agent = AsNodeAgent(context);
  Findings findings(context);
  for (const JudgedContainer& judged : JudgedContainers(context)) {
    const std::string_view problem = Problem(*judged.pod, *judged.container);
    if (problem.empty()) continue;
    const std::string_view field =
        problem.starts_with("runAsUser") ? "securityContext.runAsUser" : "securityContext.runAsNonRoot";
    // Never started at all: no job needs that.
    const bool refused = EffectiveRunAsUser(*judged.pod, *judged.container) == OptInt(0) &&
                         EffectiveRunAsNonRoot(*judged.pod, *judged.container) == OptBool::kTrue;
    if (agent.has_value() && !refused && NeedsRootByItsJob(*judged.pod, *judged.container)) {
      AddFinding(findings, Verdict::kWarn, context, judged, field,
                 std::string(problem) + "; a node agent (" + agent->ToString() + ") may need root on the node");
    } else {
      AddFinding(findings, Verdict::kFail, context, judged, field, problem);
    }
  }
  return std::move(findings).Finish(Outcome::Pass());
}

std::string MakePatch(const Context& context) {
  const PodSpec& spec = context.spec();
  Patch patch(context.workload());
  bool whole_pod = false;
  for (const Container& container : spec.containers) {
    if (Problem(spec, container).empty()) continue;
    // It might no longer do its job.
    if (AsNodeAgent(context).has_value() && NeedsRootByItsJob(spec, container)) return {};
    // Which user instead of 0 is the application's business.
    if (!IsWindows(spec) && EffectiveRunAsUser(spec, container) == OptInt(0)) return {};
    if (container.security->run_as_non_root == OptBool::kFalse) {
      patch.Container(container, R"("securityContext":{"runAsNonRoot":true})");
    } else {
      whole_pod = true;
    }
  }
  if (whole_pod) patch.PodSpec(R"("securityContext":{"runAsNonRoot":true})");
  return patch.Build();
}

}  // namespace

constinit const Check kRunAsNonRoot = {
    .id = "run-as-non-root",
    .title = "No container runs as root",
    .section = Section::kSecurity,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when for each container, init, sidecar and ephemeral ones too, the effective runAsNonRoot is true or "
        "the effective runAsUser is above 0 (the container's value wins over the pod's), or when hostUsers is false. "
        "Fails when runAsUser is 0, even with runAsNonRoot true (the kubelet then refuses to start it), and when "
        "neither is set. In a node agent (a DaemonSet of a recognised collector, exporter, CNI, CSI or device image) a "
        "container that is privileged, adds capabilities or mounts a hostPath warns instead. On Windows only "
        "runAsNonRoot counts. Where pods run, their specs are judged, so that what admission sets counts; CronJobs are "
        "judged by their template.",
    .why =
        "Root in a container is root on the node as soon as anything else gives way: a kernel or runtime flaw, a "
        "mounted socket, a writable hostPath. It also lets whoever breaks into the application rewrite everything "
        "inside the container.",
    .fix =
        "Set securityContext.runAsNonRoot: true on the pod. An image whose USER is root or is given by name needs a "
        "numeric runAsUser as well, or the kubelet refuses to start it; add fsGroup where it writes to volumes.",
    .source = "P. Security: security contexts, not root",
    .traps =
        "runAsUser above 0 without runAsNonRoot passes, though the restricted Pod Security Standard asks for "
        "runAsNonRoot itself (pod-security-level says so). runAsNonRoot false with such a user passes too: the user "
        "decides. Low user and group ids are as good as high ones here: user namespaces, not numbers, keep them from "
        "meeting the node's. What USER an image names is not looked up. Node agents act on what belongs to root on the "
        "node and are warned, since some do without (node-exporter). In a user namespace (hostUsers: false) root is "
        "nobody on the node, as the Pod Security Standards see it since 1.35.",
    .reads = {Kind::kPod},
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
