// The inner parts of HttpTransport. Private to http_calls.cc.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "api/attempt.h"
#include "api/http_calls.h"
#include "api/wire.h"
#include "seaworthy/clock.h"
#include "seaworthy/transport.h"

namespace seaworthy::api {

class HttpTransport::Home {
 public:
  Home(Executor* executor, HttpTransport* transport) : executor_(executor), transport_(transport) {}

  static void Post(const std::shared_ptr<Home>& home, std::function<void(HttpTransport&)> fn) {
    const std::lock_guard lock(home->mutex_);
    if (home->executor_ != nullptr) home->executor_->Post(Guard(home, std::move(fn)));
  }
  static Executor::TimerId PostAfter(const std::shared_ptr<Home>& home, Duration delay,
                                     std::function<void(HttpTransport&)> fn) {
    return home->executor_->PostAfter(delay, Guard(home, std::move(fn)));
  }
  void Close() {
    const std::lock_guard lock(mutex_);
    executor_ = nullptr;
    transport_ = nullptr;
  }

 private:
  static std::function<void()> Guard(std::shared_ptr<Home> home, std::function<void(HttpTransport&)> fn) {
    return [home = std::move(home), fn = std::move(fn)] {
      // Only changes on the executor, where this runs.
      if (home->transport_ != nullptr) fn(*home->transport_);
    };
  }

  std::mutex mutex_;
  Executor* executor_;
  HttpTransport* transport_;
};

struct HttpTransport::Call {
  StreamId id = 0;
  HttpRequest request;
  Done done;                           // unary
  StreamObserver* observer = nullptr;  // streams
  MonoTime started;
  std::string waits_for = "a free connection";  // for the message of a deadline
  bool in_lane = false;
  std::shared_ptr<Attempt> attempt;
  int retries = 0;
  bool refreshed = false;                // the credential, because of a 401 of this call
  std::optional<WireHead> unauthorized;  // the answer that waits for that refresh
  bool head_delivered = false;
  HttpHead head;
  Executor::TimerId deadline_timer = 0, connect_timer = 0,
                    other_timer = 0;  // other: a stream's silence, or the next retry

  bool stream() const { return observer != nullptr; }
};

}  // namespace seaworthy::api
