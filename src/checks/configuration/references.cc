#include "checks/configuration/references.h"

#include <algorithm>

namespace seaworthy::checks {

std::vector<ConfigReference> ConfigReferencesOf(const PodSpec& spec) {
  std::vector<ConfigReference> references;
  const auto add = [&references](ConfigReference one) {
    const bool known = std::any_of(references.begin(), references.end(), [&](const ConfigReference& other) {
      return other.secret == one.secret && other.name == one.name &&
             (other.container == nullptr) == (one.container == nullptr);
    });
    if (!known) references.push_back(std::move(one));
  };
  for (const Container& container : spec.containers) {
    for (const EnvFrom& source : container.env_from) {
      add({source.source == EnvSource::kSecret, source.reference, &container});
    }
    for (const EnvVar& variable : container.env) {
      if (variable.source != EnvSource::kSecret && variable.source != EnvSource::kConfigMap) continue;
      add({variable.source == EnvSource::kSecret, variable.reference, &container});
    }
  }
  for (const Volume& volume : spec.volumes) {
    if (volume.source == VolumeSource::kConfigMap || volume.source == VolumeSource::kSecret) {
      add({volume.source == VolumeSource::kSecret, volume.reference, nullptr});
    } else if (volume.source == VolumeSource::kProjected) {
      add({false, {}, nullptr});
    }
  }
  return references;
}

}  // namespace seaworthy::checks
