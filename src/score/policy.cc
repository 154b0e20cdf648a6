#include "score/policy.h"

#include <algorithm>
#include <cstdio>

#include "support/hash.h"
#include "support/version.h"

namespace seaworthy::score {
namespace {

constexpr std::string_view kTierLabel = "seaworthy.dev/tier";

std::optional<Tier> ParseTier(std::string_view name) {
  for (const Tier tier : {Tier::kCritical, Tier::kStandard, Tier::kAuxiliary, Tier::kExempt}) {
    if (TierName(tier) == name) return tier;
  }
  return std::nullopt;
}

std::string NumberText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

}  // namespace

bool MatchesPattern(std::string_view pattern, std::string_view name) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == name;
}

Policy::Policy(std::span<const Check* const> checks, std::vector<const AuditPolicy*> policies) {
  for (const Check* check : checks) {
    Rule& rule = rules_[check];
    rule.severity = check->severity;
    for (const Param& param : check->params) rule.params.push_back(param.value);
    by_id_.emplace(check->id, check);
  }
  std::sort(policies.begin(), policies.end(),
            [](const AuditPolicy* a, const AuditPolicy* b) { return a->meta.name < b->meta.name; });
  for (const AuditPolicy* policy : policies) Apply(*policy);
  Hash(checks);
}

void Policy::Apply(const AuditPolicy& policy) {
  const std::string name = policy.meta.name.str();
  PolicyStatus& status = statuses_[name];
  for (const std::string& refused : policy.refused) {
    constexpr std::string_view kSpec = "spec.";
    status.problems.push_back(refused.starts_with(kSpec) ? refused.substr(kSpec.size()) : refused);
  }
  // Notes who sets a field; an earlier policy that said something else has lost.
  const auto set = [&](const std::string& field, const std::string& value) {
    const auto [at, fresh] = set_by_.try_emplace(field, name, value);
    if (fresh) return;
    auto& [earlier, before] = at->second;
    if (before != value)
      statuses_[earlier].conflicts.push_back(field + ": " + before + ", overridden by policy " + name + " (" + value +
                                             ")");
    at->second = {name, value};
  };
  const auto find = [&](const std::string& field, std::string_view id) -> const Check* {
    const auto at = by_id_.find(id);
    if (at != by_id_.end()) return at->second;
    status.problems.push_back(field + ": there is no check \"" + std::string(id) + "\"");
    return nullptr;
  };
  if (!policy.profile.empty()) {
    const std::string_view profile = policy.profile;
    if (profile == "starter" || profile == "standard" || profile == "strict") {
      profile_ = profile == "starter" ? Profile::kStarter : profile == "strict" ? Profile::kStrict : Profile::kStandard;
      set("profile", policy.profile.str());
    } else {
      status.problems.push_back("profile: \"" + policy.profile.str() + "\" is none of starter, standard, strict");
    }
  }
  if (policy.threshold.has_value()) {
    threshold_ = static_cast<double>(*policy.threshold);
    set("threshold", std::to_string(*policy.threshold));
  }
  if (policy.coverage_floor_percent.has_value()) {
    coverage_floor_ = static_cast<double>(*policy.coverage_floor_percent) / 100;
    set("coverageFloor", NumberText(coverage_floor_));
  }
  for (std::size_t i = 0; i < policy.disabled.size(); ++i) {
    if (const Check* check = find("disabled[" + std::to_string(i) + "]", policy.disabled[i]))
      rules_[check].enabled = false;
  }
  for (const KeyValue& pair : policy.severities) {
    const std::string field = "severities." + pair.key.str();
    const Check* check = find(field, pair.key);
    const auto severity = ParseSeverity(pair.value);
    if (check == nullptr) continue;
    if (!severity) {
      status.problems.push_back(field + ": \"" + pair.value.str() + "\" is no severity");
      continue;
    }
    rules_[check].severity = *severity;
    set(field, pair.value.str());
  }
  for (const AuditPolicy::ParamValue& param : policy.params) {
    const std::string field = "params." + param.check.str() + "." + param.name.str();
    const Check* check = find(field, param.check);
    if (check == nullptr) continue;
    const auto at = std::find_if(check->params.begin(), check->params.end(),
                                 [&](const Param& own) { return own.name == param.name.view(); });
    if (at == check->params.end()) {
      status.problems.push_back(field + ": the check has no such parameter");
      continue;
    }
    rules_[check].params[static_cast<std::size_t>(at - check->params.begin())] = param.value;
    set(field, NumberText(param.value));
  }
  for (std::size_t i = 0; i < policy.tiers.size(); ++i) {
    const TierRule& rule = policy.tiers[i];
    if (ParseTier(rule.tier)) {
      tiers_.push_back(rule);
    } else {
      status.problems.push_back("tiers[" + std::to_string(i) + "].tier: \"" + rule.tier.str() +
                                "\" is none of critical, standard, auxiliary, exempt");
    }
  }
  if (policy.has_system_namespaces) {
    system_namespaces_.clear();
    std::string value;
    for (const Text& pattern : policy.system_namespaces) {
      system_namespaces_.push_back(pattern.str());
      value += (value.empty() ? "" : ", ") + pattern.str();
    }
    set("systemNamespaces", value);
  }
  const auto allow = [&](const std::string& field, OptBool said, bool& allowed) {
    if (said == OptBool::kUnset) return;
    allowed = said == OptBool::kTrue;
    set("allow." + field, allowed ? "true" : "false");
  };
  allow("workloadTiers", policy.allow_workload_tiers, allow_workload_tiers_);
  allow("waiverAnnotations", policy.allow_waiver_annotations, allow_waiver_annotations_);
  allow("roles", policy.allow_roles, allow_roles_);
  for (const Text& manager : policy.pipeline_managers) managers_.pipeline.push_back(manager.str());
  for (const Text& manager : policy.interactive_managers) managers_.interactive.push_back(manager.str());
  if (policy.waiver_max_days.has_value()) {
    waiver_max_days_ = *policy.waiver_max_days;
    set("waiverMaxDays", std::to_string(waiver_max_days_));
  }
}

void Policy::Note(const std::string& policy, std::span<const std::string> problems,
                  std::span<const std::string> conflicts) {
  PolicyStatus& status = statuses_[policy];
  status.problems.insert(status.problems.end(), problems.begin(), problems.end());
  status.conflicts.insert(status.conflicts.end(), conflicts.begin(), conflicts.end());
}

ScoringOptions Policy::scoring(bool offline) const {
  ScoringOptions options;
  options.threshold = threshold_;
  options.coverage_floor = coverage_floor_;
  options.scored_from = profile_ == Profile::kStarter ? Severity::kHigh : Severity::kLow;
  options.offline = offline;
  return options;
}

bool Policy::IsSystem(std::string_view ns) const {
  return std::any_of(system_namespaces_.begin(), system_namespaces_.end(),
                     [&](const std::string& pattern) { return MatchesPattern(pattern, ns); });
}

Tier Policy::TierOf(const NamespaceRecord& ns) const {
  if (IsSystem(ns.name)) return Tier::kExempt;
  Tier tier = Tier::kStandard;
  if (ns.object != nullptr) tier = ParseTier(ns.object->meta.labels.Get(kTierLabel)).value_or(tier);
  for (const TierRule& rule : tiers_) {
    if (rule.selector.present) continue;
    if (rule.namespace_selector.present &&
        (ns.object == nullptr || !rule.namespace_selector.Matches(ns.object->meta.labels)))
      continue;
    tier = *ParseTier(rule.tier);
  }
  return tier;
}

Tier Policy::TierOf(const Workload& workload, const NamespaceRecord& ns) const {
  if (IsSystem(ns.name)) return Tier::kExempt;
  Tier tier = TierOf(ns);
  for (const TierRule& rule : tiers_) {
    if (!rule.selector.present || !rule.selector.Matches(workload.meta.labels)) continue;
    if (rule.namespace_selector.present &&
        (ns.object == nullptr || !rule.namespace_selector.Matches(ns.object->meta.labels)))
      continue;
    tier = *ParseTier(rule.tier);
  }
  if (allow_workload_tiers_) tier = ParseTier(workload.meta.labels.Get(kTierLabel)).value_or(tier);
  return tier;
}

void Policy::Hash(std::span<const Check* const> checks) {
  std::string text;
  for (const Check* check : checks) {
    const Rule& rule = RuleOf(*check);
    if (!rule.enabled) continue;
    text += check->id;
    text += ' ';
    text += SeverityName(rule.severity);
    text += ' ';
    text += check->rule;
    for (const double param : rule.params) text += " " + NumberText(param);
    text += '\n';
  }
  // Another version may judge otherwise by the same words.
  text += support::Version();
  text += ' ';
  text += std::to_string(static_cast<int>(profile_)) + " " + NumberText(threshold_) + " " + NumberText(coverage_floor_);
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(support::Hash64(text)));
  hash_ = digits;
}

}  // namespace seaworthy::score
