// Core: the World and the Engine on their loop. Takes watch events from any thread, evaluates what they touch, and
// feeds the sinks.
//
// The first evaluation waits until every kind has answered (synced, absent or denied), so that no check judges half a
// cluster.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cache/world.h"
#include "score/engine.h"
#include "score/people.h"
#include "seaworthy/clock.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/watch_event.h"
#include "wiring/kept_reports.h"

namespace seaworthy::wiring {

struct CoreOptions {
  score::EngineOptions engine;
  // An optional kind that has not answered by then does not hold up the first evaluation.
  Duration optional_wait = std::chrono::seconds(30);
  // Whether a required kind that may not be read counts as one that has answered. An API server that has just begun
  // denies everything until it knows the roles: for who audits for months that is no cluster without workloads.
  bool denied_is_an_answer = false;
  // Subjects evaluated before the loop looks at new events again.
  std::size_t slice = 64;
  // For what evidence holds of images (sources/image_evidence.h); null: it is left alone. Must outlive the core.
  const ObjectDecoder* decoder = nullptr;
  // Kinds that nobody asks for: for the checks they are switched off, and Reports are written on demand. Values in
  // ConfigMaps would cross the network for the sake of a few names; the sources beside the cluster's API are a matter
  // of flags.
  KindSet off = {Kind::kConfigMap,    Kind::kOpenReport,    Kind::kContainerThrottling, Kind::kVolumeStats,
                 Kind::kScrapeTarget, Kind::kAlertDelivery, Kind::kImageConfig,         Kind::kLogSample};
};

class Core final : public WatchSink {
 public:
  Core(Executor& loop, const Clock& clock, TextPool& pool, CoreOptions options);
  ~Core() override;

  // Hooks, to be set before the first event; called on the loop.
  // An event about one of our own kinds, after the World has it. `object` is null for a deletion and for the end of a
  // snapshot.
  std::function<void(const WatchEvent& event, const Object* object)> on_own_object;
  // How long a batch of changes took from its receipt to the published metrics.
  std::function<void(Duration)> on_published;
  // How long a change waited for its evaluation to begin; how long each slice of evaluations took.
  std::function<void(Duration)> on_begun, on_worked;
  // What there is to answer to people: a second after something of theirs, or what it is about, changed. The reports
  // live as long as the call.
  std::function<void(std::span<const score::PersonReport> reports)> on_people;
  // What decoders have to do for custom checks has changed; objects of `again` have to be decoded again. Called for the
  // first time once it is known what policies there are.
  std::function<void(CustomRulesPtr rules, KindSet again)> on_custom_rules;
  // Whether this replica writes the audits that it reads; unset: it does.
  std::function<bool()> is_writer;
  // The evidence of a workload may have changed by more than its report shows. Called ten seconds after the first of
  // several changes: what a rollout or a loss came to is known by then.
  std::function<void(std::uint32_t subject)> on_kept;
  using EachObject =
      std::function<void(std::string_view ns, std::string_view name, const Uid& uid, std::uint64_t version)>;
  // The reports on the server, as their writer knows them; unset: there is no writer.
  std::function<void(Kind kind, const EachObject& each)> each_own_object;
  // The first evaluation is finished.
  std::function<void()> on_ready;

  // Any thread.
  void Accept(WatchEvent event) override;

  // The loop only.
  // What the API server's clock says now. A local clock that is a minute off, or jumps, is not believed: ages are of
  // the server's times.
  void OnServerTime(WallTime server_time);
  // What time it is, for ages.
  WallTime Wall() const;
  // Calls on_people now, as when somebody is to write who did not write before.
  void TellPeople();
  cache::World& world() { return world_; }
  const cache::World& world() const { return world_; }
  score::Engine& engine() { return engine_; }
  bool ready() const { return ready_; }
  // Whether the cache has this object.
  bool Knows(Kind kind, std::string_view ns, std::string_view name) const;
  // All objects of a kind that are known; of our own reports those that the writer knows. False: nobody knows them.
  bool ForEach(Kind kind, const EachObject& each) const;
  // The evidence of a workload as its status object keeps it.
  std::string EvidenceOf(std::uint32_t subject) const;

 private:
  struct Queued {
    WatchEvent event;
    MonoTime received;
  };

  void Drain();
  // An event about our own reports.
  void AcceptOwn(WatchEvent event);
  void Keep(const AuditObject& audit, bool applied);
  // From the World to the engine.
  void PassTouches();
  void Begin();
  bool AllAnswered() const;
  void SayWhatIsMissing();
  void TellRules();
  // Of the kind of audit objects that is there now.
  void RestoreEvidence(Kind kind);
  void RestoreWorkload(const WorkloadRecord& record);
  // Of the audit that another replica has just written.
  void AdoptEvidence(const AuditObject& audit);
  void ScheduleKept();
  void SchedulePeople();
  void ScheduleStep();
  void Step();

  Executor& loop_;
  const Clock& clock_;
  TextPool& pool_;
  CoreOptions options_;
  cache::World world_;
  score::Engine engine_;
  bool begun_ = false, ready_ = false, step_scheduled_ = false, wait_over_ = false, rules_told_ = false;
  CustomRulesPtr rules_;  // as they were told
  WallTime anchor_wall_;  // what the clock said at anchor_: ours, or the API server's
  MonoTime anchor_{};
  Executor::TimerId timer_ = 0, wait_timer_ = 0, people_timer_ = 0, kept_timer_ = 0;
  bool people_due_ = false, people_spoke_ = false;
  MonoTime people_told_{};
  std::vector<MonoTime> unpublished_;  // receipt times of changes whose evaluation is not finished
  std::set<std::uint32_t> kept_;       // subjects whose evidence is to be kept anew
  KeptReports kept_reports_;
  std::string recorded_rules_;     // what the ClusterAudit says verdicts on record were decided by
  KindSet restored_;               // of our own: what they keep has been taken up
  std::size_t begun_changes_ = 0;  // so many of them are being evaluated

  std::mutex mutex_;  // guards what follows
  std::vector<Queued> queue_;
  bool drain_posted_ = false;
};

}  // namespace seaworthy::wiring
