#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "checks/all_checks.h"
#include "checks/common/image_reference.h"
#include "checks/common/third_party.h"
#include "checks/environments/release_tools.h"

namespace seaworthy::checks {
namespace {

// Its first main container decides: a Redis beside an application is the application's.
std::optional<std::string> ThirdParty(const Context& context) {
  for (const Container& container : context.spec().containers) {
    if (container.role != ContainerRole::kMain) continue;
    if (!IsThirdPartyImage(container.image)) return std::nullopt;
    return std::string(ParseImageReference(container.image)->repository);
  }
  return std::nullopt;
}

std::string_view Applies(const Context& context) {
  return ThirdParty(context) ? std::string_view() : "its image is of no third-party component that is known here";
}

// Tools that install what somebody else has packaged. Argo CD and Flux may as well apply a copy.
bool Packages(std::string_view tool) {
  constexpr std::string_view kTools[] = {"Helm",      "Flux",   "Operator Lifecycle Manager",
                                         "kapp",      "Fleet",  "Fleet or Rancher",
                                         "Kustomize", "Timoni", "the cluster's addon manager"};
  return std::find(std::begin(kTools), std::end(kTools), tool) != std::end(kTools);
}

std::string ChartOrOperator(const Workload& workload) {
  if (const OwnerRef* owner = workload.meta.Controller())
    return "owned by " + owner->kind.str() + " " + owner->name.str();
  if (workload.workload_class == WorkloadClass::kOther)
    return "a " + workload.kind_name.str() + ", whose controller makes the pods";
  if (workload.meta.labels.Has("kubernetes.io/cluster-service")) return "an add-on of the cluster";
  if (const std::optional<ReleaseMark> mark = FindReleaseMark(workload, Packages))
    return "installed with " + std::string(mark->tool) + ", says " + mark->key;
  // An operator that writes without owning still says so, the usual way.
  const std::string_view manager = workload.meta.labels.Get("app.kubernetes.io/managed-by");
  if (manager.ends_with("-operator") || manager.ends_with("-controller")) return "managed by " + std::string(manager);
  // Helm and its kin as they write.
  for (const FieldManager& writer : workload.meta.managers) {
    const std::string_view name = writer.name;
    if (name == "helm" || name == "helm-controller" || name == "Helm" || name == "fleetagent" || name == "kapp" ||
        name.ends_with("-operator"))
      return "written by " + std::string(name);
  }
  return {};
}

Outcome Run(const Context& context) {
  if (std::string by = ChartOrOperator(context.workload()); !by.empty()) return Outcome::Pass(std::move(by));
  if (context.offline()) {
    return Outcome::Unknown(UnknownCause::kOffline,
                            "no chart shows in the manifest, and what applies it is seen in a cluster only");
  }
  return Outcome::Warn("runs " + *ThirdParty(context) +
                       " from manifests of its own: no Helm chart and no operator shows in labels, annotations, owners "
                       "or field managers")
      .At("metadata");
}

}  // namespace

constinit const Check kThirdPartyChart = {
    .id = "third-party-chart",
    .title = "Third-party components come from a chart or an operator",
    .section = Section::kThirdParty,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    // A CronJob with the image of a database is its client: it dumps it.
    .applies_to = kLongRunning,
    .rule =
        "Looks at workloads whose first main container runs a well-known third-party component (databases, queues, "
        "monitoring, ingress controllers, identity, delivery; a list that is data). Passes when a Helm release, an "
        "operator, OLM, a Kustomize base from elsewhere, kapp, Fleet or the cluster's addon manager shows in labels, "
        "annotations, owners or field managers; warns when none does; in a scan that is unknown. Not applicable to "
        "other images.",
    .why =
        "A copied manifest of a database is a snapshot of somebody's knowledge: probes, disruption budgets, upgrades "
        "and fixes that the chart's maintainers add never arrive.",
    .fix =
        "Install it with its project's Helm chart or operator and keep the values in Git; renovate or the like "
        "proposes new releases.",
    .source = "O. Third-party components: third-party parts from charts",
    .aged =
        "The article recommends Kubeapps' hub and the stable/ chart repository, both gone: today's places are Artifact "
        "Hub, the projects' own OCI registries and OperatorHub.",
    .traps =
        "Charts rendered and applied by Argo CD carry Helm's labels and pass. Base images that people build their own "
        "applications on (nginx, httpd, PHP, Node) are not on the list, nor what a cluster brings with it. A vendor's "
        "manifest that is kept up to date by other means is right, too: waive it.",
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
