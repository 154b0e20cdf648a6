#include <algorithm>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/paths.h"
#include "checks/common/roles.h"

namespace seaworthy::checks {
namespace {

bool IsMountedWritable(const PodSpec& spec, const Volume& volume) {
  for (const Container& container : spec.containers) {
    for (const VolumeMount& mount : container.mounts) {
      if (mount.name == volume.name && !mount.read_only) return true;
    }
  }
  return false;
}

Outcome Run(const Context& context) {
  const PodSpec& spec = context.spec();
  const bool any = std::any_of(spec.volumes.begin(), spec.volumes.end(),
                               [](const Volume& volume) { return volume.source == VolumeSource::kHostPath; });
  if (!any) return Outcome::Pass();
  const std::optional<NodeAgent> agent = AsNodeAgent(context);
  Findings findings(context);
  for (const Volume& volume : spec.volumes) {
    if (volume.source != VolumeSource::kHostPath) continue;
    const bool writable = IsMountedWritable(spec, volume);
    if (agent.has_value() && !writable) continue;
    std::string what = "volume " + volume.name.str() + " is hostPath " + volume.reference.str() +
                       (writable ? ", mounted writable" : "");
    if (agent.has_value()) what += " by a node agent (" + agent->ToString() + ")";
    findings.Add(agent.has_value() ? Verdict::kWarn : Verdict::kFail,
                 std::string(TemplatePath(context.workload())) + ".volumes[name=" + volume.name.str() + "].hostPath",
                 what);
  }
  if (findings.empty())
    return Outcome::Na("needed by its job: read-only hostPath volumes of a node agent (" + agent->ToString() + ")");
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kNoHostPath = {
    .id = "no-host-path",
    .title = "Pods mount nothing from the node's file system",
    .section = Section::kSecurity,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Fails when a volume is a hostPath, read-only or not. For a node agent, a DaemonSet of a recognised "
        "collector, exporter, CNI, CSI or device image, it warns where one is mounted writable and is not applicable "
        "where all are mounted read-only.",
    .why =
        "A hostPath opens the node to the pod: the runtime's socket or /var/lib/kubelet is as good as root there. "
        "Data on it stays behind when the pod moves to another node.",
    .fix =
        "Use a PersistentVolumeClaim, ConfigMap, Secret or emptyDir; an agent mounts the one folder that it reads, "
        "with readOnly: true.",
    .source = "P. Security: security contexts, not root",
    .traps =
        "A hostPath that is read-only is no threat to the node's files but still reads them, credentials included: "
        "outside node agents it fails. A volume counts as read-only only if every mount of it says readOnly: true.",
    .run = Run,
};

}  // namespace seaworthy::checks
