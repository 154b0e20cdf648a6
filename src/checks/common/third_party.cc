#include "checks/common/third_party.h"

#include <algorithm>

#include "checks/common/image_reference.h"
#include "checks/common/repository_index.h"
#include "checks/third_party/third_party_images.h"

namespace seaworthy::checks {
namespace {

const RepositoryIndex& ThirdPartyImages() {
  static const RepositoryIndex index = [] {
    RepositoryIndex made;
    for (const std::string_view image : kThirdPartyImages) made.Add(image, 0);
    return made;
  }();
  return index;
}

}  // namespace

bool IsThirdPartyImage(std::string_view image) {
  const std::optional<ImageReference> reference = ParseImageReference(image);
  return reference && ThirdPartyImages().FindLast(reference->repository) >= 0;
}

bool IsThirdParty(const PodSpec& spec) {
  return std::all_of(spec.containers.begin(), spec.containers.end(), [](const Container& container) {
    return container.role != ContainerRole::kMain || IsThirdPartyImage(container.image);
  });
}

}  // namespace seaworthy::checks
