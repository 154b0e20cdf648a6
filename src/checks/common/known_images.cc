#include "checks/common/known_images.h"

#include <algorithm>
#include <optional>

#include "checks/common/image_reference.h"
#include "checks/common/replicas.h"
#include "checks/common/roles.h"

namespace seaworthy::checks {
namespace {

template <typename Image>
const Image* Match(const Workload& workload, std::span<const Image> images) {
  if (workload.spec == nullptr || ScaledToZero(workload)) return nullptr;
  for (const Container& container : workload.spec->containers) {
    if (container.role != ContainerRole::kMain) continue;
    const std::optional<ImageReference> reference = ParseImageReference(container.image);
    if (!reference) continue;
    for (const Image& image : images) {
      if (RepositoryEndsIn(reference->repository, image.repository)) return &image;
    }
  }
  return nullptr;
}

struct FirstMetricsAgent {
  static constexpr KindSet kRestsOn = {Kind::kDaemonSet};
  explicit FirstMetricsAgent(const Snapshot& snapshot) {
    for (const WorkloadRecord* record : snapshot.DaemonSets()) {
      const MetricsAgent* found = Match(*record->workload, std::span<const MetricsAgent>(kMetricsAgents));
      if (found == nullptr || (found->if_configured && agent.record != nullptr)) continue;
      agent = {record, found};
      if (!found->if_configured) return;
    }
  }
  SeenAgent agent;
};

}  // namespace

const KnownImage* FindKnownImage(const Workload& workload, std::span<const KnownImage> images) {
  return Match(workload, images);
}

bool IsKnown(const Workload& workload, std::span<const KnownImage> images, std::span<const std::string_view> names) {
  if (workload.spec == nullptr || ScaledToZero(workload)) return false;
  const std::string_view name = workload.template_labels.Get("app.kubernetes.io/name");
  return std::find(names.begin(), names.end(), name) != names.end() || FindKnownImage(workload, images) != nullptr;
}

bool IsAvailable(const Workload& workload) {
  const WorkloadStatus& status = workload.status;
  const std::int64_t available = status.available.has_value() ? *status.available : status.ready.value_or(0);
  if (workload.workload_class != WorkloadClass::kDaemonSet) return available > 0;
  const std::int64_t desired = status.replicas.value_or(0);
  return desired > 0 && desired - available <= std::max<std::int64_t>(1, desired / 20) && available > 0;
}

std::string NameOf(const WorkloadRecord& record) {
  const Workload& workload = *record.workload;
  return workload.kind_name.str() + " " + workload.meta.namespace_.str() + "/" + workload.meta.name.str();
}

std::string SeenAgent::ToString() const { return NameOf(*record) + " is " + std::string(agent->name); }

SeenAgent FindMetricsAgent(const Context& context) { return context.Fact<FirstMetricsAgent>().agent; }

}  // namespace seaworthy::checks
