#include "seaworthy/workload.h"

#include <algorithm>

#include "vocabulary/resident.h"

namespace seaworthy {

std::string_view ClassName(WorkloadClass workload_class) {
  switch (workload_class) {
    case WorkloadClass::kDeployment: return "Deployment";
    case WorkloadClass::kStatefulSet: return "StatefulSet";
    case WorkloadClass::kDaemonSet: return "DaemonSet";
    case WorkloadClass::kCronJob: return "CronJob";
    case WorkloadClass::kReplicaSet: return "ReplicaSet";
    case WorkloadClass::kPod: return "Pod";
    case WorkloadClass::kOther: return "other";
    case WorkloadClass::kCount: break;
  }
  return "other";
}

const Condition* FindCondition(const List<Condition>& conditions, std::string_view type) {
  const auto found =
      std::find_if(conditions.begin(), conditions.end(), [&](const Condition& c) { return c.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

std::int64_t IntOrPercent::Of(std::int64_t total, bool round_up) const {
  switch (form) {
    case Form::kUnset:
    case Form::kInvalid: return 0;
    case Form::kNumber: return value;
    case Form::kPercent: break;
  }
  // Integers, where upstream goes over float64 (exact for every count of pods there can be). Wide, as both come from
  // strangers.
  __extension__ using Wide = __int128;
  const Wide product = static_cast<Wide>(value) * total;
  const Wide quotient = product / 100, rest = product % 100;
  // Division truncates: ceil has to go up from a positive remainder, floor down from a negative one.
  if (round_up && rest > 0) return static_cast<std::int64_t>(quotient + 1);
  if (!round_up && rest < 0) return static_cast<std::int64_t>(quotient - 1);
  return static_cast<std::int64_t>(quotient);
}

std::string IntOrPercent::ToString() const {
  switch (form) {
    case Form::kUnset: return "unset";
    case Form::kNumber: return std::to_string(value);
    case Form::kPercent: return std::to_string(value) + "%";
    case Form::kInvalid: break;
  }
  return "invalid";
}

// The spec counts in full: templates are rarely equal, and pods, which share theirs, leave it out.
std::size_t Workload::resident_bytes() const {
  std::size_t bytes = sizeof(Workload) + HeapOf(meta) + HeapOf(template_labels) + HeapOf(template_annotations) +
                      HeapOf(selector) + HeapOf(claim_templates) + HeapOf(status.conditions) + HeapOf(credentials) +
                      HeapOf(custom);
  for (const ClaimTemplate& claim : claim_templates) bytes += HeapOf(claim.access_modes);
  if (spec != nullptr) bytes += spec->resident_bytes();
  if (capacity != nullptr) bytes += sizeof(Capacity) + HeapOf(capacity->depends_on) + HeapOf(capacity->unreadable);
  return bytes;
}

}  // namespace seaworthy
