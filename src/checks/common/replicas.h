// How many replicas a workload has at least and at most, whoever decides it; shared by every check that reasons about
// losing one.
#pragma once

#include <cstdint>
#include <string>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct ReplicaBounds {
  std::int64_t minimum = 1;
  std::int64_t maximum = 1;
  std::string source;  // "spec.replicas", "HorizontalPodAutoscaler/web minReplicas"
  const HorizontalPodAutoscaler* autoscaler = nullptr;
  const Extension* scaled_object = nullptr;
};
// A ScaledObject's bounds win over those of the HorizontalPodAutoscaler that KEDA makes of it (which says 1 for 0), and
// an autoscaler's over spec.replicas, which it overwrites. Kinds: kHorizontalPodAutoscaler, kScaledObject.
const ReplicaBounds& EffectiveReplicas(const Context& context);
// Of another workload; the caller's accessor notes the kinds.
ReplicaBounds EffectiveReplicas(const WorkloadRecord& record);

// Scaled to 0 on purpose: spec.replicas 0, with or without an autoscaler (which then is inactive).
bool ScaledToZero(const Workload& workload);

// A rollout or scale change is in progress, or the workload is in its first 10 minutes: status is in motion and is not
// judged. Judgement is suspended at most max(10 min, progressDeadline) from the start of the motion. The reserve word
// "settled" is used in messages.
inline constexpr std::string_view kScaledToZero = "scaled to 0 on purpose";

}  // namespace seaworthy::checks
