// One exchange of a call, seen from both sides: the wire's threads put in what comes, the executor takes it out.
//
// The bytes of a stream wait here, at most a window and one block of the library's; beyond that the wire is told to
// read no further, so that TCP slows the server down (RELIABILITY.md 0c). The body of a unary call is collected whole,
// unpacked, up to the cap.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "api/inflate.h"
#include "api/wire.h"
#include "seaworthy/clock.h"

namespace seaworthy::api {

class Attempt : public WireObserver {
 public:
  struct Options {
    bool stream = false;
    std::size_t window = 0;        // streams
    std::size_t response_cap = 0;  // unary
  };
  struct News {
    std::optional<WireHead> head;
    std::string bytes;  // of a stream: all that came; of a unary call: the body, together with `end`
    Status failure;     // a limit of ours was passed; `end` may never come
    std::optional<WireResult> end;
    bool paused = false;  // the wire waits for Resume
  };

  // `notify` is called on the wire's threads when there is something to take, once until Take. Close makes it
  // unreachable.
  Attempt(Options options, const Clock* clock, std::function<void()> notify);

  void OnConnected() override;
  void OnHead(WireHead head) override;
  bool OnBytes(std::string_view bytes) override;
  void OnEnd(WireResult result) override;

  News Take();
  bool connected() const { return connected_; }
  MonoTime last_byte() const { return last_byte_; }

  Wire::Id wire_id = 0;  // for the executor side alone

 private:
  // REQUIRES: mutex_ held. The caller notifies, after unlocking, when this says so.
  bool MarkLocked();
  void CollectBodyLocked(std::string_view bytes);

  const Options options_;
  const Clock* const clock_;
  const std::function<void()> notify_;
  std::atomic<bool> connected_ = false;
  std::atomic<MonoTime> last_byte_;

  std::mutex mutex_;
  News news_;
  bool notified_ = false;
  std::string body_;
  std::unique_ptr<Inflater> inflater_;
};

}  // namespace seaworthy::api
