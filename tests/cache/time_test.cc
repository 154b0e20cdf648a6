#include "cache/time.h"

#include <gtest/gtest.h>

#include <string_view>

namespace seaworthy::cache {
namespace {

TEST(Time, ReadsWhatTheApiServerWrites) {
  EXPECT_EQ(ParseTimestamp("2026-11-01T10:00:00Z").seconds, 1793527200);
  EXPECT_EQ(ParseTimestamp("2026-11-01T10:00:00.123456Z").seconds, 1793527200);  // MicroTime
  EXPECT_EQ(ParseTimestamp("2026-11-01T12:30:00+02:30").seconds, 1793527200);
  EXPECT_EQ(ParseTimestamp("2026-11-01T08:00:00-02:00").seconds, 1793527200);
  EXPECT_EQ(ParseTimestamp("2024-02-29T23:59:59Z").seconds, 1709251199);
}

TEST(Time, KeepsTheEpochApartFromAbsence) {
  EXPECT_TRUE(ParseTimestamp("1970-01-01T00:00:00Z").set());
  EXPECT_LT(ParseTimestamp("1969-12-31T23:00:00Z").seconds, 0);
}

TEST(Time, IsUnsetForWhatIsNoTime) {
  for (std::string_view text :
       {"", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-01", "2026-11-01T10:00:00",
        "2026-11-01T25:00:00Z", "2026-11-01 10:00:00Z", "yesterday", "2026-11-01T10:00:00Zx",
        "2026-11-01T10:00:00+25:00", "20x6-11-01T10:00:00Z", "-026-11-01T10:00:00Z"}) {
    EXPECT_FALSE(ParseTimestamp(text).set()) << text;
  }
}

TEST(Time, IsClampedToAHundredYears) {
  EXPECT_EQ(ParseTimestamp("9999-12-31T23:59:59Z"), ParseTimestamp("2300-01-01T00:00:00Z"));
  EXPECT_EQ(ParseTimestamp("9999-12-31T23:59:59Z").seconds, 3'155'760'000);
  EXPECT_EQ(ParseTimestamp("0100-01-01T00:00:00Z").seconds, -3'155'760'000);
}

}  // namespace
}  // namespace seaworthy::cache
