#include "api/watcher.h"

#include <algorithm>
#include <utility>

#include "api/url.h"

namespace seaworthy::api {
namespace {

// The server drops a watch after timeoutSeconds: always sent (its own default is up to an hour), and spread so that
// kinds and replicas do not come back together. client-go has [300, 600).
constexpr Duration kShortestWatch = std::chrono::seconds(240), kLongestWatch = std::chrono::seconds(480);
constexpr Duration kReturnJitter = std::chrono::seconds(2);
constexpr Duration kRelistJitter = std::chrono::seconds(1);

// 403: first after 30 to 60 s, at last every 2.5 to 5 minutes.
constexpr Backoff::Values kDenyBackoff{
    .first = std::chrono::seconds(30), .cap = std::chrono::seconds(150), .reset_after = std::chrono::hours(1)};

}  // namespace

std::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kDiscover: return "discover";
    case Phase::kAbsent: return "absent";
    case Phase::kSnapshot: return "snapshot";
    case Phase::kWatch: return "watch";
    case Phase::kBackoff: return "backoff";
    case Phase::kDenied: return "denied";
    case Phase::kUnauthenticated: return "unauthenticated";
    case Phase::kStopped: break;
  }
  return "stopped";
}

Watcher::Watcher(const WatcherParts& parts, Kind kind)
    : parts_(parts), kind_(kind), info_(Info(kind)), deny_backoff_(kDenyBackoff) {
  stats_.kind = kind;
  stats_.last_progress = parts_.clock->Now();
}

Watcher::~Watcher() { Stop(); }

Phase Watcher::phase() const {
  struct Visitor {
    Phase operator()(const Undiscovered&) const { return Phase::kDiscover; }
    Phase operator()(const Absent&) const { return Phase::kAbsent; }
    Phase operator()(const Queued&) const { return Phase::kSnapshot; }
    Phase operator()(const ListingByWatch&) const { return Phase::kSnapshot; }
    Phase operator()(const ListingByPages&) const { return Phase::kSnapshot; }
    Phase operator()(const Watching&) const { return Phase::kWatch; }
    Phase operator()(const Waiting& waiting) const { return waiting.phase; }
    Phase operator()(const Stopped&) const { return Phase::kStopped; }
  };
  return std::visit(Visitor(), state_);
}

const WatcherStats& Watcher::stats() {
  stats_.phase = phase();
  stats_.degraded = told_denied_ || told_stalled_;
  stats_.version = version_;
  stats_.resource_version = rv_;
  return stats_;
}

template <typename T>
T& Watcher::Enter(T state) {
  // Timers are no owners: they are taken back here. Streams and lists cancel themselves.
  if (const auto* queued = std::get_if<Queued>(&state_)) parts_.executor->Cancel(queued->jitter);
  if (const auto* waiting = std::get_if<Waiting>(&state_)) parts_.executor->Cancel(waiting->timer);
  const bool was_watching = std::holds_alternative<Watching>(state_);
  state_ = std::move(state);
  if (was_watching && !std::holds_alternative<Watching>(state_) && !broken_at_) broken_at_ = parts_.clock->Now();
  return std::get<T>(state_);
}
// watcher_events.cc enters it too.
template Watcher::Watching& Watcher::Enter(Watching state);

void Watcher::Stop() {
  if (std::holds_alternative<Stopped>(state_)) return;
  parts_.host->LeaveSnapshot(kind_);
  parts_.executor->Cancel(probe_timer_);
  parts_.executor->Cancel(reach_timer_);
  Enter(Stopped());
}

void Watcher::OnDiscovered(const KindAnswer& answer) {
  if (!answer.known || std::holds_alternative<Stopped>(state_)) return;
  if (answer.served()) {
    not_found_ = false;
    if (std::holds_alternative<Undiscovered>(state_) || std::holds_alternative<Absent>(state_) ||
        answer.version != version_)
      Serve(answer.version);
    return;
  }
  if (std::holds_alternative<Absent>(state_)) return;
  if (std::holds_alternative<Undiscovered>(state_) || not_found_) {
    BecomeAbsent("not served");
  } else {
    // I4: discovery alone may be wrong, just after a start of the server for instance.
    ConfirmAbsence();
  }
}

void Watcher::Serve(const std::string& version) {
  const Result<std::string> path = CollectionPath(info_, version);
  if (!path.ok()) return;  // a version out of our own table; cannot happen
  DecideRelist(version_.empty() || version == version_ ? "reserved" : "version_changed");
  version_ = version;
  collection_ = *path;
  StartSnapshot();
}

void Watcher::BecomeAbsent(std::string_view why) {
  parts_.host->LeaveSnapshot(kind_);
  Enter(Absent());
  rv_.clear();
  not_found_ = false;
  stats_.synced = true;
  stats_.objects = 0;
  told_denied_ = told_stalled_ = false;
  Progress();
  Tell(EventType::kAbsent, nullptr, std::string(why));
}

void Watcher::Relist(std::string_view reason) {
  switch (phase()) {
    case Phase::kSnapshot:
    case Phase::kWatch:
      DecideRelist(reason);
      StartSnapshot();
      return;
    case Phase::kBackoff:
    case Phase::kDenied:
    case Phase::kUnauthenticated: DecideRelist(reason); return;  // once it goes on
    case Phase::kDiscover:
    case Phase::kAbsent:
    case Phase::kStopped: return;
  }
}

void Watcher::RetryIfDenied() {
  if (denied()) Resume();
}

void Watcher::RetryIfDisconnected() {
  auto* waiting = std::get_if<Waiting>(&state_);
  if (waiting == nullptr || !std::exchange(waiting->disconnected, false)) return;
  parts_.executor->Cancel(waiting->timer);
  waiting->timer =
      parts_.executor->PostAfter(Between(Duration::zero(), kReturnJitter, *parts_.rng), [this] { Resume(); });
}

void Watcher::DecideRelist(std::string_view reason) {
  // Counted where the old version is given up, not for each try of the list.
  if (stats_.synced) ++stats_.relists[reason];
  rv_.clear();
}

void Watcher::StartSnapshot() {
  const bool first = !stats_.synced;
  parts_.host->LeaveSnapshot(kind_);
  Queued& queued = Enter(Queued());
  const Duration jitter = first ? Duration::zero() : Between(Duration::zero(), kRelistJitter, *parts_.rng);
  // Even without jitter by way of the loop: this may be some stream's last call.
  queued.jitter = parts_.executor->PostAfter(
      jitter, [this, first] { parts_.host->EnterSnapshot(kind_, first, [this] { RunSnapshot(); }); });
}

void Watcher::RunSnapshot() {
  collected_ = 0;
  deleted_in_snapshot_.clear();
  unreadable_.clear();
  if (!WatchListWorks()) {
    auto list = std::make_unique<PagedList>(parts_.transport, parts_.tree, collection_, info_.label_selector,
                                            AsksForProtobuf(), static_cast<PagedListOwner*>(this));
    Enter(ListingByPages{std::move(list)}).list->Start();
    return;
  }
  Tell(EventType::kInit);
  OpenWatch();
}

void Watcher::OpenWatch() {
  WatchStream::Request request{.kind = kind_,
                               .version = version_,
                               .collection = collection_,
                               .label_selector = info_.label_selector,
                               .resource_version = rv_,
                               .protobuf = AsksForProtobuf()};
  request.timeout_seconds = static_cast<int>(
      std::chrono::duration_cast<std::chrono::seconds>(Between(kShortestWatch, kLongestWatch, *parts_.rng)).count());
  const bool listing = rv_.empty();
  ++stream_number_;
  auto stream =
      std::make_unique<WatchStream>(WatchStream::Parts{parts_.transport, parts_.executor, parts_.clock, parts_.tree},
                                    std::move(request), static_cast<WatchStreamOwner*>(this));
  if (listing) {
    Enter(ListingByWatch{std::move(stream)});
  } else {
    Enter(Watching{std::move(stream)});
  }
}

void Watcher::CompleteSnapshot(std::string resource_version) {
  const bool first = !std::exchange(stats_.synced, true);
  // Before the new state shows: what was being observed ended somewhere in the dark.
  if (!first) Tell(EventType::kGap);
  Tell(EventType::kInitDone);
  for (ObjectPtr& object : deleted_in_snapshot_) Tell(EventType::kDelete, std::move(object));
  deleted_in_snapshot_.clear();
  rv_ = std::move(resource_version);
  stats_.objects = collected_;
  snapshot_done_at_ = parts_.clock->Now();
  broken_at_.reset();
  lost_since_snapshot_ = store_unproven_ = false;
  suspicious_ = early_ends_ = cut_lists_ = probe_misses_ = 0;
  Progress();
  TellRecovered();
  parts_.host->LeaveSnapshot(kind_);
  ScheduleProbe(Between(kProbeEvery * 8 / 10, kProbeEvery * 12 / 10, *parts_.rng));
}

Watcher::Waiting& Watcher::Wait(Phase phase, Duration delay) {
  parts_.host->LeaveSnapshot(kind_);
  Waiting& waiting = Enter(Waiting{phase});
  waiting.timer = parts_.executor->PostAfter(delay, [this] { Resume(); });
  return waiting;
}

void Watcher::Resume() {
  if (rv_.empty()) {
    StartSnapshot();
  } else {
    OpenWatch();
  }
}

void Watcher::Tell(EventType type, ObjectPtr object, std::string detail) {
  parts_.sink->Accept({type, kind_, std::move(object), std::move(detail)});
}

void Watcher::Progress() { stats_.last_progress = parts_.clock->Now(); }

void Watcher::TellRecovered() {
  stats_.message.clear();
  deny_backoff_.Reset();
  refused_since_.reset();
  const bool degraded = told_denied_ || told_stalled_;
  told_denied_ = told_stalled_ = false;
  if (degraded) Tell(EventType::kLive);
}

void Watcher::Tick() {
  const auto* watching = std::get_if<Watching>(&state_);
  // An open stream has limits of its own; an absent kind has nothing that could be stale, a denied one has been
  // reported.
  if ((watching != nullptr && watching->open) || !stats_.synced || told_stalled_ || told_denied_) return;
  if (std::holds_alternative<Absent>(state_) || std::holds_alternative<Stopped>(state_)) return;
  if (parts_.clock->Now() - stats_.last_progress < kStaleAfter) return;
  told_stalled_ = true;
  Tell(EventType::kStalled, nullptr, stats_.message);
}

}  // namespace seaworthy::api
