// What the checks are told of a source that is asked now and then: that it answers, refuses, or has been silent for too
// long.
//
// Lives on its owner's executor.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/clock.h"
#include "seaworthy/watch_event.h"

namespace seaworthy::wiring {

class FeedState {
 public:
  // One failure or two are nothing: what is known is minutes old in any case.
  static constexpr Duration kPatience = std::chrono::minutes(5);

  // `name` is for the log, "metrics.k8s.io".
  FeedState(std::string name, KindSet kinds, const Clock& clock, WatchSink& sink);

  // Before the kInitDone (or kLive) that makes the kinds live again. True where that is news.
  bool Answered();
  void Failed(std::string_view reason);
  void Denied(std::string_view reason) { Become(EventType::kDenied, reason); }
  void Absent(std::string_view reason) { Become(EventType::kAbsent, reason); }
  // Why it is not well; empty: it is, or nobody knows better yet.
  const std::string& problem() const { return problem_; }

 private:
  void Become(EventType state, std::string_view reason);

  const std::string name_;
  const KindSet kinds_;
  const Clock& clock_;
  WatchSink& sink_;
  EventType state_ = EventType::kLive;
  std::string problem_;
  std::optional<MonoTime> failing_since_;
};

}  // namespace seaworthy::wiring
