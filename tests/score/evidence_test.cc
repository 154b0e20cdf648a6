// What an audit keeps for the next start: written canonically, read with tolerance.
#include "score/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "score/engine_rig.h"

namespace seaworthy::score {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

SubjectEvidence Some() {
  SubjectEvidence evidence;
  CheckEvidence held;
  held.check = "replicas-available";
  held.shown = Verdict::kFail;
  held.decided = true;
  held.severity = Severity::kCritical;
  held.message = "no replica is \"available\"";
  held.container = "app";
  held.path = "status";
  CheckEvidence passed;
  passed.check = "pdb-sensible";
  passed.shown = Verdict::kPass;
  passed.decided = true;
  evidence.checks = {held, passed};
  return evidence;
}

TEST(Evidence, ComesBackAsItWas) {
  TextPool pool;
  WorkloadRecord record;
  record.delivery = DeliveryEvidence{
      pool.Intern("kubectl-edit"), pool.Intern("scale"), true, {1'795'000'000}, 0xfedcba9876543210ULL, true};
  const std::string text = FormatEvidence(Some(), record, kNow);
  const ParsedEvidence parsed = ParseEvidence(text, pool);
  EXPECT_EQ(parsed.delivery, record.delivery);
  ASSERT_EQ(parsed.subject.checks.size(), 2u);
  // By id: equal evidence has to give equal text, whatever the order of the checks.
  EXPECT_EQ(parsed.subject.checks[0].check, "pdb-sensible");
  EXPECT_EQ(parsed.subject.checks[1], Some().checks[0]);
  EXPECT_EQ(FormatEvidence(parsed.subject, record, kNow), text);
}

// A regression: the two were read as of two checks, and the second one took back what the first had said.
TEST(Evidence, WhatIsHeldAndWhatWasDecidedBeforeIsOfOneCheck) {
  SubjectEvidence evidence;
  CheckEvidence held;
  held.check = "spread-across-nodes";
  held.shown = Verdict::kNa;
  held.last = Verdict::kPass;
  held.decided = true;
  held.message = "fewer than 2 of its pods have a node";
  evidence.checks = {held};
  TextPool pool;
  const ParsedEvidence parsed = ParseEvidence(FormatEvidence(evidence, WorkloadRecord(), kNow), pool);
  EXPECT_THAT(parsed.subject.checks, ElementsAre(held));
}

AvailabilityEvidence Seen(TextPool& pool) {
  AvailabilityEvidence seen;
  RolloutEvidence& rollout = seen.last.emplace();
  rollout.revision = pool.Intern("14");
  rollout.started = {kNow - 300};
  rollout.ended = {kNow - 200};
  rollout.at_start = rollout.desired = 4;
  rollout.unavailable = 1;
  rollout.lowest = 3;
  rollout.lowest_at = {kNow - 250};
  rollout.endpoints = true;
  PodLoss survived, never;
  survived.lost = {kNow - 9000};
  survived.replaced = {kNow - 8980};
  survived.others = 2;
  survived.allowed_seconds = 300;
  never.lost = {kNow - 7000};
  never.allowed_seconds = 300;
  never.wanted = std::numeric_limits<std::int32_t>::max();
  seen.losses = {survived, never};
  seen.stops = "cckce";
  return seen;
}

TEST(Evidence, OfAvailabilityComesBackAsItWas) {
  TextPool pool;
  WorkloadRecord record;
  record.availability = std::make_unique<AvailabilityEvidence>(Seen(pool));
  const std::string text = FormatEvidence({}, record, kNow);
  const ParsedEvidence parsed = ParseEvidence(text, pool);
  ASSERT_TRUE(parsed.availability.has_value()) << text;
  EXPECT_EQ(*parsed.availability, Seen(pool)) << text;
  EXPECT_LT(text.size(), 400u) << "ten losses and twenty stops have to fit an object of 3 KiB";
}

TEST(Evidence, OfWhatGoesOnIsNotKept) {
  TextPool pool;
  WorkloadRecord record;
  record.availability = std::make_unique<AvailabilityEvidence>(Seen(pool));
  const std::string before = FormatEvidence({}, record, kNow);
  record.availability->current = record.availability->last;
  record.availability->current->revision = pool.Intern("15");
  PodLoss open;
  open.lost = {kNow - 10};  // more than the moment in which the news of a release may still come
  open.wanted = 3;
  open.allowed_seconds = 300;
  open.others = 1;
  record.availability->losses.push_back(open);
  EXPECT_EQ(FormatEvidence({}, record, kNow), before);
  EXPECT_NE(FormatEvidence({}, record, kNow + 291), before) << "what is overdue is judged";
  record.availability->losses.back().others = 0;
  EXPECT_NE(FormatEvidence({}, record, kNow), before) << "that no other was ready is judged at once";
  record.availability->losses.back().others = 1;
  record.availability->current->lowest = 1;
  const ParsedEvidence fallen = ParseEvidence(FormatEvidence({}, record, kNow), pool);
  EXPECT_EQ(fallen.availability->last->revision, "15") << "what fell has fallen, whatever comes";
  EXPECT_TRUE(fallen.availability->last->Fell());
}

TEST(Evidence, KeepsWhatEndedContainersThatAreGone) {
  TextPool pool;
  using Incident = RestartEvidence::Incident;
  const Incident killed{Incident::What::kOutOfMemory, pool.Intern("app"), pool.Intern("7d4f"), {1'795'000'000}};
  const Incident evicted{Incident::What::kStorageEviction, {}, pool.Intern("7d4f"), {1'795'000'100}};
  WorkloadRecord record;
  record.restarts.emplace().incidents = {evicted, killed};
  const std::string text = FormatEvidence({}, record, 0);
  EXPECT_THAT(ParseEvidence(text, pool).incidents, ElementsAre(killed, evicted));
  EXPECT_THAT(ParseEvidence(R"({"incidents":[{"what":"flood","time":5},{"what":"oom"},7]})", pool).incidents,
              IsEmpty());
  record.restarts->incidents = {killed, evicted};
  EXPECT_EQ(FormatEvidence({}, record, 0), text) << "in whatever order they came";
}

TEST(Evidence, KeepsNeitherRunningHoldsNorWhatTheFindingsSay) {
  SubjectEvidence evidence;
  CheckEvidence waiting;
  waiting.check = "a";
  waiting.pending_since = {5};
  CheckEvidence since;
  since.check = "b";
  since.shown = Verdict::kFail;
  since.since = {7};
  evidence.checks = {waiting, since};
  evidence.motion_since = {9};
  EXPECT_EQ(FormatEvidence(evidence, WorkloadRecord(), kNow), "") << "nothing to keep is nothing to write";
}

TEST(Evidence, ReadsWhatItCan) {
  TextPool pool;
  for (const char* text : {"", "{", "[]", "null", "7", "{\"held\":7}", "{\"held\":[1,2]}", "{\"delivery\":[]}",
                           "{\"held\":{\"a\":{}}}", "{\"held\":{\"a\":{\"verdict\":\"splendid\"}}}"}) {
    const ParsedEvidence parsed = ParseEvidence(text, pool);
    EXPECT_THAT(parsed.subject.checks, IsEmpty()) << text;
  }
  const ParsedEvidence parsed = ParseEvidence(
      R"({"availability":{"losses":[[1,2],[7,8,9,10],["a"],3],"rollout":7,"stops":"cXk"},"future":{"x":1},"held":{"a":{"verdict":"warn","severity":"vast","more":[1]},"b":{"verdict":"what"}},"delivery":{"manager":"helm","template":"not hex"}})",
      pool);
  ASSERT_EQ(parsed.subject.checks.size(), 1u);
  EXPECT_EQ(parsed.subject.checks[0].shown, Verdict::kWarn);
  EXPECT_TRUE(parsed.subject.checks[0].decided);
  ASSERT_TRUE(parsed.delivery.has_value());
  EXPECT_EQ(parsed.availability->losses.size(), 1u);
  EXPECT_FALSE(parsed.availability->last.has_value());
  EXPECT_EQ(parsed.availability->stops, "ck");
  EXPECT_EQ(parsed.delivery->template_hash, 0u) << "of no template, so it is about none";
}

TEST(Evidence, TakesFromTheFindingsSinceWhenTheyStand) {
  TextPool pool;
  AuditObject audit(Kind::kWorkloadAudit);
  audit.passed = pool.Intern("replicas,spread-declared");
  audit.transitions = {
      {pool.Intern("pdb"),
       pool.Intern("pass"),
       pool.Intern("fail"),
       pool.Intern("workload"),
       pool.Intern("helm"),
       7,
       {100}},
      {pool.Intern("pdb"), pool.Intern("pass"), pool.Intern("fail"), pool.Intern("by magic"), Text(), 8, {200}}};
  audit.findings = {{pool.Intern("pdb"), Text(), pool.Intern("fail"), {100}},
                    {pool.Intern("pdb-orphan"), pool.Intern("PodDisruptionBudget/web"), pool.Intern("fail"), {200}},
                    {pool.Intern("odd"), Text(), pool.Intern("splendid"), {300}},
                    {pool.Intern("undated"), Text(), pool.Intern("warn"), {}},
                    {pool.Intern("replicas-available"), Text(), pool.Intern("fail"), {400}},
                    {pool.Intern("pdb-sensible"), Text(), pool.Intern("fail"), {500}}};
  SubjectEvidence evidence = Some();
  AddAudited(evidence, audit, "");
  ASSERT_EQ(evidence.checks.size(), 6u);
  EXPECT_EQ(evidence.checks[0].since.seconds, 400) << "the held verdict is the one that the finding tells";
  EXPECT_FALSE(evidence.checks[1].since.set()) << "the held verdict is another";
  EXPECT_EQ(evidence.checks[2].check, "pdb");
  EXPECT_EQ(evidence.checks[2].since.seconds, 100);
  EXPECT_FALSE(evidence.checks[2].decided);
  EXPECT_EQ(evidence.checks[2].last, Verdict::kFail);
  EXPECT_EQ(evidence.checks[3].check, "undated");
  EXPECT_EQ(evidence.checks[3].last, Verdict::kWarn);
  EXPECT_FALSE(evidence.checks[3].since.set());
  EXPECT_EQ(evidence.checks[4].check, "replicas");
  EXPECT_EQ(evidence.checks[4].last, Verdict::kPass);
  EXPECT_EQ(evidence.checks[5].check, "spread-declared");
  ASSERT_EQ(evidence.transitions.size(), 1u) << "a cause that is none is left out";
  EXPECT_EQ(evidence.transitions[0],
            (TransitionEvidence{"pdb", Verdict::kPass, Verdict::kFail, {100}, Cause::kWorkload, 7, "helm"}));
  SubjectEvidence of_budget;
  AddAudited(of_budget, audit, "PodDisruptionBudget/web");
  ASSERT_EQ(of_budget.checks.size(), 1u) << "the list of what passed is the audit's own subject's";
  EXPECT_TRUE(of_budget.transitions.empty());
  EXPECT_EQ(of_budget.checks[0].check, "pdb-orphan");
}

// ---------------------------------------------------------------- the engine's half

Outcome OfLabel(const Context& context) {
  const std::string_view say = context.workload().meta.labels.Get("say");
  return say == "fail"   ? Outcome::Fail("it fails").At("spec.x")
         : say == "warn" ? Outcome::Warn("it warns")
                         : Outcome::Pass();
}
constexpr Check kPlain = {.id = "plain",
                          .section = Section::kHealth,
                          .severity = Severity::kHigh,
                          .subject = SubjectType::kWorkload,
                          .run = OfLabel};
constexpr Check kHeld = {.id = "held",
                         .section = Section::kHealth,
                         .severity = Severity::kHigh,
                         .subject = SubjectType::kWorkload,
                         .holds = true,
                         .run = OfLabel};

std::string Saying(std::string_view say) {
  return cache::Deployment("web", "uid: d1, labels: {say: " + std::string(say) + "}",
                           cache::Template() + "status: {replicas: 1, updatedReplicas: 1}");
}

// Through the text that an audit keeps, and the findings that it shows.
void Restart(EngineRig& from, EngineRig& to) {
  const WorkloadRecord* old = from.rig.Find("Deployment", "web");
  const WorkloadRecord* now = to.rig.Find("Deployment", "web");
  ParsedEvidence parsed = ParseEvidence(FormatEvidence(from.engine.Evidence(old->subject), *old, kNow), to.rig.pool);
  AuditObject audit(Kind::kWorkloadAudit);
  std::string passed;
  for (const auto& [check, verdict] : from.Told("web").verdicts) {
    const auto since = from.Told("web").since.find(check);
    if (verdict == Verdict::kPass) passed += (passed.empty() ? "" : ",") + check;
    if (since != from.Told("web").since.end())
      audit.findings.push_back(
          {to.rig.pool.Intern(check), Text(), to.rig.pool.Intern(VerdictName(verdict)), {since->second}});
  }
  audit.passed = to.rig.pool.Intern(passed);
  AddAudited(parsed.subject, audit, "");
  to.engine.Restore(now->subject, parsed.subject);
}

TEST(EngineEvidence, ARestartKeepsVerdictsAndTheirTimes) {
  EngineRig before({&kPlain, &kHeld}), after({&kPlain, &kHeld});
  before.Apply(Saying("fail"));
  before.Work(kNow);
  before.Work(kNow + 600);
  ASSERT_EQ(before.Told("web").verdicts.at("held"), Verdict::kFail);
  before.Apply(Saying("warn"));
  before.Work(kNow + 700);
  after.rig.Apply(Saying("warn"));
  after.rig.world.TakeTouches();
  Restart(before, after);
  after.engine.TouchAll();
  after.Work(kNow + 800);
  EXPECT_EQ(after.Told("web").since, before.Told("web").since);
  EXPECT_EQ(after.Told("web").verdicts, before.Told("web").verdicts);
  EXPECT_EQ(after.Told("web").messages, before.Told("web").messages);
}

TEST(EngineEvidence, AHeldVerdictStaysShownOverARestart) {
  EngineRig before({&kHeld}), after({&kHeld});
  before.Apply(Saying("pass"));
  before.Work(kNow);
  before.Apply(Saying("fail"));
  before.Work(kNow + 10);
  after.rig.Apply(Saying("fail"));
  after.rig.world.TakeTouches();
  Restart(before, after);
  after.engine.TouchAll();
  after.Work(kNow + 20);
  EXPECT_EQ(after.Told("web").verdicts.at("held"), Verdict::kPass);
  EXPECT_EQ(after.Told("web").score, before.Told("web").score) << "it weighs as before";
  after.Work(kNow + 619);
  EXPECT_EQ(after.Told("web").verdicts.at("held"), Verdict::kPass) << "a running hold begins anew";
  after.Work(kNow + 620);
  EXPECT_EQ(after.Told("web").verdicts.at("held"), Verdict::kFail);
}

TEST(EngineEvidence, EvidenceThatComesLateReplacesWhatWasDecided) {
  EngineRig rig({&kPlain});
  rig.Apply(Saying("fail"));
  rig.Work(kNow);
  ASSERT_EQ(rig.Told("web").since.at("plain"), kNow);
  SubjectEvidence evidence;
  CheckEvidence one;
  one.check = "plain";
  one.shown = Verdict::kFail;
  one.since = {kNow - 5000};
  CheckEvidence gone;
  gone.check = "a-check-of-another-version";
  gone.since = {1};
  evidence.checks = {gone, one};
  rig.engine.Restore(rig.rig.Find("Deployment", "web")->subject, evidence);
  rig.Work(kNow + 1);
  EXPECT_EQ(rig.engine.Evidence(rig.rig.Find("Deployment", "web")->subject).checks[0].since.seconds, kNow - 5000);
}

}  // namespace
}  // namespace seaworthy::score
