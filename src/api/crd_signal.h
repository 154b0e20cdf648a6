// Says that the set of served kinds may have changed: follows the CustomResourceDefinitions, as metadata only, and
// calls back on every event (RELIABILITY.md 1.4: a kind that was absent comes back within seconds, not at the next
// poll).
//
// A hint and nothing more: what it misses, the poll finds. So it keeps no state but a resource version, and errors only
// make it wait. Lives on its executor.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/backoff.h"
#include "api/frames.h"
#include "seaworthy/clock.h"
#include "seaworthy/transport.h"

namespace seaworthy::api {

class CrdSignal : private StreamObserver {
 public:
  CrdSignal(Transport* transport, Executor* executor, const Clock* clock, Rng* rng, std::function<void()> changed);
  ~CrdSignal() override;
  CrdSignal(const CrdSignal&) = delete;
  CrdSignal& operator=(const CrdSignal&) = delete;

  void Start();
  void Stop();

 private:
  void FindVersion();
  void Watch();
  void Later(Duration delay);
  void OnHead(const HttpHead& head) override;
  void OnBytes(std::string_view bytes) override;
  void OnEnd(const Status& status) override;

  Transport* const transport_;
  Executor* const executor_;
  const Clock* const clock_;
  Rng* const rng_;
  const std::function<void()> changed_;
  Backoff backoff_;
  FrameSplitter splitter_;
  std::string rv_;  // empty: to be found by a list
  int status_ = 0;
  bool started_ = false;
  Transport::StreamId stream_ = 0;
  Executor::TimerId timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace seaworthy::api
