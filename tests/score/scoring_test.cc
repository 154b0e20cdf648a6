// The worked examples of docs/scoring.md, read from there, and what holds for every set of findings.
#include "score/scoring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "score/engine_rig.h"

namespace seaworthy::score {
namespace {

using ::testing::HasSubstr;

// Checks that live as long as the test.
class Catalogue {
 public:
  const Check& Make(std::string_view id, Section section, Severity severity, bool penalty_only = false) {
    names_.emplace_back(id);
    Check check{.id = names_.back(), .section = section, .severity = severity, .subject = SubjectType::kWorkload};
    check.penalty_only = penalty_only;
    return checks_.emplace_back(check);
  }

 private:
  std::deque<std::string> names_;
  std::deque<Check> checks_;
};

Finding Of(const Check& check, Verdict verdict, UnknownCause cause = UnknownCause::kNone) {
  Finding finding;
  finding.check = &check;
  finding.verdict = verdict;
  finding.severity = check.severity;
  finding.cause = cause;
  return finding;
}

std::string ScoringPage() {
  std::ifstream in(SEAWORTHY_SOURCE_DIR "/docs/scoring.md");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> Cells(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream in(row);
  std::string cell;
  std::getline(in, cell, '|');
  while (std::getline(in, cell, '|')) {
    const std::size_t from = cell.find_first_not_of(' '), to = cell.find_last_not_of(' ');
    cells.push_back(from == std::string::npos ? "" : cell.substr(from, to - from + 1));
  }
  return cells;
}

// The page's table number `which` of findings, as findings. The columns weight and credit are what the reader works
// with: compared here.
std::vector<Finding> TableOf(Catalogue& catalogue, int which) {
  std::vector<Finding> findings;
  std::istringstream page(ScoringPage());
  int table = -1;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("| check | severity |")) ++table;
    if (table != which || !line.starts_with("| ") || line.starts_with("| check")) {
      if (table > which) break;
      continue;
    }
    const std::vector<std::string> cells = Cells(line);
    if (cells.size() < 6) continue;
    const bool penalty = cells[1].ends_with(", P");
    const auto severity = ParseSeverity(cells[1].substr(0, cells[1].find(',')));
    std::optional<Section> section;
    for (std::size_t i = 0; i < kSectionCount; ++i) {
      if (SectionName(static_cast<Section>(i)) == cells[2]) section = static_cast<Section>(i);
    }
    std::optional<Verdict> verdict;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Verdict::kCount); ++i) {
      if (VerdictName(static_cast<Verdict>(i)) == cells[3]) verdict = static_cast<Verdict>(i);
    }
    EXPECT_TRUE(severity && section && verdict) << line;
    if (!severity || !section || !verdict) continue;
    findings.push_back(Of(catalogue.Make(cells[0], *section, *severity, penalty), *verdict));
    const SectionSums sums = SumSections(std::span(&findings.back(), 1), {});
    const auto at = static_cast<std::size_t>(*section);
    EXPECT_EQ(sums.Weight(at), std::stod(cells[4])) << line;
    EXPECT_EQ(sums.Credit(at), std::stod(cells[5])) << line;
  }
  return findings;
}

TEST(Scoring, TheFirstWorkedExampleIsRight) {
  Catalogue catalogue;
  const std::vector<Finding> findings = TableOf(catalogue, 0);
  ASSERT_EQ(findings.size(), 6u);
  const ScoreSummary summary = Summarise(findings, {});
  EXPECT_NEAR(*summary.score, 100 * 3 / 15.6, 1e-6);
  EXPECT_EQ(summary.shown(), 19);
  EXPECT_EQ(summary.grade, 'F');
  EXPECT_NEAR(summary.coverage, 1, 1e-9);
  EXPECT_THAT(ScoringPage(), HasSubstr("100 x 3 / 15.6 = 19.2, shown as\n19, grade F"));
}

TEST(Scoring, TheSecondWorkedExampleIsRight) {
  Catalogue catalogue;
  const std::vector<Finding> findings = TableOf(catalogue, 1);
  ASSERT_EQ(findings.size(), 8u);
  const ScoreSummary summary = Summarise(findings, {});
  EXPECT_NEAR(*summary.score, 100 * 8 / 11.5, 1e-6);
  EXPECT_EQ(summary.shown(), 69);
  EXPECT_EQ(summary.grade, 'D');
  EXPECT_NEAR(summary.coverage, 13.0 / 14, 1e-9);
  std::string_view reason;
  EXPECT_EQ(ProductionReady(findings, summary, {}, reason), Ready::kFalse);
  EXPECT_EQ(reason, "CriticalCheckFailing");
  for (const char* said : {"100 x 8 / 11.5 = 69.5, shown as 69", "= 13 of 14", "0.92"})
    EXPECT_THAT(ScoringPage(), HasSubstr(said));
}

// A workload's score is said by its label; a namespace's own findings by its.
Outcome Rated(std::string_view rating) {
  return rating == "pass"   ? Outcome::Pass()
         : rating == "warn" ? Outcome::Warn("half")
         : rating == "fail" ? Outcome::Fail("none")
                            : Outcome::Na("nothing");
}
template <int n>
Outcome Digit(const Context& context) {
  return Rated(std::string_view(context.workload().meta.labels.Get("rating")).substr(0, 4 * n + 4).substr(4 * n));
}
Outcome OfNamespace(const Context& context) {
  return Rated(context.Namespace().object == nullptr ? "" : context.Namespace().object->meta.labels.Get("rating"));
}
// Five checks of one weight in sections of their own: each decides a fifth.
constexpr Check kDigits[] = {
    {.id = "a",
     .section = Section::kDesign,
     .severity = Severity::kMedium,
     .subject = SubjectType::kWorkload,
     .run = Digit<0>},
    {.id = "b",
     .section = Section::kImages,
     .severity = Severity::kMedium,
     .subject = SubjectType::kWorkload,
     .run = Digit<1>},
    {.id = "c",
     .section = Section::kHealth,
     .severity = Severity::kMedium,
     .subject = SubjectType::kWorkload,
     .run = Digit<2>},
    {.id = "d",
     .section = Section::kStorage,
     .severity = Severity::kMedium,
     .subject = SubjectType::kWorkload,
     .run = Digit<3>},
    {.id = "e",
     .section = Section::kSecurity,
     .severity = Severity::kMedium,
     .subject = SubjectType::kWorkload,
     .run = Digit<4>},
};
constexpr Check kOfNamespace = {.id = "ns",
                                .section = Section::kSecurity,
                                .severity = Severity::kMedium,
                                .subject = SubjectType::kNamespace,
                                .reads = {Kind::kNamespace},
                                .run = OfNamespace};

struct RollUpRig : EngineRig {
  RollUpRig() : EngineRig({&kDigits[0], &kDigits[1], &kDigits[2], &kDigits[3], &kDigits[4], &kOfNamespace}) {}
  void Ns(std::string_view name, std::string_view labels) {
    Apply(cache::Manifest("v1", "Namespace", "name: " + std::string(name) + ", labels: {" + std::string(labels) + "}"));
  }
  void Rate(std::string_view ns, std::string_view name, std::string_view rating) {
    Apply(cache::Manifest("apps/v1", "Deployment",
                          "name: " + std::string(name) + ", namespace: " + std::string(ns) + ", uid: " +
                              std::string(ns) + std::string(name) + ", labels: {rating: " + std::string(rating) + "}",
                          cache::Template()));
  }
};

TEST(RollUps, ANamespaceIsNineTenthsItsWorkloadsByTier) {
  RollUpRig rig;
  rig.Ns("shop", "rating: warn, seaworthy.dev/tier: standard");
  rig.Rate("shop", "a", "passpasspasspassfail");
  rig.Rate("shop", "b", "passpasspassfailfail");
  rig.Work();
  EXPECT_EQ(rig.Told("a").score, 80);
  EXPECT_EQ(rig.Told("b").score, 60);
  EXPECT_EQ(rig.Told("ns shop").score, 68) << "0.9 x 70 + 0.1 x 50";
  EXPECT_EQ(rig.Told("ns shop").grade, 'D');
  // Tiers are a namespace's: the page's example takes them as given.
  EXPECT_NEAR(0.9 * (80 + 60 + TierWeight(Tier::kCritical) * 90) /
                      (2 * TierWeight(Tier::kStandard) + TierWeight(Tier::kCritical)) +
                  0.1 * 50,
              78.8, 1e-9);
  EXPECT_THAT(ScoringPage(), HasSubstr("= 78.8, shown as 78"));
}

TEST(RollUps, ThePartThatIsThereStandsAlone) {
  RollUpRig rig;
  rig.Ns("empty", "rating: warn");
  rig.Ns("bare", "rating: na");
  rig.Rate("bare", "a", "passpasspassfailfail");
  rig.Ns("exempt", "rating: pass, seaworthy.dev/tier: exempt");
  rig.Rate("exempt", "b", "failfailfailfailfail");
  rig.Rate("kube-system", "c", "failfailfailfailfail");
  rig.Work();
  EXPECT_EQ(rig.Told("ns empty").score, 50) << "nothing runs there: its own findings alone";
  EXPECT_EQ(rig.Told("ns bare").score, 60);
  EXPECT_EQ(rig.Told("ns exempt").score, std::nullopt);
  EXPECT_EQ(rig.Told("ns kube-system").score, std::nullopt);
  EXPECT_EQ(rig.Told("b").score, 0) << "audited and shown";
  EXPECT_EQ(rig.Told("cluster").score, 60) << "neither the empty nor the exempt ones weigh anything";
  EXPECT_EQ(rig.Told("cluster").workloads, 1u);
}

TEST(RollUps, TheClusterWeighsNamespacesByTheTiersOfTheirWorkloads) {
  RollUpRig rig;
  rig.Ns("core", "rating: na, seaworthy.dev/tier: critical");
  rig.Ns("side", "rating: na, seaworthy.dev/tier: auxiliary");
  rig.Rate("core", "a", "passpasspasspasspass");
  rig.Rate("side", "b", "failfailfailfailfail");
  rig.Work();
  EXPECT_EQ(rig.Told("cluster").score, 90) << "3 x 100 of 3.3";
}

// ---------------------------------------------------------------- properties

class Random {
 public:
  explicit Random(std::uint64_t seed) : random_(seed) {}
  std::vector<Finding> Findings() {
    std::vector<Finding> findings;
    const std::size_t sections = 1 + Below(6);
    for (std::size_t i = 1 + Below(12); i > 0; --i) {
      const Check& check = catalogue_.Make("c" + std::to_string(i), static_cast<Section>(Below(sections)),
                                           static_cast<Severity>(Below(5)), Below(3) == 0);
      findings.push_back(Of(check, static_cast<Verdict>(Below(7)), static_cast<UnknownCause>(Below(9))));
    }
    return findings;
  }
  std::size_t Below(std::size_t limit) { return random_() % limit; }

 private:
  std::mt19937_64 random_;
  Catalogue catalogue_;
};

std::string Show(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += std::string(SectionName(finding.check->section)) + " " + std::string(SeverityName(finding.severity)) +
            (finding.check->penalty_only ? " P " : " ") + std::string(VerdictName(finding.verdict)) + "\n";
  }
  return text;
}

constexpr int kRounds = 3000;

TEST(ScoringProperties, TheScoreIsBetween0And100OrAbsent) {
  for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
    Random random(seed);  // has what the findings point to
    const std::vector<Finding> findings = random.Findings();
    const ScoreSummary summary = Summarise(findings, {});
    const bool any = std::any_of(findings.begin(), findings.end(), [](const Finding& f) {
      if (f.severity == Severity::kInfo) return false;
      const bool good = f.verdict == Verdict::kPass || f.verdict == Verdict::kAttested;
      return f.verdict == Verdict::kFail || f.verdict == Verdict::kWarn || (good && !f.check->penalty_only);
    });
    ASSERT_EQ(summary.score.has_value(), any) << "seed " << seed << "\n" << Show(findings);
    ASSERT_EQ(summary.grade != 0, any);
    ASSERT_GE(summary.coverage, 0);
    ASSERT_LE(summary.coverage, 1 + 1e-9);
    if (!any) continue;
    ASSERT_GE(*summary.score, 0);
    ASSERT_LE(*summary.score, 100);
  }
}

// Goodness of a verdict; those that are in neither sum have none.
int Goodness(Verdict verdict) { return verdict == Verdict::kFail ? 0 : verdict == Verdict::kWarn ? 1 : 2; }

TEST(ScoringProperties, MendingOneCheckNeverLowersTheScore) {
  for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
    Random random(seed);
    std::vector<Finding> findings = random.Findings();
    const std::vector<Finding> before = findings;
    Finding& mended = findings[random.Below(findings.size())];
    if (mended.verdict != Verdict::kFail && mended.verdict != Verdict::kWarn) continue;
    mended.verdict = mended.verdict == Verdict::kFail && random.Below(2) == 0 ? Verdict::kWarn
                     : random.Below(2) == 0                                   ? Verdict::kPass
                                                                              : Verdict::kAttested;
    const ScoreSummary old = Summarise(before, {}), now = Summarise(findings, {});
    ASSERT_GT(Goodness(mended.verdict), 0);
    // A penalty that is gone may leave nothing that is scored.
    if (now.score)
      ASSERT_GE(*now.score, *old.score - 1e-6) << "seed " << seed << "\n" << Show(before) << "\nto\n" << Show(findings);
    ASSERT_NEAR(now.coverage, old.coverage, 1e-9);
  }
}

TEST(ScoringProperties, WaivingAFailureNeverLowersTheScore) {
  for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
    Random random(seed);
    std::vector<Finding> findings = random.Findings();
    Finding& waived = findings[random.Below(findings.size())];
    if (waived.verdict != Verdict::kFail) continue;
    const ScoreSummary old = Summarise(findings, {});
    waived.verdict = Verdict::kWaived;
    const ScoreSummary now = Summarise(findings, {});
    if (now.score && old.score) ASSERT_GE(*now.score, *old.score - 1e-6) << "seed " << seed;
  }
}

TEST(ScoringProperties, APassOfAPenaltyCheckEarnsNothing) {
  for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
    Random random(seed);
    std::vector<Finding> findings = random.Findings();
    Finding& one = findings[random.Below(findings.size())];
    if (!one.check->penalty_only || one.verdict != Verdict::kUnknown) continue;
    const ScoreSummary old = Summarise(findings, {});
    one.verdict = Verdict::kPass;
    const ScoreSummary now = Summarise(findings, {});
    ASSERT_EQ(now.score.has_value(), old.score.has_value());
    if (now.score) ASSERT_NEAR(*now.score, *old.score, 1e-9);
  }
}

TEST(ScoringProperties, TheOrderOfFindingsDoesNotMatter) {
  for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
    Random random(seed);
    std::vector<Finding> findings = random.Findings();
    const ScoreSummary old = Summarise(findings, {});
    std::shuffle(findings.begin(), findings.end(), std::mt19937_64(seed));
    const ScoreSummary now = Summarise(findings, {});
    ASSERT_EQ(now.score.has_value(), old.score.has_value());
    if (now.score) ASSERT_NEAR(*now.score, *old.score, 1e-6);
    ASSERT_EQ(now.grade, old.grade);
  }
}

TEST(ScoringProperties, NoSectionCountsForMoreThanItsShare) {
  for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
    Random random(seed);
    std::vector<Finding> findings = random.Findings();
    for (Finding& finding : findings) finding.verdict = Verdict::kPass;
    double total = 0, of_first = 0;
    for (Finding& finding : findings) {
      total += SeverityWeight(finding.severity);
      if (finding.check->section != findings.front().check->section) continue;
      of_first += SeverityWeight(finding.severity);
      finding.verdict = Verdict::kUnknown;
    }
    if (total == 0) continue;
    // Coverage without the section: what it weighs is at most its share of the whole, as capped against the whole.
    double rest = 0;
    for (std::size_t s = 0; s < kSectionCount; ++s) {
      double weight = 0;
      for (const Finding& finding : findings) {
        if (finding.check->section == static_cast<Section>(s) &&
            finding.check->section != findings.front().check->section)
          weight += SeverityWeight(finding.severity);
      }
      rest += std::min(weight, kSectionShare * total);
    }
    const double first = std::min(of_first, kSectionShare * total);
    ASSERT_NEAR(Summarise(findings, {}).coverage, rest / (rest + first), 1e-9) << "seed " << seed << "\n"
                                                                               << Show(findings);
  }
}

// ---------------------------------------------------------------- grades, readiness, the worst

TEST(Grades, AreCappedByWhatFails) {
  Catalogue catalogue;
  const Check& low = catalogue.Make("low", Section::kDesign, Severity::kLow);
  std::vector<Finding> findings;
  for (std::size_t s = 0; s < 20; ++s)
    findings.push_back(
        Of(catalogue.Make("s" + std::to_string(s), static_cast<Section>(s), Severity::kCritical), Verdict::kPass));
  EXPECT_EQ(Summarise(findings, {}).grade, 'A');
  findings.push_back(Of(low, Verdict::kFail));
  EXPECT_EQ(Summarise(findings, {}).grade, 'A');
  findings.push_back(Of(catalogue.Make("high", Section::kHealth, Severity::kHigh), Verdict::kFail));
  EXPECT_EQ(Summarise(findings, {}).grade, 'C');
  findings.push_back(Of(catalogue.Make("critical", Section::kHealth, Severity::kCritical), Verdict::kFail));
  EXPECT_EQ(Summarise(findings, {}).grade, 'D');
  EXPECT_GE(*Summarise(findings, {}).score, 80) << "it is the failure that makes the grade";
}

struct ReadyCase {
  const char* what;
  Severity severity;
  Section section;
  Verdict verdict;
  UnknownCause cause;
  Ready ready;
  const char* reason;
};

TEST(Ready, FollowsTheChecklist) {
  const ReadyCase cases[] = {
      {"a critical failure", Severity::kCritical, Section::kSecurity, Verdict::kFail, UnknownCause::kNone,
       Ready::kFalse, "CriticalCheckFailing"},
      {"a high failure", Severity::kHigh, Section::kSecurity, Verdict::kFail, UnknownCause::kNone, Ready::kFalse,
       "HighCheckFailing"},
      {"a medium failure", Severity::kMedium, Section::kSecurity, Verdict::kFail, UnknownCause::kNone, Ready::kTrue,
       "ChecksPassed"},
      {"a waived critical one", Severity::kCritical, Section::kSecurity, Verdict::kWaived, UnknownCause::kNone,
       Ready::kTrue, "ChecksPassed"},
      {"a high warning", Severity::kHigh, Section::kSecurity, Verdict::kWarn, UnknownCause::kNone, Ready::kTrue,
       "ChecksPassed"},
      {"a denied vital source", Severity::kHigh, Section::kReplicas, Verdict::kUnknown, UnknownCause::kDenied,
       Ready::kUnknown, "SourceDegraded"},
      {"a vital source that has not answered", Severity::kCritical, Section::kBackups, Verdict::kUnknown,
       UnknownCause::kPending, Ready::kUnknown, "SourceDegraded"},
      {"a denied source of little weight", Severity::kMedium, Section::kHealth, Verdict::kUnknown,
       UnknownCause::kDenied, Ready::kTrue, "ChecksPassed"},
      {"a denied source elsewhere", Severity::kHigh, Section::kImages, Verdict::kUnknown, UnknownCause::kDenied,
       Ready::kTrue, "ChecksPassed"},
      {"nothing observed yet", Severity::kHigh, Section::kDisruption, Verdict::kUnknown, UnknownCause::kNotObserved,
       Ready::kTrue, "ChecksPassed"},
  };
  for (const ReadyCase& one : cases) {
    Catalogue catalogue;
    std::vector<Finding> findings;
    for (std::size_t s = 0; s < 20; ++s)
      findings.push_back(
          Of(catalogue.Make("s" + std::to_string(s), static_cast<Section>(s), Severity::kCritical), Verdict::kPass));
    findings.push_back(Of(catalogue.Make("case", one.section, one.severity), one.verdict, one.cause));
    std::string_view reason;
    EXPECT_EQ(ProductionReady(findings, Summarise(findings, {}), {}, reason), one.ready) << one.what;
    EXPECT_EQ(reason, one.reason) << one.what;
    ScoringOptions offline;
    offline.offline = true;
    EXPECT_NE(ProductionReady(findings, Summarise(findings, {}), offline, reason), Ready::kTrue)
        << "a scan is never ready: " << one.what;
  }
}

TEST(Ready, NeedsAScoreAndCoverage) {
  Catalogue catalogue;
  const Check& a = catalogue.Make("a", Section::kDesign, Severity::kMedium);
  const Check& b = catalogue.Make("b", Section::kImages, Severity::kMedium);
  std::string_view reason;
  const auto ready = [&](std::vector<Finding> findings) {
    return ProductionReady(findings, Summarise(findings, {}), {}, reason);
  };
  EXPECT_EQ(ready({Of(a, Verdict::kPass), Of(b, Verdict::kFail)}), Ready::kFalse);
  EXPECT_EQ(reason, "ScoreUnderThreshold");
  EXPECT_EQ(ready({Of(a, Verdict::kPass), Of(b, Verdict::kUnknown)}), Ready::kUnknown);
  EXPECT_EQ(reason, "CoverageUnderFloor");
  EXPECT_EQ(ready({Of(a, Verdict::kNa)}), Ready::kUnknown);
  EXPECT_EQ(reason, "NothingScored");
}

TEST(Profile, StarterScoresOnlyWhatIsGrave) {
  Catalogue catalogue;
  ScoringOptions starter;
  starter.scored_from = Severity::kHigh;
  const std::vector<Finding> findings = {Of(catalogue.Make("a", Section::kDesign, Severity::kMedium), Verdict::kFail),
                                         Of(catalogue.Make("b", Section::kImages, Severity::kHigh), Verdict::kPass)};
  EXPECT_EQ(Summarise(findings, starter).shown(), 100);
  EXPECT_LT(*Summarise(findings, {}).shown(), 100);
}

TEST(Worst, IsTheGravestFailureThenTheGravestWarning) {
  Catalogue catalogue;
  const Check& info = catalogue.Make("info", Section::kDesign, Severity::kInfo);
  const Check& low = catalogue.Make("low", Section::kDesign, Severity::kLow);
  const Check& high = catalogue.Make("high", Section::kDesign, Severity::kHigh);
  const Check& twin = catalogue.Make("twin", Section::kDesign, Severity::kHigh);
  const auto worst = [](std::vector<Finding> findings) { return Worst(findings); };
  EXPECT_EQ(worst({Of(info, Verdict::kFail)}), nullptr) << "shown, not scored";
  EXPECT_EQ(worst({Of(low, Verdict::kPass), Of(high, Verdict::kUnknown)}), nullptr);
  EXPECT_EQ(worst({Of(high, Verdict::kWarn), Of(low, Verdict::kFail)}), &low);
  EXPECT_EQ(worst({Of(low, Verdict::kFail), Of(high, Verdict::kFail), Of(twin, Verdict::kFail)}), &high);
  EXPECT_EQ(worst({Of(low, Verdict::kWarn), Of(twin, Verdict::kWarn)}), &twin);
}

TEST(Count, IsByVerdictAndSeverity) {
  Catalogue catalogue;
  const Check& low = catalogue.Make("low", Section::kDesign, Severity::kLow);
  const std::vector<Finding> findings = {Of(low, Verdict::kFail), Of(low, Verdict::kFail), Of(low, Verdict::kNa)};
  const FindingCounts counts = Count(findings);
  EXPECT_EQ(counts[static_cast<std::size_t>(Verdict::kFail)][static_cast<std::size_t>(Severity::kLow)], 2);
  EXPECT_EQ(counts[static_cast<std::size_t>(Verdict::kNa)][static_cast<std::size_t>(Severity::kLow)], 1);
}

}  // namespace
}  // namespace seaworthy::score
