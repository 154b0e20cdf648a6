#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"
#include "checks/common/findings.h"
#include "checks/common/incidents.h"
#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"hours", 24, "how long an eviction for ephemeral storage fails the check"}};

bool IsMounted(const PodSpec& spec, const Volume& volume) {
  return std::any_of(spec.containers.begin(), spec.containers.end(), [&](const Container& container) {
    return std::any_of(container.mounts.begin(), container.mounts.end(),
                       [&](const VolumeMount& mount) { return mount.name == volume.name; });
  });
}

// Bounds count as the pods have them, where any run: LimitRanges and webhooks write them there.
const PodSpec& BoundingSpec(const Context& context) {
  for (const Pod* pod : context.CurrentPods()) {
    if (pod->spec != nullptr) return *pod->spec;
  }
  return context.spec();
}

// Of one container, a LimitRange's default included; 0 is none. Unset: none.
OptInt LimitOf(const Context& context, const PodSpec& spec, const Container& container, ResourceField field) {
  const EffectiveAmount amount = EffectiveAmountOf(context, {&spec, &container, false}, field);
  return amount.value.value_or(0) > 0 ? amount.value : OptInt();
}

// Then the kubelet bounds the sum of containers and emptyDirs by the pod's limit, which is made of those containers
// that have one, init containers included (eviction manager, podEphemeralStorageLimitEviction;
// resourcehelper.PodLimits).
bool IsLimited(const Context& context, const PodSpec& spec) {
  return std::any_of(spec.containers.begin(), spec.containers.end(), [&](const Container& container) {
    return container.role != ContainerRole::kEphemeral &&
           LimitOf(context, spec, container, ResourceField::kLimitsEphemeral).has_value();
  });
}

// Of the pod: what a file in memory counts against. Unset: unlimited.
OptInt MemoryLimit(const Context& context, const PodSpec& spec) {
  if (spec.resources->limits.memory_bytes.has_value()) return spec.resources->limits.memory_bytes;
  std::int64_t sum = 0;
  for (const Container& container : spec.containers) {
    if (!container.is_running_long()) continue;
    const OptInt own = LimitOf(context, spec, container, ResourceField::kLimitsMemory);
    if (!own.has_value() || __builtin_add_overflow(sum, *own, &sum)) return {};
  }
  return sum;
}

struct Bounds {
  OptInt memory;
  bool ephemeral = false;
};

// What is wrong with the volume; several have it in common.
constexpr std::string_view kUnboundedMemory =
    "kept in memory with neither a sizeLimit nor a memory limit of the pod, which may fill the node's memory";
constexpr std::string_view kAboveLimit =
    "kept in memory with a sizeLimit that is not below the pod's memory limit, which is reached first";
constexpr std::string_view kUnboundedDisk =
    "no sizeLimit, and no container has an ephemeral-storage limit: the node's disk may fill up";

std::string_view Complaint(const Bounds& bounds, const Volume& volume) {
  // The node has set these pages aside, and the pod cannot have more than its hugepages limit.
  if (volume.huge_pages) return "";
  if (volume.memory) {
    if (!bounds.memory.has_value()) return volume.size_limit.has_value() ? "" : kUnboundedMemory;
    return volume.size_limit.has_value() && *volume.size_limit >= *bounds.memory ? kAboveLimit : "";
  }
  return volume.size_limit.has_value() || bounds.ephemeral ? "" : kUnboundedDisk;
}

void JudgeVolumes(const Context& context, Findings& findings) {
  const PodSpec& spec = context.spec();
  if (std::none_of(spec.volumes.begin(), spec.volumes.end(),
                   [](const Volume& volume) { return volume.source == VolumeSource::kEmptyDir; }))
    return;
  const PodSpec& bounding = BoundingSpec(context);
  const Bounds bounds{MemoryLimit(context, bounding), IsLimited(context, bounding)};
  const std::string caveat = &bounding == &spec ? LimitRangeCaveat(context) : "";
  for (std::string_view complaint : {kUnboundedMemory, kAboveLimit, kUnboundedDisk}) {
    std::string names, first;
    int count = 0;
    constexpr int kShown = 5;
    for (const Volume& volume : spec.volumes) {
      if (volume.source != VolumeSource::kEmptyDir || !IsMounted(spec, volume) ||
          Complaint(bounds, volume) != complaint)
        continue;
      if (++count > kShown) continue;
      if (count == 1) first = volume.name.str();
      names += (count == 1 ? "" : ", ") + volume.name.str();
    }
    if (count == 0) continue;
    if (count > kShown) names += " and others";
    findings.Add(Verdict::kWarn,
                 std::string(TemplatePath(context.workload())) + ".volumes[name=" + first + "].emptyDir",
                 "emptyDir " + names + ": " + std::string(complaint) + (complaint == kAboveLimit ? "" : caveat));
  }
}

Outcome Run(const Context& context) {
  Findings findings(context);
  const auto seconds = static_cast<std::int64_t>(context.Param("hours") * 3600);
  const std::vector<Incident> evicted =
      RecentIncidents(context, RestartEvidence::Incident::What::kStorageEviction, seconds);
  if (!evicted.empty())
    findings.Add(
        Verdict::kFail, {},
        "a pod was evicted for its ephemeral storage within the last " + std::to_string(seconds / 3600) + " h");
  JudgeVolumes(context, findings);
  return std::move(findings).Finish(Outcome::Pass()).RecheckAt(ForgottenAt(evicted, seconds));
}

}  // namespace

constinit const Check kEphemeralStorage = {
    .id = "ephemeral-storage",
    .title = "Ephemeral storage is bounded",
    .section = Section::kResources,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .rule =
        "Fails when a pod of the current revision was evicted for its ephemeral storage within 24 hours. Warns when a "
        "mounted emptyDir on disk has no sizeLimit and no container has an ephemeral-storage limit, and when "
        "one in memory has no bound (neither sizeLimit nor a memory limit) or a sizeLimit that is not below the pod's "
        "memory limit. Limits count as pods of the current revision have them, else the template's with a LimitRange's "
        "defaults.",
    .why =
        "A full disk makes the kubelet evict pods of others first and the guilty one late. Files in memory count as "
        "the container's memory: it is killed for them.",
    .fix = "Set emptyDir.sizeLimit, and limits.ephemeral-storage on containers that write outside volumes.",
    .source = "F. Resources: requests and limits sensible, neither too low nor too high",
    .traps =
        "Only the template's volumes are judged: sidecars that are injected bring their own. One container's "
        "ephemeral-storage limit is enough: the kubelet holds the whole pod, emptyDirs included, to the sum of those "
        "that have one. Huge pages are no disk, and bounded by a limit of their own. Volumes that nothing "
        "mounts are left out. A volume in memory without a sizeLimit is bounded by the pod's memory limit. Evictions "
        "while nobody watched, whose pods are gone, are not known.",
    .reads = {Kind::kPod, Kind::kLimitRange},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
