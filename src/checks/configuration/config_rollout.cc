#include <algorithm>
#include <iterator>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/paths.h"
#include "checks/configuration/references.h"

namespace seaworthy::checks {
namespace {

std::string_view Applies(const Context& context) {
  return ConfigReferencesOf(context.spec()).empty() ? "the template refers to no ConfigMap or Secret"
                                                    : std::string_view();
}

// What asks a controller to turn a change of configuration into a new template: Stakater's Reloader, Wave.
constexpr std::string_view kReloader[] = {
    "reloader.stakater.com/auto",           "reloader.stakater.com/search",
    "configmap.reloader.stakater.com/auto", "configmap.reloader.stakater.com/reload",
    "secret.reloader.stakater.com/auto",    "secret.reloader.stakater.com/reload"};
constexpr std::string_view kWave = "wave.pusher.com/update-on-config-change";

bool Asks(const Labels& annotations, std::string_view key) {
  return annotations.Has(key) && annotations.Get(key) != "false";
}

// Reloader reads the template's annotations where the workload has none of its own (rollingUpgrade, pkg/handler).
bool AsksReloader(const Workload& workload) {
  const bool own = std::any_of(std::begin(kReloader), std::end(kReloader),
                               [&](std::string_view key) { return workload.meta.annotations.Has(key); });
  const Labels& annotations = own ? workload.meta.annotations : workload.template_annotations;
  return std::any_of(std::begin(kReloader), std::end(kReloader),
                     [&](std::string_view key) { return Asks(annotations, key); });
}

// Charts write the hash of what they rendered: checksum/config, checksum.config, config-hash,
// app.example/config-checksum.
bool CarriesHash(const Labels& annotations) {
  return std::any_of(annotations.begin(), annotations.end(), [](const KeyValue& annotation) {
    const std::string_view key = annotation.key;
    return key.find("checksum") != std::string_view::npos || key.ends_with("-hash") || key.ends_with("/hash");
  });
}

// kustomize names generated objects by their content (api/hasher: ten characters of this alphabet).
bool HashNamed(std::string_view name) {
  constexpr std::size_t kLength = 10;
  if (name.size() < kLength + 2 || name[name.size() - kLength - 1] != '-') return false;
  return name.substr(name.size() - kLength).find_first_not_of("2456789bcdfghkmt") == std::string_view::npos;
}

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  if (workload.workload_class == WorkloadClass::kCronJob)
    return Outcome::Pass("each run starts with what is there then");
  if (AsksReloader(workload) || Asks(workload.meta.annotations, kWave) || CarriesHash(workload.template_annotations))
    return Outcome::Pass();
  const std::vector<ConfigReference> references = ConfigReferencesOf(context.spec());
  std::string named;
  int count = 0;
  const Container* first = nullptr;
  for (const ConfigReference& reference : references) {
    if (reference.container == nullptr || HashNamed(reference.name)) continue;
    if (first == nullptr) first = reference.container;
    constexpr int kShown = 3;
    if (++count <= kShown) {
      named +=
          (count == 1 ? "" : ", ") + std::string(reference.secret ? "Secret " : "ConfigMap ") + reference.name.str();
    } else if (count == kShown + 1) {
      named += " and others";
    }
  }
  if (first == nullptr) return Outcome::Pass();
  return Outcome::Warn("a change of " + named + " reaches the environment of no pod that runs: nothing restarts them")
      .In(*first)
      .At(ContainerPath(workload, *first, "env"));
}

}  // namespace

constinit const Check kConfigRollout = {
    .id = "config-rollout",
    .title = "A change of configuration is rolled out",
    .section = Section::kConfiguration,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes where the template carries a hash of the configuration (checksum annotations), a reloader watches it "
        "(annotations of Stakater's Reloader, of the workload or else of the template, or of Wave; \"false\" is none), "
        "the referenced objects are named by their content (kustomize), or ConfigMaps and Secrets are mounted only, "
        "which the kubelet updates in place. Warns where environment variables come from objects that nothing follows. "
        "Not applicable without references. Shown, not scored.",
    .why =
        "Environment variables are read once: after a change of the ConfigMap half of the pods run with the old "
        "settings and those that happen to restart with the new ones, untested and without a rollout to take back.",
    .fix =
        "Let the chart write a checksum/config annotation on the pod template, generate the ConfigMap with kustomize, "
        "or install a reloader.",
    .source = "I. Configuration: configuration and secrets injected",
    .traps =
        "Whether a program reads a mounted file again is not to be seen. A Secret that is replaced by hand on purpose, "
        "with a restart, is fine: this is information.",
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
