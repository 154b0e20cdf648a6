// Reads the last 50 lines of each container of a workload once a rollout, from one pod that has been ready for a while,
// and tells of which form they were. The text is counted and dropped on the spot; it is neither kept, logged nor sent
// on.
//
// Lives on its executor.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/transport.h"
#include "support/json.h"
#include "wiring/sources/feed_state.h"

namespace seaworthy::wiring {

// A workload whose logs have not been sampled since its template changed.
struct LogSubject {
  std::string ns, kind, name;
  std::uint64_t template_hash = 0;
  std::string pod;
  std::vector<std::string> containers;
};

class LogSampling {
 public:
  static constexpr Duration kFirst = std::chrono::seconds(10);
  static constexpr Duration kLook = std::chrono::minutes(1);
  static constexpr Duration kSpacing = std::chrono::milliseconds(500);
  static constexpr Duration kDeadline = std::chrono::seconds(20);
  // What started less than ten minutes ago has logged its banner and little else.
  static constexpr Duration kSettled = std::chrono::minutes(10);
  static constexpr int kLines = 50;
  static constexpr int kEnough = 10;  // fewer say nothing
  static constexpr std::int64_t kMaxBytes = 256 << 10;
  // A container that has logged too little to say anything of is asked again after this.
  static constexpr Duration kAgain = std::chrono::hours(1);
  // A namespace whose logs are not given.
  static constexpr Duration kDeniedAgain = std::chrono::minutes(10);

  // Answers some time later, on the executor.
  using Subjects = std::function<void(std::function<void(std::vector<LogSubject>)> done)>;

  LogSampling(Transport& transport, Executor& executor, const Clock& clock, const ObjectDecoder& decoder,
              WatchSink& sink, Subjects subjects);
  ~LogSampling();
  LogSampling(const LogSampling&) = delete;
  LogSampling& operator=(const LogSampling&) = delete;

  void Start();
  const std::string& problem() const { return state_.problem(); }

 private:
  struct Sample;

  void Look();
  void Next();
  void AskContainer();
  void OnAnswer(const Result<HttpResponse>& answer);
  void Tell();

  Transport& transport_;
  Executor& executor_;
  const Clock& clock_;
  const ObjectDecoder& decoder_;
  WatchSink& sink_;
  const Subjects subjects_;
  FeedState state_;
  support::Tree tree_;
  std::deque<LogSubject> waiting_;
  std::unique_ptr<Sample> sample_;                // the one under way
  std::map<std::string, MonoTime> not_before_;    // by workload and template
  std::map<std::string, MonoTime> denied_until_;  // by namespace
  bool answered_ = false;
  Executor::TimerId timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::wiring
