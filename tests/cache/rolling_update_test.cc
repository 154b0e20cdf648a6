#include "seaworthy/rolling_update.h"

#include <gtest/gtest.h>

namespace seaworthy {
namespace {

constexpr IntOrPercent Number(std::int32_t value) { return {IntOrPercent::Form::kNumber, value}; }
constexpr IntOrPercent Percent(std::int32_t value) { return {IntOrPercent::Form::kPercent, value}; }

struct Case {
  const char* what;
  WorkloadClass workload_class;
  IntOrPercent surge, unavailable;
  std::int64_t replicas, want_surge, want_unavailable;
};

// The numbers are those that deployment/util, statefulset and daemon/util give.
constexpr Case kCases[] = {
    {"defaults of one", WorkloadClass::kDeployment, {}, {}, 1, 1, 0},
    {"defaults of two", WorkloadClass::kDeployment, {}, {}, 2, 1, 0},
    {"defaults of four", WorkloadClass::kDeployment, {}, {}, 4, 1, 1},
    {"surge rounds up, unavailable down", WorkloadClass::kDeployment, Percent(30), Percent(30), 5, 2, 1},
    {"both zero give one", WorkloadClass::kDeployment, Number(0), Number(0), 3, 0, 1},
    {"a small share of few and no surge give one", WorkloadClass::kDeployment, Number(0), Percent(10), 3, 0, 1},
    {"never more than there are", WorkloadClass::kDeployment, {}, Number(7), 3, 1, 3},
    {"99 % of three", WorkloadClass::kDeployment, Number(0), Percent(99), 3, 0, 2},
    {"StatefulSet default", WorkloadClass::kStatefulSet, {}, {}, 3, 0, 1},
    {"StatefulSet rounds down", WorkloadClass::kStatefulSet, {}, Percent(50), 3, 0, 1},
    {"StatefulSet takes one at least", WorkloadClass::kStatefulSet, {}, Percent(10), 3, 0, 1},
    {"DaemonSet default", WorkloadClass::kDaemonSet, {}, {}, 10, 0, 1},
    {"DaemonSet rounds up", WorkloadClass::kDaemonSet, {}, Percent(10), 11, 0, 2},
    {"DaemonSet surge", WorkloadClass::kDaemonSet, Percent(10), Number(0), 11, 2, 0},
    {"DaemonSet both zero give one", WorkloadClass::kDaemonSet, Number(0), Number(0), 3, 0, 1},
};

TEST(ResolveFenceposts, GivesTheControllersNumbers) {
  for (const Case& c : kCases) {
    Workload workload(Kind::kDeployment);
    workload.workload_class = c.workload_class;
    workload.max_surge = c.surge;
    workload.max_unavailable = c.unavailable;
    const Fenceposts posts = ResolveFenceposts(workload, c.replicas);
    EXPECT_FALSE(posts.invalid) << c.what;
    EXPECT_EQ(posts.surge, c.want_surge) << c.what;
    EXPECT_EQ(posts.unavailable, c.want_unavailable) << c.what;
  }
}

TEST(ResolveFenceposts, DoesNotGuessWhatCannotBeRead) {
  Workload workload(Kind::kDeployment);
  workload.max_surge.form = IntOrPercent::Form::kInvalid;
  EXPECT_TRUE(ResolveFenceposts(workload, 3).invalid);
}

}  // namespace
}  // namespace seaworthy
