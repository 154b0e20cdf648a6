#include "wiring/sources/world_views.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string_view>

#include "checks/common/image_reference.h"
#include "checks/common/third_party.h"

namespace seaworthy::wiring {
namespace {

bool IsCurrent(const WorkloadRecord& record, const Pod& pod) {
  return record.current_revision.empty() || pod.template_hash_label.empty() ||
         pod.template_hash_label == record.current_revision;
}

const Container* FindContainer(const PodSpec& spec, const Text& name) {
  const auto found = std::find_if(spec.containers.begin(), spec.containers.end(),
                                  [&](const Container& one) { return one.name == name; });
  return found == spec.containers.end() || !(*found)->is_running_long() ? nullptr : &**found;
}

bool IsSampled(const WorkloadRecord& record) {
  if (!record.logs || record.logs->template_hash != record.workload->template_hash) return false;
  return std::all_of(record.logs->containers.begin(), record.logs->containers.end(),
                     [](const auto& one) { return one.lines >= LogSampling::kEnough; });
}

// Started so long ago, all of it, that what it logs now is what it logs.
bool IsSettled(const Pod& pod, std::int64_t now_seconds) {
  if (pod.IsTerminal() || pod.meta.deleted.set() || !pod.IsReady()) return false;
  constexpr std::int64_t kSettled = std::chrono::duration_cast<std::chrono::seconds>(LogSampling::kSettled).count();
  return std::all_of(pod.containers.begin(), pod.containers.end(), [&](const ContainerStatus& status) {
    return status.init ||
           (status.running && status.running_since.set() && now_seconds - status.running_since.seconds >= kSettled);
  });
}

}  // namespace

std::vector<RunningImage> RunningImages(const cache::World& world) {
  std::vector<RunningImage> images;
  std::set<std::string_view> seen;
  for (const NamespaceRecord* ns : world.Namespaces()) {
    for (const WorkloadRecord* record : ns->workloads) {
      for (const Pod* pod : record->pods) {
        if (pod->spec == nullptr || !IsCurrent(*record, *pod)) continue;
        std::size_t told = 0;
        for (const ContainerStatus& status : pod->containers) {
          const Container* container = FindContainer(*pod->spec, status.name);
          // Without the name of a repository it is an image that was built or loaded on the node.
          if (container == nullptr || status.image_id.view().find('@') == std::string_view::npos) continue;
          const std::string_view digest = checks::DigestOfImageId(status.image_id);
          if (digest.empty()) continue;
          ++told;
          if (!seen.insert(digest).second) continue;
          const NodeRecord* node = world.FindNode(pod->node);
          RunningImage image;
          image.digest = digest;
          image.reference = container->image.str();
          image.architecture =
              node == nullptr || node->node == nullptr ? std::string() : node->node->architecture.str();
          images.push_back(std::move(image));
        }
        if (told > 0) break;  // pods of one revision run the same
      }
    }
  }
  const auto facts = world.Objects(Kind::kImageConfig);
  for (RunningImage& image : images) {
    const auto at = std::lower_bound(
        facts.begin(), facts.end(), image.digest,
        [](const Object* object, const std::string& digest) { return object->meta.name.view() < digest; });
    image.known = at != facts.end() && (*at)->meta.name == std::string_view(image.digest);
  }
  return images;
}

std::vector<LogSubject> LogSubjects(const cache::World& world, WallTime now) {
  const std::int64_t now_seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  std::vector<LogSubject> subjects;
  for (const NamespaceRecord* ns : world.Namespaces()) {
    for (const WorkloadRecord* record : ns->workloads) {
      const Workload& workload = *record->workload;
      if (workload.workload_class == WorkloadClass::kCronJob || workload.workload_class == WorkloadClass::kPod ||
          IsSampled(*record))
        continue;
      const auto pod = std::find_if(record->pods.begin(), record->pods.end(), [&](const Pod* one) {
        return IsCurrent(*record, *one) && IsSettled(*one, now_seconds);
      });
      if (pod == record->pods.end()) continue;
      LogSubject subject{ns->name.str(),         workload.kind_name.str(), workload.meta.name.str(),
                         workload.template_hash, (*pod)->meta.name.str(),  {}};
      for (const Container& container : workload.spec->containers) {
        if (container.role == ContainerRole::kMain && !checks::IsThirdPartyImage(container.image))
          subject.containers.push_back(container.name.str());
      }
      if (!subject.containers.empty()) subjects.push_back(std::move(subject));
    }
  }
  return subjects;
}

}  // namespace seaworthy::wiring
