#include "checks/health/restarts.h"

#include <algorithm>

namespace seaworthy::checks {

RestartHistory HistoryOf(const Pod& pod, const ContainerStatus& status, const RestartEvidence* evidence) {
  RestartHistory history;
  const std::int64_t total = status.restarts;
  if (total <= 0) return history;
  Timestamp complete = evidence != nullptr ? evidence->watched_since : Timestamp();
  if (evidence != nullptr) {
    for (const RestartEvidence::Series& series : evidence->series) {
      if (series.pod != pod.meta.uid || series.container != status.name) continue;
      history.known = series.times;
      if (series.complete_since.set()) complete = series.complete_since;
    }
  }
  std::sort(history.known.begin(), history.known.end(), [](Timestamp a, Timestamp b) { return a > b; });
  if (history.known.empty()) {
    // The status remembers one: the container that runs now started after the last restart, and the one before ended
    // then.
    const Timestamp last =
        status.running && status.running_since.set() ? status.running_since : status.last_terminated->finished;
    if (last.set()) history.known.push_back(last);
  }
  if (static_cast<std::int64_t>(history.known.size()) > total) history.known.resize(static_cast<std::size_t>(total));
  history.unseen = total - static_cast<std::int64_t>(history.known.size());
  history.earliest_unseen = pod.meta.created;
  history.latest_unseen = history.known.empty() ? Timestamp() : history.known.back();
  // With a full list the unseen ones are older than all of it. With a shorter one they happened before it began.
  if (complete.set() && history.known.size() < RestartEvidence::kKept &&
      (!history.latest_unseen.set() || complete < history.latest_unseen)) {
    history.latest_unseen = complete;
  }
  return history;
}

RestartAnswer Decide(const RestartHistory& history, const RestartRule& rule, std::int64_t now_seconds) {
  const std::int64_t cutoff = now_seconds - rule.window_seconds;
  std::int64_t certain = 0;
  while (certain < static_cast<std::int64_t>(history.known.size()) &&
         history.known[static_cast<std::size_t>(certain)].seconds > cutoff) {
    ++certain;
  }
  std::int64_t possible = certain;
  if (history.unseen > 0) {
    const bool all_inside = history.earliest_unseen.set() && history.earliest_unseen.seconds > cutoff;
    const bool some_inside = !history.latest_unseen.set() || history.latest_unseen.seconds > cutoff;
    if (some_inside) possible += history.unseen;
    if (all_inside) certain = possible;
  }
  RestartAnswer answer;
  if (certain >= rule.count) {
    answer.truth = RestartAnswer::Truth::kYes;
    // It ends when the restart that completes the count leaves the window, or the pod's beginning does.
    const auto nth = static_cast<std::size_t>(rule.count - 1);
    Timestamp oldest = nth < history.known.size() ? history.known[nth] : history.earliest_unseen;
    // Clocks of nodes differ: a container may seem to run longer than its pod exists.
    if (nth >= history.known.size() && history.latest_unseen.set()) oldest = std::min(oldest, history.latest_unseen);
    answer.changes_at = {oldest.seconds + rule.window_seconds};
  } else if (possible >= rule.count) {
    answer.truth = RestartAnswer::Truth::kPossible;
    if (history.latest_unseen.set()) answer.changes_at = {history.latest_unseen.seconds + rule.window_seconds};
  }
  return answer;
}

}  // namespace seaworthy::checks
