// AuditPolicy, Attestation, Waiver and their cluster-wide forms. The API server has validated them against our CRDs; a
// scan reads them from files as they are, so nothing is taken for granted here, and what the CRDs refuse is noted
// (people_rules.h).
#include <algorithm>
#include <cmath>
#include <string>

#include "cache/decode_fields.h"
#include "cache/people_rules.h"
#include "seaworthy/policy.h"
#include "support/canonical_json.h"

namespace seaworthy::cache {
namespace {

SubjectScope DecodeScope(const Decoding& d, const Node& spec) {
  SubjectScope scope;
  if (spec["workloads"].is_array()) {
    for (const Node& ref : spec["workloads"]) scope.workloads.push_back({d.Str(ref["kind"]), d.Str(ref["name"])});
  }
  scope.selector = DecodeSelector(d, spec["selector"]);
  scope.namespaces = d.Strings(spec["namespaces"]);
  scope.nodes = d.Strings(spec["nodes"]);
  return scope;
}

StatusHash DecodeStatus(const Node& status) {
  const support::Hash128 hash = support::CanonicalHash(status);
  return {hash.high, hash.low};
}

ObjectPtr DecodeAttestation(Decoding& d, Kind kind, const Node& node) {
  auto attestation = std::make_unique<Attestation>(kind);
  if (!DecodeMeta(d, node, {}, attestation->meta)) return nullptr;
  const Node& spec = node["spec"];
  attestation->checks = d.Strings(spec["checks"]);
  attestation->scope = DecodeScope(d, spec);
  attestation->by = d.Str(spec["by"]);
  attestation->performed_at = Time(spec["performedAt"]);
  attestation->valid_for_seconds = DurationSeconds(spec["validFor"].text());
  attestation->evidence = d.Str(spec["evidence"]);
  attestation->for_image = d.Str(spec["forImage"]);
  attestation->for_generation = Int(spec["forGeneration"]);
  attestation->refused = RefusedByCrd(kind, spec);
  attestation->status = DecodeStatus(node["status"]);
  return attestation;
}

ObjectPtr DecodeWaiver(Decoding& d, Kind kind, const Node& node) {
  auto waiver = std::make_unique<Waiver>(kind);
  if (!DecodeMeta(d, node, {}, waiver->meta)) return nullptr;
  const Node& spec = node["spec"];
  waiver->checks = d.Strings(spec["checks"]);
  waiver->sections = d.Strings(spec["sections"]);
  waiver->scope = DecodeScope(d, spec);
  waiver->containers = d.Strings(spec["containers"]);
  waiver->reason = d.Str(spec["reason"]);
  waiver->owner = d.Str(spec["owner"]);
  waiver->expires = Time(spec["expires"]);
  waiver->refused = RefusedByCrd(kind, spec);
  waiver->status = DecodeStatus(node["status"]);
  return waiver;
}

ObjectPtr DecodePolicy(Decoding& d, const Node& node) {
  auto policy = std::make_unique<AuditPolicy>();
  if (!DecodeMeta(d, node, {}, policy->meta)) return nullptr;
  const Node& spec = node["spec"];
  policy->profile = d.Str(spec["profile"]);
  policy->refused = RefusedByCrd(Kind::kAuditPolicy, spec);
  const auto in_bounds = [&](std::string_view field) { return !Refuses(policy->refused, field); };
  if (in_bounds("spec.threshold")) policy->threshold = Int(spec["threshold"]);
  if (const auto floor = spec["coverageFloor"].Double(); floor && in_bounds("spec.coverageFloor"))
    policy->coverage_floor_percent = std::lround(*floor * 100);
  policy->disabled = d.Strings(spec["disabled"]);
  for (const Node& severity : spec["severities"])
    policy->severities.push_back({d.Intern(severity.key()), d.Str(severity)});
  for (const Node& check : spec["params"]) {
    for (const Node& param : check) {
      if (const auto value = param.Double())
        policy->params.push_back({d.Intern(check.key()), d.Intern(param.key()), *value});
    }
  }
  std::size_t index = 0;
  for (const Node& tier : spec["tiers"]) {
    const std::string own = "spec.tiers[" + std::to_string(index++) + "]";
    if (std::any_of(policy->refused.begin(), policy->refused.end(),
                    [&](const std::string& one) { return one.starts_with(own); }))
      continue;  // without a selector it would be about everything
    policy->tiers.push_back(
        {d.Str(tier["tier"]), DecodeSelector(d, tier["namespaceSelector"]), DecodeSelector(d, tier["selector"])});
  }
  policy->has_system_namespaces = spec["systemNamespaces"].is_array();
  policy->system_namespaces = d.Strings(spec["systemNamespaces"]);
  policy->allow_workload_tiers = Flag(spec["allow"]["workloadTiers"]);
  policy->allow_waiver_annotations = Flag(spec["allow"]["waiverAnnotations"]);
  policy->allow_roles = Flag(spec["allow"]["roles"]);
  policy->pipeline_managers = d.Strings(spec["managers"]["pipeline"]);
  policy->interactive_managers = d.Strings(spec["managers"]["interactive"]);
  if (in_bounds("spec.waiverMaxDays")) policy->waiver_max_days = Int(spec["waiverMaxDays"]);
  for (const Node& custom : spec["customChecks"]) {
    CustomCheckSpec one{d.Str(custom["id"]),        d.Str(custom["severity"]),
                        d.Str(custom["section"]),   d.Str(custom["message"]),
                        d.Str(custom["fix"]),       d.pool.Intern(custom["expression"].text()),
                        d.Strings(custom["kinds"]), {}};
    if (custom["params"].present()) one.params = support::CanonicalJson(custom["params"]);
    policy->custom_checks.push_back(std::move(one));
  }
  policy->status = DecodeStatus(node["status"]);
  return policy;
}

}  // namespace

ObjectPtr DecodePeoplesKind(Decoding& d, Kind kind, const Node& node) {
  switch (kind) {
    case Kind::kAttestation:
    case Kind::kClusterAttestation: return DecodeAttestation(d, kind, node);
    case Kind::kWaiver:
    case Kind::kClusterWaiver: return DecodeWaiver(d, kind, node);
    default: return DecodePolicy(d, node);
  }
}

}  // namespace seaworthy::cache
