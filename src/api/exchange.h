// One request of the wire, between the library's threads and whoever observes it: passes on head, bytes and end, holds
// a write of the library until it may go on, and sees to it that a cancellation comes neither too early nor twice.
//
// Thread-safe. Shared by the wire, the library's request and its response buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "api/wire.h"

namespace seaworthy::api {

class Exchange {
 public:
  Exchange(Wire::Id id, std::shared_ptr<WireObserver> observer) : id_(id), observer_(std::move(observer)) {}

  Wire::Id id() const { return id_; }
  void OnConnected() { observer_->OnConnected(); }

  // A block of the body. True: taken, read on. Otherwise `later()` gave a function that is called, once, when to read
  // on; until then the block stays valid (RELIABILITY.md 0c: this is what makes TCP slow the server down). After Abort
  // it is taken and dropped.
  template <typename Later>
  bool Write(const std::uint8_t* data, std::size_t size, Later later) {
    {
      const std::lock_guard lock(mutex_);
      if (aborted_) return true;
      if (!head_delivered_) {
        held_ = Held{data, size, later()};
        return false;
      }
    }
    if (observer_->OnBytes({reinterpret_cast<const char*>(data), size})) return true;
    const std::lock_guard lock(mutex_);
    if (aborted_ || std::exchange(resumed_, false)) return true;
    held_ = Held{nullptr, size, later()};
    return false;
  }

  void DeliverHead(WireHead head);
  void Resume();
  void Abort();
  bool IsAborted();
  // Tells the observer; once. After Abort everything but a complete answer is kAborted.
  void End(WireResult result);

  // `owner` lives as long as this exchange is under way. `cancel` is called at most once, and not before MarkStarted:
  // the library answers a cancellation that comes earlier by putting the unopened connection into its pool, where it
  // fails the next request (asio_context::start_request reports the error without closing it).
  void KeepUntilEnd(std::shared_ptr<void> owner, std::function<void()> cancel);
  void MarkStarted();
  void CancelIfStarted();

 private:
  // A write that waits: for the head, which it may overtake by a hair, or for Resume.
  struct Held {
    const std::uint8_t* data = nullptr;  // nullptr: delivered already
    std::size_t size = 0;
    std::function<void(std::size_t)> done;
  };
  void Release();

  const Wire::Id id_;
  const std::shared_ptr<WireObserver> observer_;

  std::mutex mutex_;  // guards what follows; never held while something outside is called, but for `later`
  bool aborted_ = false;
  bool started_ = false;
  bool head_delivered_ = false;
  bool resumed_ = false;     // a Resume that came before its pause was noted down
  bool delivering_ = false;  // DeliverHead reads the held block: whoever releases it meanwhile leaves that to it
  std::optional<Held> held_;
  std::shared_ptr<void> owner_;
  std::function<void()> cancel_;
};

}  // namespace seaworthy::api
