// Engine: keeps every subject's verdicts up to date, incrementally, and publishes what changed.
//
// Touches put subjects into a queue; Step evaluates some of them, and of each only the checks that read a kind that was
// touched. Verdicts read from status are held back until they have lasted (hold.h). The state after any sequence of
// events equals an evaluation from scratch of the same snapshot with the same evidence at the same time;
// tests/score/oracle_test.cc holds it to that.
//
// Lives on the core thread; has no clock: `now` comes in with each Step.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "score/custom.h"
#include "score/decided.h"
#include "score/exemptions.h"
#include "score/policy.h"
#include "score/scoring.h"
#include "seaworthy/clock.h"
#include "seaworthy/report.h"
#include "seaworthy/report_source.h"
#include "seaworthy/sink.h"
#include "seaworthy/touch.h"

namespace seaworthy::score {

struct EngineOptions {
  ScoringOptions scoring;
  // Cluster-wide checks cost time in proportion to the cluster: they are evaluated at most this often.
  std::int64_t cluster_interval_seconds = 30;
  // So does the cluster's roll-up.
  std::chrono::milliseconds cluster_report_interval{200};
};

// Neither na nor unknown nor waived: what the next verdict is compared with.
inline bool IsDecided(Verdict verdict) {
  return verdict == Verdict::kPass || verdict == Verdict::kWarn || verdict == Verdict::kFail ||
         verdict == Verdict::kAttested;
}

// What has to outlive a restart for verdicts to stay the same: when they were decided, and what is being held back
// since when.
struct CheckEvidence {
  std::string check;
  Verdict shown = Verdict::kUnknown;
  Verdict last = Verdict::kUnknown;  // the last one that was decided: neither na nor unknown nor waived
  Timestamp since;                   // of `shown`
  Timestamp pending_since;           // of a complaint that is seen, shown or held back; unset: none
  Verdict pending = Verdict::kUnknown;
  bool decided = false;  // for checks that hold: `shown` was decided, it is no placeholder
  // Of `shown`, while it is held in place of what is seen now.
  std::string message, container, path;
  Severity severity = Severity::kInfo;
  bool operator==(const CheckEvidence&) const = default;
};
struct TransitionEvidence {
  std::string check;
  Verdict from = Verdict::kUnknown, to = Verdict::kUnknown;
  Timestamp when;
  Cause cause = Cause::kEnvironment;
  std::int64_t generation = 0;
  std::string manager;
  bool operator==(const TransitionEvidence&) const = default;
};
struct SubjectEvidence {
  std::vector<CheckEvidence> checks;
  std::vector<TransitionEvidence> transitions;  // oldest first
  // The rules under which it was judged: a verdict that changes together with them is no regression. Empty: not known.
  std::string rules;
  std::uint64_t judged = 0;  // identity of the workload as it was judged last
  Timestamp changed_at;      // when it changed last
  std::string changed_by;    // the field manager whose entry moved then; empty: none did
  Timestamp manager_seen;    // time of the newest manager's entry
  Timestamp motion_since;
  bool operator==(const SubjectEvidence&) const = default;
};

class Engine final : public ReportSource, private Peers {
 public:
  Engine(const Snapshot& snapshot, std::span<const Check* const> checks, TextPool& pool, EngineOptions options);
  ~Engine() override;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Not owned; must outlive the engine.
  void AddSink(Sink* sink) { sinks_.push_back(sink); }
  void Accept(const Touch& touch);
  // Marks every subject dirty: for the first evaluation.
  void TouchAll();
  // Evaluates at most `budget` subjects and publishes what changed. Returns true while there is more to do now.
  bool Step(WallTime now, std::size_t budget);
  // When Step has something to do by itself (holds end, cluster checks are due); nullopt: only after a Touch.
  std::optional<WallTime> NextDue() const;
  std::size_t queue_length() const { return urgent_.size() + later_.size(); }
  std::uint64_t queued_total() const { return queued_total_; }

  // ReportSource
  std::vector<std::uint32_t> WorkloadIds() const override;
  WorkloadReport ReportOf(std::uint32_t subject) const override;
  std::vector<NamespaceReport> Namespaces() const override;
  std::vector<NodeReport> Nodes() const override;
  ClusterReport Cluster() const override;
  std::string Patch(std::uint32_t subject, const Check& check) const override;
  // Everything, to one sink: for a sink that has just been added.
  void PublishAll(Sink& sink) const;

  SubjectEvidence Evidence(std::uint32_t subject) const;
  // What was decided about the subject so far is forgotten; it is evaluated again with this in mind. REQUIRES: the
  // subject exists
  void Restore(std::uint32_t subject, const SubjectEvidence& evidence);

  const Policy& policy() const { return policy_; }
  // Identifies the rules: check ids, severities, parameters.
  const std::string& checklist_hash() const { return policy_.hash(); }
  // For `scan --policy`: as if the cluster had them beside its own.
  void SetExtraPolicies(std::vector<const AuditPolicy*> policies);
  // They may have: for who feeds the World without passing on what it touched.
  void PoliciesChanged() { policy_touched_ = true; }
  // Takes changed policies into account now instead of with the next Step.
  void RefreshPolicies() {
    if (policy_touched_) RefreshPolicy();
  }
  // The built-in checks and the custom ones.
  std::span<const Check* const> checks() const { return checks_; }
  // What decoders have to do for the custom checks; nullptr: nothing.
  const CustomRulesPtr& custom_rules() const { return custom_.rules(); }
  // For how many subjects a custom check is unknown because its expression failed, by policy and id. In proportion to
  // the subjects.
  CustomErrorCounts CustomErrors() const;
  std::uint64_t evaluations() const { return evaluations_; }
  // Checks that read a kind which they do not declare: "id: Kind". Empty in a correct build.
  const std::set<std::string>& undeclared_reads() const { return undeclared_reads_; }
  std::size_t resident_bytes() const;

 private:
  struct Entry;
  using CheckList = std::vector<const Check*>;
  static constexpr std::size_t kMaxBeacons = 8;
  using Beacons = std::array<std::uint8_t, kMaxBeacons>;

  // engine.cc: the queue
  Entry& EntryOf(std::uint32_t subject);
  void Queue(std::uint32_t subject, KindSet kinds, bool direct);
  void NoteBeacons(Entry& entry, const Beacons& now);
  OptInt AuxiliaryPriority(const SubjectRef& ref) const;
  void NotePriority(Entry& entry, OptInt now);
  void NoteAllPriorities();
  void QueueOnlookers(const WorkloadRecord& record);
  void Spread();
  void Drop(std::uint32_t subject);
  void Wake(std::int64_t now_seconds);
  std::uint32_t NextSubject();
  void EvaluateCluster(std::int64_t now_seconds, WallTime now);
  void SetTimer(std::uint32_t subject, Entry& entry, Timestamp when);

  // evaluate.cc: one subject. These say whether what a sink would see changed.
  bool Evaluate(std::uint32_t subject, Entry& entry, std::int64_t now_seconds, WallTime now);
  void RefreshPolicy();
  void LookUpRules();
  void ReplaceCustomChecks();
  void NoteChange(Entry& entry, const SubjectRef& ref, std::int64_t now_seconds);
  bool NoteIdentity(Entry& entry, const SubjectRef& ref);
  bool Stands(const Entry& entry, std::size_t index, const Outcome& outcome, const Exemptions& exemptions) const;
  Severity SeverityOf(SubjectType type, std::size_t index, const Outcome& outcome) const;
  Text Said(SubjectType type, std::size_t index, std::string_view message);
  bool Decide(Entry& entry, std::size_t index, Outcome outcome, const Exemptions& exemptions, std::int64_t now_seconds,
              Timestamp& recheck);
  // Lays waivers and attestations over what was found.
  void Exempt(Entry& entry, std::size_t index, Outcome& outcome, Verdict& beneath, const Exemptions& exemptions,
              std::int64_t now_seconds);
  // `last`: the last verdict that was decided before.
  void NoteTransition(Entry& entry, std::size_t index, Verdict last, const SubjectRef& ref, std::int64_t now_seconds);
  // Whether the time has changed until which its status is not judged.
  static bool NoteMotion(Entry& entry, const WorkloadRecord& record, std::int64_t now_seconds);
  void NoteReads(const Check& check, KindSet touched, KindSet own);

  // Peers
  Tier TierOf(const WorkloadRecord& record) const override { return policy_.TierOf(*record.workload, *record.ns); }
  OptInt HighestAuxiliaryPriority() const override {
    return auxiliary_priorities_.empty() ? OptInt() : OptInt(auxiliary_priorities_.rbegin()->first);
  }

  // publish.cc
  std::vector<Finding> Verdicts(const Entry& entry) const;
  std::vector<Finding> Findings(const Entry& entry) const;
  const CheckList& Checks(SubjectType type) const { return by_type_[static_cast<std::size_t>(type)]; }
  const Policy::Rule& RuleOf(SubjectType type, std::size_t index) const {
    return *rules_[static_cast<std::size_t>(type)][index];
  }
  const Entry* Find(std::uint32_t subject) const;
  void PublishSubject(std::uint32_t subject, const Entry& entry);
  WorkloadReport MakeReport(std::uint32_t subject, const Entry& entry, const WorkloadRecord& record) const;
  NamespaceReport MakeReport(const NamespaceRecord& ns) const;
  NodeReport MakeReport(std::uint32_t subject, const Entry& entry, const NodeRecord& node) const;
  void FlushNamespaces();
  void FlushCluster(WallTime now);

  const Snapshot& snapshot_;
  TextPool& pool_;
  EngineOptions options_;
  CheckList by_type_[5];
  std::vector<const Policy::Rule*> rules_[5];  // of each check of `by_type_`
  std::vector<Text> said_[5];                  // what it said last
  bool priorities_stale_ = true;
  std::map<std::int64_t, std::size_t> auxiliary_priorities_;  // of how many workloads of that tier
  CheckList beacons_;                                         // those with bears_on_all
  std::vector<const Check*> built_in_, checks_;
  CustomCatalogue custom_;
  ScoringOptions scoring_;
  Policy policy_;
  std::vector<const AuditPolicy*> extra_policies_;
  bool policy_touched_ = true;
  std::vector<Sink*> sinks_;
  DecidedTable decided_;
  std::vector<std::unique_ptr<Entry>> entries_;  // by subject id
  std::deque<std::uint32_t> urgent_, later_;
  unsigned turns_ = 0;
  KindSet all_workloads_, everything_;  // fan-outs not yet spread over the entries
  std::size_t before_spread_ = 0;  // how many of `later_` go before the next one, so that many of them cost one pass
  std::set<std::pair<std::int64_t, std::uint32_t>> timers_;
  std::set<std::uint32_t> stale_namespaces_;  // whose roll-up is out of date
  bool stale_cluster_ = true;
  bool cluster_touched_ = true;
  std::int64_t cluster_due_ = 0;
  std::optional<WallTime> namespaces_flushed_, cluster_flushed_;
  WallTime now_{};
  std::uint64_t evaluations_ = 0, queued_total_ = 0;
  std::set<std::string> undeclared_reads_;
};

}  // namespace seaworthy::score
