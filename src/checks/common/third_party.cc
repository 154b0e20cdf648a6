#include "checks/common/third_party.h"

#include <algorithm>
#include <iterator>

#include "checks/common/image_reference.h"
#include "checks/common/roles.h"
#include "checks/third_party/third_party_images.h"

namespace seaworthy::checks {

bool IsThirdPartyImage(std::string_view image) {
  const std::optional<ImageReference> reference = ParseImageReference(image);
  return reference &&
         std::any_of(std::begin(kThirdPartyImages), std::end(kThirdPartyImages),
                     [&](std::string_view entry) { return RepositoryEndsIn(reference->repository, entry); });
}

bool IsThirdParty(const PodSpec& spec) {
  return std::all_of(spec.containers.begin(), spec.containers.end(), [](const Container& container) {
    return container.role != ContainerRole::kMain || IsThirdPartyImage(container.image);
  });
}

}  // namespace seaworthy::checks
