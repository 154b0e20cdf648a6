// The engine's memory of one subject, compact: there are ten thousand of them, with a hundred checks each.
#pragma once

#include <algorithm>
#include <limits>

#include "score/decided.h"
#include "score/engine.h"
#include "score/hold.h"
#include "seaworthy/list.h"

namespace seaworthy::score {

struct Engine::Entry {
  explicit Entry(DecidedTable& table) : decided(table) {}

  struct Detail {  // of findings that are neither pass nor na
    std::uint16_t check = 0;
    Text container, path;
    bool operator==(const Detail&) const = default;
  };
  struct Since {
    std::uint16_t check;
    std::uint32_t seconds;  // since the epoch: until 2106

    Timestamp since() const { return {seconds}; }
    void Set(Timestamp when) {
      seconds = static_cast<std::uint32_t>(
          std::clamp<std::int64_t>(when.seconds, 0, std::numeric_limits<std::uint32_t>::max()));
    }
    static Since Of(std::size_t check, Timestamp when) {
      Since since{static_cast<std::uint16_t>(check), 0};
      since.Set(when);
      return since;
    }
  };
  struct Exempted {  // of waived and attested findings
    std::uint16_t check = 0;
    Text by;
    Timestamp until;
    bool operator==(const Exempted&) const = default;
  };

  SubjectType type = SubjectType::kWorkload;
  bool queued = false, urgent = false, published = false;
  bool stale = false;  // what was published names checks that are gone, or lacks some
  Beacons beacons{};   // how it bears on all, for each of Engine::beacons_
  Tier tier = Tier::kStandard;
  OptInt auxiliary_priority;  // what it adds to Engine::auxiliary_priorities_
  Ready ready = Ready::kUnknown;
  KindSet dirty;
  DecidedList decided;
  List<Detail> details;
  List<Since> since;      // when a warn or fail was first decided
  List<Pending> pending;  // complaints of checks that hold
  List<Exempted> exempted;
  List<Transition> transitions;  // oldest first
  std::size_t fresh_transitions = 0;
  std::uint64_t judged = 0;          // identity of the workload's spec when it was judged last; 0: never
  Timestamp changed_at;              // when that changed last
  Text changed_by;                   // the manager whose entry moved then; empty: none did
  Timestamp manager_seen;            // time of the newest manager's entry, then and since
  Text rules;                        // under which it was judged last; empty: never
  Timestamp motion_since;            // since when a rollout has been seen
  std::int64_t suspended_until = 0;  // its status is not judged before; in the past or 0: it is
  std::uint64_t identity = 0;
  std::uint32_t ns = 0;  // of a workload or budget: its namespace's subject, whose roll-up it is in
  std::int64_t timer = 0;
  ScoreSummary summary;
  SectionSums sums;
};

// Items that have the index of a check, in its order.
template <typename Items>
auto FindCheck(Items& list, std::size_t index) {
  const auto at = std::lower_bound(list.begin(), list.end(), index,
                                   [](const auto& item, std::size_t wanted) { return item.check < wanted; });
  return at == list.end() || at->check != index ? list.end() : at;
}
// REQUIRES: the list has none of that check.
template <typename Item>
Item& AddCheck(List<Item>& list, Item item) {
  const auto at = std::lower_bound(list.begin(), list.end(), item.check,
                                   [](const Item& other, std::uint16_t wanted) { return other.check < wanted; });
  return *list.insert(at, std::move(item));
}

}  // namespace seaworthy::score
