#include "checks/common/neighbours.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "checks/common/heavy_images.h"
#include "checks/common/image_reference.h"

namespace seaworthy::checks {
namespace {

bool IsOneOf(const Pod& pod, std::span<const std::string_view> names) {
  const auto known = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (known(pod.meta.labels.Get("app.kubernetes.io/name"))) return true;
  if (pod.spec == nullptr) return false;
  return std::any_of(pod.spec->containers.begin(), pod.spec->containers.end(), [&](const Container& container) {
    if (container.role != ContainerRole::kMain) return false;
    const std::optional<ImageReference> reference = ParseImageReference(container.image);
    if (!reference) return false;
    const std::size_t slash = reference->repository.rfind('/');
    return known(slash == std::string_view::npos ? reference->repository : reference->repository.substr(slash + 1));
  });
}

}  // namespace

bool IsMonitoring(const Pod& pod) { return IsOneOf(pod, kMonitoringNames); }

bool IsHeavy(const Pod& pod) { return pod.meta.labels.Get(kHeavyLabel) == "true" || IsOneOf(pod, kHeavyNames); }

}  // namespace seaworthy::checks
