#include "checks/common/image_facts.h"

#include "checks/common/facts_named.h"
#include "checks/common/image_reference.h"
#include "checks/common/judged_images.h"

namespace seaworthy::checks {

std::string_view RunningDigest(const Context& context, std::string_view container) {
  std::span<const Pod* const> pods = context.CurrentPods();
  // A CronJob's pods have mostly ended: what they ran is what the next one runs.
  if (pods.empty()) pods = context.Pods();
  for (const Pod* pod : pods) {
    for (const ContainerStatus& status : pod->containers) {
      if (status.name == container && status.image_id.view().find('@') != std::string_view::npos)
        return DigestOfImageId(status.image_id);
    }
  }
  return {};
}

std::vector<ImageFacts> RegistryFacts(const Context& context) {
  std::vector<ImageFacts> all;
  for (const JudgedImage& judged : JudgedImages(context, false)) {
    ImageFacts one;
    one.container = judged.container;
    one.image = judged.image;
    one.injected = judged.injected;
    if (const std::string_view digest = RunningDigest(context, judged.container->name); digest.empty()) {
      one.problem = context.Pods().empty() ? "no pod of it has run: which digest that would be is not known"
                                           : "the runtime reports no digest of a registry for it";
    } else if (const Extension* facts = FindNamed(context.Everywhere(Kind::kImageConfig), digest); facts == nullptr) {
      one.problem = "not looked up yet";
    } else if (facts->Has("problem")) {
      one.problem = facts->First("problem");
    } else {
      one.facts = facts;
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace seaworthy::checks
