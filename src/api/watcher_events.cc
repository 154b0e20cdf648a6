// What a watcher does with what its stream or list brings (RELIABILITY.md 1.3): decodes, orders, hands on to the sink.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/watcher.h"

namespace seaworthy::api {
namespace {

constexpr std::size_t kUnreadableKept = 10'000;

}  // namespace

void Watcher::OnStreamOpen() {
  Progress();
  if (std::exchange(was_disconnected_, false)) parts_.host->ServerIsBack();
  auto* watching = std::get_if<Watching>(&state_);
  if (watching == nullptr) return;
  watching->open = true;
  // A server that was away may have come back with an older store, of a backup. A watch from our version says nothing
  // until that store has passed it, and then all looks well: so it is asked while it is still behind.
  if (std::exchange(store_unproven_, false)) ScheduleProbe(Between(Duration::zero(), kProbeSoon, *parts_.rng));
  // All that happened since comes now, so nothing is lost; but it comes late, and times measured across are wrong.
  if (broken_at_ && parts_.clock->Now() - *broken_at_ > kGapAfter) Tell(EventType::kGap);
  broken_at_.reset();
  TellRecovered();
}

void Watcher::OnFrame(FrameType type) {
  ++stats_.events[static_cast<std::size_t>(type)];
  Progress();
}

std::optional<Verdict> Watcher::CheckOrder(std::string_view resource_version) {
  if (CompareResourceVersions(resource_version, rv_) >= 0) return std::nullopt;
  ++stats_.version_regressions;
  // Before 1.35 the order is no promise of the server's: an alarm only.
  if (!parts_.host->server_version().ComparesVersions()) return std::nullopt;
  return Verdict{Action::kRelist, std::nullopt, "version_regression", false,
                 "an event of version " + std::string(resource_version.substr(0, 24)) + " after " + rv_};
}

void Watcher::Applied(std::string_view resource_version) {
  // With a server whose versions are not ordered it is still the last one that counts.
  rv_ = resource_version;
  suspicious_ = early_ends_ = 0;
}

std::optional<Verdict> Watcher::OnStreamObject(FrameType type, const support::Node& object,
                                               std::string_view resource_version) {
  const bool listing = std::holds_alternative<ListingByWatch>(state_);
  if (!listing) {
    if (std::optional<Verdict> verdict = CheckOrder(resource_version)) return verdict;
  }
  Result<ObjectPtr> decoded = parts_.decoder->Decode(kind_, object);
  if (!decoded.ok()) {
    const support::Node& metadata = object["metadata"];
    return OnStreamUnreadable(type,
                              {{},
                               std::string(metadata["namespace"].text()),
                               std::string(metadata["name"].text()),
                               std::string(metadata["uid"].text()),
                               std::string(resource_version)},
                              decoded.status().message());
  }
  if (type == FrameType::kDeleted) {
    TellDelete(*std::move(decoded));
  } else {
    ++collected_;
    MarkReadable(**decoded);
    Tell(listing ? EventType::kInitApply : EventType::kApply, *std::move(decoded));
  }
  // The initial events of a snapshot come in no order of versions; only the bookmark at their end counts.
  if (!listing) Applied(resource_version);
  return std::nullopt;
}

void Watcher::TellDelete(ObjectPtr object) {
  MarkReadable(*object);
  if (std::holds_alternative<ListingByWatch>(state_)) {
    deleted_in_snapshot_.push_back(std::move(object));
  } else {
    Tell(EventType::kDelete, std::move(object));
  }
}

ObjectPtr Watcher::DecodeIdentity(const FrameIdentity& identity) {
  nlohmann::json object = {{"kind", info_.name},
                           {"apiVersion", info_.group.empty() ? version_ : std::string(info_.group) + "/" + version_}};
  nlohmann::json& metadata = object["metadata"];
  metadata = {{"name", identity.name}, {"uid", identity.uid}, {"resourceVersion", identity.resource_version}};
  if (!identity.name_space.empty()) metadata["namespace"] = identity.name_space;
  const std::string text = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (!support::ParseJson(text, *parts_.small).ok()) return nullptr;
  Result<ObjectPtr> decoded = parts_.decoder->Decode(kind_, parts_.small->root());
  return decoded.ok() ? *std::move(decoded) : nullptr;
}

std::optional<Verdict> Watcher::OnStreamUnreadable(FrameType type, const FrameIdentity& identity, std::string why) {
  const bool listing = std::holds_alternative<ListingByWatch>(state_);
  if (!listing && !identity.resource_version.empty()) {
    if (std::optional<Verdict> verdict = CheckOrder(identity.resource_version)) return verdict;
  }
  if (type == FrameType::kDeleted) {
    // It is gone, readable or not; its name is enough to say so.
    ObjectPtr object = DecodeIdentity(identity);
    if (object == nullptr)
      return Verdict{Action::kRelist, std::nullopt, "decode_error", false, "a deletion that cannot be read: " + why};
    TellDelete(std::move(object));
  } else {
    TellUnreadable(identity.name_space, identity.name, why);
  }
  if (!listing && !identity.resource_version.empty()) Applied(identity.resource_version);
  return std::nullopt;
}

std::optional<Verdict> Watcher::OnStreamBookmark(std::string_view resource_version, bool initial_events_end) {
  if (auto* listing = std::get_if<ListingByWatch>(&state_)) {
    if (!initial_events_end) return std::nullopt;
    std::unique_ptr<WatchStream> stream = std::move(listing->stream);
    Enter(Watching{std::move(stream), true});
    CompleteSnapshot(std::string(resource_version));
    return std::nullopt;
  }
  if (std::optional<Verdict> verdict = CheckOrder(resource_version)) return verdict;
  Applied(resource_version);
  return std::nullopt;
}

void Watcher::OnListBegin() {
  collected_ = 0;
  unreadable_.clear();
  Tell(EventType::kInit);
}

void Watcher::OnListItem(const support::Node& item) {
  Result<ObjectPtr> decoded = parts_.decoder->Decode(kind_, item);
  if (!decoded.ok()) {
    const support::Node& metadata = item["metadata"];
    TellUnreadable(metadata["namespace"].text(), metadata["name"].text(), decoded.status().message());
    return;
  }
  ++collected_;
  Tell(EventType::kInitApply, *std::move(decoded));
}

void Watcher::OnListUnreadable(std::string detail) {
  ++stats_.unreadable;
  if (unreadable_.size() < kUnreadableKept) unreadable_.insert(detail.substr(0, detail.find(": ")));
  Tell(EventType::kUnreadable, nullptr, std::move(detail));
}

void Watcher::TellUnreadable(std::string_view name_space, std::string_view name, std::string_view why) {
  OnListUnreadable(UnreadableDetail(name_space, name, why));
}

void Watcher::MarkReadable(const Object& object) {
  if (unreadable_.empty()) return;
  const std::string key = UnreadableDetail(object.meta.namespace_, object.meta.name, "");
  unreadable_.erase(key.substr(0, key.size() - 2));
}

bool Watcher::IsUnreadable(std::string_view name_space, std::string_view name) const {
  if (unreadable_.empty()) return false;
  const std::string key = UnreadableDetail(name_space, name, "");
  return unreadable_.contains(std::string_view(key).substr(0, key.size() - 2));
}

void Watcher::OnListDone(std::string resource_version) {
  CompleteSnapshot(std::move(resource_version));
  OpenWatch();
}

void Watcher::OnListFailed(Verdict verdict) { Fail(verdict, true); }
void Watcher::OnListFormat(std::string why) { AskForJson(std::move(why)); }

void Watcher::OnStreamEnd(StreamEnd end) {
  if (end.partial) ++stats_.partial_frames;
  if (std::holds_alternative<ListingByWatch>(state_)) {
    OnSnapshotStreamEnd(end);
  } else {
    OnWatchStreamEnd(end);
  }
}

}  // namespace seaworthy::api
