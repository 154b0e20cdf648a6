#include "checks/health/restarts.h"

#include <gtest/gtest.h>

namespace seaworthy::checks {
namespace {

constexpr std::int64_t kNow = 1'800'000'000, kHour = 3600, kDay = 24 * kHour;
constexpr RestartRule kPerHour{3, kHour}, kPerDay{5, kDay};
using Truth = RestartAnswer::Truth;

class Restarts : public ::testing::Test {
 protected:
  Restarts() {
    pod_.meta.uid = {1, 2};
    pod_.meta.created = {kNow - 30 * kDay};
    status_.name = pool_.Intern("app");
    status_.running = true;
  }
  // Restarts that the watch saw, by how long ago they were.
  void Saw(std::initializer_list<std::int64_t> ages, std::int64_t watched_for) {
    RestartEvidence::Series series{pod_.meta.uid, status_.name, {}};
    for (std::int64_t age : ages) series.times.push_back({kNow - age});
    evidence_.series = {series};
    evidence_.watched_since = {kNow - watched_for};
  }
  RestartAnswer Ask(const RestartRule& rule, bool watched = true) const {
    return Decide(HistoryOf(pod_, status_, watched ? &evidence_ : nullptr), rule, kNow);
  }

  TextPool pool_;
  Pod pod_;
  ContainerStatus status_;
  RestartEvidence evidence_;
};

TEST_F(Restarts, NoneIsNo) { EXPECT_EQ(Ask(kPerHour).truth, Truth::kNo); }

TEST_F(Restarts, ThreeSeenWithinAnHourAreThree) {
  status_.restarts = 40;
  Saw({50 * 60, 30 * 60, 10 * 60}, kHour);
  EXPECT_EQ(Ask(kPerHour).truth, Truth::kYes);
  EXPECT_EQ(Ask(kPerHour).changes_at.seconds, kNow + 10 * 60);
}

TEST_F(Restarts, ExactlyAnHourAgoIsOver) {
  status_.restarts = 3;
  Saw({kHour, 30 * 60, 10 * 60}, kDay);
  EXPECT_EQ(Ask(kPerHour).truth, Truth::kNo);
}

TEST_F(Restarts, UnseenOnesMayHaveBeenJustBeforeTheWatch) {
  status_.restarts = 40;
  Saw({10 * 60}, 20 * 60);
  EXPECT_EQ(Ask(kPerHour).truth, Truth::kPossible);
  EXPECT_EQ(Ask(kPerHour).changes_at.seconds, kNow - 20 * 60 + kHour) << "an hour after the watch began it is certain";
}

TEST_F(Restarts, AWatchAsLongAsTheWindowExcludesUnseenOnes) {
  status_.restarts = 40;
  Saw({10 * 60}, kDay);
  EXPECT_EQ(Ask(kPerHour).truth, Truth::kNo);
  EXPECT_EQ(Ask(kPerDay).truth, Truth::kNo);
}

TEST_F(Restarts, FiveKnownDecideWhateverTheWatch) {
  status_.restarts = 40;
  Saw({25 * kHour, 4 * kHour, 3 * kHour, 2 * kHour, kHour}, 10);
  EXPECT_EQ(Ask(kPerHour).truth, Truth::kNo);
  EXPECT_EQ(Ask(kPerDay).truth, Truth::kNo);
}

TEST_F(Restarts, TheStatusProvesOneTime) {
  status_.restarts = 40;
  status_.running_since = {kNow - 2 * kDay};
  EXPECT_EQ(Ask(kPerDay, false).truth, Truth::kNo);
  status_.running_since = {kNow - 2 * kHour};
  EXPECT_EQ(Ask(kPerHour, false).truth, Truth::kNo);
  EXPECT_EQ(Ask(kPerDay, false).truth, Truth::kPossible);
  EXPECT_EQ(Ask(kPerDay, false).changes_at.seconds, kNow + 22 * kHour);
}

TEST_F(Restarts, AYoungPodHasAllItsRestartsInTheWindow) {
  pod_.meta.created = {kNow - 40 * 60};
  status_.restarts = 3;
  status_.running_since = {kNow - 60};
  EXPECT_EQ(Ask(kPerHour, false).truth, Truth::kYes);
  EXPECT_EQ(Ask(kPerHour, false).changes_at.seconds, kNow + 20 * 60);
}

TEST_F(Restarts, WithoutAnyTimeNothingIsExcluded) {
  status_.restarts = 5;
  status_.running = false;
  EXPECT_EQ(Ask(kPerDay, false).truth, Truth::kPossible);
}

}  // namespace
}  // namespace seaworthy::checks
