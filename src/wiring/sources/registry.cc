#include "wiring/sources/registry.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "checks/common/image_reference.h"
#include "support/hash.h"
#include "support/log.h"

namespace seaworthy::wiring {

using nlohmann::json;

Registry::Registry(RegistryOptions options, RegistryClient::Connect connect, RegistryClient::Credentials credentials,
                   Executor& executor, const Clock& clock, const ObjectDecoder& decoder, WatchSink& sink,
                   Running running)
    : options_(std::move(options)),
      executor_(executor),
      clock_(clock),
      decoder_(decoder),
      sink_(sink),
      running_(std::move(running)),
      client_(std::move(connect), std::move(credentials), clock) {}

Registry::~Registry() {
  for (const Executor::TimerId timer : {look_timer_, pump_timer_, flush_timer_}) executor_.Cancel(timer);
}

void Registry::Start() {
  // What is told is told of single images from here on: their kind is known, however few they are.
  sink_.Accept({EventType::kInit, Kind::kImageConfig, nullptr, {}});
  sink_.Accept({EventType::kInitDone, Kind::kImageConfig, nullptr, {}});
  look_timer_ = executor_.PostAfter(kFlush, [this] { Look(); });
}

void Registry::Look() {
  look_timer_ = executor_.PostAfter(kLook, [this] { Look(); });
  running_([this, alive = std::weak_ptr(alive_)](std::vector<RunningImage> running) {
    if (!alive.expired()) OnRunning(std::move(running));
  });
}

std::optional<ImageAt> Registry::PlaceOf(const RunningImage& image, std::string& problem) const {
  const auto reference = checks::ParseImageReference(image.reference);
  if (!reference) {
    problem = "its reference cannot be read";
    return std::nullopt;
  }
  ImageAt at;
  at.registry = reference->registry;
  at.repository = (reference->official ? "library/" : "") + std::string(reference->repository);
  at.digest = image.digest;
  at.architecture = image.architecture.empty() ? "amd64" : image.architecture;
  if (!options_.hosts.empty() && !options_.hosts.contains(at.registry)) {
    problem = at.registry + " is not among --registry-hosts";
    return std::nullopt;
  }
  return at;
}

void Registry::OnRunning(std::vector<RunningImage> running) {
  std::set<std::string> digests;
  for (const RunningImage& image : running) {
    if (!IsDigest(image.digest)) continue;
    digests.insert(image.digest);
    if (images_.contains(image.digest)) continue;
    Image& added = images_[image.digest];
    added.done = image.known;
    std::string problem;
    if (std::optional<ImageAt> at = PlaceOf(image, problem)) {
      added.at = *std::move(at);
    } else if (!image.known) {
      added.done = true;
      Tell(image.digest, json::object({{"problem", problem}}).dump());
    }
  }
  for (auto at = images_.begin(); at != images_.end();) {
    if (digests.contains(at->first) || at->second.asking) {
      ++at;
      continue;
    }
    if (at->second.done || at->second.failures != 0) Tell(at->first, {});
    at = images_.erase(at);
  }
  Pump();
}

void Registry::Pump() {
  const MonoTime now = clock_.Now();
  MonoTime next = MonoTime::max();
  for (auto& [digest, image] : images_) {
    if (image.done || image.asking) continue;
    const auto busy = busy_until_.find(image.at.registry);
    const MonoTime due = std::max(image.not_before, busy == busy_until_.end() ? MonoTime() : busy->second);
    if (due > now) {
      next = std::min(next, due);
      continue;
    }
    if (asking_ >= kAtOnce) return;  // an answer comes here
    if (now < last_asked_ + kSpacing) {
      next = last_asked_ + kSpacing;
      break;
    }
    Ask(image);
  }
  executor_.Cancel(pump_timer_);
  pump_timer_ =
      next == MonoTime::max()
          ? 0
          : executor_.PostAfter(std::max<Duration>(next - now, std::chrono::milliseconds(100)), [this] { Pump(); });
}

void Registry::Ask(Image& image) {
  image.asking = true;
  ++asking_;
  last_asked_ = clock_.Now();
  client_.LookUp(image.at, [this, alive = std::weak_ptr(alive_), digest = image.at.digest](
                               const ImageConfig* config, const LookupFailure& failure) {
    if (!alive.expired()) OnResult(digest, config, failure);
  });
}

void Registry::OnResult(const std::string& digest, const ImageConfig* config, const LookupFailure& failure) {
  --asking_;
  Image& image = images_[digest];
  image.asking = false;
  const MonoTime now = clock_.Now();
  if (config != nullptr) {
    image.done = true;
    json fact = json::object({{"created", config->created}});
    if (const std::vector<std::string> leftovers = Leftovers(config->history); !leftovers.empty())
      fact["leftovers"] = leftovers;
    Tell(digest, fact.dump(-1, ' ', false, json::error_handler_t::replace));
  } else if (failure.busy) {
    const Duration pause = failure.pause > Duration::zero() ? failure.pause : kBusy;
    busy_until_[image.at.registry] = now + pause;
    support::log::Info("a registry wants to be left alone",
                       {{"registry", image.at.registry}, {"reason", failure.reason}});
  } else {
    ++image.failures;
    image.not_before = now + (failure.lasting ? kAgainLasting : kAgain);
    if (failure.lasting || image.failures == kTries)
      Tell(digest, json::object({{"problem", failure.reason}}).dump(-1, ' ', false, json::error_handler_t::replace));
  }
  // By way of the loop: we are inside a call of the client.
  executor_.Cancel(pump_timer_);
  pump_timer_ = executor_.PostAfter(Duration::zero(), [this] { Pump(); });
}

// An empty text: the image runs nowhere any more.
void Registry::Tell(const std::string& digest, const std::string& text) {
  json object = text.empty() ? json::object() : json::parse(text);
  object["metadata"] = json::object({{"name", digest}});
  if (!support::ParseJson(object.dump(), tree_).ok()) return;
  Result<ObjectPtr> decoded = decoder_.Decode(Kind::kImageConfig, tree_.root());
  if (!decoded.ok()) return;
  (*decoded)->meta.resource_version = support::Hash64(text) | 1;
  results_.push_back(
      {text.empty() ? EventType::kDelete : EventType::kApply, Kind::kImageConfig, *std::move(decoded), {}});
  if (flush_timer_ == 0) flush_timer_ = executor_.PostAfter(kFlush, [this] { Flush(); });
}

void Registry::Flush() {
  flush_timer_ = 0;
  for (WatchEvent& event : std::exchange(results_, {})) sink_.Accept(std::move(event));
}

}  // namespace seaworthy::wiring
