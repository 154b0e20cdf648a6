// Proof of life and truth (RELIABILITY.md 1.5): a watch that was opened at a version from the future, or against a
// server restored from an older backup, says nothing for ever and looks healthy. One small consistent list per kind
// every ten minutes finds it.
#include <utility>

#include "api/url.h"
#include "api/watcher.h"

namespace seaworthy::api {
namespace {

constexpr Duration kProbeDeadline = std::chrono::seconds(10);
constexpr Duration kProbeAgain = std::chrono::seconds(30);  // when there was no stream to prove

}  // namespace

void Watcher::ScheduleProbe(Duration delay) {
  // Runs on through reconnects: a stream lives for 8 minutes at most.
  parts_.executor->Cancel(probe_timer_);
  probe_timer_ = parts_.executor->PostAfter(delay, [this] { SendProbe(); });
}

void Watcher::SendProbe() {
  const auto* watching = std::get_if<Watching>(&state_);
  if (watching == nullptr || !watching->open) {
    ScheduleProbe(kProbeAgain);
    return;
  }
  ScheduleProbe(Between(kProbeEvery * 8 / 10, kProbeEvery * 12 / 10, *parts_.rng));
  ++stats_.probes;
  parts_.transport->Unary(
      {.target = collection_ + Query().AddInt("limit", 1).str(), .deadline = kProbeDeadline},
      [this, alive = std::weak_ptr(alive_), stream = stream_number_](const Result<HttpResponse>& response) {
        // Of a stream that is no more it says nothing.
        if (!alive.expired() && stream == stream_number_ && std::holds_alternative<Watching>(state_)) OnProbe(response);
      });
}

void Watcher::OnProbe(const Result<HttpResponse>& response) {
  if (!response.ok()) return;
  const Verdict verdict = ClassifyAnswer(response->head, response->body);
  if (verdict.action == Action::kDenied || verdict.action == Action::kUnauthenticated ||
      verdict.action == Action::kRediscover) {
    // An open watch outlives the permission for it; the next one would be refused anyway.
    Fail(verdict, false);
    return;
  }
  if (verdict.action != Action::kProceed) return;
  support::Tree head;
  const auto ignore = [](const auto&) {};
  if (!support::ParseJsonList(response->body, head, *parts_.small, ignore, ignore).ok()) return;
  const std::string listed(head.root()["metadata"]["resourceVersion"].text());
  const int order = CompareResourceVersions(listed, rv_);
  if (order < 0) {
    // A quorum read is older than what we have: the store went back. Whatever else the watch tells us is of another
    // history.
    ++stats_.version_regressions;
    RelistSoon("version_regression");
  } else if (order > 0) {
    CheckReached(listed, stream_number_);
  }
}

void Watcher::CheckReached(const std::string& target, std::uint64_t stream_number) {
  parts_.executor->Cancel(reach_timer_);
  reach_timer_ = parts_.executor->PostAfter(kProbeGrace, [this, target, stream_number] {
    auto* watching = std::get_if<Watching>(&state_);
    if (watching == nullptr || watching->stream == nullptr || stream_number != stream_number_) return;
    if (CompareResourceVersions(rv_, target) >= 0) {
      probe_misses_ = 0;
      return;
    }
    // Without bookmarks an idle stream lags behind by right; the hourly audit covers those.
    if (watching->stream->bookmarks() < 2) return;
    if (++probe_misses_ < 2) {
      watching->stream->EndAsStalled();
      return;
    }
    probe_misses_ = 0;
    RelistSoon("probe");
  });
}

void Watcher::ConfirmAbsence() {
  parts_.transport->Unary(
      {.target = collection_ + Query().AddInt("limit", 1).str(), .deadline = kProbeDeadline},
      [this, alive = std::weak_ptr(alive_), version = version_](const Result<HttpResponse>& response) {
        if (alive.expired() || std::holds_alternative<Stopped>(state_) || std::holds_alternative<Absent>(state_))
          return;
        if (version != version_ || !response.ok()) return;
        if (ClassifyAnswer(response->head, response->body).action == Action::kRediscover) BecomeAbsent("not served");
      });
}

}  // namespace seaworthy::api
