#include "api/http_date.h"

#include <gtest/gtest.h>

namespace seaworthy::api {
namespace {

using namespace std::chrono_literals;

TEST(HttpDate, ReadsTheFixedForm) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT")->time_since_epoch(), 784111777s);
  EXPECT_EQ(ParseHttpDate(" Thu, 29 Feb 2024 23:59:60 GMT ")->time_since_epoch(), 1709251200s);
}

TEST(HttpDate, RefusesEverythingElse) {
  for (const char* text :
       {"", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT+1"}) {
    EXPECT_FALSE(ParseHttpDate(text).has_value()) << text;
  }
}

TEST(RetryAfter, ReadsSecondsAndDatesAndCapsBoth) {
  const WallTime now{784111777s};
  EXPECT_EQ(ParseRetryAfter("7", now), 7s);
  EXPECT_EQ(ParseRetryAfter("0", now), 0s);
  EXPECT_EQ(ParseRetryAfter("119", now), 119s);
  EXPECT_EQ(ParseRetryAfter("121", now), 120s);
  EXPECT_EQ(ParseRetryAfter("99999999999999999999999", now), 120s);
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:50:07 GMT", now), 30s);
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:00:00 GMT", now), 0s);
  EXPECT_EQ(ParseRetryAfter("Fri, 31 Dec 9999 23:59:59 GMT", now), 120s);
}

TEST(RetryAfter, IgnoresWhatItCannotRead) {
  const WallTime now{784111777s};
  for (const char* text : {"", " ", "-1", "1.5", "soon", "7s", "0x10"})
    EXPECT_FALSE(ParseRetryAfter(text, now).has_value()) << text;
}

}  // namespace
}  // namespace seaworthy::api
