// Writer: keeps WorkloadAudits, NamespaceAudits and the ClusterAudit equal to what was found, with as few requests as
// that takes.
//
// It is level-triggered: for each object it knows what ought to be there (a hash; the text is rendered again when it is
// sent, so that 10,000 waiting objects cost no memory) and what the server holds (from the watch of our own kinds and
// from answers), and acts on a difference alone. So an unchanged cluster causes no write, a restart neither, lost
// answers and lost events mend themselves, and whatever is edited by others is put back. RELIABILITY.md 2.2 and 2.3 are
// the specification.
//
// Lives on its executor, which has to be the core's: Publish and Remove come from there, and reports are read from the
// ReportSource. Answers of the transport may come on another one. Never blocks; `may_write` is asked before each
// request.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/objects.h"
#include "seaworthy/report_source.h"
#include "seaworthy/sink.h"
#include "seaworthy/transport.h"
#include "sinks/report/answer.h"
#include "sinks/report/render.h"
#include "sinks/report/write_budget.h"
#include "sinks/report/writer_stats.h"
#include "support/json.h"

namespace seaworthy::sinks::report {

struct WriterOptions {
  // What a workload's report is written as: kWorkloadAudit, and then namespaces' and the cluster's are written too, or
  // kOpenReport, and then nothing else is.
  Kind kind = Kind::kWorkloadAudit;
  double rate = 20;  // requests a second, all objects together
  double burst = 40;
  std::size_t in_flight = 4;
  Duration debounce = std::chrono::milliseconds(250);  // after the last change of an object
  Duration debounce_cap = std::chrono::seconds(2);     // after the first
  Duration spacing = std::chrono::seconds(5);          // between writes of one object
  // The lease may be taken over 15 s after the last renewal and `may_write` ends at 10 s: the last byte is out at 13 s.
  Duration deadline = std::chrono::seconds(3);
  Duration restore_spacing = std::chrono::seconds(30);  // between restorations of one object that others keep editing
  // A deleted object waits: mostly its subject or namespace goes too, and we hear of that a moment later.
  Duration restore_delay = std::chrono::seconds(5);
  Duration aging = std::chrono::seconds(30);  // what has waited so long gets every fourth turn
  Duration sweep_interval = std::chrono::minutes(30);
  // After a subject went or this replica began to write: by then the cluster's garbage collector has been there.
  Duration sweep_soon = std::chrono::minutes(1);
  Duration sweep_step = std::chrono::milliseconds(200);
  double sweep_share =
      0.1;  // more candidates than this share of all objects, and more than sweep_floor: something is wrong
  std::size_t sweep_floor = 10;
};

// What the writer cannot know by itself; connected in wiring/.
struct WriterHooks {
  // The lease is held and was renewed a moment ago.
  std::function<bool()> may_write;
  // Path of an audit object, without a query.
  std::function<std::string(Kind kind, std::string_view namespace_, std::string_view name)> target;
  // Path of a subject; empty if its kind is not known or not followed without doubt at present (denied, stale, not
  // synced).
  std::function<std::string(const OwnerRef& owner, std::string_view namespace_)> subject_target;
  // Optional: that a subject is gone without a look at the API server: its kind has no path and exists for us as the
  // owner of pods alone, or the object is there and is audited with another by now, or is no workload any more.
  std::function<bool(const OwnerRef& owner, std::string_view namespace_)> known_to_be_gone;
  // Optional: what is to be kept of a workload over a restart.
  std::function<std::string(std::uint32_t subject)> evidence;
  std::function<std::vector<DegradedSource>()> degraded;
};

class Writer final : public Sink {
 public:
  // All must outlive the writer. `source` still has the report of every workload that was published and not removed.
  Writer(WriterOptions options, WriterHooks hooks, const ReportSource& source, Transport& transport, Executor& executor,
         const Clock& clock, Rng& rng);
  ~Writer() override;

  void Publish(const WorkloadReport& report) override;
  void Publish(const NamespaceReport& report) override;
  void Publish(const NodeReport& report) override;
  void Publish(const ClusterReport& report) override;
  void Remove(std::uint32_t subject) override;
  // The evidence of a workload changed, its report did not.
  void Refresh(std::uint32_t subject);

  // From the watch of our own kinds. The objects of the first list have to come before the first Publish: their
  // condition times are kept.
  void OnObserved(const AuditObject& object, std::span<const Condition> conditions);
  // `uid` unset: whichever was there.
  void OnObservedDelete(Kind kind, std::string_view namespace_, std::string_view name, const Uid& uid = {});
  // A list of the kind is complete (OnObserved was called for what is in it): of everything else nothing is left, but
  // for what was written since the list's moment, which is read again.
  void OnListed(Kind kind, const std::set<std::pair<std::string, std::string>>& namespaces_and_names);

  // Both our kinds' watches and the first evaluation are complete; nothing is written before. To be called again when
  // our CRDs changed: what was rejected is then tried again.
  void SetSynced(bool synced);
  // What is on the server, as far as it is known here.
  void ForEachObserved(Kind kind, const std::function<void(std::string_view ns, std::string_view name, const Uid& uid,
                                                           std::uint64_t version)>& each) const;
  // `may_write` may have changed for the better.
  void Kick();
  // Sends nothing more and calls `done` once no answer is outstanding.
  void Stop(std::function<void()> done);

  WriterStats stats() const;

 private:
  using Key = std::tuple<Kind, std::string, std::string>;
  enum class Need : std::uint8_t { kNothing, kRead, kWrite, kDelete };

  struct Entry {
    const Key* key = nullptr;  // that of entries_
    std::uint64_t id = 0;
    // What ought to be there.
    bool wanted = false;
    std::uint32_t subject = 0;
    Uid subject_uid;
    int rank = 0;  // the smaller, the sooner
    support::Hash128 desired;
    Conditions conditions;  // of `desired`
    std::string status;     // `desired` as text; of workloads it is rendered when it is sent
    bool reduced = false;
    std::optional<support::Hash128> rejected;  // content that the server will not have
    bool delete_wanted = false;
    // What is there.
    std::optional<Observation> observed;
    Uid deleted;             // uid of an object that is known to be gone: late events about it are void
    bool uncertain = false;  // a request had no answer
    bool answered = false;   // `observed` is what an answer said; the watch has not brought it yet
    std::string asked;       // the version that was known when a read was sent last
    bool settled = false;    // what is there was as it ought to be
    bool tampered = false;   // and then somebody else changed it
    // When.
    MonoTime changed{}, dirty_since{}, not_before{}, last_restore{};
    bool dirty = false;
    bool in_flight = false;
    support::Hash128 sent;
    int failures = 0;
    // Where it waits.
    std::optional<MonoTime> timer;
    std::optional<std::uint64_t> turn;
    MonoTime ready_since{};
    int ready_rank = 0;
  };

  // --- state: writer.cc ---
  Entry& EntryOf(Key key);
  Entry* Find(const Key& key);
  Entry* OfSubject(std::uint32_t subject);
  RenderInput Input(const Entry& entry) const;
  Rendered RenderWorkload(const WorkloadReport& report, const Entry& entry) const;
  void Want(Entry& entry, std::uint32_t subject, Rendered rendered, bool keep_text);
  // `read`: the answer to a read of ours.
  void Observe(Entry& entry, Observation seen, bool read = false);
  void Unobserve(Entry& entry);
  Need NeedOf(const Entry& entry) const;
  bool Belongs(const Entry& entry) const;
  void Forget(Entry& entry);

  // --- turns: writer_turns.cc ---
  MonoTime DueOf(const Entry& entry) const;
  void Schedule(Entry& entry);
  void Unschedule(Entry& entry);
  void Arm(MonoTime when);
  void Pump();
  Entry* NextReady(MonoTime now);

  // --- requests: writer_requests.cc ---
  void Start(Entry& entry, Need need);
  std::string Body(Entry& entry);
  void Send(Entry& entry, Need need, HttpRequest request);
  void OnAnswer(Entry& entry, Need need, Result<HttpResponse> result);
  void OnSuccess(Entry& entry, Need need, const HttpResponse& response);
  void Pause(std::optional<Duration> told);
  Duration Backoff(Duration base, int failures, Duration cap);
  void Count(WriteResult result) { ++stats_.results[static_cast<std::size_t>(result)]; }
  void OnLastAnswer();

  // --- sweep: writer_sweep.cc ---
  bool KnownToBeGone(const OwnerRef& owner, std::string_view namespace_) const;
  void SweepSoon();
  void Sweep(bool regular);
  void SweepStep();
  void OnSubject(const Key& key, const Result<HttpResponse>& result);
  bool BreakerOpen() const;

  const WriterOptions options_;
  const WriterHooks hooks_;
  const ReportSource& source_;
  Transport& transport_;
  Executor& executor_;
  const Clock& clock_;
  Rng& rng_;

  std::map<Key, Entry> entries_;
  std::unordered_map<std::uint32_t, Entry*> by_subject_;
  std::unordered_map<std::uint32_t, NamespaceLine> namespaces_;
  std::unordered_map<std::uint32_t, NodeLine> nodes_;
  std::size_t wanted_workloads_ = 0, observed_workloads_ = 0, observed_ = 0;

  WriteBudget budget_;
  // By ids and turns, never by address: a run with the same events is the same run.
  std::map<std::pair<MonoTime, std::uint64_t>, Entry*> timers_;  // not due yet
  std::map<std::pair<int, std::uint64_t>, Entry*> ready_;        // due, by rank and turn
  std::map<std::uint64_t, Entry*> by_turn_;                      // due, by turn
  std::uint64_t ids_ = 0, turns_ = 0, pops_ = 0;
  std::size_t in_flight_ = 0;
  bool synced_ = false;
  bool stopping_ = false;
  std::function<void()> stopped_;
  Executor::TimerId wake_ = 0;
  std::optional<MonoTime> armed_;

  MonoTime paused_until_{};  // all requests: throttled, or the API server is away
  int outages_ = 0;
  struct KindBlock {
    MonoTime until{};
    int failures = 0;
  };
  std::array<KindBlock, kKindCount> forbidden_{};
  std::map<std::string, MonoTime, std::less<>> terminating_;  // namespaces, until when they are left alone

  Executor::TimerId sweep_timer_ = 0, sweep_soon_timer_ = 0;
  std::deque<Key> sweep_queue_;
  bool sweep_stopped_ = false;
  WriterStats stats_;
  support::Tree tree_;
  // Answers that come after the writer is gone must not touch it.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::sinks::report
