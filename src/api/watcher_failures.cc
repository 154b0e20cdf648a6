// What follows from each failure (RELIABILITY.md 1.3, 1.4). The classifier has said what it is; here it is decided what
// becomes of the watch.
#include <algorithm>
#include <utility>

#include "api/kubernetes_protobuf.h"
#include "api/watcher.h"

namespace seaworthy::api {
namespace {

constexpr Duration kReconnectJitter = std::chrono::milliseconds(200);
constexpr Duration kDenyRecheck = std::chrono::seconds(1);

}  // namespace

bool Watcher::WatchListWorks() const {
  if (!parts_.host->server_version().StreamsLists()) return false;
  // Remembered for this server; another version of it is asked again.
  return !pages_until_ || parts_.clock->Now() >= *pages_until_ ||
         pages_server_ != parts_.host->server_version().git_version;
}

void Watcher::RememberPages() {
  pages_until_ = parts_.clock->Now() + kPagesFor;
  pages_server_ = parts_.host->server_version().git_version;
}

bool Watcher::AsksForProtobuf() const {
  return !json_only_ &&
         HasProtobuf(info_.group.empty() ? version_ : std::string(info_.group) + "/" + version_, info_.name);
}

// JSON tells all there is, field numbers that we know or not.
void Watcher::AskForJson(std::string why) {
  json_only_ = true;
  stats_.message = "format: " + std::move(why);
  ++stats_.restarts["format"];
}

void Watcher::OnSnapshotStreamEnd(const StreamEnd& end) {
  using Cause = StreamEnd::Cause;
  if (end.cause == Cause::kFormat) {
    AskForJson(end.verdict.message);
    RunSnapshot();
    return;
  }
  if (end.cause == Cause::kNoProgress || end.verdict.action == Action::kUnsupported) {
    // 400 and 422: the feature is off, or the storage has none. Silence: a server that never marks the end (antrea
    // #8123, k/k #122805).
    ++stats_.restarts[end.verdict.reason];
    RememberPages();
    RunSnapshot();
    return;
  }
  if (end.cause == Cause::kError || end.cause == Cause::kAsked) {
    Fail(end.verdict, true);
    return;
  }
  // It ended before the initial events did. Once may be a restart of the server; twice is one that gets no further.
  ++stats_.restarts["snapshot_cut"];
  if (++cut_lists_ >= 2) {
    cut_lists_ = 0;
    RememberPages();
  }
  Wait(Phase::kBackoff, backoff_.Next(parts_.clock->Now(), *parts_.rng));
}

bool Watcher::SuspiciousAgain() {
  if (++suspicious_ < 3) return false;
  suspicious_ = 0;
  return true;
}

void Watcher::OnWatchStreamEnd(const StreamEnd& end) {
  using Cause = StreamEnd::Cause;
  const auto reconnect = [&](std::string_view reason) {
    ++stats_.restarts[reason];
    Wait(Phase::kWatch, Between(Duration::zero(), kReconnectJitter, *parts_.rng));
  };
  switch (end.cause) {
    case Cause::kClean: {
      const bool quiet = end.frames == 0;
      if (quiet && end.lifetime < kShortWatch) {
        // The cacher closes at once when its generation changes; a server that does nothing else must not be hammered.
        ++stats_.very_short_watches;
        ++stats_.restarts["very_short"];
        Wait(Phase::kBackoff, backoff_.Next(parts_.clock->Now(), *parts_.rng));
        return;
      }
      early_ends_ = quiet && end.lifetime < kRelistPause ? early_ends_ + 1 : 0;
      if (early_ends_ >= 3) {
        ++stats_.restarts["early_end"];
        Wait(Phase::kBackoff, backoff_.Next(parts_.clock->Now(), *parts_.rng));
        return;
      }
      reconnect("eof");
      return;
    }
    case Cause::kStalled: reconnect("stalled"); return;
    case Cause::kFormat:
      AskForJson(end.verdict.message);
      Wait(Phase::kWatch, Between(Duration::zero(), kReconnectJitter, *parts_.rng));
      return;
    case Cause::kNoProgress:
    case Cause::kError:
    case Cause::kAsked: Fail(end.verdict, false); return;
  }
}

void Watcher::RelistSoon(std::string_view reason) {
  DecideRelist(reason);
  // A snapshot that led straight back here is not repeated at once: some server would be asked for everything in a
  // loop. One that a lost connection came after did not: a server that crashes again and again has had its wait before
  // each return, and answers 410 each time, for its cache begins anew.
  if (!snapshot_done_at_ || lost_since_snapshot_ || parts_.clock->Now() - *snapshot_done_at_ >= kRelistPause) {
    StartSnapshot();
  } else {
    Wait(Phase::kBackoff, backoff_.Next(parts_.clock->Now(), *parts_.rng));
  }
}

void Watcher::OnDenied(const Verdict& verdict) {
  const MonoTime now = parts_.clock->Now();
  const bool first = !std::exchange(refused_since_, refused_since_.value_or(now));
  const Duration soon = Between(kDenyRecheck, 2 * kDenyRecheck, *parts_.rng);
  if (stats_.synced && !told_denied_ && now - *refused_since_ < kDenyGrace) {
    Wait(Phase::kBackoff, soon);
    return;
  }
  // One that never could be watched is told at once, for a start must not wait for it; and looked at once more soon.
  Wait(Phase::kDenied, first ? soon : deny_backoff_.Next(now, *parts_.rng, verdict.retry_after));
  if (!std::exchange(told_denied_, true)) Tell(EventType::kDenied, nullptr, verdict.message);
}

void Watcher::Fail(const Verdict& verdict, bool in_snapshot) {
  stats_.message = std::string(verdict.reason) + (verdict.message.empty() ? "" : ": " + verdict.message);
  if (verdict.reason == "bad_content_type") ++stats_.bad_content_types;
  ++stats_.restarts[verdict.reason];
  was_disconnected_ = verdict.reason == "connection";
  if (was_disconnected_) lost_since_snapshot_ = true;
  if (was_disconnected_ || verdict.reason == "server_error" || verdict.reason == "bad_content_type")
    store_unproven_ = true;
  const auto back_off = [&](Phase phase) {
    Waiting& waiting = Wait(phase, backoff_.Next(parts_.clock->Now(), *parts_.rng, verdict.retry_after));
    waiting.disconnected = was_disconnected_;
  };
  switch (verdict.action) {
    case Action::kRelist:
      if (in_snapshot) {
        back_off(Phase::kBackoff);
      } else {
        RelistSoon(verdict.reason);
      }
      return;
    case Action::kRelistWithoutRv:
      // Not at once: the server is behind and has already made us wait 3 s for nothing.
      if (!in_snapshot) DecideRelist(verdict.reason);
      back_off(Phase::kBackoff);
      return;
    case Action::kUnauthenticated: back_off(Phase::kUnauthenticated); return;
    case Action::kDenied: OnDenied(verdict); return;
    case Action::kRediscover:
      not_found_ = true;
      back_off(Phase::kBackoff);
      // Last: the answer may come at once in a simulator, and changes the state.
      parts_.host->RequestDiscovery();
      return;
    case Action::kProceed:
    case Action::kUnsupported:
    case Action::kBackoff:
      if (!in_snapshot && verdict.suspicious && SuspiciousAgain()) DecideRelist("watch_failures");
      back_off(Phase::kBackoff);
      return;
  }
}

}  // namespace seaworthy::api
