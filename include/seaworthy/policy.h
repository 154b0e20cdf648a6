// What people say about the audit: policies, attestations, waivers (CHECKLIST section 3, docs/crd.md). Projections of
// our own custom resources; what they mean together is decided in score/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "seaworthy/list.h"
#include "seaworthy/object.h"
#include "seaworthy/workload.h"

namespace seaworthy {

struct WorkloadRef {
  Text kind, name;
  bool operator==(const WorkloadRef&) const = default;
};

// Which subjects an attestation or a waiver is about. Nothing named: every subject in its reach (its namespace, or the
// cluster). Names and selector together are a union.
struct SubjectScope {
  std::vector<WorkloadRef> workloads;
  LabelSelector selector;  // of the workload's own labels
  List<Text> namespaces;   // cluster-wide kinds only; "*" at the end is a wildcard; none: all
  List<Text> nodes;        // ClusterWaiver only
  bool operator==(const SubjectScope&) const = default;
};

// Of .status in canonical form, as the server has it: what the writer of answers compares with.
struct StatusHash {
  std::uint64_t high = 0, low = 0;
  bool operator==(const StatusHash&) const = default;
};

// What the API server would have refused by our CRDs, "spec.threshold: 200; want 0 to 100": in files, which none has
// seen. In a cluster the World forgives unknown fields.
using Refusals = std::vector<std::string>;

// Attestation and ClusterAttestation: somebody vouches for what no API shows, with a date.
class Attestation : public Object {
 public:
  explicit Attestation(Kind kind_of) : Object(kind_of) {}
  std::size_t resident_bytes() const override;

  List<Text> checks;
  SubjectScope scope;
  Text by;
  Timestamp performed_at;
  std::int64_t valid_for_seconds = 0;  // 0: not said, the check's maximum
  Text evidence;                       // URL
  Text for_image;                      // "sha256:..."; empty: any
  OptInt for_generation;
  Refusals refused;
  StatusHash status;
};

// Waiver and ClusterWaiver: somebody answers for a finding, until a date.
class Waiver : public Object {
 public:
  explicit Waiver(Kind kind_of) : Object(kind_of) {}
  std::size_t resident_bytes() const override;

  List<Text> checks, sections;
  SubjectScope scope;
  List<Text> containers;  // only findings about these; none: the whole finding
  Text reason, owner;
  Timestamp expires;
  Refusals refused;
  StatusHash status;
};

struct TierRule {
  Text tier;
  LabelSelector namespace_selector, selector;  // absent: any
  bool operator==(const TierRule&) const = default;
};

struct CustomCheckSpec {
  Text id, severity, section, message, fix, expression;
  List<Text> kinds;
  std::string params;  // JSON object, canonical; empty: none
  bool operator==(const CustomCheckSpec&) const = default;
};

// What a policy leaves out keeps what an earlier one, or the default, says.
class AuditPolicy : public Object {
 public:
  AuditPolicy() : Object(Kind::kAuditPolicy) {}
  std::size_t resident_bytes() const override;

  Text profile;  // starter, standard, strict; empty: not said
  OptInt threshold;
  OptInt coverage_floor_percent;
  List<Text> disabled;
  std::vector<KeyValue> severities;
  struct ParamValue {
    Text check, name;
    double value = 0;
    bool operator==(const ParamValue&) const = default;
  };
  std::vector<ParamValue> params;
  std::vector<TierRule> tiers;
  bool has_system_namespaces = false;
  List<Text> system_namespaces;
  OptBool allow_workload_tiers = OptBool::kUnset;
  OptBool allow_waiver_annotations = OptBool::kUnset;
  OptBool allow_roles = OptBool::kUnset;
  List<Text> pipeline_managers, interactive_managers;
  OptInt waiver_max_days;
  std::vector<CustomCheckSpec> custom_checks;
  Refusals refused;  // these fields count as not said
  StatusHash status;
};

}  // namespace seaworthy
