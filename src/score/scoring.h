// From verdicts to a score, a coverage, a grade and ProductionReady; worked by hand in docs/scoring.md. Pure functions.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "seaworthy/report.h"

namespace seaworthy::score {

struct ScoringOptions {
  double threshold = 80;  // ProductionReady needs this score
  double coverage_floor = 0.6;
  Severity scored_from = Severity::kLow;  // profile `starter`: kHigh; below it a check weighs nothing
  bool offline = false;                   // a scan is never ready, at best unknown
  bool operator==(const ScoringOptions&) const = default;
};

// A section may not weigh more than this share of the whole, however many of its checks apply.
inline constexpr double kSectionShare = 0.15;

// REQUIRES: the findings' checks are distinct.
ScoreSummary Summarise(std::span<const Finding> findings, const ScoringOptions& options);
Ready ProductionReady(std::span<const Finding> findings, const ScoreSummary& summary, const ScoringOptions& options,
                      std::string_view& reason);
FindingCounts Count(std::span<const Finding> findings);
// The gravest failing, else warning, check of those that are scored; the first in reference order among equals. nullptr
// when there is none.
const Check* Worst(std::span<const Finding> findings);
// Credit and weight a section, not capped: for the pooled score of a section. Weights are whole and shares of them are
// halves, so halves hold them exactly; what is more than 16 bits hold (three thousand critical checks of one section)
// counts as that.
class SectionSums {
 public:
  void Add(Section section, double credit, double weight) {
    AddTo(credit_[static_cast<std::size_t>(section)], credit);
    AddTo(weight_[static_cast<std::size_t>(section)], weight);
  }
  double Credit(std::size_t section) const { return credit_[section] / 2.0; }
  double Weight(std::size_t section) const { return weight_[section] / 2.0; }

 private:
  static void AddTo(std::uint16_t& halves, double share) {
    halves = static_cast<std::uint16_t>(std::min(halves + share * 2, 65535.0));
  }
  std::array<std::uint16_t, kSectionCount> credit_{}, weight_{};
};
SectionSums SumSections(std::span<const Finding> findings, const ScoringOptions& options);
// critical 3, standard 1, auxiliary 0.3, exempt 0.
double TierWeight(Tier tier);

}  // namespace seaworthy::score
