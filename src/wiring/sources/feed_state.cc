#include "wiring/sources/feed_state.h"

#include <utility>

#include "support/log.h"

namespace seaworthy::wiring {

FeedState::FeedState(std::string name, KindSet kinds, const Clock& clock, WatchSink& sink)
    : name_(std::move(name)), kinds_(kinds), clock_(clock), sink_(sink) {}

bool FeedState::Answered() {
  failing_since_.reset();
  problem_.clear();
  const bool news = std::exchange(state_, EventType::kLive) != EventType::kLive;
  if (news) support::log::Info("a source answers again", {{"source", name_}});
  return news;
}

void FeedState::Failed(std::string_view reason) {
  if (!failing_since_) failing_since_ = clock_.Now();
  // A refusal says more than the silence that follows it.
  if (state_ == EventType::kDenied || clock_.Now() - *failing_since_ < kPatience) return;
  Become(EventType::kDegraded, reason);
}

void FeedState::Become(EventType state, std::string_view reason) {
  if (state != EventType::kDegraded) failing_since_.reset();
  problem_ = reason;
  if (std::exchange(state_, state) == state) return;
  support::log::Warning("a source does not answer as it should", {{"source", name_}, {"reason", problem_}});
  for (const KindInfo& info : KindTable()) {
    if (kinds_.Has(info.kind)) sink_.Accept({state, info.kind, nullptr, problem_});
  }
}

}  // namespace seaworthy::wiring
