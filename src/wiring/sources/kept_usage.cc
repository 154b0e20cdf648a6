#include "wiring/sources/kept_usage.h"

#include <utility>

namespace seaworthy::wiring {

void AdoptKept(UsageEvidence& usage, UsageEvidence kept) {
  if (kept.kept == usage.kept) return;
  usage.kept = std::move(kept.kept);
  usage.kept_at = kept.kept_at;
  for (std::size_t i = 0; i < usage.series.size(); ++i) {
    const UsageEvidence::Series* other = kept.Find(usage.series[i].container);
    usage.kept_shown[i] = other == nullptr ? UsageEvidence::Shown() : other->shown;
    usage.kept_marks[i] = other == nullptr ? std::uint8_t{0} : UsageEvidence::kUnmarked;
  }
}

}  // namespace seaworthy::wiring
