#include <algorithm>

#include "checks/all_checks.h"
#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

bool CarriesConfiguration(const Volume& volume) {
  switch (volume.source) {
    case VolumeSource::kConfigMap:
    case VolumeSource::kSecret:
    case VolumeSource::kDownwardApi:
    case VolumeSource::kCsi:
    case VolumeSource::kProjected: return true;
    default: return false;
  }
}

bool IsConfigured(const PodSpec& spec, const Container& container) {
  if (!container.env.empty() || !container.env_from.empty() || container.has_args) return true;
  return std::any_of(container.mounts.begin(), container.mounts.end(), [&spec](const VolumeMount& mount) {
    return std::any_of(spec.volumes.begin(), spec.volumes.end(), [&mount](const Volume& volume) {
      return volume.name == mount.name && CarriesConfiguration(volume);
    });
  });
}

Outcome Run(const Context& context) {
  const Container* main = nullptr;
  for (const Container& container : context.spec().containers) {
    if (container.role != ContainerRole::kMain) continue;
    if (IsConfigured(context.spec(), container)) return Outcome::Pass();
    if (main == nullptr) main = &container;
  }
  if (main == nullptr) return Outcome::Na("the template has no container");
  return Outcome::Warn("container " + main->name.str() +
                       ": neither env, envFrom, args nor a mounted configuration volume gives it any configuration")
      .In(*main)
      .At(ContainerPath(context.workload(), *main, ""));
}

}  // namespace

constinit const Check kConfigInjected = {
    .id = "config-injected",
    .title = "Configuration comes from outside the image",
    .section = Section::kConfiguration,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes where a main container has env, envFrom or args, or mounts a ConfigMap, Secret, projected, "
        "downward API or CSI volume. Warns where none has any of these. The token volume that Kubernetes adds by "
        "itself does not count.",
    .why =
        "Configuration inside the image ties a build to one environment: staging and production then run different "
        "images, and a changed setting needs a new build.",
    .fix =
        "Put the settings into a ConfigMap or Secret and inject them with envFrom or as a mounted file; web "
        "server, runtime and database settings as well.",
    .source = "I. Configuration: configuration and secrets injected",
    .traps =
        "Some programs need no configuration at all, so this is at most a warning. A literal env value is "
        "configuration too; whether it is a credential is no-plain-secrets' question. A volume that only a "
        "sidecar mounts does not configure the application.",
    .run = Run,
};

}  // namespace seaworthy::checks
