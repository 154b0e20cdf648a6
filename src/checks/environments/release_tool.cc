#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>

#include "checks/all_checks.h"
#include "checks/delivery/managers.h"
#include "checks/environments/release_tools.h"

namespace seaworthy::checks {
namespace {

bool StartsIgnoringCase(std::string_view text, std::string_view lower_prefix) {
  return text.size() >= lower_prefix.size() &&
         std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(), [](char wanted, char c) {
           return (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) == wanted;
         });
}

bool KeyMatches(const ReleaseSign& sign, std::string_view key) {
  const bool prefix = sign.key.back() == '/' || sign.key.back() == '.';
  return prefix ? key.starts_with(sign.key) : key == sign.key;
}

struct Sign {
  std::string_view tool, key;
};

std::optional<Sign> FindSign(const Labels& pairs, ReleaseSign::In in) {
  for (const ReleaseSign& sign : kReleaseSigns) {
    if (sign.in != in) continue;
    for (const KeyValue& pair : pairs) {
      if (KeyMatches(sign, pair.key) && StartsIgnoringCase(pair.value, sign.value)) return Sign{sign.tool, pair.key};
    }
  }
  return std::nullopt;
}

bool Releases(const FieldManager& manager) {
  if (!manager.subresource.empty()) return false;
  const ManagerKind kind = KindOfManager(manager.name, nullptr);
  if (kind != ManagerKind::kGitOps && kind != ManagerKind::kPipeline) return false;
  return std::find(std::begin(kNotReleaseTools), std::end(kNotReleaseTools), manager.name.view()) ==
         std::end(kNotReleaseTools);
}

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  if (workload.meta.Controller() != nullptr) {
    return Outcome::Pass("owned by " + workload.meta.Controller()->kind.str() + ", whose controller writes it");
  }
  if (workload.workload_class == WorkloadClass::kOther)
    return Outcome::Pass("a " + workload.kind_name.str() + ", whose controller makes the pods");
  for (const auto& [pairs, in, word] :
       {std::tuple(&workload.meta.annotations, ReleaseSign::In::kAnnotation, "annotation "),
        std::tuple(&workload.meta.labels, ReleaseSign::In::kLabel, "label ")}) {
    if (const std::optional<Sign> sign = FindSign(*pairs, in)) {
      return Outcome::Pass("released with " + std::string(sign->tool) + ", says " + word + std::string(sign->key));
    }
  }
  for (const FieldManager& manager : workload.meta.managers) {
    if (Releases(manager))
      return Outcome::Pass("released with " + manager.name.str() +
                           ", says a field manager (a name that the client chooses)");
  }
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
