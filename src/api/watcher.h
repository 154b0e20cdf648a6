// Keeps one kind of objects known: discover, snapshot, watch, and after every failure back to the cheapest of them that
// is right (RELIABILITY.md section 1; client-go calls it a reflector).
//
// Owned by the WatchManager; lives on its executor, where the sink is told. Invariants:
// I1 The sink's state changes by single events in stream order, or by one snapshot between kInit and kInitDone.
// I2 Nothing of an older stream is listened to: ending a state destroys its stream or list, which cancels it.
// I3 The resource version advances only after the event was handed to the sink.
// I4 Missing information never means "deleted". Only a DELETED event or a complete newer list deletes, and only a 404
//    of the collection that discovery confirms removes a kind.
// I5 A watcher never ends by itself and its backoff never runs out.
// I6 Resource versions are opaque, but for their order within one kind: to notice that the server went back in time.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/backoff.h"
#include "api/classify.h"
#include "api/paged_list.h"
#include "api/watch_stream.h"
#include "api/watcher_types.h"
#include "seaworthy/kind.h"

namespace seaworthy::api {

class Watcher : private WatchStreamOwner, private PagedListOwner {
 public:
  Watcher(const WatcherParts& parts, Kind kind);
  ~Watcher() override;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // What discovery found; to be called after each of its runs, with the same answer or another.
  void OnDiscovered(const KindAnswer& answer);
  // A new snapshot, for a reason from outside (divergence, a changed policy). Nothing happens to a kind that has none
  // now.
  void Relist(std::string_view reason);
  // Permission seems to be back: do not wait for the next try.
  void RetryIfDenied();
  // The server is reachable again: a kind that waits only because its connection failed comes within two seconds. After
  // an outage all kinds wait 30 to 60 s, each on its own; this way they follow the first that gets through, and nobody
  // asks a server that is still away.
  void RetryIfDisconnected();
  // Once in a while: notices that nothing has moved for long.
  void Tick();
  void Stop();

  Kind kind() const { return kind_; }
  Phase phase() const;
  bool denied() const { return phase() == Phase::kDenied; }
  const WatcherStats& stats();
  const std::string& resource_version() const { return rv_; }
  const std::string& collection() const { return collection_; }
  // The object exists as far as we know, and its last state could not be decoded.
  bool IsUnreadable(std::string_view name_space, std::string_view name) const;

  static constexpr Duration kProbeEvery = std::chrono::minutes(10);  // +-20 %
  static constexpr Duration kProbeSoon = std::chrono::seconds(1);    // at most, once a server that was away is back
  static constexpr Duration kProbeGrace = std::chrono::seconds(90);  // for a stream to reach what a probe saw
  static constexpr Duration kPagesFor = std::chrono::hours(1);       // after a watch-list did not work
  static constexpr Duration kStaleAfter = std::chrono::minutes(5);
  static constexpr Duration kShortWatch = std::chrono::seconds(1);  // client-go VeryShortWatchError
  static constexpr Duration kGapAfter =
      std::chrono::seconds(10);  // without a stream: what came meanwhile is late, not unseen
  // A starting API server answers 403 to everyone until its RBAC caches are filled (seen with v1.36.3): a kind that we
  // could watch before is denied only once that has lasted longer.
  static constexpr Duration kDenyGrace = std::chrono::seconds(10);
  static constexpr Duration kRelistPause =
      std::chrono::seconds(30);  // a relist this soon after a snapshot waits like a failure

 private:
  // States. Each owns what runs in it, so that leaving it ends that.
  struct Undiscovered {};
  struct Absent {};
  struct Queued {  // for a snapshot: first the jitter, then the host's turn
    Executor::TimerId jitter = 0;
  };
  struct ListingByWatch {
    std::unique_ptr<WatchStream> stream;
  };
  struct ListingByPages {
    std::unique_ptr<PagedList> list;
  };
  struct Watching {
    std::unique_ptr<WatchStream> stream;
    bool open = false;
  };
  struct Waiting {  // then: the watch from rv_, or a snapshot where that is gone
    Phase phase = Phase::kBackoff;
    Executor::TimerId timer = 0;
    bool disconnected = false;  // and that is the reason
  };
  struct Stopped {};
  using State = std::variant<Undiscovered, Absent, Queued, ListingByWatch, ListingByPages, Watching, Waiting, Stopped>;

  // Transitions (watcher.cc).
  template <typename T>
  T& Enter(T state);
  void BecomeAbsent(std::string_view why);
  void Serve(const std::string& version);
  void DecideRelist(std::string_view reason);
  void StartSnapshot();
  void RunSnapshot();
  void CompleteSnapshot(std::string resource_version);
  void OpenWatch();
  Waiting& Wait(Phase phase, Duration delay);
  void Resume();

  // Decisions (watcher_failures.cc).
  void Fail(const Verdict& verdict, bool in_snapshot);
  void RelistSoon(std::string_view reason);
  void OnSnapshotStreamEnd(const StreamEnd& end);
  void OnWatchStreamEnd(const StreamEnd& end);
  bool SuspiciousAgain();
  void OnDenied(const Verdict& verdict);
  bool WatchListWorks() const;
  bool AsksForProtobuf() const;
  void AskForJson(std::string why);
  void RememberPages();

  // Proof of life and truth (watcher_probe.cc).
  void ScheduleProbe(Duration delay);
  void SendProbe();
  void OnProbe(const Result<HttpResponse>& response);
  void CheckReached(const std::string& target, std::uint64_t stream_number);
  void ConfirmAbsence();

  // WatchStreamOwner
  void OnStreamOpen() override;
  void OnFrame(FrameType type) override;
  std::optional<Verdict> OnStreamObject(FrameType type, const support::Node& object,
                                        std::string_view resource_version) override;
  std::optional<Verdict> OnStreamBookmark(std::string_view resource_version, bool initial_events_end) override;
  std::optional<Verdict> OnStreamUnreadable(FrameType type, const FrameIdentity& identity, std::string why) override;
  void OnStreamEnd(StreamEnd end) override;
  // PagedListOwner
  void OnListBegin() override;
  void OnListItem(const support::Node& item) override;
  void OnListUnreadable(std::string detail) override;
  void OnListDone(std::string resource_version) override;
  void OnListFailed(Verdict verdict) override;
  void OnListFormat(std::string why) override;

  void Tell(EventType type, ObjectPtr object = nullptr, std::string detail = {});
  void TellDelete(ObjectPtr object);
  // An object with nothing but its identity, for one that cannot be decoded; nullptr if not even that can.
  ObjectPtr DecodeIdentity(const FrameIdentity& identity);
  void MarkReadable(const Object& object);
  void TellUnreadable(std::string_view name_space, std::string_view name, std::string_view why);
  std::optional<Verdict> CheckOrder(std::string_view resource_version);
  void Applied(std::string_view resource_version);
  void Progress();
  void TellRecovered();

  const WatcherParts parts_;
  const Kind kind_;
  const KindInfo& info_;

  State state_;
  std::string version_, collection_;
  std::string rv_;                              // empty: not valid, only a snapshot can follow
  std::vector<ObjectPtr> deleted_in_snapshot_;  // told after kInitDone, for until then the sink collects
  std::uint64_t collected_ = 0;
  std::set<std::string, std::less<>> unreadable_;  // "namespace/name"; as good as empty in any sane cluster

  Backoff backoff_;
  Backoff deny_backoff_;
  int suspicious_ = 0;      // in a row without progress
  int early_ends_ = 0;      // clean ends of short streams without a frame, in a row
  int cut_lists_ = 0;       // watch-lists in a row that ended before their end
  bool not_found_ = false;  // the collection answered 404 and discovery has not said why
  bool told_denied_ = false, told_stalled_ = false;
  std::optional<MonoTime> refused_since_;  // 403s in a row
  bool was_disconnected_ = false;          // the last failure was the connection's
  bool lost_since_snapshot_ = false;       // and so was some failure since the last snapshot
  bool json_only_ = false;                 // its protobuf could not be read once
  bool store_unproven_ = false;            // the server was away, and may have come back with an older store
  std::optional<MonoTime> broken_at_;      // since when there has been no stream
  std::optional<MonoTime> snapshot_done_at_;
  std::optional<MonoTime> pages_until_;
  std::string pages_server_;  // the server version that this is remembered for

  std::uint64_t stream_number_ = 0;
  int probe_misses_ = 0;
  Executor::TimerId probe_timer_ = 0, reach_timer_ = 0;
  WatcherStats stats_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for answers of calls that cannot be cancelled
};

}  // namespace seaworthy::api
