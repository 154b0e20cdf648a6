#include "checks/common/claims.h"

#include <algorithm>
#include <optional>

#include "checks/common/image_reference.h"
#include "checks/common/rebuildable_images.h"
#include "checks/common/roles.h"

namespace seaworthy::checks {
namespace {

const Volume* VolumeOf(const PodSpec& spec, const Text& claim) {
  for (const Volume& volume : spec.volumes) {
    if (volume.source == VolumeSource::kClaim && volume.reference == claim) return &volume;
  }
  return nullptr;
}

bool MountsClaims(const PodSpec& spec) {
  return std::any_of(spec.volumes.begin(), spec.volumes.end(),
                     [](const Volume& volume) { return volume.source == VolumeSource::kClaim; });
}

// "data-db-3" of template data and StatefulSet db.
bool IsMadeFrom(const ClaimTemplate& made_from, const Workload& workload, std::string_view claim) {
  const std::string prefix = made_from.name.str() + "-" + workload.meta.name.str() + "-";
  return claim.starts_with(prefix) && claim.size() > prefix.size() &&
         claim.find_first_not_of("0123456789", prefix.size()) == std::string_view::npos;
}

}  // namespace

bool HasClaims(const Context& context) {
  return !context.workload().claim_templates.empty() || MountsClaims(context.spec());
}

std::vector<ClaimUse> ClaimsUsed(const Context& context) {
  const Workload& workload = context.workload();
  std::vector<ClaimUse> uses;
  std::vector<bool> made(workload.claim_templates.size(), false);
  for (const PersistentVolumeClaim* claim : context.Claims()) {
    ClaimUse use{"claim " + claim->meta.name.str(), claim->meta.name, {}, claim, nullptr};
    if (const Volume* volume = VolumeOf(context.spec(), claim->meta.name)) {
      use.volume = volume->name;
    } else if (workload.workload_class == WorkloadClass::kOther) {
      // Each pod has its own, and they come and go with pods.
      use.what = "its claims";
      for (const Pod* pod : context.Pods()) {
        if (const Volume* of_pod = VolumeOf(*pod->spec, claim->meta.name)) use.volume = of_pod->name;
      }
    } else {
      for (std::size_t i = 0; i < made.size(); ++i) {
        const ClaimTemplate& from = workload.claim_templates[i];
        if (!IsMadeFrom(from, workload, claim->meta.name)) continue;
        made[i] = true;
        use.made_from = &from;
        use.volume = from.name;
        use.what = "claims of template " + from.name.str();
      }
    }
    if (workload.workload_class == WorkloadClass::kOther) use.what = "its claims";
    uses.push_back(std::move(use));
  }
  for (std::size_t i = 0; i < made.size(); ++i) {
    const ClaimTemplate& from = workload.claim_templates[i];
    if (!made[i]) uses.push_back({"claims of template " + from.name.str(), {}, from.name, nullptr, &from});
  }
  for (const Volume& volume : context.spec().volumes) {
    if (volume.source != VolumeSource::kClaim) continue;
    const bool known =
        std::any_of(uses.begin(), uses.end(), [&](const ClaimUse& use) { return use.name == volume.reference; });
    if (!known) uses.push_back({"claim " + volume.reference.str(), volume.reference, volume.name, nullptr, nullptr});
  }
  return uses;
}

ClaimClass ClassOf(const Context& context, const ClaimUse& use) {
  ClaimClass result;
  const bool named = use.claim != nullptr       ? use.claim->has_class
                     : use.made_from != nullptr ? use.made_from->has_class
                                                : false;
  if (named) {
    result.name = use.claim != nullptr ? use.claim->storage_class : use.made_from->storage_class;
    if (!result.name.empty()) result.object = context.FindStorageClass(result.name);
    return result;
  }
  result.by_default = true;
  for (const StorageClass* storage : context.StorageClasses()) {
    if (!storage->is_default) continue;
    if (result.object == nullptr || storage->meta.created > result.object->meta.created) result.object = storage;
  }
  if (result.object != nullptr) result.name = result.object->meta.name;
  return result;
}

namespace {

// A controller other than Kubernetes' own may put them where its template does not show it.
bool MountsClaims(const Context& context, const Container& container) {
  const Workload& workload = context.workload();
  if (workload.workload_class == WorkloadClass::kOther) return true;
  return std::any_of(container.mounts.begin(), container.mounts.end(), [&](const VolumeMount& mount) {
    const auto& volumes = context.spec().volumes;
    return std::any_of(workload.claim_templates.begin(), workload.claim_templates.end(),
                       [&](const ClaimTemplate& made) { return made.name == mount.name; }) ||
           std::any_of(volumes.begin(), volumes.end(), [&](const Volume& volume) {
             return volume.source == VolumeSource::kClaim && volume.name == mount.name;
           });
  });
}

bool IsRebuildable(const Container& container) {
  const std::optional<ImageReference> reference = ParseImageReference(container.image);
  return reference &&
         std::any_of(std::begin(kRebuildableImages), std::end(kRebuildableImages),
                     [&](std::string_view image) { return RepositoryEndsIn(reference->repository, image); });
}

}  // namespace

std::string_view Rebuildable(const Context& context) {
  constexpr std::string_view kData = "seaworthy.dev/data";
  if (const Text* said = context.workload().meta.annotations.Find(kData)) {
    return *said == "rebuildable" ? "annotation seaworthy.dev/data says that its data is rebuildable"
                                  : std::string_view();
  }
  // Those that mount the claims decide, all of them: a Redis beside an application does not make its data a cache.
  bool any = false;
  for (const Container& container : context.spec().containers) {
    if (container.role != ContainerRole::kMain || !MountsClaims(context, container)) continue;
    if (!IsRebuildable(container)) return {};
    any = true;
  }
  return any ? "its image is a cache, a search index or a time-series store, whose data is rebuildable unless "
               "annotation seaworthy.dev/data says otherwise"
             : std::string_view();
}

std::optional<Outcome> HoldsBackups(const Context& context) {
  const ObjectMeta& meta = context.workload().meta;
  const Text* of = meta.labels.Find(kBackupOf);
  if (of == nullptr) of = meta.annotations.Find(kBackupOf);
  if (of == nullptr) return std::nullopt;
  return Outcome::Na("its claim holds the backups of " + of->str());
}

}  // namespace seaworthy::checks
