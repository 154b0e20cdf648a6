// Policy: what all AuditPolicies together say, resolved against the list of checks once, so that an evaluation only
// looks up.
//
// Policies merge in the order of their names and the later one wins, field by field; lists of managers, disabled checks
// and tiers add up. Where two say different things about one field that is a conflict, told in the status of the one
// that lost. What cannot be understood (an unknown id, a parameter that a check does not have) is a problem of its
// policy and changes nothing.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "score/scoring.h"
#include "seaworthy/check.h"
#include "seaworthy/policy.h"
#include "seaworthy/snapshot.h"

namespace seaworthy::score {

enum class Profile : std::uint8_t {
  kStarter,  // only critical and high are scored
  kStandard,
  kStrict,  // a missing attestation fails for tier critical
};

struct PolicyStatus {
  std::vector<std::string> conflicts;  // "threshold: 70, overridden by policy b (90)"
  std::vector<std::string> problems;   // "disabled[0]: there is no check \"foo\""
  bool operator==(const PolicyStatus&) const = default;
};

class Policy {
 public:
  // The built-in defaults alone.
  explicit Policy(std::span<const Check* const> checks) : Policy(checks, {}) {}
  // `policies` in any order. `checks` with the custom ones (CustomCatalogue).
  Policy(std::span<const Check* const> checks, std::vector<const AuditPolicy*> policies);
  // What is said of a policy elsewhere: of its custom checks.
  void Note(const std::string& policy, std::span<const std::string> problems, std::span<const std::string> conflicts);

  Profile profile() const { return profile_; }
  ScoringOptions scoring(bool offline) const;
  // How a check is applied.
  struct Rule {
    bool enabled = true;
    Severity severity = Severity::kInfo;
    std::vector<double> params;  // one value for each of the check's
  };
  // Stays where it is when the policy is moved. REQUIRES: the check is one of those that the policy was made with.
  const Rule& RuleOf(const Check& check) const { return rules_.at(&check); }
  const ManagerNames& managers() const { return managers_; }
  bool allow_workload_tiers() const { return allow_workload_tiers_; }
  bool allow_waiver_annotations() const { return allow_waiver_annotations_; }
  bool allow_roles() const { return allow_roles_; }
  std::int64_t waiver_max_days() const { return waiver_max_days_; }

  bool IsSystem(std::string_view ns) const;
  // Of a workload: its own label where that is allowed, then the policies' selectors (the last that matches), then the
  // namespace's label.
  Tier TierOf(const Workload& workload, const NamespaceRecord& ns) const;
  Tier TierOf(const NamespaceRecord& ns) const;

  // Identifies the rules as they are applied: ids, severities, parameters, profile. A change of it is nobody's
  // regression.
  const std::string& hash() const { return hash_; }
  // By policy name.
  const std::map<std::string, PolicyStatus>& statuses() const { return statuses_; }

 private:
  void Apply(const AuditPolicy& policy);
  void Hash(std::span<const Check* const> checks);

  std::map<const Check*, Rule> rules_;
  std::map<std::string, const Check*, std::less<>> by_id_;
  Profile profile_ = Profile::kStandard;
  double threshold_ = 80, coverage_floor_ = 0.6;
  std::vector<TierRule> tiers_;
  std::vector<std::string> system_namespaces_ = {"kube-*"};
  bool allow_workload_tiers_ = false, allow_waiver_annotations_ = false, allow_roles_ = false;
  ManagerNames managers_;
  std::int64_t waiver_max_days_ = 180;
  // Who set a field last: for conflicts.
  std::map<std::string, std::pair<std::string, std::string>> set_by_;  // field -> (policy, value)
  std::map<std::string, PolicyStatus> statuses_;
  std::string hash_;
};

// "kube-*" against "kube-system": a trailing star is the only wildcard.
bool MatchesPattern(std::string_view pattern, std::string_view name);

}  // namespace seaworthy::score
