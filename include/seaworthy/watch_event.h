// What the API stream tells the cache. The shape is kube-rs's: a snapshot arrives between kInit and kInitDone and
// replaces what was known at once, by a diff on (key, uid, resourceVersion); between snapshots single events arrive in
// stream order.
#pragma once

#include <cstdint>
#include <string>

#include "seaworthy/kind.h"
#include "seaworthy/object.h"

namespace seaworthy {

enum class EventType : std::uint8_t {
  kInit,  // a snapshot begins: collect what follows aside, keep showing the old state; drops a collection that was not
          // finished
  kInitApply,  // one object of the snapshot; of the same key again: the later one counts
  kInitDone,   // the snapshot is complete: replace; what is in the old state only was deleted unseen, unless it came as
               // kUnreadable
  kApply,      // added or modified
  kDelete,     // removed; `object` is its last state, or only its identity. Never within a snapshot
  kUnreadable,  // the object that `detail` names exists and could not be decoded: keep the old state, its checks are
                // unknown; within a snapshot it counts as present
  kAbsent,      // proof that the kind is not served (any more): everything of it is gone, an unfinished collection too
  kDenied,      // 403: freeze what is known, the kind is degraded
  kStalled,     // no progress for 5 minutes: what is known is stale
  kDegraded,    // a kind that is asked now and then, not watched, has not been answered for minutes
  kLive,        // neither denied nor stalled any longer
  // Right before the kInitDone of any snapshot but the first: what happened since the stream broke was not observed.
  // And when a stream resumes after more than 10 s without one: its events come late. Observations that span it are
  // void.
  kGap,
};

struct WatchEvent {
  EventType type;
  Kind kind;
  ObjectPtr object;    // kInitApply, kApply, kDelete
  std::string detail;  // kDenied, kStalled, kDegraded, kAbsent: the reason; kUnreadable: "namespace/name: why" ("name:
                       // why" without one)
};

// Receives the events of all kinds, on the API executor.
class WatchSink {
 public:
  virtual ~WatchSink() = default;
  virtual void Accept(WatchEvent event) = 0;
};

}  // namespace seaworthy
