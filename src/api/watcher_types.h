// What a watcher is given and what it tells about itself.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "api/discovery.h"
#include "api/watch_stream.h"
#include "seaworthy/clock.h"
#include "seaworthy/kind.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/transport.h"
#include "seaworthy/watch_event.h"
#include "support/json.h"

namespace seaworthy::api {

// Where a watcher is. Metric label values: PhaseName.
enum class Phase : std::uint8_t {
  kDiscover,         // it is not known whether the server has the kind
  kAbsent,           // it has not
  kSnapshot,         // a list is queued or coming in
  kWatch,            // following changes
  kBackoff,          // waiting after a failure; what is known stays
  kDenied,           // 403: frozen, asked again slowly
  kUnauthenticated,  // 401 that a new credential did not cure
  kStopped,
};
std::string_view PhaseName(Phase phase);

struct WatcherStats {
  Kind kind = Kind::kPod;
  Phase phase = Phase::kDiscover;
  bool synced = false;    // a first snapshot is complete, or the kind is absent: nothing to wait for
  bool degraded = false;  // denied or stalled: what is known may be wrong by now
  MonoTime last_progress;
  std::string version;           // served and watched: "v1"
  std::string resource_version;  // applied last
  std::string message;           // of the last failure; for people

  std::map<std::string_view, std::uint64_t> relists;   // by reason; the first snapshot is none
  std::map<std::string_view, std::uint64_t> restarts;  // of the watch, by reason; "eof" is the ordinary one
  std::array<std::uint64_t, static_cast<std::size_t>(FrameType::kCount)> events{};
  std::uint64_t objects = 0;  // in the last complete snapshot
  std::uint64_t unreadable = 0;
  std::uint64_t partial_frames = 0;
  std::uint64_t version_regressions = 0;  // an event or list older than what was applied
  std::uint64_t bad_content_types = 0;
  std::uint64_t very_short_watches = 0;
  std::uint64_t probes = 0;
};

// What watchers share; implemented by the WatchManager.
class WatcherHost {
 public:
  virtual ~WatcherHost() = default;
  // Calls `go` when this kind may begin its snapshot, at once or later; LeaveSnapshot before that withdraws. `first`:
  // of this kind since the process began; those run together, later ones two at a time (k/k #22669, #87794).
  virtual void EnterSnapshot(Kind kind, bool first, std::function<void()> go) = 0;
  // After the snapshot or without it; idempotent.
  virtual void LeaveSnapshot(Kind kind) = 0;
  // The collection answered 404: find out, and tell all watchers.
  virtual void RequestDiscovery() = 0;
  // A watch could be opened after its connection had failed: others that wait for the same reason need not wait on.
  virtual void ServerIsBack() = 0;
  virtual const ServerVersion& server_version() const = 0;
};

struct WatcherParts {
  Transport* transport = nullptr;
  Executor* executor = nullptr;
  const Clock* clock = nullptr;
  Rng* rng = nullptr;
  const ObjectDecoder* decoder = nullptr;
  WatchSink* sink = nullptr;
  WatcherHost* host = nullptr;
  support::Tree* tree = nullptr;   // for parsing, shared by all on the executor
  support::Tree* small = nullptr;  // another, for what is built while `tree` is in use
};

}  // namespace seaworthy::api
