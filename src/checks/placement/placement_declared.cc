#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/node_pools.h"
#include "checks/common/paths.h"
#include "checks/common/scheduling.h"

namespace seaworthy::checks {
namespace {

constexpr std::string_view kNotCritical = "its tier is not critical";
// What kind of machine it needs, not which machines it is kept to.
constexpr std::string_view kMachineKeys[] = {"kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os",
                                             "beta.kubernetes.io/arch"};
constexpr std::string_view kNamespaceSelector = "scheduler.alpha.kubernetes.io/node-selector";

bool IsMachineKey(const Text& key) {
  return std::find(std::begin(kMachineKeys), std::end(kMachineKeys), key.view()) != std::end(kMachineKeys);
}

std::string_view Applies(const Context& context) { return context.tier() == Tier::kCritical ? "" : kNotCritical; }

// Its selectors without those on the machine. A term of an affinity of which nothing stays allows every node.
PodSpec Choosing(const PodSpec& spec) {
  PodSpec choosing;
  std::vector<KeyValue> selector;
  for (const KeyValue& wanted : spec.node_selector) {
    if (!IsMachineKey(wanted.key)) selector.push_back(wanted);
  }
  choosing.node_selector = Labels(std::move(selector));
  choosing.has_required_node_affinity = spec.has_required_node_affinity;
  choosing.node_affinity = spec.node_affinity;
  for (NodeSelectorTerm& term : choosing.node_affinity) {
    erase_if(term.labels, [](const NodeSelectorRequirement& requirement) { return IsMachineKey(requirement.key); });
    if (term.labels.empty() && term.fields.empty()) choosing.has_required_node_affinity = false;
  }
  return choosing;
}

bool ChoosesNothing(const PodSpec& choosing) {
  return choosing.node_selector.empty() && !choosing.has_required_node_affinity;
}

// As the pods carry it: admission (PodNodeSelector, webhooks) may have added to the template.
const PodSpec& SpecOf(const Context& context) {
  const std::vector<const Pod*>& pods = context.CurrentPods();
  return pods.empty() || pods.front()->spec == nullptr ? context.spec() : *pods.front()->spec;
}

Outcome Run(const Context& context) {
  const PodSpec choosing = Choosing(SpecOf(context));
  const Namespace* ns = context.Namespace().object;
  const bool by_namespace = ns != nullptr && !ns->meta.annotations.Get(kNamespaceSelector).empty();
  const std::string path = std::string(TemplatePath(context.workload())) + ".nodeSelector";
  if (ChoosesNothing(choosing)) {
    if (by_namespace)
      return Outcome::Pass("annotation " + std::string(kNamespaceSelector) + " of its namespace chooses its nodes");
    return Outcome::Fail("neither a node selector nor a required node affinity keeps it to nodes of its own").At(path);
  }
  if (context.State(Kind::kNode) == SourceState::kOffline)
    return Outcome::Unknown(UnknownCause::kOffline,
                            "whether its node selector excludes any node is seen in a cluster only");
  const WorkerNodes& workers = context.Fact<WorkerNodes>();
  if (workers.size() < 2) return Outcome::Na("there are fewer than 2 worker nodes to choose from");
  if (workers.Excludes(choosing)) return Outcome::Pass();
  return Outcome::Fail("its node selector and required node affinity allow every worker node: they separate nothing")
      .At(path);
}

}  // namespace

constinit const Check kPlacementDeclared = {
    .id = "placement-declared",
    .title = "Critical workloads are kept to nodes of their own",
    .section = Section::kPlacement,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = {WorkloadClass::kDeployment, WorkloadClass::kStatefulSet, WorkloadClass::kCronJob,
                   WorkloadClass::kReplicaSet, WorkloadClass::kPod, WorkloadClass::kOther},
    .rule =
        "Passes when nodeSelector or required node affinity excludes at least one worker node; requirements on "
        "operating system and architecture do not count. Fails when there is none or they allow every node. Only for "
        "tier critical; not for DaemonSets, nor with fewer than 2 worker nodes. In a scan it fails without a selector "
        "and is unknown with one.",
    .why =
        "What brings in the money shares its nodes with whatever else the scheduler finds room for: builds, reports, "
        "other teams' experiments.",
    .fix =
        "Make a node pool for critical workloads, label and taint its nodes, and give the workload the nodeSelector "
        "and the toleration.",
    .source = "G. Separating workloads: critical systems apart from heavy ones",
    .traps =
        "A toleration attracts nothing: without a selector the pods run anywhere. A selector that every node matches "
        "separates nothing. Control planes and virtual nodes are no nodes to choose from. The selector of the "
        "namespace (annotation scheduler.alpha.kubernetes.io/node-selector) counts.",
    .reads = {Kind::kNode, Kind::kPod, Kind::kNamespace},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
