#include <string>
#include <utility>

#include "checks/all_checks.h"
#include "checks/environments/release_tools.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  if (workload.meta.Controller() != nullptr) {
    return Outcome::Pass("owned by " + workload.meta.Controller()->kind.str() + ", whose controller writes it");
  }
  if (workload.workload_class == WorkloadClass::kOther && context.record().rollout == nullptr)
    return Outcome::Pass("a " + workload.kind_name.str() + ", whose controller makes the pods");
  if (std::string seen = ReleaseToolSeen(workload); !seen.empty()) return Outcome::Pass("released with " + seen);
  if (context.offline()) {
    return Outcome::Unknown(UnknownCause::kOffline,
                            "no release tool shows in the manifest, and what applies it is seen in a cluster only");
  }
  return Outcome::Warn(
             "no release tool shows in its labels, annotations or field managers; want Helm, Argo CD, Flux, Kustomize "
             "or the like")
      .At("metadata");
}

}  // namespace

constinit const Check kReleaseTool = {
    .id = "release-tool",
    .title = "A tool releases the workload to its environments",
    .section = Section::kEnvironments,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when labels, annotations or field managers show Helm, Argo CD, Flux, kapp, Fleet, OLM, Terraform, "
        "Kustomize's build metadata or a tool of that kind, or when a controller owns the workload. Warns when none "
        "shows; in a scan that is unknown, since the tool adds its marks when it applies.",
    .why =
        "Environments that are kept alike by hand differ after a few weeks: a fix is applied in one and forgotten in "
        "the other, and the test in staging says nothing about production.",
    .fix =
        "Template the manifests once (Helm chart, Kustomize base and overlays) and let Argo CD, Flux or the pipeline "
        "apply them. With Kustomize set buildMetadata: [originAnnotations, managedByLabel].",
    .source = "D. Environments: environments by a tool, not copies",
    .traps =
        "Labels can be set by hand, and what helm template prints and kubectl applies carries them without a release: "
        "what was seen is named. Helm's release Secrets are not read. Flagger and Argo Rollouts move traffic and are "
        "no release tools.",
    .run = Run,
};

}  // namespace seaworthy::checks
