// Complaints that are read from status wait until they have lasted; that things are well is shown at once
// (docs/scoring.md).
#pragma once

#include <cstdint>

#include "seaworthy/check.h"

namespace seaworthy::score {

// A complaint that is seen, shown already or not.
struct Pending {
  std::uint16_t check = 0;              // index in the subject type's list
  Verdict verdict = Verdict::kUnknown;  // warn or fail
  Timestamp since;                      // seen so, or worse
};

// Whether the outcome is one that has to last.
inline bool MustLast(const Check& check, const Outcome& outcome) {
  return check.holds && !outcome.settled && (outcome.verdict == Verdict::kWarn || outcome.verdict == Verdict::kFail);
}

// Notes in `pending` that it is seen, and says from when on it has lasted. The object's own time decides, where there
// is one. REQUIRES: MustLast
std::int64_t LastsFrom(const Check& check, const Outcome& outcome, std::int64_t now_seconds, Pending& pending);

}  // namespace seaworthy::score
