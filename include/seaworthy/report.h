// What the evaluation says about subjects, as the sinks receive it. Reports are built for one publication and hold
// views into the engine: a sink copies what it keeps.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy {

struct Finding {
  const Check* check = nullptr;
  Verdict verdict = Verdict::kPass;
  Severity severity = Severity::kInfo;
  UnknownCause cause = UnknownCause::kNone;
  std::string_view message;
  std::string_view container;
  std::string_view path;
  Timestamp since;                   // when the verdict was first decided this way
  Verdict beneath = Verdict::kPass;  // of a waived or attested finding: what was found
  std::string_view exemption;        // "Waiver/x", "Attestation/y": who answers for a waived or attested finding
  Timestamp until;                   // and until when; unset: without an end
  std::uint32_t line = 0;            // scan: of the field in the manifest
};

enum class Ready : std::uint8_t { kFalse, kTrue, kUnknown };

struct ScoreSummary {
  std::optional<double> score;           // absent: nothing scored. Shown rounded down.
  double coverage = 0;                   // 0..1
  char grade = 0;                        // 'A'..'F'; 0 without a score
  std::optional<double> unwaived_score;  // what it would be without waivers, where there are any
  std::optional<int> shown() const { return score ? std::optional<int>(static_cast<int>(*score)) : std::nullopt; }
};

// [verdict][severity]
using FindingCounts = std::array<std::array<std::uint16_t, static_cast<std::size_t>(Severity::kCount)>,
                                 static_cast<std::size_t>(Verdict::kCount)>;

enum class Cause : std::uint8_t {
  kWorkload,     // the workload's own object or pods changed
  kEnvironment,  // something around it did
  kChecklist,    // the rules did: another version of Seaworthy, or of a policy
  kExpiry,       // a waiver, an attestation or evidence ended
};
std::string_view CauseName(Cause cause);

// A verdict that changed.
struct Transition {
  const Check* check = nullptr;
  Verdict from = Verdict::kUnknown, to = Verdict::kUnknown;
  Timestamp when;
  Cause cause = Cause::kEnvironment;
  std::int64_t generation = 0;  // of the workload, then
  Text manager;                 // who changed the workload last, where its object says so
};
// pass, warn or attested -> fail under the same rules.
bool IsRegression(const Transition& transition);

struct WorkloadReport {
  std::uint32_t subject = 0;
  std::string_view namespace_, kind, api_version, name;
  Uid uid;
  std::int64_t generation = 0;
  Tier tier = Tier::kStandard;
  std::string_view owner, part_of;
  ScoreSummary summary;
  Ready ready = Ready::kUnknown;
  std::string_view ready_reason;  // UpperCamelCase, for the condition
  FindingCounts counts{};
  const Check* worst = nullptr;             // the gravest failing check; null when none fails or warns
  std::vector<Finding> findings;            // one a check, in reference order
  std::span<const Transition> transitions;  // oldest first, at most 10
  std::size_t fresh_transitions = 0;        // how many of them are new since the last report
  SourceRef source;
};

struct LowestScore {
  int score = 0;
  std::string ref;  // "shop/Deployment/web"
};

struct RollUp {
  ScoreSummary summary;
  std::uint32_t workloads = 0;  // averaged ones: tier exempt left out
  std::uint32_t scored = 0;
  std::uint32_t ready = 0;
  std::optional<LowestScore> lowest;
  double weight = 0;  // sum of the tiers of its scored workloads
};

struct BudgetFindings {
  std::string name;
  std::vector<Finding> findings;
  SourceRef source;
};

struct NamespaceReport {
  std::uint32_t subject = 0;
  std::string_view name;
  bool exempt = false;
  RollUp roll_up;
  std::vector<Finding> findings;        // of NS checks
  std::vector<BudgetFindings> budgets;  // of PDB checks
  SourceRef source;                     // unset: no file has the Namespace itself
};

struct NodeReport {
  std::uint32_t subject = 0;
  std::string_view name;
  std::vector<Finding> findings;
  SourceRef source;
};

struct ClusterReport {
  RollUp roll_up;
  std::array<std::optional<double>, kSectionCount> sections;
  std::vector<Finding> findings;
  std::string_view checklist_hash;
};

// "web" of kind Deployment is "deployment-web"; DNS subdomain rules kept: what would be longer than 253 bytes or
// ambiguous ends in a hash.
std::string AuditName(std::string_view kind, std::string_view name);

}  // namespace seaworthy
