// One watch request, from its opening to its end: cuts lines or frames, parses them, tells events from errors, notices
// silence (RELIABILITY.md 1.3). It knows the protocol and nothing of snapshots or retries; those are the watcher's,
// which owns it.
//
// Lives on its executor. The owner is told of the end last, exactly once, and may destroy the stream then; destroying
// it earlier cancels the request without a word.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/classify.h"
#include "api/frames.h"
#include "api/length_frames.h"
#include "api/watch_frame.h"
#include "seaworthy/clock.h"
#include "seaworthy/kind.h"
#include "seaworthy/transport.h"
#include "support/json.h"

namespace seaworthy::api {

enum class FrameType : std::uint8_t { kAdded, kModified, kDeleted, kBookmark, kError, kUnknown, kCount };
std::string_view FrameTypeName(FrameType type);

struct StreamEnd {
  enum class Cause : std::uint8_t {
    kClean,       // the server ended it
    kError,       // `verdict` says what to do
    kStalled,     // no byte for longer than bookmarks allow
    kNoProgress,  // no event for 30 s before the initial events were complete
    kFormat,      // protobuf that cannot be read; `verdict.message` says what. JSON is to be asked for
    kAsked,       // the owner's own verdict
  };
  Cause cause = Cause::kClean;
  Verdict verdict;
  Duration lifetime{};       // since the answer began; zero without one
  std::uint64_t frames = 0;  // events of any type, bookmarks included
  bool partial = false;      // ended in the middle of a line or frame
};

class WatchStreamOwner {
 public:
  virtual ~WatchStreamOwner() = default;
  virtual void
  OnStreamOpen() = 0;  // HTTP 200: authorized, and the server knows the resource version or says otherwise in an event
  virtual void OnFrame(FrameType type) = 0;  // counts only
  // What these return other than nullopt closes the stream and comes back as the verdict of kAsked. The node dies with
  // the call.
  virtual std::optional<Verdict> OnStreamObject(FrameType type, const support::Node& object,
                                                std::string_view resource_version) = 0;
  virtual std::optional<Verdict> OnStreamBookmark(std::string_view resource_version, bool initial_events_end) = 0;
  // The line cannot be parsed, but names its object.
  virtual std::optional<Verdict> OnStreamUnreadable(FrameType type, const FrameIdentity& identity, std::string why) = 0;
  virtual void OnStreamEnd(StreamEnd end) = 0;
};

class WatchStream : public StreamObserver {
 public:
  static constexpr Duration kSilenceWithBookmarks = std::chrono::seconds(150);
  static constexpr Duration kSilenceBeyondTimeout = std::chrono::seconds(10);
  static constexpr Duration kInitialEventsProgress = std::chrono::seconds(30);

  struct Request {
    Kind kind = Kind::kPod;
    std::string version;              // as served
    std::string collection;           // path
    std::string_view label_selector;  // of the kind table
    std::string resource_version;     // empty: the initial events first (a watch-list), which needs none
    int timeout_seconds = 300;
    bool protobuf = false;  // asked for; the server may still answer in JSON
  };
  struct Parts {
    Transport* transport = nullptr;
    Executor* executor = nullptr;
    const Clock* clock = nullptr;
    support::Tree* tree = nullptr;  // shared by all streams of the executor
  };

  WatchStream(Parts parts, Request request, WatchStreamOwner* owner);
  ~WatchStream() override;
  WatchStream(const WatchStream&) = delete;
  WatchStream& operator=(const WatchStream&) = delete;

  std::uint64_t bookmarks() const { return bookmarks_; }
  // Ends it as if the server had been silent (a probe showed that it lags behind). Tells the owner.
  void EndAsStalled();

  void OnHead(const HttpHead& head) override;
  void OnBytes(std::string_view bytes) override;
  void OnEnd(const Status& status) override;

 private:
  bool OnEvent(std::string_view bytes);
  bool OnUnparsed(std::string_view line, std::string why);
  bool OnUnreadableFormat(std::string why);
  bool IsOurKind(const support::Node& object) const;
  // Remembers why to end, for when no handler is on the stack any more; always false.
  bool Close(StreamEnd::Cause cause, Verdict verdict);
  // Cancels and tells the owner. The stream may be gone afterwards.
  void Finish();
  Duration SilenceLimit() const;
  void CheckSilence();

  const Parts parts_;
  const Request request_;
  WatchStreamOwner* const owner_;
  const std::string api_version_;
  Transport::StreamId id_ = 0;
  Executor::TimerId timer_ = 0;
  bool protobuf_ = false;  // what the answer is in
  FrameSplitter lines_;
  LengthFrames frames_in_;
  bool listing_;  // initial events are not complete yet
  std::optional<HttpHead> head_;
  bool refused_ = false;  // not a 200 of a type that can be read
  std::string refusal_;   // its body, in part
  MonoTime opened_, last_byte_, last_frame_;
  std::uint64_t frames_ = 0, bookmarks_ = 0;
  std::optional<StreamEnd> end_;
};

}  // namespace seaworthy::api
