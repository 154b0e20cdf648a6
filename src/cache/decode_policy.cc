// What sets rules for others: budgets, autoscalers, quotas, limits, priorities, bindings, accounts, namespaces.
#include <limits>
#include <memory>
#include <utility>

#include "cache/decode_fields.h"
#include "cache/quantity.h"
#include "seaworthy/objects.h"

namespace seaworthy::cache {
namespace {

void DecodeBudget(const Decoding& d, const Node& node, PodDisruptionBudget& budget) {
  const Node& spec = node["spec"];
  budget.selector = DecodeSelector(d, spec["selector"]);
  // In v1beta1 an empty selector selects nothing.
  if (node["apiVersion"].text() == "policy/v1beta1" && budget.selector.empty()) budget.selector.present = false;
  budget.min_available = DecodeIntOrPercent(spec["minAvailable"]);
  budget.max_unavailable = DecodeIntOrPercent(spec["maxUnavailable"]);
  budget.unhealthy_eviction = d.Str(spec["unhealthyPodEvictionPolicy"]);
  const Node& status = node["status"];
  if (!status.is_object()) return;
  // The counts are always written once the disruption controller has seen the budget; `status: {}` says nothing.
  budget.has_status = status["disruptionsAllowed"].is_number();
  budget.disruptions_allowed = status["disruptionsAllowed"].Int().value_or(0);
  budget.current_healthy = status["currentHealthy"].Int().value_or(0);
  budget.desired_healthy = status["desiredHealthy"].Int().value_or(0);
  budget.expected_pods = status["expectedPods"].Int().value_or(0);
  budget.observed_generation = Int(status["observedGeneration"]);
  budget.conditions = DecodeConditions(d, status["conditions"]);
}

HpaMetric DecodeMetric(const Decoding& d, const Node& node) {
  HpaMetric metric;
  metric.type = d.Str(node["type"]);
  const Node& source = node["type"].text() == "ContainerResource" ? node["containerResource"] : node["resource"];
  metric.resource = d.Str(source["name"]);
  metric.container = d.Str(source["container"]);
  metric.utilization =
      source["target"]["type"].text() == "Utilization" || source["targetAverageUtilization"].present();  // v2beta1
  return metric;
}

void DecodeAutoscaler(const Decoding& d, const Node& node, HorizontalPodAutoscaler& hpa) {
  const Node& spec = node["spec"];
  const Node& target = spec["scaleTargetRef"];
  hpa.target_kind = d.Str(target["kind"]);
  hpa.target_name = d.Str(target["name"]);
  hpa.target_api_version = d.Str(target["apiVersion"]);
  hpa.min_replicas = Int(spec["minReplicas"]);
  hpa.max_replicas = spec["maxReplicas"].Int().value_or(0);
  const Node& metrics = spec["metrics"];
  for (const Node& metric : metrics) hpa.metrics.push_back(DecodeMetric(d, metric));
  // v1's only target. Without any, both versions scale on CPU (autoscaling/v1 and v2 defaults.go).
  if (spec["targetCPUUtilizationPercentage"].present() || hpa.metrics.empty()) {
    hpa.metrics.push_back({d.Intern("Resource"), d.Intern("cpu"), Text(), true});
  }
  const Node& status = node["status"];
  hpa.current_replicas = Int(status["currentReplicas"]);
  hpa.desired_replicas = Int(status["desiredReplicas"]);
  hpa.conditions = DecodeConditions(d, status["conditions"]);
}

void DecodeBinding(const Decoding& d, const Node& node, RoleBinding& binding) {
  const Node& subjects = node["subjects"];
  if (subjects.is_array()) {
    binding.subjects.reserve(subjects.size());
    for (const Node& subject : subjects) {
      binding.subjects.push_back({d.Str(subject["kind"]), d.Str(subject["namespace"]), d.Str(subject["name"])});
    }
  }
  binding.role_kind = d.Str(node["roleRef"]["kind"]);
  binding.role = d.Str(node["roleRef"]["name"]);
}

// `from` where `to` says nothing.
void Fill(OptInt& to, const OptInt& from) {
  if (!to.has_value()) to = from;
}
void FillAmounts(ResourceAmounts& to, const ResourceAmounts& from) {
  Fill(to.cpu_milli, from.cpu_milli);
  Fill(to.memory_bytes, from.memory_bytes);
  Fill(to.ephemeral_bytes, from.ephemeral_bytes);
}

LimitRangeItem DecodeLimitItem(const Decoding& d, const Node& node) {
  LimitRangeItem item;
  item.type = d.Str(node["type"]);
  item.default_request = DecodeAmounts(d, node["defaultRequest"]);
  item.default_limit = DecodeAmounts(d, node["default"]);
  // core/v1 defaults.go SetDefaults_LimitRangeItem: max is the default limit, that (else min) the default request.
  if (item.type == "Container") {
    FillAmounts(item.default_limit, DecodeAmounts(d, node["max"]));
    FillAmounts(item.default_request, item.default_limit);
    FillAmounts(item.default_request, DecodeAmounts(d, node["min"]));
  }
  return item;
}

// A quota of 10 Pi bytes is beyond what an int64 holds in thousandths, and not beyond what people write.
std::int64_t MilliAmount(std::string_view text) {
  if (const auto milli = QuantityMilliValue(text)) return *milli;
  return QuantityValue(text) ? std::numeric_limits<std::int64_t>::max() : -1;
}

void DecodeQuota(const Decoding& d, const Node& node, ResourceQuota& quota) {
  const Node& spec = node["spec"];
  const Node& status = node["status"];
  const Node& hard = status["hard"].is_object() ? status["hard"] : spec["hard"];
  if (hard.is_object()) {
    for (const Node& member : hard) {
      const std::int64_t limit = MilliAmount(member.scalar());
      if (limit < 0) continue;
      const Node& used = status["used"][member.key()];
      quota.amounts.push_back({d.Intern(member.key()), limit, std::max<std::int64_t>(0, MilliAmount(used.scalar()))});
    }
  }
  std::sort(quota.amounts.begin(), quota.amounts.end(),
            [](const auto& a, const auto& b) { return a.resource < b.resource; });
  quota.scoped = (spec["scopes"].is_array() && spec["scopes"].size() != 0) || spec["scopeSelector"].is_object();
}

// Makes, reads the metadata, and hands on what is to be filled in.
template <typename T, typename Fn, typename... Args>
ObjectPtr Make(Decoding& d, const Node& node, Fn&& fill, Args... args) {
  auto object = std::make_unique<T>(args...);
  if (!DecodeMeta(d, node, {}, object->meta) || !d.ExpectObject(node["spec"], "spec")) return nullptr;
  fill(*object);
  return object;
}

}  // namespace

ObjectPtr DecodePolicyKind(Decoding& d, Kind kind, const Node& node) {
  switch (kind) {
    case Kind::kPodDisruptionBudget:
      return Make<PodDisruptionBudget>(d, node, [&](auto& budget) { DecodeBudget(d, node, budget); });
    case Kind::kHorizontalPodAutoscaler:
      return Make<HorizontalPodAutoscaler>(d, node, [&](auto& hpa) { DecodeAutoscaler(d, node, hpa); });
    case Kind::kRoleBinding:
    case Kind::kClusterRoleBinding:
      return Make<RoleBinding>(d, node, [&](auto& binding) { DecodeBinding(d, node, binding); }, kind);
    case Kind::kLimitRange:
      return Make<LimitRange>(d, node, [&](auto& range) {
        for (const Node& limit : node["spec"]["limits"]) range.items.push_back(DecodeLimitItem(d, limit));
      });
    case Kind::kResourceQuota: return Make<ResourceQuota>(d, node, [&](auto& quota) { DecodeQuota(d, node, quota); });
    case Kind::kPriorityClass:
      return Make<PriorityClass>(d, node, [&](auto& priority) {
        priority.value = node["value"].Int().value_or(0);
        priority.global_default = True(node["globalDefault"]);
      });
    case Kind::kServiceAccount:
      return Make<ServiceAccount>(
          d, node, [&](auto& account) { account.automount_token = Flag(node["automountServiceAccountToken"]); });
    case Kind::kNamespace:
      return Make<Namespace>(d, node, [&](auto& ns) { ns.phase = d.Str(node["status"]["phase"]); });
    default: d.Fail("kind", "is not decoded"); return nullptr;
  }
}

}  // namespace seaworthy::cache
