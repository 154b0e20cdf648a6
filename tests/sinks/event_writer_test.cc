#include "sinks/events/event_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinks/testing/answering_transport.h"
#include "sinks/testing/reports.h"
#include "support/canonical_json.h"
#include "support/json.h"
#include "support/manual_loop.h"

namespace seaworthy::sinks::events {
namespace {

using namespace std::chrono_literals;
using namespace sinks::testing;
using ::testing::HasSubstr;

struct EventWriterTest : ::testing::Test {
  // A report of `subject` whose checks turned just now.
  void Turn(std::uint32_t subject, std::vector<Transition> transitions) {
    names.push_back("web-" + std::to_string(subject));
    WorkloadReport report =
        Workload(subject, "shop", "Deployment", names.back(),
                 {Found(kPdb, Verdict::kFail, "no budget"), Found(kReadinessProbe, Verdict::kFail, "no probe")}, 50);
    report.generation = 7;
    report.transitions = transitions;
    report.fresh_transitions = transitions.size();
    writer.Note(report);
  }
  static Transition To(const Check& check, Verdict from, Verdict to, Cause cause = Cause::kWorkload) {
    Transition transition;
    transition.check = &check;
    transition.from = from;
    transition.to = to;
    transition.cause = cause;
    return transition;
  }
  std::string Note(std::size_t i) {
    support::Tree tree;
    EXPECT_TRUE(support::ParseJson(posts.requests.at(i).body, tree).ok());
    EXPECT_EQ(support::CanonicalJson(tree.root()), posts.requests.at(i).body);
    return std::string(tree.root()["type"].text()) + " " + std::string(tree.root()["reason"].text()) + " " +
           std::string(tree.root()["note"].text());
  }

  std::deque<std::string> names;
  support::ManualClock clock;
  support::ManualLoop loop{clock};
  bool leading = true;
  AnsweringTransport posts{201};
  EventWriter writer{[this] { return leading; },
                     [](std::string_view ns) { return "/events/" + std::string(ns); },
                     "seaworthy-0",
                     posts,
                     loop,
                     clock};
};

TEST_F(EventWriterTest, TellsWhatTurnsTogetherInOneEvent) {
  Turn(1, {To(kPdb, Verdict::kPass, Verdict::kFail)});
  loop.Advance(5s);
  Turn(1, {To(kReadinessProbe, Verdict::kWarn, Verdict::kFail)});
  EXPECT_TRUE(posts.requests.empty());
  loop.Advance(6s);
  ASSERT_EQ(posts.requests.size(), 1u);
  EXPECT_EQ(posts.requests[0].target, "/events/shop");
  EXPECT_EQ(Note(0), "Warning Regressed pdb: no budget; readiness-probe: no probe. Cause: workload (generation 7)");
  EXPECT_THAT(
      posts.requests[0].body,
      HasSubstr(R"("regarding":{"apiVersion":"apps/v1","kind":"Deployment","name":"web-1","namespace":"shop","uid":)"));
}

TEST_F(EventWriterTest, SaysNothingOfTheChecklistNorOfWhatCameBackAtOnce) {
  Turn(1, {To(kPdb, Verdict::kPass, Verdict::kFail, Cause::kChecklist)});
  Turn(2, {To(kPdb, Verdict::kPass, Verdict::kFail)});
  Turn(2, {To(kPdb, Verdict::kFail, Verdict::kPass)});
  Turn(3, {To(kPdb, Verdict::kPass, Verdict::kWarn)});
  loop.Advance(1min);
  EXPECT_TRUE(posts.requests.empty());
  Turn(2, {To(kPdb, Verdict::kFail, Verdict::kPass)});
  loop.Advance(1min);
  ASSERT_EQ(posts.requests.size(), 1u);
  EXPECT_EQ(Note(0), "Normal Mended no longer failing: pdb (generation 7)");
}

TEST_F(EventWriterTest, AClusterFullOfTurnsIsABurstAndThenATrickle) {
  for (std::uint32_t subject = 0; subject < 200; ++subject)
    Turn(subject, {To(kPdb, Verdict::kPass, Verdict::kFail, Cause::kEnvironment)});
  loop.Advance(11s);
  EXPECT_LE(posts.requests.size(), 22u);
  loop.Advance(5min);
  EXPECT_LE(posts.requests.size(), 100u);
  EXPECT_EQ(posts.requests.size() + writer.stats().dropped, 200u);
}

TEST_F(EventWriterTest, WhoLeadsNoMoreSaysNothingMore) {
  Turn(1, {To(kPdb, Verdict::kPass, Verdict::kFail)});
  leading = false;
  loop.Advance(11s);
  leading = true;
  loop.Advance(1min);
  EXPECT_TRUE(posts.requests.empty());
}

TEST_F(EventWriterTest, NamesAreUniqueAndNoLongerThanAllowed) {
  Turn(1, {To(kPdb, Verdict::kPass, Verdict::kFail)});
  loop.Advance(11s);
  Turn(1, {To(kReadinessProbe, Verdict::kPass, Verdict::kFail)});
  loop.Advance(11s);
  ASSERT_EQ(posts.requests.size(), 2u);
  support::Tree first, second;
  ASSERT_TRUE(support::ParseJson(posts.requests[0].body, first).ok());
  ASSERT_TRUE(support::ParseJson(posts.requests[1].body, second).ok());
  EXPECT_NE(first.root()["metadata"]["name"].text(), second.root()["metadata"]["name"].text());
}

}  // namespace
}  // namespace seaworthy::sinks::events
