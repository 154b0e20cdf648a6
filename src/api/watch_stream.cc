#include "api/watch_stream.h"

#include <algorithm>
#include <utility>

#include "api/kubernetes_protobuf.h"
#include "api/url.h"

namespace seaworthy::api {
namespace {

constexpr Duration kHeadDeadline = std::chrono::seconds(30);
constexpr std::size_t kRefusalCap = 64 * 1024;

std::string Target(const WatchStream::Request& request) {
  Query query;
  query.Add("watch", "1").AddFlag("allowWatchBookmarks", true).AddInt("timeoutSeconds", request.timeout_seconds);
  if (!request.label_selector.empty()) query.Add("labelSelector", request.label_selector);
  if (request.resource_version.empty()) {
    // No resourceVersion at all: that is the consistent read. "0" would be the state of whenever, and is forbidden in
    // this code base (k/k #59848; kube-rs sends it here).
    query.AddFlag("sendInitialEvents", true).Add("resourceVersionMatch", "NotOlderThan");
  } else {
    query.Add("resourceVersion", request.resource_version);
  }
  return request.collection + query.str();
}

FrameType TypeOf(std::string_view name) {
  if (name == "ADDED") return FrameType::kAdded;
  if (name == "MODIFIED") return FrameType::kModified;
  if (name == "DELETED") return FrameType::kDeleted;
  if (name == "BOOKMARK") return FrameType::kBookmark;
  if (name == "ERROR") return FrameType::kError;
  return FrameType::kUnknown;
}

}  // namespace

std::string_view FrameTypeName(FrameType type) {
  switch (type) {
    case FrameType::kAdded: return "added";
    case FrameType::kModified: return "modified";
    case FrameType::kDeleted: return "deleted";
    case FrameType::kBookmark: return "bookmark";
    case FrameType::kError: return "error";
    case FrameType::kUnknown:
    case FrameType::kCount: break;
  }
  return "unknown";
}

WatchStream::WatchStream(Parts parts, Request request, WatchStreamOwner* owner)
    : parts_(parts),
      request_(std::move(request)),
      owner_(owner),
      api_version_(Info(request_.kind).group.empty() ? request_.version
                                                     : std::string(Info(request_.kind).group) + "/" + request_.version),
      listing_(request_.resource_version.empty()) {
  last_byte_ = last_frame_ = parts_.clock->Now();
  HttpRequest http{.target = Target(request_),
                   .accept = request_.protobuf ? std::string(kProtobufOrJson) : std::string(),
                   .channel = Channel::kWatch,
                   .deadline = kHeadDeadline};
  // Only the outer bound; CheckSilence below knows about bookmarks and initial events.
  http.idle_limit = std::chrono::seconds(request_.timeout_seconds) + 2 * kSilenceBeyondTimeout;
  id_ = parts_.transport->Stream(std::move(http), this);
}

WatchStream::~WatchStream() {
  parts_.executor->Cancel(timer_);
  parts_.transport->Cancel(id_);
}

void WatchStream::OnHead(const HttpHead& head) {
  head_ = head;
  opened_ = last_byte_ = last_frame_ = parts_.clock->Now();
  refused_ = ClassifyAnswer(head, {}).action != Action::kProceed;
  if (refused_) return;  // decided in OnEnd, when its body is known
  protobuf_ = IsProtobufContentType(head.content_type);
  owner_->OnStreamOpen();
  CheckSilence();
}

void WatchStream::OnBytes(std::string_view bytes) {
  last_byte_ = parts_.clock->Now();
  if (refused_) {
    refusal_.append(bytes.substr(0, kRefusalCap - std::min(kRefusalCap, refusal_.size())));
    return;
  }
  if (protobuf_) {
    const LengthFrames::Handler handler{
        [this](std::string_view frame) { return OnEvent(frame); },
        [this](std::size_t size) { OnUnreadableFormat("a frame of " + std::to_string(size >> 20) + " MiB"); }};
    if (!frames_in_.Feed(bytes, handler)) Finish();
    return;
  }
  const FrameSplitter::Handler handler{
      [this](std::string_view line) { return OnEvent(line); },
      [this](std::string_view prefix) {
        return OnUnparsed(prefix, "larger than " + std::to_string(FrameSplitter::kLineCap >> 20) + " MiB");
      }};
  if (!lines_.Feed(bytes, handler)) Finish();
}

void WatchStream::OnEnd(const Status& status) {
  if (!status.ok()) {
    Close(StreamEnd::Cause::kError, ClassifyTransportError(status));
  } else if (refused_) {
    Close(StreamEnd::Cause::kError, ClassifyAnswer(*head_, refusal_));
  } else {
    Close(StreamEnd::Cause::kClean, {});
  }
  Finish();
}

void WatchStream::EndAsStalled() {
  Close(StreamEnd::Cause::kStalled, {});
  Finish();
}

bool WatchStream::IsOurKind(const support::Node& object) const {
  return object["kind"].text() == Info(request_.kind).name && object["apiVersion"].text() == api_version_;
}

bool WatchStream::OnEvent(std::string_view bytes) {
  if (const Status parsed =
          protobuf_ ? ParseProtobufEvent(bytes, *parts_.tree) : support::ParseJson(bytes, *parts_.tree);
      !parsed.ok())
    return protobuf_ ? OnUnreadableFormat(parsed.message()) : OnUnparsed(bytes, parsed.message());
  const support::Node& root = parts_.tree->root();
  const support::Node& object = root["object"];
  const FrameType type = TypeOf(root["type"].text());
  ++frames_;
  last_frame_ = parts_.clock->Now();
  owner_->OnFrame(type);
  if (type == FrameType::kUnknown) return true;
  if (type == FrameType::kError) return Close(StreamEnd::Cause::kError, ClassifyErrorEvent(object));
  // Some other kind's object proves nothing about ours, not even its version.
  if (!IsOurKind(object)) {
    owner_->OnFrame(FrameType::kUnknown);
    return true;
  }
  const support::Node& metadata = object["metadata"];
  const std::string_view version = metadata["resourceVersion"].text();
  if (version.empty()) {
    return Close(StreamEnd::Cause::kAsked,
                 {Action::kRelist, std::nullopt, "decode_error", false, "an event without a resource version"});
  }
  std::optional<Verdict> verdict;
  if (type == FrameType::kBookmark) {
    // From the second on, silence is measured by bookmarks: the timer may have been set for the longer limit.
    if (++bookmarks_ == 2) {
      parts_.executor->Cancel(timer_);
      CheckSilence();
    }
    const bool initial_end = metadata["annotations"]["k8s.io/initial-events-end"].text() == "true";
    if (initial_end) listing_ = false;
    verdict = owner_->OnStreamBookmark(version, initial_end);
  } else {
    verdict = owner_->OnStreamObject(type, object, version);
  }
  return verdict ? Close(StreamEnd::Cause::kAsked, *std::move(verdict)) : true;
}

// Nothing of it has been applied, so the watch can go on where it was, in JSON.
bool WatchStream::OnUnreadableFormat(std::string why) {
  Verdict verdict;
  verdict.message = std::move(why);
  return Close(StreamEnd::Cause::kFormat, std::move(verdict));
}

bool WatchStream::OnUnparsed(std::string_view line, std::string why) {
  ++frames_;
  last_frame_ = parts_.clock->Now();
  const FrameIdentity identity = PeekIdentity(line);
  const FrameType type = TypeOf(identity.type);
  owner_->OnFrame(type);
  if (!identity.known()) {
    return Close(StreamEnd::Cause::kAsked,
                 {Action::kRelist, std::nullopt, "decode_error", false, "an event that cannot be read: " + why});
  }
  std::optional<Verdict> verdict = owner_->OnStreamUnreadable(type, identity, std::move(why));
  return verdict ? Close(StreamEnd::Cause::kAsked, *std::move(verdict)) : true;
}

bool WatchStream::Close(StreamEnd::Cause cause, Verdict verdict) {
  if (end_) return false;
  end_.emplace();
  end_->cause = cause;
  end_->verdict = std::move(verdict);
  end_->frames = frames_;
  end_->lifetime = head_ && !refused_ ? parts_.clock->Now() - opened_ : Duration::zero();
  return false;
}

void WatchStream::Finish() {
  parts_.executor->Cancel(timer_);
  parts_.transport->Cancel(id_);
  // Dropped however it ended: an end in the middle of a line is no line, and the server ends cleanly after it failed to
  // encode one. What we closed ourselves was not cut by anyone.
  const bool partial = protobuf_ ? frames_in_.Finish() : lines_.Finish();
  const bool closed_here = end_->cause == StreamEnd::Cause::kAsked || end_->cause == StreamEnd::Cause::kFormat;
  end_->partial = partial && !closed_here;
  owner_->OnStreamEnd(*std::move(end_));
}

Duration WatchStream::SilenceLimit() const {
  // Bookmarks come about once a minute (cacher.go), but none is promised: only a stream that has had two is held to
  // them. An idle stream without them is bounded by its own timeoutSeconds.
  if (bookmarks_ >= 2) return kSilenceWithBookmarks;
  return std::chrono::seconds(request_.timeout_seconds) + kSilenceBeyondTimeout;
}

void WatchStream::CheckSilence() {
  const MonoTime now = parts_.clock->Now();
  // By lack of progress, not by total time: 460,000 Events took about 100 s (kubernetes/perf-tests #4384). By bytes and
  // not by events, though: one event of 16 MiB on a slow link is progress.
  if (listing_ && now - std::max(last_frame_, last_byte_) >= kInitialEventsProgress) {
    Close(StreamEnd::Cause::kNoProgress, {Action::kUnsupported, std::nullopt, "no_initial_events_end", false,
                                          "no event for 30 s before the end of the initial events"});
    Finish();
    return;
  }
  if (now - last_byte_ >= SilenceLimit()) {
    EndAsStalled();
    return;
  }
  const Duration limit = listing_ ? kInitialEventsProgress : SilenceLimit();
  timer_ = parts_.executor->PostAfter(std::max<Duration>(limit - (now - last_byte_), std::chrono::milliseconds(10)),
                                      [this] { CheckSilence(); });
}

}  // namespace seaworthy::api
