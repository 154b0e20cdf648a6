// Asks metrics.k8s.io once a minute what pods use. The API has no watch and no pages; its answer has half a kilobyte a
// pod, so in a large cluster one namespace is asked after the other.
//
// Lives on its executor; decodes there.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/transport.h"
#include "support/json.h"
#include "wiring/sources/feed_state.h"

namespace seaworthy::wiring {

class PodMetrics {
 public:
  static constexpr Duration kEvery = std::chrono::minutes(1);
  // A sample of a pod that the watch has not shown yet is lost.
  static constexpr Duration kFirst = std::chrono::seconds(5);
  // Where nobody serves it: an installation shows within this.
  static constexpr Duration kEveryWhenAbsent = std::chrono::minutes(5);
  static constexpr Duration kDeadline = std::chrono::seconds(20);
  // Namespaces of a round in which every question fails.
  static constexpr int kFailuresOfARound = 3;

  // Answers, some time later and on the executor, with the namespaces to be asked one by one, or with none: all at
  // once.
  using Namespaces = std::function<void(std::function<void(std::vector<std::string>)> done)>;

  PodMetrics(Transport& transport, Executor& executor, const Clock& clock, const ObjectDecoder& decoder,
             WatchSink& sink, Namespaces namespaces);
  ~PodMetrics();
  PodMetrics(const PodMetrics&) = delete;
  PodMetrics& operator=(const PodMetrics&) = delete;

  void Start();
  const std::string& problem() const { return state_.problem(); }

 private:
  void Poll();
  void Again(Duration after);
  void Ask();
  void OnAnswer(const Result<HttpResponse>& answer);
  void Next();
  void Deliver(EventType type, ObjectPtr object = nullptr);

  Transport& transport_;
  Executor& executor_;
  const Clock& clock_;
  const ObjectDecoder& decoder_;
  WatchSink& sink_;
  const Namespaces namespaces_;
  FeedState state_;
  support::Tree head_, item_;
  MonoTime begun_;
  std::vector<std::string> left_;  // of this round, the next one last; an empty name: all namespaces
  bool answered_ = false;
  int failures_ = 0;
  std::string failure_;
  Executor::TimerId timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // answers that come after us find it gone
};

}  // namespace seaworthy::wiring
