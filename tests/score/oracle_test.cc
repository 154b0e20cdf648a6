// The oracle of the design: after any sequence of events the incremental state equals an evaluation from scratch with
// the same evidence at the same time; and what sinks were told is what they would be told now.
//
// SEAWORTHY_SEED=N replays one run, SEAWORTHY_SEEDS=N makes N of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cache/decode.h"
#include "cache/world.h"
#include "checks/all_checks.h"
#include "score/engine.h"
#include "sinks/audit_report/json.h"
#include "support/json.h"
#include "testing/random_cluster.h"
#include "testing/universe.h"
#include "testing/world_text.h"

namespace seaworthy {
namespace {

using testing::RandomCluster;

constexpr std::int64_t kStart = 1'790'000'000;
constexpr int kPopulate = 80, kSteps = 120, kCompareEvery = 12;
constexpr std::uint64_t kRuns = 80;

WallTime At(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

std::string FindingText(const Finding& finding) {
  return std::string(finding.check->id) + " " + std::string(VerdictName(finding.verdict)) + " " +
         std::string(SeverityName(finding.severity)) + " " + std::string(UnknownCauseName(finding.cause)) + " [" +
         std::string(finding.message) + "] " + std::string(finding.container) + " " + std::string(finding.path) +
         " since " + std::to_string(finding.since.seconds);
}

std::string SummaryText(const ScoreSummary& summary) {
  return (summary.score ? std::to_string(*summary.score) : "-") + " " + (summary.grade == 0 ? '-' : summary.grade) +
         " " + std::to_string(summary.coverage);
}

std::string RollUpText(const RollUp& roll_up) {
  return SummaryText(roll_up.summary) + " " + std::to_string(roll_up.ready) + "/" + std::to_string(roll_up.workloads) +
         " scored " + std::to_string(roll_up.scored) +
         (roll_up.lowest ? " lowest " + roll_up.lowest->ref + " " + std::to_string(roll_up.lowest->score) : "");
}

// Keeps what was published last about every subject, as text: by a name, since ids differ from world to world.
class Told final : public Sink {
 public:
  void Publish(const WorkloadReport& report) override {
    const std::string name =
        std::string(report.namespace_) + "/" + std::string(report.kind) + "/" + std::string(report.name);
    std::string text = SummaryText(report.summary) + " ready " + std::to_string(static_cast<int>(report.ready)) + " " +
                       std::string(report.ready_reason) + " tier " + std::string(TierName(report.tier)) + " owner " +
                       std::string(report.owner) + " of " + std::string(report.part_of) + " generation " +
                       std::to_string(report.generation) + " uid " + std::to_string(report.uid.high) + " " +
                       std::string(report.api_version) + " worst " +
                       std::string(report.worst == nullptr ? "" : report.worst->id);
    for (const Finding& finding : report.findings) text += "\n  " + FindingText(finding);
    Keep(report.subject, name, text, report.summary);
  }
  void Publish(const NamespaceReport& report) override {
    std::string text = RollUpText(report.roll_up) + (report.exempt ? " exempt" : "");
    for (const Finding& finding : report.findings) text += "\n  " + FindingText(finding);
    for (const BudgetFindings& budget : report.budgets) {
      for (const Finding& finding : budget.findings) text += "\n  " + budget.name + " " + FindingText(finding);
    }
    Keep(report.subject, std::string(report.name), text, report.roll_up.summary);
  }
  void Publish(const NodeReport& report) override {
    std::string text;
    for (const Finding& finding : report.findings) text += "\n  " + FindingText(finding);
    Keep(report.subject, "node " + std::string(report.name), text, {});
  }
  void Publish(const ClusterReport& report) override {
    std::string text = RollUpText(report.roll_up);
    for (const std::optional<double>& section : report.sections)
      text += section ? " " + std::to_string(*section) : " -";
    for (const Finding& finding : report.findings) text += "\n  " + FindingText(finding);
    Keep(kClusterSubject, "cluster", text, report.roll_up.summary);
  }
  void Remove(std::uint32_t subject) override {
    ASSERT_TRUE(names_.contains(subject)) << "nobody had heard of subject " << subject;
    texts_.erase(names_[subject]);
    names_.erase(subject);
  }

  const std::map<std::string, std::string>& texts() const { return texts_; }

 private:
  void Keep(std::uint32_t subject, const std::string& name, const std::string& text, const ScoreSummary& summary) {
    if (summary.score) {
      EXPECT_GE(*summary.score, 0) << name;
      EXPECT_LE(*summary.score, 100) << name;
    }
    EXPECT_GE(summary.coverage, 0) << name;
    EXPECT_LE(summary.coverage, 1 + 1e-9) << name;
    EXPECT_EQ(summary.score.has_value(), summary.grade != 0) << name;
    if (const auto known = names_.find(subject); known != names_.end())
      EXPECT_EQ(known->second, name) << "an id was used again without a removal";
    names_[subject] = name;
    texts_[name] = text;
  }

  std::map<std::uint32_t, std::string> names_;
  std::map<std::string, std::string> texts_;
};

// The first lines at which two of them part.
std::string Difference(const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b) {
  std::string roll_ups;  // of what differs because something in it does
  for (const auto& [name, text] : a) {
    const auto other = b.find(name);
    if (other == b.end()) return name + " is in the first only";
    if (text == other->second) continue;
    std::string out = name + ":";
    // Findings first: a score differs because of them.
    std::vector<std::string> lines[2];
    for (auto [from, index] : {std::pair(&text, 0), {&other->second, 1}}) {
      std::size_t begin = 0;
      for (std::size_t end; (end = from->find('\n', begin)) != std::string::npos; begin = end + 1)
        lines[index].push_back(from->substr(begin, end - begin));
      lines[index].push_back(from->substr(begin));
    }
    for (std::size_t i = std::max(lines[0].size(), lines[1].size()); i-- > 0;) {
      const std::string one = i < lines[0].size() ? lines[0][i] : "", two = i < lines[1].size() ? lines[1][i] : "";
      if (one != two) out += "\n" + one + "\n  against\n" + two;
    }
    if (name.find('/') != std::string::npos) return out;
    roll_ups += out + "\n";
  }
  for (const auto& [name, text] : b) {
    if (!a.contains(name)) return name + " is in the second only";
  }
  return roll_ups;
}

std::string LineDifference(const std::string& a, const std::string& b) {
  if (a == b) return {};
  std::size_t at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
  const auto line = [&](const std::string& text) {
    const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
    return text.substr(begin, text.find('\n', at) - begin);
  };
  return line(a) + "\n  against\n" + line(b);
}

// One that has been listening all the time, or one that comes now.
struct Auditor {
  explicit Auditor(TextPool& pool)
      : world(cache::World::Mode::kCluster, pool),
        // Cluster-wide checks run on a timer: with an interval of 0 they are due whenever something changed.
        engine(world, checks::AllChecks(), pool,
               {.scoring = {}, .cluster_interval_seconds = 0, .cluster_report_interval = {}}) {
    engine.AddSink(&told);
  }

  void Hear(std::vector<WatchEvent> events, std::int64_t now) {
    world.Tick(At(now));
    for (WatchEvent& event : events) world.Accept(std::move(event));
    for (const Touch& touch : world.TakeTouches()) engine.Accept(touch);
  }
  void Work(std::int64_t now, std::size_t slice) {
    while (engine.Step(At(now), slice)) {
    }
  }
  std::string Report() const {
    std::string out;
    sinks::audit_report::WriteJson(engine, {.generated_by = "test", .files = {}, .errors = {}, .line_of = {}},
                                   [&](std::string_view piece) { out += piece; });
    return out;
  }

  cache::World world;
  score::Engine engine;
  Told told;
};

// By kind and name.
std::map<std::string, std::uint32_t> SubjectsOf(const Snapshot& snapshot) {
  std::map<std::string, std::uint32_t> subjects;
  for (std::uint32_t id = 0; id < snapshot.SubjectLimit(); ++id) {
    const SubjectRef ref = snapshot.Subject(id);
    if (ref.workload != nullptr) {
      subjects["W " + ref.workload->ns->name.str() + "/" + ref.workload->workload->kind_name.str() + "/" +
               ref.workload->workload->meta.name.str()] = id;
    } else if (ref.budget != nullptr) {
      subjects["PDB " + ref.ns->name.str() + "/" + ref.budget->budget->meta.name.str()] = id;
    } else if (ref.ns != nullptr) {
      subjects["NS " + ref.ns->name.str()] = id;
    } else if (ref.node != nullptr) {
      subjects["N " + ref.node->name.str()] = id;
    } else if (id == kClusterSubject) {
      subjects["C"] = id;
    }
  }
  return subjects;
}

void Inherit(Auditor& heir, const Auditor& from) {
  const auto theirs = SubjectsOf(from.world), ours = SubjectsOf(heir.world);
  for (const auto& [name, id] : theirs) {
    const auto twin = ours.find(name);
    ASSERT_NE(twin, ours.end()) << name << " is a subject only to the one who was there";
    heir.engine.Restore(twin->second, from.engine.Evidence(id));
    const WorkloadRecord* record = from.world.Subject(id).workload;
    if (record == nullptr) continue;
    WorkloadRecord* own =
        heir.world.MutableWorkload(record->workload->kind_name, record->ns->name, record->workload->meta.name);
    own->delivery = record->delivery;
    own->restarts = record->restarts;
    own->smoke_test = record->smoke_test;
    own->availability =
        record->availability == nullptr ? nullptr : std::make_unique<AvailabilityEvidence>(*record->availability);
    own->usage = record->usage;
    own->logs = record->logs;
  }
  ASSERT_EQ(theirs.size(), ours.size()) << "the newcomer sees a subject that the other does not";
}

void Compare(Auditor& auditor, const RandomCluster& cluster, TextPool& pool, std::int64_t now, std::uint64_t shuffle) {
  Auditor fresh(pool);
  fresh.Hear(cluster.Retell(shuffle), now);
  ASSERT_EQ(LineDifference(testing::WorldText(auditor.world), testing::WorldText(fresh.world)), "")
      << "the indexes differ";
  ASSERT_NO_FATAL_FAILURE(Inherit(fresh, auditor));
  fresh.engine.TouchAll();
  fresh.Work(now, 100);
  ASSERT_EQ(Difference(auditor.told.texts(), fresh.told.texts()), "") << "what was published is not what is";
  ASSERT_EQ(auditor.Report(), fresh.Report());
  auditor.engine.TouchAll();
  auditor.Work(now, 100);
  ASSERT_EQ(Difference(auditor.told.texts(), fresh.told.texts()), "")
      << "a full evaluation found what the incremental one had missed";
}

// How long until something happens again: mostly a moment, now and then past a hold, a day, or just to it.
std::int64_t Pause(std::uint64_t random) {
  switch (random % 16) {
    case 0: return 600;
    case 1: return 601 + static_cast<std::int64_t>(random / 16 % 3000);
    case 2: return 90'000;
    case 3: return 299;
    default: return static_cast<std::int64_t>(random / 16 % 100);
  }
}

// As if all custom checks were in force all the time: when objects are listed again is wiring's matter.
CustomRulesPtr AllCustomRules(const ObjectDecoder& decoder) {
  const nlohmann::json text = {{"metadata", {{"name", "all"}}},
                               {"spec", {{"customChecks", testing::Universe::CustomChecks()}}}};
  support::Tree tree;
  EXPECT_TRUE(support::ParseJson(text.dump(), tree).ok());
  const Result<ObjectPtr> policy = decoder.Decode(Kind::kAuditPolicy, tree.root());
  EXPECT_TRUE(policy.ok());
  const AuditPolicy* const policies[] = {static_cast<const AuditPolicy*>(policy->get())};
  score::CustomCatalogue catalogue;
  catalogue.Update(policies);
  EXPECT_EQ(catalogue.checks().size(), testing::Universe::CustomChecks().size());
  return catalogue.rules();
}

bool Failed() { return ::testing::Test::HasFailure(); }

void Live(std::uint64_t seed) {
  TextPool pool;
  const auto decoder = cache::MakeDecoder(pool);
  decoder->Use(AllCustomRules(*decoder));
  RandomCluster cluster(seed, {"blog", "shop"}, *decoder);
  std::mt19937_64 random(seed ^ 0x5eed);
  Auditor auditor(pool);
  std::int64_t now = kStart;
  auditor.Hear(RandomCluster::Empty(), now);
  auditor.engine.TouchAll();
  for (int step = 0; step < kPopulate; ++step, now += 5) auditor.Hear(cluster.Step(now), now);
  auditor.Work(now, 10);
  for (int step = 1; step <= kSteps; ++step) {
    now += Pause(random());
    SCOPED_TRACE("step " + std::to_string(step) + ", " + cluster.last());
    auditor.Hear(cluster.Step(now), now);
    // Sometimes several changes come before the next evaluation.
    if (random() % 3 == 0 && step % kCompareEvery != 0) continue;
    auditor.Work(now, 1 + seed % 3);
    if (step % kCompareEvery == 0)
      ASSERT_NO_FATAL_FAILURE(Compare(auditor, cluster, pool, now, random())) << cluster.last();
    if (Failed()) return;
  }
  EXPECT_THAT(auditor.engine.undeclared_reads(), ::testing::IsEmpty());
}

std::vector<std::uint64_t> Seeds(std::uint64_t runs) {
  const char* one = std::getenv("SEAWORTHY_SEED");
  if (one != nullptr) return {std::strtoull(one, nullptr, 10)};
  const char* many = std::getenv("SEAWORTHY_SEEDS");
  if (many != nullptr) runs = std::strtoull(many, nullptr, 10);
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) seeds.push_back(seed);
  return seeds;
}

TEST(Oracle, IncrementalStateEqualsEvaluationFromScratch) {
  for (const std::uint64_t seed : Seeds(kRuns)) {
    ASSERT_NO_FATAL_FAILURE(Live(seed)) << "replay: SEAWORTHY_SEED=" << seed;
    ASSERT_FALSE(Failed()) << "replay: SEAWORTHY_SEED=" << seed;
  }
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

TEST(Oracle, ARenamedNamespaceChangesNothingButNames) {
  for (const std::uint64_t seed : Seeds(kRuns / 4)) {
    std::string reports[2];
    for (const int renamed : {0, 1}) {
      TextPool pool;
      const auto decoder = cache::MakeDecoder(pool);
      decoder->Use(AllCustomRules(*decoder));
      RandomCluster cluster(
          seed,
          renamed ? std::vector<std::string>{"nsa-two", "nsb-two"} : std::vector<std::string>{"nsa-one", "nsb-one"},
          *decoder);
      Auditor auditor(pool);
      std::int64_t now = kStart;
      auditor.Hear(RandomCluster::Empty(), now);
      auditor.engine.TouchAll();
      for (int step = 0; step < kPopulate + kSteps; ++step) {
        auditor.Hear(cluster.Step(now), now);
        auditor.Work(now += 50, 3);
      }
      reports[renamed] = auditor.Report();
    }
    for (const char* ns : {"nsa-", "nsb-"})
      reports[1] = Replaced(reports[1], std::string(ns) + "two", std::string(ns) + "one");
    ASSERT_EQ(LineDifference(reports[0], reports[1]), "") << "replay: SEAWORTHY_SEED=" << seed;
  }
}

}  // namespace
}  // namespace seaworthy
