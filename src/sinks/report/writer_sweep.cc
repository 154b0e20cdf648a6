// The sweeper: reports that outlived their subject, where the cluster's garbage collector is not there or missed it
// (RELIABILITY.md 2.3).
#include <algorithm>
#include <utility>

#include "sinks/report/writer.h"
#include "support/log.h"

namespace seaworthy::sinks::report {

// A fault of ours or of the cluster must not fill etcd (kyverno #10308).
bool Writer::BreakerOpen() const {
  return static_cast<double>(observed_workloads_) > 1.2 * static_cast<double>(wanted_workloads_) + 100;
}

bool Writer::KnownToBeGone(const OwnerRef& owner, std::string_view namespace_) const {
  return hooks_.known_to_be_gone && !owner.kind.empty() && hooks_.known_to_be_gone(owner, namespace_);
}

void Writer::SweepSoon() {
  if (sweep_soon_timer_ != 0 || !synced_ || stopping_) return;
  sweep_soon_timer_ = executor_.PostAfter(options_.sweep_soon, [this] {
    sweep_soon_timer_ = 0;
    Sweep(false);
  });
}

void Writer::Sweep(bool regular) {
  if (regular) sweep_timer_ = executor_.PostAfter(options_.sweep_interval, [this] { Sweep(true); });
  if (!regular && !sweep_queue_.empty()) return;  // one is under way
  sweep_queue_.clear();
  if (!synced_ || stopping_ || !hooks_.may_write() || !hooks_.subject_target) return;
  for (const auto& [key, entry] : entries_) {
    if (std::get<Kind>(key) != options_.kind || entry.wanted || !entry.observed || entry.observed->owners.empty())
      continue;
    const OwnerRef& owner = entry.observed->owners.front();
    if (!KnownToBeGone(owner, std::get<1>(key)) && hooks_.subject_target(owner, std::get<1>(key)).empty()) continue;
    sweep_queue_.push_back(key);
  }
  const auto limit = static_cast<std::size_t>(static_cast<double>(observed_workloads_) * options_.sweep_share);
  const bool too_many = sweep_queue_.size() > std::max(limit, options_.sweep_floor);
  // A minute after much was deleted, the garbage collector may still be at it.
  if (too_many && !regular) return sweep_queue_.clear();
  sweep_stopped_ = too_many;
  if (sweep_stopped_) {
    // So many lost subjects are rather a cache that is wrong.
    support::log::Error("sweep stopped: too many audit objects without a subject",
                        {{"candidates", sweep_queue_.size()}, {"objects", observed_workloads_}});
    sweep_queue_.clear();
    return;
  }
  SweepStep();
}

void Writer::SweepStep() {
  if (sweep_queue_.empty() || stopping_) return;
  const MonoTime now = clock_.Now();
  const std::weak_ptr<bool> alive = alive_;
  const auto later = [this, alive](Duration delay) {
    executor_.PostAfter(delay, [this, alive] {
      if (!alive.expired()) SweepStep();
    });
  };
  if (paused_until_ > now || in_flight_ >= options_.in_flight || !budget_.Take(now)) return later(options_.sweep_step);
  const Key key = std::move(sweep_queue_.front());
  sweep_queue_.pop_front();
  Entry* entry = Find(key);
  if (entry == nullptr || entry->wanted || !entry->observed || entry->observed->owners.empty() || !hooks_.may_write())
    return later(Duration::zero());
  const OwnerRef& owner = entry->observed->owners.front();
  if (KnownToBeGone(owner, std::get<1>(key))) {
    entry->delete_wanted = true;
    Schedule(*entry);
    if (!ready_.empty()) Arm(now);
    return later(Duration::zero());
  }
  const std::string target = hooks_.subject_target(owner, std::get<1>(key));
  if (target.empty()) return later(Duration::zero());
  HttpRequest request;
  request.target = target;
  request.deadline = options_.deadline;
  ++in_flight_;
  transport_.Unary(std::move(request), [this, alive, executor = &executor_, key](Result<HttpResponse> result) {
    executor->Post([this, alive, key, result = std::move(result)] {
      if (!alive.expired()) OnSubject(key, result);
    });
  });
}

void Writer::OnSubject(const Key& key, const Result<HttpResponse>& result) {
  --in_flight_;
  Entry* entry = Find(key);
  // Only "this object is not found" proves that nobody is there. A kind that is not served answers 404 too, in plain
  // text; that and everything else, silence included, proves nothing.
  const bool gone = Classify(result) == Answer::kNotFound && result->body.find("\"NotFound\"") != std::string::npos;
  if (gone && entry != nullptr && !entry->wanted && entry->observed) {
    entry->delete_wanted = true;
    Schedule(*entry);
  }
  const std::weak_ptr<bool> alive = alive_;
  executor_.PostAfter(options_.sweep_step, [this, alive] {
    if (!alive.expired()) SweepStep();
  });
  OnLastAnswer();
  if (!ready_.empty()) Arm(clock_.Now());
}

}  // namespace seaworthy::sinks::report
