#include "support/file_limit.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <limits>

namespace seaworthy::support {
namespace {

TEST(FileLimit, IsRaisedAsFarAsItMayBe) {
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = 60;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_TRUE(RaiseFileLimit(61).ok());
  rlimit after = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST(FileLimit, WhatIsNotEnoughIsSaidWithBothNumbers) {
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  if (before.rlim_max == RLIM_INFINITY) GTEST_SKIP() << "there is no limit here";
  const Status status = RaiseFileLimit(before.rlim_max + 1);
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("is " + std::to_string(before.rlim_max) + ", and"));
  setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace seaworthy::support
