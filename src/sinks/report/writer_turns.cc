// Who may write when: debounce, spacing, and whose turn it is while the budget is short.
#include <algorithm>

#include "sinks/report/writer.h"

namespace seaworthy::sinks::report {
namespace {

// While another holds the lease, or ours could not be renewed: how often to look again. Costs nothing but a look.
constexpr Duration kGatePoll = std::chrono::seconds(1);
constexpr Duration kBreakerPoll = std::chrono::seconds(30);
constexpr std::uint64_t kAgingTurn = 4;

}  // namespace

MonoTime Writer::DueOf(const Entry& entry) const {
  MonoTime due = std::max(entry.not_before,
                          std::min(entry.changed + options_.debounce, entry.dirty_since + options_.debounce_cap));
  const auto& [kind, namespace_, name] = *entry.key;
  due = std::max(due, forbidden_[static_cast<std::size_t>(kind)].until);
  if (const auto at = terminating_.find(namespace_); at != terminating_.end()) due = std::max(due, at->second);
  return due;
}

void Writer::Schedule(Entry& entry) {
  const Need need = NeedOf(entry);
  if (need == Need::kNothing) {
    Unschedule(entry);
    if (!entry.in_flight) entry.dirty = false;
    return;
  }
  const MonoTime now = clock_.Now();
  if (!entry.dirty) {
    entry.dirty = true;
    entry.dirty_since = now;
  }
  const MonoTime due = DueOf(entry);
  if (due <= now && entry.turn && entry.ready_rank == entry.rank) return;
  const std::optional<std::uint64_t> turn = due <= now ? entry.turn : std::nullopt;
  Unschedule(entry);
  if (due > now) {
    entry.timer = due;
    timers_.emplace(std::pair(due, entry.id), &entry);
    Arm(due);
    return;
  }
  // A changed rank keeps the place in the line by age.
  if (!turn) entry.ready_since = now;
  entry.turn = turn ? *turn : ++turns_;
  entry.ready_rank = entry.rank;
  ready_.emplace(std::pair(entry.ready_rank, *entry.turn), &entry);
  by_turn_.emplace(*entry.turn, &entry);
  Arm(now);
}

void Writer::Unschedule(Entry& entry) {
  if (entry.timer) timers_.erase({*entry.timer, entry.id});
  if (entry.turn) {
    ready_.erase({entry.ready_rank, *entry.turn});
    by_turn_.erase(*entry.turn);
  }
  entry.timer.reset();
  entry.turn.reset();
}

void Writer::Arm(MonoTime when) {
  if (stopping_ || (armed_ && *armed_ <= when)) return;
  if (armed_) executor_.Cancel(wake_);
  armed_ = when;
  wake_ = executor_.PostAfter(std::max(Duration::zero(), when - clock_.Now()), [this] {
    armed_.reset();
    Pump();
  });
}

Writer::Entry* Writer::NextReady(MonoTime now) {
  if (ready_.empty()) return nullptr;
  Entry* oldest = by_turn_.begin()->second;
  if (++pops_ % kAgingTurn == 0 && now - oldest->ready_since >= options_.aging) return oldest;
  return ready_.begin()->second;
}

void Writer::Pump() {
  const MonoTime now = clock_.Now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    Entry& entry = *timers_.begin()->second;
    Unschedule(entry);
    Schedule(entry);
  }
  if (!timers_.empty()) Arm(timers_.begin()->first.first);
  if (stopping_ || !synced_ || ready_.empty()) return;
  if (!hooks_.may_write()) {
    Arm(now + kGatePoll);
    return;
  }
  while (!ready_.empty() && in_flight_ < options_.in_flight) {
    if (paused_until_ > now) {
      Arm(paused_until_);
      return;
    }
    Entry& entry = *NextReady(now);
    // Blocks may have come up while it waited.
    if (DueOf(entry) > now || NeedOf(entry) == Need::kNothing) {
      Unschedule(entry);
      Schedule(entry);
      continue;
    }
    const Need need = NeedOf(entry);
    if (need == Need::kWrite && !entry.observed && std::get<Kind>(*entry.key) == options_.kind && BreakerOpen()) {
      entry.not_before = now + kBreakerPoll;
      Unschedule(entry);
      Schedule(entry);
      continue;
    }
    if (!budget_.Take(now)) {
      Arm(now + budget_.Wait(now));
      return;
    }
    Unschedule(entry);
    Start(entry, need);
  }
}

}  // namespace seaworthy::sinks::report
