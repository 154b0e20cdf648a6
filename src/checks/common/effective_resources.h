// What a container effectively requests and may use, whoever says so: CHECKLIST "Effective request = container's, else
// its limit, else pod level, else LimitRange; where pods of the current revision run, their spec wins".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

enum class ResourceField : std::uint8_t {
  kRequestsCpu,
  kRequestsMemory,
  kRequestsEphemeral,
  kLimitsCpu,
  kLimitsMemory,
  kLimitsEphemeral,
};
// "resources.requests.cpu": the field below a container.
std::string_view FieldPath(ResourceField field);

enum class AmountOrigin : std::uint8_t {
  kNone,
  kContainer,
  kLimit,       // a request that stands at the container's limit, as the API server defaults it
  kPod,         // spec.resources of the pod (KEP-2837)
  kLimitRange,  // only for a template: the pods that run carry it in their own spec
};

struct EffectiveAmount {
  OptInt value;  // milli-CPU or bytes
  AmountOrigin origin = AmountOrigin::kNone;
  bool invalid = false;  // a quantity that cannot be read stands where the answer should be
};

// Without the LimitRange.
EffectiveAmount AmountOf(const PodSpec& spec, const Container& container, ResourceField field);
// What the LimitRanges of a namespace give to a container that says nothing.
OptInt LimitRangeDefault(std::span<const LimitRange* const> ranges, ResourceField field);

// What a new pod of this spec reserves, as admission would complete it with LimitRange's defaults. Kinds: kLimitRange.
PodRequest RequestOfNewPod(const Context& context, const PodSpec& spec);

// A container to be judged: of the running pods, where there are any, else of the template.
struct MeasuredContainer {
  const PodSpec* spec = nullptr;
  const Container* container = nullptr;
  bool injected = false;  // runs in the pods and is not in the template
};
// Containers and native sidecars of the workload in the order of their spec, each once. Pods of one revision that
// differ (an admission webhook or LimitRange came between them) give the container once for each different spec of
// resources. Kinds: kPod.
const std::vector<MeasuredContainer>& MeasuredContainers(const Context& context);

// The effective amount; the LimitRange counts for templates only. Kinds: kLimitRange.
EffectiveAmount EffectiveAmountOf(const Context& context, const MeasuredContainer& judged, ResourceField field);

// To be added to a finding that an amount is missing in a template: "; whether a LimitRange gives one is not known
// ...". Empty where LimitRanges can be read, and in a scan. Kinds: kLimitRange.
std::string LimitRangeCaveat(const Context& context);

// "container app", "sidecar istio-proxy (injected)" are the subject of the message; the rest is `missing`: the whole of
// the four checks that demand one amount on every container. Kinds: kPod, kLimitRange.
Outcome DemandAmount(const Context& context, ResourceField field);

}  // namespace seaworthy::checks
