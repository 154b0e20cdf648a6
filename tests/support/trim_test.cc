#include "support/trim.h"

#include <gtest/gtest.h>

namespace seaworthy::support {
namespace {

TEST(TrimTest, TakesTheBlanksOfBothEndsAndNoOthers) {
  EXPECT_EQ(Trim("  a b \t", kSpacesAndTabs), "a b");
  EXPECT_EQ(Trim(" \ta\n", kSpaces), "\ta\n");
  EXPECT_EQ(Trim("\r\n a \r\n", kBlanks), "a");
  EXPECT_EQ(Trim("a", kBlanks), "a");
}

TEST(TrimTest, LeavesNothingOfBlanks) {
  EXPECT_EQ(Trim("", kBlanks), "");
  EXPECT_EQ(Trim(" \t\r\n", kBlanks), "");
}

}  // namespace
}  // namespace seaworthy::support
