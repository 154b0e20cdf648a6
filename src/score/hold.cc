#include "score/hold.h"

namespace seaworthy::score {

std::int64_t LastsFrom(const Check& check, const Outcome& outcome, std::int64_t now_seconds, Pending& pending) {
  // What gets worse has to last anew; what gets better has lasted at least as long.
  const bool worse = pending.verdict == Verdict::kWarn && outcome.verdict == Verdict::kFail;
  if (!pending.since.set() || worse) pending.since.seconds = now_seconds;
  pending.verdict = outcome.verdict;
  // A time from the future is another machine's clock: it must not put the verdict off for ever.
  const bool told = outcome.since.set() && outcome.since.seconds <= now_seconds;
  return (told ? outcome.since.seconds : pending.since.seconds) + std::int64_t{60} * check.hold_minutes;
}

}  // namespace seaworthy::score
