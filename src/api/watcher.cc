#include "api/watcher.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/url.h"

namespace seaworthy::api {
namespace {

// The server drops a watch after timeoutSeconds: always sent (its own default is up to an hour), and spread so that kinds and replicas do
// not come back together. client-go has [300, 600).
constexpr Duration kShortestWatch = std::chrono::seconds(240), kLongestWatch = std::chrono::seconds(480);
constexpr Duration kReturnJitter = std::chrono::seconds(2);
constexpr std::size_t kUnreadableKept = 10'000;
constexpr Duration kRelistJitter = std::chrono::seconds(1);

// 403: first after 30 to 60 s, at last every 2.5 to 5 minutes.
constexpr Backoff::Values kDenyBackoff{.first = std::chrono::seconds(30), .cap = std::chrono::seconds(150), .reset_after = std::chrono::hours(1)};

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

Watcher::Watcher(const WatcherParts& parts, Kind kind) : parts_(parts), kind_(kind), info_(Info(kind)), deny_backoff_(kDenyBackoff) {
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
    if (std::holds_alternative<Undiscovered>(state_) || std::holds_alternative<Absent>(state_) || answer.version != version_) Serve(answer.version);
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
  waiting->timer = parts_.executor->PostAfter(Between(Duration::zero(), kReturnJitter, *parts_.rng), [this] { Resume(); });
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
  queued.jitter = parts_.executor->PostAfter(jitter, [this, first] { parts_.host->EnterSnapshot(kind_, first, [this] { RunSnapshot(); }); });
}

void Watcher::RunSnapshot() {
  collected_ = 0;
  deleted_in_snapshot_.clear();
  unreadable_.clear();
  if (!WatchListWorks()) {
    auto list = std::make_unique<PagedList>(parts_.transport, parts_.tree, collection_, static_cast<PagedListOwner*>(this));
    Enter(ListingByPages{std::move(list)}).list->Start();
    return;
  }
  Tell(EventType::kInit);
  OpenWatch();
}

void Watcher::OpenWatch() {
  WatchStream::Request request{.kind = kind_, .version = version_, .collection = collection_, .resource_version = rv_};
  request.timeout_seconds =
      static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(Between(kShortestWatch, kLongestWatch, *parts_.rng)).count());
  const bool listing = rv_.empty();
  ++stream_number_;
  auto stream = std::make_unique<WatchStream>(WatchStream::Parts{parts_.transport, parts_.executor, parts_.clock, parts_.tree},
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

void Watcher::OnStreamOpen() {
  Progress();
  if (std::exchange(was_disconnected_, false)) parts_.host->ServerIsBack();
  auto* watching = std::get_if<Watching>(&state_);
  if (watching == nullptr) return;
  watching->open = true;
  // All that happened since comes now, so nothing is lost; but it comes late, and times measured across are wrong.
  if (broken_at_ && parts_.clock->Now() - *broken_at_ > kGapAfter) Tell(EventType::kGap);
  broken_at_.reset();
  TellRecovered();
}

void Watcher::OnFrame(FrameType type) {
  ++stats_.events[static_cast<std::size_t>(type)];
  Progress();
}

std::optional<Verdict> Watcher::CheckOrder(std::string_view resource_version) {
  if (CompareResourceVersions(resource_version, rv_) >= 0) return std::nullopt;
  ++stats_.version_regressions;
  // Before 1.35 the order is no promise of the server's: an alarm only.
  if (!parts_.host->server_version().ComparesVersions()) return std::nullopt;
  return Verdict{Action::kRelist, std::nullopt, "version_regression", false,
                 "an event of version " + std::string(resource_version.substr(0, 24)) + " after " + rv_};
}

void Watcher::Applied(std::string_view resource_version) {
  // With a server whose versions are not ordered it is still the last one that counts.
  rv_ = resource_version;
  suspicious_ = early_ends_ = 0;
}

std::optional<Verdict> Watcher::OnStreamObject(FrameType type, const support::Node& object, std::string_view resource_version) {
  const bool listing = std::holds_alternative<ListingByWatch>(state_);
  if (!listing) {
    if (std::optional<Verdict> verdict = CheckOrder(resource_version)) return verdict;
  }
  Result<ObjectPtr> decoded = parts_.decoder->Decode(kind_, object);
  if (!decoded.ok()) {
    const support::Node& metadata = object["metadata"];
    return OnStreamUnreadable(type,
                              {{}, std::string(metadata["namespace"].text()), std::string(metadata["name"].text()),
                               std::string(metadata["uid"].text()), std::string(resource_version)},
                              decoded.status().message());
  }
  if (type == FrameType::kDeleted) {
    TellDelete(*std::move(decoded));
  } else {
    ++collected_;
    MarkReadable(**decoded);
    Tell(listing ? EventType::kInitApply : EventType::kApply, *std::move(decoded));
  }
  // The initial events of a snapshot come in no order of versions; only the bookmark at their end counts.
  if (!listing) Applied(resource_version);
  return std::nullopt;
}

void Watcher::TellDelete(ObjectPtr object) {
  MarkReadable(*object);
  if (std::holds_alternative<ListingByWatch>(state_)) {
    deleted_in_snapshot_.push_back(std::move(object));
  } else {
    Tell(EventType::kDelete, std::move(object));
  }
}

ObjectPtr Watcher::DecodeIdentity(const FrameIdentity& identity) {
  nlohmann::json object = {{"kind", info_.name}, {"apiVersion", info_.group.empty() ? version_ : std::string(info_.group) + "/" + version_}};
  nlohmann::json& metadata = object["metadata"];
  metadata = {{"name", identity.name}, {"uid", identity.uid}, {"resourceVersion", identity.resource_version}};
  if (!identity.name_space.empty()) metadata["namespace"] = identity.name_space;
  const std::string text = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (!support::ParseJson(text, *parts_.small).ok()) return nullptr;
  Result<ObjectPtr> decoded = parts_.decoder->Decode(kind_, parts_.small->root());
  return decoded.ok() ? *std::move(decoded) : nullptr;
}

std::optional<Verdict> Watcher::OnStreamUnreadable(FrameType type, const FrameIdentity& identity, std::string why) {
  const bool listing = std::holds_alternative<ListingByWatch>(state_);
  if (!listing && !identity.resource_version.empty()) {
    if (std::optional<Verdict> verdict = CheckOrder(identity.resource_version)) return verdict;
  }
  if (type == FrameType::kDeleted) {
    // It is gone, readable or not; its name is enough to say so.
    ObjectPtr object = DecodeIdentity(identity);
    if (object == nullptr) return Verdict{Action::kRelist, std::nullopt, "decode_error", false, "a deletion that cannot be read: " + why};
    TellDelete(std::move(object));
  } else {
    TellUnreadable(identity.name_space, identity.name, why);
  }
  if (!listing && !identity.resource_version.empty()) Applied(identity.resource_version);
  return std::nullopt;
}

std::optional<Verdict> Watcher::OnStreamBookmark(std::string_view resource_version, bool initial_events_end) {
  if (auto* listing = std::get_if<ListingByWatch>(&state_)) {
    if (!initial_events_end) return std::nullopt;
    std::unique_ptr<WatchStream> stream = std::move(listing->stream);
    Enter(Watching{std::move(stream), true});
    CompleteSnapshot(std::string(resource_version));
    return std::nullopt;
  }
  if (std::optional<Verdict> verdict = CheckOrder(resource_version)) return verdict;
  Applied(resource_version);
  return std::nullopt;
}

void Watcher::OnListBegin() {
  collected_ = 0;
  unreadable_.clear();
  Tell(EventType::kInit);
}

void Watcher::OnListItem(const support::Node& item) {
  Result<ObjectPtr> decoded = parts_.decoder->Decode(kind_, item);
  if (!decoded.ok()) {
    const support::Node& metadata = item["metadata"];
    TellUnreadable(metadata["namespace"].text(), metadata["name"].text(), decoded.status().message());
    return;
  }
  ++collected_;
  Tell(EventType::kInitApply, *std::move(decoded));
}

void Watcher::OnListUnreadable(std::string detail) {
  ++stats_.unreadable;
  if (unreadable_.size() < kUnreadableKept) unreadable_.insert(detail.substr(0, detail.find(": ")));
  Tell(EventType::kUnreadable, nullptr, std::move(detail));
}

void Watcher::TellUnreadable(std::string_view name_space, std::string_view name, std::string_view why) {
  OnListUnreadable(UnreadableDetail(name_space, name, why));
}

void Watcher::MarkReadable(const Object& object) {
  if (unreadable_.empty()) return;
  const std::string key = UnreadableDetail(object.meta.namespace_, object.meta.name, "");
  unreadable_.erase(key.substr(0, key.size() - 2));
}

bool Watcher::IsUnreadable(std::string_view name_space, std::string_view name) const {
  if (unreadable_.empty()) return false;
  const std::string key = UnreadableDetail(name_space, name, "");
  return unreadable_.contains(std::string_view(key).substr(0, key.size() - 2));
}

void Watcher::OnListDone(std::string resource_version) {
  CompleteSnapshot(std::move(resource_version));
  OpenWatch();
}

void Watcher::OnListFailed(Verdict verdict) { Fail(verdict, true); }

void Watcher::OnStreamEnd(StreamEnd end) {
  if (end.partial) ++stats_.partial_frames;
  if (std::holds_alternative<ListingByWatch>(state_)) {
    OnSnapshotStreamEnd(end);
  } else {
    OnWatchStreamEnd(end);
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
  if (std::exchange(told_denied_, false) | std::exchange(told_stalled_, false)) Tell(EventType::kLive);
}

void Watcher::Tick() {
  const auto* watching = std::get_if<Watching>(&state_);
  // An open stream has limits of its own; an absent kind has nothing that could be stale, a denied one has been reported.
  if ((watching != nullptr && watching->open) || !stats_.synced || told_stalled_ || told_denied_) return;
  if (std::holds_alternative<Absent>(state_) || std::holds_alternative<Stopped>(state_)) return;
  if (parts_.clock->Now() - stats_.last_progress < kStaleAfter) return;
  told_stalled_ = true;
  Tell(EventType::kStalled, nullptr, stats_.message);
}

}  // namespace seaworthy::api
