#include "checks/common/effective_resources.h"

#include <algorithm>
#include <string>
#include <utility>

#include "checks/common/findings.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

bool IsRequest(ResourceField field) {
  return field == ResourceField::kRequestsCpu || field == ResourceField::kRequestsMemory ||
         field == ResourceField::kRequestsEphemeral;
}

const OptInt& Pick(const ResourceAmounts& amounts, ResourceField field) {
  switch (field) {
    case ResourceField::kRequestsCpu:
    case ResourceField::kLimitsCpu: return amounts.cpu_milli;
    case ResourceField::kRequestsEphemeral:
    case ResourceField::kLimitsEphemeral: return amounts.ephemeral_bytes;
    case ResourceField::kRequestsMemory:
    case ResourceField::kLimitsMemory: break;
  }
  return amounts.memory_bytes;
}

bool IsInvalid(const ResourceAmounts& amounts, ResourceField field) {
  switch (field) {
    case ResourceField::kRequestsCpu:
    case ResourceField::kLimitsCpu: return amounts.cpu_invalid;
    case ResourceField::kRequestsEphemeral:
    case ResourceField::kLimitsEphemeral: return amounts.ephemeral_invalid;
    case ResourceField::kRequestsMemory:
    case ResourceField::kLimitsMemory: break;
  }
  return amounts.memory_invalid;
}

std::string_view Word(ResourceField field) {
  switch (field) {
    case ResourceField::kRequestsCpu: return "CPU request";
    case ResourceField::kRequestsMemory: return "memory request";
    case ResourceField::kRequestsEphemeral: return "ephemeral-storage request";
    case ResourceField::kLimitsCpu: return "CPU limit";
    case ResourceField::kLimitsMemory: return "memory limit";
    case ResourceField::kLimitsEphemeral: return "ephemeral-storage limit";
  }
  return "";
}

bool InTemplate(const Context& context, const Container& container) {
  const auto& own = context.spec().containers;
  return std::any_of(own.begin(), own.end(), [&](const Container& c) { return c.name == container.name; });
}

}  // namespace

std::string_view FieldPath(ResourceField field) {
  switch (field) {
    case ResourceField::kRequestsCpu: return "resources.requests.cpu";
    case ResourceField::kRequestsMemory: return "resources.requests.memory";
    case ResourceField::kRequestsEphemeral: return "resources.requests.ephemeral-storage";
    case ResourceField::kLimitsCpu: return "resources.limits.cpu";
    case ResourceField::kLimitsMemory: return "resources.limits.memory";
    case ResourceField::kLimitsEphemeral: return "resources.limits.ephemeral-storage";
  }
  return "";
}

EffectiveAmount AmountOf(const PodSpec& spec, const Container& container, ResourceField field) {
  const auto in = [&](const Resources& resources, AmountOrigin own, AmountOrigin defaulted) -> EffectiveAmount {
    const ResourceAmounts& amounts = IsRequest(field) ? resources.requests : resources.limits;
    if (Pick(amounts, field).has_value()) return {Pick(amounts, field), own, false};
    if (IsInvalid(amounts, field)) return {{}, AmountOrigin::kNone, true};
    if (!IsRequest(field)) return {};
    if (Pick(resources.limits, field).has_value()) return {Pick(resources.limits, field), defaulted, false};
    return {{}, AmountOrigin::kNone, IsInvalid(resources.limits, field)};
  };
  const EffectiveAmount own = in(container.resources, AmountOrigin::kContainer, AmountOrigin::kLimit);
  if (own.value.has_value() || own.invalid) return own;
  return in(spec.resources, AmountOrigin::kPod, AmountOrigin::kPod);
}

OptInt LimitRangeDefault(std::span<const LimitRange* const> ranges, ResourceField field) {
  // Several ranges: the API server applies one after another and the first that says something has said it.
  for (const LimitRange* range : ranges) {
    for (const LimitRangeItem& item : range->items) {
      if (item.type != "Container") continue;
      if (IsRequest(field) && Pick(item.default_request, field).has_value()) return Pick(item.default_request, field);
      // A default limit alone is the default request too (core/v1 SetDefaults_LimitRangeItem).
      if (Pick(item.default_limit, field).has_value()) return Pick(item.default_limit, field);
    }
  }
  return {};
}

namespace {

struct Measured {
  std::vector<MeasuredContainer> containers;
};

std::vector<MeasuredContainer> WorkOutMeasured(const Context& context) {
  std::vector<MeasuredContainer> judged;
  std::vector<const PodSpec*> specs;
  for (const Pod* pod : context.CurrentPods()) {
    const PodSpec* spec = pod->spec.get();
    if (spec == nullptr || std::find(specs.begin(), specs.end(), spec) != specs.end()) continue;
    specs.push_back(spec);
    for (const Container& container : spec->containers) {
      if (!container.is_running_long()) continue;
      const bool known = std::any_of(judged.begin(), judged.end(), [&](const MeasuredContainer& other) {
        return other.container->name == container.name && other.container->resources == container.resources &&
               other.spec->resources == spec->resources;
      });
      if (!known) judged.push_back({spec, &container, !InTemplate(context, container)});
    }
  }
  if (!specs.empty()) return judged;
  for (const Container& container : context.spec().containers) {
    if (container.is_running_long()) judged.push_back({&context.spec(), &container, false});
  }
  return judged;
}

}  // namespace

const std::vector<MeasuredContainer>& MeasuredContainers(const Context& context) {
  return context.Once<Measured>([&] { return Measured{WorkOutMeasured(context)}; }).containers;
}

EffectiveAmount EffectiveAmountOf(const Context& context, const MeasuredContainer& judged, ResourceField field) {
  EffectiveAmount amount = AmountOf(*judged.spec, *judged.container, field);
  const bool running = judged.spec != &context.spec();
  if (running || amount.value.has_value() || amount.invalid) return amount;
  if (const OptInt given = LimitRangeDefault(context.LimitRanges(), field); given.has_value()) {
    return {given, AmountOrigin::kLimitRange, false};
  }
  return amount;
}

Outcome DemandAmount(const Context& context, ResourceField field) {
  Findings findings(context);
  bool only_template = true;
  for (const MeasuredContainer& judged : MeasuredContainers(context)) {
    only_template = judged.spec == &context.spec();
    const EffectiveAmount amount = EffectiveAmountOf(context, judged, field);
    // 0 is how Kubernetes writes "none": it reserves nothing, and bounds nothing.
    if (!amount.invalid && amount.value.value_or(0) > 0) continue;
    std::string what;
    if (amount.invalid) {
      what = "its " + std::string(Word(field)) + " is not a quantity that can be read";
    } else if (amount.value.has_value()) {
      what = "its " + std::string(Word(field)) + " is 0, which is none";
    } else {
      what = "no " + std::string(Word(field));
    }
    if (judged.injected) what += " (injected: not in the template)";
    findings.Add(amount.invalid ? Verdict::kUnknown : Verdict::kFail, context.workload(), *judged.container,
                 FieldPath(field), what);
  }
  if (findings.empty()) return Outcome::Pass();
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (only_template) outcome.message += LimitRangeCaveat(context);
  return outcome;
}

std::string LimitRangeCaveat(const Context& context) {
  if (context.offline() || Usable(context, Kind::kLimitRange)) return {};
  return "; whether a LimitRange gives one is not known: limitranges cannot be read";
}

PodRequest RequestOfNewPod(const Context& context, const PodSpec& spec) {
  const OptInt cpu = LimitRangeDefault(context.LimitRanges(), ResourceField::kRequestsCpu);
  const OptInt memory = LimitRangeDefault(context.LimitRanges(), ResourceField::kRequestsMemory);
  const OptInt ephemeral = LimitRangeDefault(context.LimitRanges(), ResourceField::kRequestsEphemeral);
  if (!cpu.has_value() && !memory.has_value() && !ephemeral.has_value()) return EffectiveRequest(spec);
  PodSpec completed = spec;
  for (Shared<Container>& container : completed.containers) {
    Resources& own = container.edit().resources.edit();
    if (!own.requests.cpu_milli.has_value() && !own.limits.cpu_milli.has_value()) own.requests.cpu_milli = cpu;
    if (!own.requests.memory_bytes.has_value() && !own.limits.memory_bytes.has_value())
      own.requests.memory_bytes = memory;
    if (!own.requests.ephemeral_bytes.has_value() && !own.limits.ephemeral_bytes.has_value())
      own.requests.ephemeral_bytes = ephemeral;
  }
  return EffectiveRequest(completed);
}

}  // namespace seaworthy::checks
