// The engine's memory of one subject, compact: there are ten thousand of them, with a hundred checks each.
#pragma once

#include <vector>

#include "score/engine.h"

namespace seaworthy::score {

struct Engine::Decided {
  Verdict verdict = Verdict::kUnknown;
  UnknownCause cause = UnknownCause::kNone;
  Severity severity = Severity::kInfo;
  bool known = false;    // evaluated at least once
  bool decided = false;  // for held checks: the verdict was decided, it is no placeholder
  Text message;          // interned: the same words recur over thousands of workloads
};

struct Engine::Entry {
  struct Detail {  // of findings that are neither pass nor na
    std::uint16_t check;
    Text container, path;
  };
  struct Since {
    std::uint16_t check;
    Timestamp since;
  };

  SubjectType type = SubjectType::kWorkload;
  bool queued = false, urgent = false, published = false;
  Tier tier = Tier::kStandard;
  Ready ready = Ready::kUnknown;
  KindSet dirty;
  std::vector<Decided> decided;  // by index in the type's list
  std::vector<Detail> details;
  std::vector<Since> since;      // when a warn or fail was first decided
  std::vector<Since> pending;    // since when a held verdict has been seen
  Timestamp motion_since;
  std::uint32_t ns = 0;          // of a workload: its namespace's subject, whose roll-up it is in
  std::int64_t timer = 0;
  ScoreSummary summary;
  SectionSums sums;
};

}  // namespace seaworthy::score
