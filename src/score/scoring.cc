#include "score/scoring.h"

#include <algorithm>

namespace seaworthy::score {
namespace {

int Weight(const Finding& finding, const ScoringOptions& options) {
  return finding.severity < options.scored_from ? 0 : SeverityWeight(finding.severity);
}

// What a finding adds to the score's numerator and denominator, as shares of its weight. Checks that only take away (P)
// add their loss to the denominator alone.
struct Shares {
  double credit = 0, weight = 0;
};
Shares SharesOf(const Finding& finding, Verdict verdict) {
  const bool penalty = finding.check->penalty_only;
  switch (verdict) {
    case Verdict::kPass:
    case Verdict::kAttested: return penalty ? Shares{0, 0} : Shares{1, 1};
    case Verdict::kWarn: return penalty ? Shares{0, 0.5} : Shares{0.5, 1};
    case Verdict::kFail: return {0, 1};
    default: return {0, 0};
  }
}

bool Decided(Verdict verdict) {
  return verdict == Verdict::kPass || verdict == Verdict::kWarn || verdict == Verdict::kFail ||
         verdict == Verdict::kAttested;
}

char GradeOf(double score, std::span<const Finding> findings) {
  char grade = score >= 90 ? 'A' : score >= 80 ? 'B' : score >= 70 ? 'C' : score >= 60 ? 'D' : 'F';
  for (const Finding& finding : findings) {
    if (finding.verdict != Verdict::kFail) continue;
    if (finding.severity == Severity::kHigh) grade = std::max(grade, 'C');
    if (finding.severity == Severity::kCritical) grade = std::max(grade, 'D');
  }
  return grade;
}

// Of these sections an unanswered grave question is no "ready": replicas, disruption, health, backups.
bool IsVital(Section section) {
  return section == Section::kReplicas || section == Section::kDisruption || section == Section::kHealth ||
         section == Section::kBackups;
}

}  // namespace

double TierWeight(Tier tier) {
  switch (tier) {
    case Tier::kCritical: return 3;
    case Tier::kStandard: return 1;
    case Tier::kAuxiliary: return 0.3;
    case Tier::kExempt: return 0;
  }
  return 1;
}

ScoreSummary Summarise(std::span<const Finding> findings, const ScoringOptions& options) {
  double total = 0;
  std::array<double, kSectionCount> of_section{};
  for (const Finding& finding : findings) {
    if (finding.verdict == Verdict::kNa) continue;
    const int weight = Weight(finding, options);
    total += weight;
    of_section[static_cast<std::size_t>(finding.check->section)] += weight;
  }
  const auto capped = [&](const Finding& finding) {
    const double section = of_section[static_cast<std::size_t>(finding.check->section)];
    const double share = section > 0 ? std::min(1.0, kSectionShare * total / section) : 1.0;
    return Weight(finding, options) * share;
  };
  double credit = 0, weight = 0, decided = 0, applicable = 0, waived_credit = 0, waived_weight = 0;
  for (const Finding& finding : findings) {
    if (finding.verdict == Verdict::kNa) continue;
    const double capped_weight = capped(finding);
    if (finding.verdict == Verdict::kWaived) {
      const Shares beneath = SharesOf(finding, finding.beneath);
      waived_credit += beneath.credit * capped_weight;
      waived_weight += beneath.weight * capped_weight;
      continue;
    }
    const Shares shares = SharesOf(finding, finding.verdict);
    credit += shares.credit * capped_weight;
    weight += shares.weight * capped_weight;
    applicable += capped_weight;
    if (Decided(finding.verdict)) decided += capped_weight;
  }
  ScoreSummary summary;
  summary.coverage = applicable > 0 ? decided / applicable : 0;
  if (weight <= 0) return summary;
  // A hair above an integer and a hair below must not differ by one when shown: sums of thirds and halves carry
  // rounding noise.
  summary.score = std::min(100.0, 100.0 * credit / weight + 1e-9);
  summary.grade = GradeOf(*summary.score, findings);
  if (waived_weight > 0)
    summary.unwaived_score = std::min(100.0, 100.0 * (credit + waived_credit) / (weight + waived_weight) + 1e-9);
  return summary;
}

Ready ProductionReady(std::span<const Finding> findings, const ScoreSummary& summary, const ScoringOptions& options,
                      std::string_view& reason) {
  for (const Finding& finding : findings) {
    if (finding.verdict != Verdict::kFail) continue;
    if (finding.severity == Severity::kCritical) {
      reason = "CriticalCheckFailing";
      return Ready::kFalse;
    }
  }
  for (const Finding& finding : findings) {
    if (finding.verdict == Verdict::kFail && finding.severity == Severity::kHigh) {
      reason = "HighCheckFailing";
      return Ready::kFalse;
    }
  }
  if (summary.score && *summary.score < options.threshold) {
    reason = "ScoreUnderThreshold";
    return Ready::kFalse;
  }
  if (options.offline) {
    reason = "ManifestsOnly";
    return Ready::kUnknown;
  }
  if (!summary.score) {
    reason = "NothingScored";
    return Ready::kUnknown;
  }
  if (summary.coverage < options.coverage_floor) {
    reason = "CoverageUnderFloor";
    return Ready::kUnknown;
  }
  for (const Finding& finding : findings) {
    if (finding.verdict == Verdict::kUnknown && finding.severity >= Severity::kHigh &&
        IsVital(finding.check->section) &&
        (finding.cause == UnknownCause::kDenied || finding.cause == UnknownCause::kPending ||
         finding.cause == UnknownCause::kDegraded)) {
      reason = "SourceDegraded";
      return Ready::kUnknown;
    }
  }
  reason = "ChecksPassed";
  return Ready::kTrue;
}

FindingCounts Count(std::span<const Finding> findings) {
  FindingCounts counts{};
  for (const Finding& finding : findings) {
    ++counts[static_cast<std::size_t>(finding.verdict)][static_cast<std::size_t>(finding.severity)];
  }
  return counts;
}

const Check* Worst(std::span<const Finding> findings) {
  const Finding* worst = nullptr;
  for (const Finding& finding : findings) {
    if (finding.verdict != Verdict::kFail && finding.verdict != Verdict::kWarn) continue;
    if (finding.severity == Severity::kInfo) continue;  // shown, not scored: nothing that has to be mended
    const bool worse = worst == nullptr || (finding.verdict == Verdict::kFail && worst->verdict == Verdict::kWarn) ||
                       (finding.verdict == worst->verdict && finding.severity > worst->severity);
    if (worse) worst = &finding;
  }
  return worst == nullptr ? nullptr : worst->check;
}

SectionSums SumSections(std::span<const Finding> findings, const ScoringOptions& options) {
  SectionSums sums;
  for (const Finding& finding : findings) {
    const Shares shares = SharesOf(finding, finding.verdict);
    const int weight = Weight(finding, options);
    sums.Add(finding.check->section, shares.credit * weight, shares.weight * weight);
  }
  return sums;
}

}  // namespace seaworthy::score
