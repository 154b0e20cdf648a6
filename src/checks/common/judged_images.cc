#include "checks/common/judged_images.h"

#include <algorithm>

namespace seaworthy::checks {
namespace {

constexpr std::string_view kReplacedAtAdmission = "auto";

const Container* Find(const List<Shared<Container>>& containers, const Text& name) {
  const auto found =
      std::find_if(containers.begin(), containers.end(), [&](const Container& c) { return c.name == name; });
  return found == containers.end() ? nullptr : &**found;
}

std::vector<JudgedImage> WorkOut(const Context& context, bool init) {
  const auto wanted = [init](const Container& container) {
    return container.is_running_long() || (init && container.role == ContainerRole::kInit);
  };
  const List<Shared<Container>>& own = context.spec().containers;
  std::vector<const PodSpec*> specs;
  for (const Pod* pod : context.CurrentPods()) {
    const PodSpec* spec = pod->spec.get();
    if (spec != nullptr && spec != &context.spec() && std::find(specs.begin(), specs.end(), spec) == specs.end())
      specs.push_back(spec);
  }
  std::vector<JudgedImage> judged;
  judged.reserve(own.size());
  for (const Container& container : own) {
    if (!wanted(container)) continue;
    JudgedImage one{&container, container.image, false, container.image == kReplacedAtAdmission};
    for (const PodSpec* spec : specs) {
      if (!one.unresolved) break;
      const Container* running = Find(spec->containers, container.name);
      if (running == nullptr || running->image == kReplacedAtAdmission) continue;
      one.image = running->image;
      one.unresolved = false;
    }
    judged.push_back(one);
  }
  for (const PodSpec* spec : specs) {
    for (const Container& container : spec->containers) {
      if (!wanted(container) || Find(own, container.name) != nullptr) continue;
      const bool known = std::any_of(judged.begin(), judged.end(), [&](const JudgedImage& other) {
        return other.container->name == container.name && other.image == container.image.view();
      });
      if (!known) judged.push_back({&container, container.image, true, false});
    }
  }
  return judged;
}

template <bool kInit>
struct Judged {
  std::vector<JudgedImage> images;
};
template <bool kInit>
const std::vector<JudgedImage>& OnceJudged(const Context& context) {
  return context.Once<Judged<kInit>>([&] { return Judged<kInit>{WorkOut(context, kInit)}; }).images;
}

}  // namespace

const std::vector<JudgedImage>& JudgedImages(const Context& context, bool init) {
  return init ? OnceJudged<true>(context) : OnceJudged<false>(context);
}

}  // namespace seaworthy::checks
