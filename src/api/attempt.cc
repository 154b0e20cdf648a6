#include "api/attempt.h"

#include <exception>
#include <utility>

namespace seaworthy::api {

Attempt::Attempt(Options options, const Clock* clock, std::function<void()> notify)
    : options_(options), clock_(clock), notify_(std::move(notify)), last_byte_(clock->Now()) {}

bool Attempt::MarkLocked() { return !std::exchange(notified_, true); }

void Attempt::OnConnected() {
  connected_ = true;
  last_byte_ = clock_->Now();
}

void Attempt::OnHead(WireHead head) {
  connected_ = true;
  last_byte_ = clock_->Now();
  bool notify = false;
  {
    const std::lock_guard lock(mutex_);
    if (!head.content_encoding.empty() && head.content_encoding != "identity") {
      if (head.content_encoding == "gzip" && !options_.stream) {
        inflater_ = std::make_unique<Inflater>(options_.response_cap);
      } else {
        news_.failure =
            Status(Code::kUnavailable, "an answer with Content-Encoding " + head.content_encoding.substr(0, 32));
      }
    }
    news_.head = std::move(head);
    notify = MarkLocked();
  }
  if (notify) notify_();
}

void Attempt::CollectBodyLocked(std::string_view bytes) {
  if (inflater_ != nullptr) {
    news_.failure = inflater_->Append(bytes, body_);
  } else if (body_.size() + bytes.size() > options_.response_cap) {
    news_.failure = Status(Code::kResourceExhausted,
                           "the answer is larger than " + std::to_string(options_.response_cap) + " bytes");
  } else {
    body_.append(bytes);
  }
  if (!news_.failure.ok()) std::string().swap(body_);
}

bool Attempt::OnBytes(std::string_view bytes) {
  last_byte_ = clock_->Now();
  bool notify = false, go_on = true;
  try {
    const std::lock_guard lock(mutex_);
    if (!news_.failure.ok()) return true;  // being aborted: what still comes is dropped
    if (options_.stream) {
      news_.bytes.append(bytes);
      notify = MarkLocked();
      if (news_.bytes.size() >= options_.window) {
        news_.paused = true;
        go_on = false;
      }
    } else {
      CollectBodyLocked(bytes);
      if (!news_.failure.ok()) notify = MarkLocked();
    }
  } catch (const std::exception& error) {
    // The library's threads end the process on an exception.
    const std::lock_guard lock(mutex_);
    news_.failure = Status(Code::kInternal, error.what());
    notify = MarkLocked();
  }
  if (notify) notify_();
  return go_on;
}

void Attempt::OnEnd(WireResult result) {
  bool notify = false;
  {
    const std::lock_guard lock(mutex_);
    if (result.end == WireEnd::kComplete && inflater_ != nullptr && !inflater_->complete()) {
      result = {WireEnd::kBroken, "the answer's gzip is cut off"};
    }
    if (!options_.stream) news_.bytes = std::move(body_);
    news_.end = std::move(result);
    notify = MarkLocked();
  }
  if (notify) notify_();
}

Attempt::News Attempt::Take() {
  const std::lock_guard lock(mutex_);
  notified_ = false;
  News taken = std::move(news_);
  news_ = News();
  news_.failure = taken.failure;
  return taken;
}

}  // namespace seaworthy::api
