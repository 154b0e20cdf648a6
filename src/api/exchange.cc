#include "api/exchange.h"

namespace seaworthy::api {

void Exchange::DeliverHead(WireHead head) {
  observer_->OnHead(std::move(head));
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  {
    const std::lock_guard lock(mutex_);
    head_delivered_ = true;
    if (aborted_ || !held_ || held_->data == nullptr) return;
    data = std::exchange(held_->data, nullptr);
    size = held_->size;
    delivering_ = true;
  }
  const bool go_on = observer_->OnBytes({reinterpret_cast<const char*>(data), size});
  {
    const std::lock_guard lock(mutex_);
    delivering_ = false;
    if (!go_on && !aborted_ && !std::exchange(resumed_, false)) return;  // Resume releases it
  }
  Release();
}

void Exchange::Resume() {
  {
    const std::lock_guard lock(mutex_);
    if (!held_ || held_->data != nullptr || delivering_) {
      resumed_ = true;
      return;
    }
  }
  Release();
}

void Exchange::Abort() {
  {
    const std::lock_guard lock(mutex_);
    aborted_ = true;
    if (delivering_) return;  // the block is being read; DeliverHead releases it
  }
  Release();
}

bool Exchange::IsAborted() {
  const std::lock_guard lock(mutex_);
  return aborted_;
}

void Exchange::Release() {
  std::optional<Held> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(held_);
  }
  if (waiting) waiting->done(waiting->size);
}

void Exchange::End(WireResult result) {
  if (IsAborted() && result.end != WireEnd::kComplete) result = {WireEnd::kAborted, "cancelled"};
  observer_->OnEnd(std::move(result));
  std::shared_ptr<void> owner;
  std::function<void()> cancel;
  const std::lock_guard lock(mutex_);
  owner.swap(owner_);
  cancel.swap(cancel_);
}

void Exchange::KeepUntilEnd(std::shared_ptr<void> owner, std::function<void()> cancel) {
  const std::lock_guard lock(mutex_);
  owner_ = std::move(owner);
  cancel_ = std::move(cancel);
}

void Exchange::MarkStarted() {
  {
    const std::lock_guard lock(mutex_);
    started_ = true;
  }
  CancelIfStarted();
}

void Exchange::CancelIfStarted() {
  std::function<void()> cancel;
  {
    const std::lock_guard lock(mutex_);
    if (!started_ || !aborted_) return;
    cancel.swap(cancel_);
  }
  if (cancel) cancel();
}

}  // namespace seaworthy::api
