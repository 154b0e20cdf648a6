#include "wiring/sources/kept_usage.h"

#include <gtest/gtest.h>

#include <string>

#include "seaworthy/text.h"
#include "support/json.h"

namespace seaworthy::wiring {
namespace {

UsageEvidence Read(TextPool& pool, const std::string& text) {
  support::Tree tree;
  EXPECT_TRUE(support::ParseJson(text, tree).ok());
  return ParseUsage(tree.root(), pool);
}

TEST(KeptUsage, IsTheOtherReplicasAndTheSamplesStayOnesOwn) {
  TextPool pool;
  UsageEvidence own = Read(
      pool, R"({"at":1000,"containers":{"app":{"memory":{"p95":52428800},"minutes":1500},"side":{"minutes":10}}})");
  own.kept_marks = {3, 3};
  const std::string told = R"({"at":2000,"containers":{"app":{"memory":{"p95":104857600},"minutes":3000}}})";
  AdoptKept(own, Read(pool, told));
  EXPECT_EQ(own.kept, told);
  EXPECT_EQ(own.kept_at.seconds, 2000);
  EXPECT_EQ(own.series[0].minutes, 1500);
  EXPECT_EQ(own.kept_shown[0].days, 2);
  EXPECT_EQ(own.kept_marks[0], UsageEvidence::kUnmarked) << "what it was is not known: the next look takes it as it is";
  EXPECT_EQ(own.kept_marks[1], 0) << "the other has not kept this one";
}

}  // namespace
}  // namespace seaworthy::wiring
