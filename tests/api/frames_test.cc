#include "api/frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "api/watch_frame.h"

namespace seaworthy::api {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Collector {
  std::vector<std::string> lines, oversized;
  std::size_t stop_after = SIZE_MAX;
  FrameSplitter::Handler handler() {
    return {[this](std::string_view line) {
              lines.emplace_back(line);
              return lines.size() < stop_after;
            },
            [this](std::string_view prefix) {
              oversized.emplace_back(prefix);
              return true;
            }};
  }
};

TEST(Frames, GivesTheSameLinesHoweverTheBytesAreCut) {
  const std::string text = "{\"a\":1}\n{\"b\":\"x\\ny\"}\r\n\n\r\n  \n{\"c\":3}\nrest";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      FrameSplitter splitter;
      Collector collector;
      const FrameSplitter::Handler handler = collector.handler();
      splitter.Feed(text.substr(0, first), handler);
      splitter.Feed(text.substr(first, second - first), handler);
      splitter.Feed(text.substr(second), handler);
      ASSERT_THAT(collector.lines, ElementsAre("{\"a\":1}", "{\"b\":\"x\\ny\"}", "{\"c\":3}"))
          << first << " " << second;
      ASSERT_TRUE(splitter.Finish());
    }
  }
}

TEST(Frames, GivesTheSameLinesByteByByteAndAtOnce) {
  std::mt19937 engine(3);
  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::string(engine() % 40, 'x') + (engine() % 3 == 0 ? "\r\n" : "\n");
  FrameSplitter at_once, bytes;
  Collector a, b;
  at_once.Feed(text, a.handler());
  for (const char c : text) bytes.Feed(std::string_view(&c, 1), b.handler());
  EXPECT_EQ(a.lines, b.lines);
  EXPECT_FALSE(at_once.Finish());
}

TEST(Frames, ReportsALineOverTheCapOnceAndBuffersNoMoreThanTheCap) {
  for (const std::size_t block : {1U, 7U, 64U, 1000U}) {
    FrameSplitter splitter(100);
    Collector collector;
    const FrameSplitter::Handler handler = collector.handler();
    const std::string text = "short\n" + std::string(350, 'y') + "\nnext\n" + std::string(100, 'z') + "\n";
    for (std::size_t at = 0; at < text.size(); at += block) {
      splitter.Feed(std::string_view(text).substr(at, block), handler);
      EXPECT_LE(splitter.buffered(), 100U);
    }
    EXPECT_THAT(collector.lines, ElementsAre("short", "next", std::string(100, 'z')));
    EXPECT_THAT(collector.oversized, ElementsAre(std::string(100, 'y')));
  }
}

TEST(Frames, AnOversizedLineAtTheEndIsAPartOfALine) {
  FrameSplitter splitter(10);
  Collector collector;
  splitter.Feed(std::string(50, 'y'), collector.handler());
  EXPECT_TRUE(splitter.Finish());
  splitter.Feed("new\n", collector.handler());
  EXPECT_THAT(collector.lines, ElementsAre("new"));
}

TEST(Frames, StopsWhenTheHandlerSaysSo) {
  FrameSplitter splitter;
  Collector collector;
  collector.stop_after = 1;
  EXPECT_FALSE(splitter.Feed("a\nb\nc\n", collector.handler()));
  EXPECT_THAT(collector.lines, ElementsAre("a"));
}

TEST(WatchFrame, FindsTheIdentityInTheBeginningOfALine) {
  const std::string line =
      R"({"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"annotations":{"name":"no","x":"{\"name\":\"no\"}"},)"
      R"("labels":{"a":["name","no"]},"name":"web-1","namespace":"shop","uid":"u-1","resourceVersion":"4711"},"spec":{"name":"no"}}})";
  const FrameIdentity identity = PeekIdentity(line);
  EXPECT_EQ(identity.type, "MODIFIED");
  EXPECT_EQ(identity.name_space, "shop");
  EXPECT_EQ(identity.name, "web-1");
  EXPECT_EQ(identity.uid, "u-1");
  EXPECT_EQ(identity.resource_version, "4711");
  // However it is cut, never something else.
  for (std::size_t end = 0; end < line.size(); ++end) {
    const FrameIdentity cut = PeekIdentity(std::string_view(line).substr(0, end));
    EXPECT_TRUE(cut.name.empty() || cut.name == "web-1") << end;
    EXPECT_TRUE(cut.name_space.empty() || cut.name_space == "shop") << end;
    EXPECT_TRUE(cut.resource_version.empty() || cut.resource_version == "4711") << end;
  }
}

TEST(WatchFrame, TakesNothingFromElsewhere) {
  for (const char* line :
       {"", "}{", "[]", "\"", R"({"object":{"spec":{"metadata":{"name":"no"}}}})", R"({"metadata":{"name":"no"}})",
        R"({"object":{"metadata":{"ownerReferences":[{"name":"no"}]}}})",
        R"({"object":{"metadata":{"name":{"name":"no"}}}})", R"({"object":[{"metadata":{"name":"no"}}]})",
        R"({"object":{"metadata":{"name":"a\u0062"}}})"}) {
    EXPECT_FALSE(PeekIdentity(line).known()) << line;
  }
  EXPECT_EQ(PeekIdentity(R"({"object":{"metadata":{"name":"a","resourceVersion":"1x"}}})").resource_version, "");
}

TEST(WatchFrame, SurvivesDeepNestingInLinearTime) {
  const std::string deep = "{\"object\":{\"metadata\":{\"x\":" + std::string(4 << 20, '[');
  EXPECT_FALSE(PeekIdentity(deep).known());
}

TEST(WatchFrame, OrdersResourceVersionsAsNumbersOfAnyLength) {
  EXPECT_LT(CompareResourceVersions("9", "10"), 0);
  EXPECT_GT(CompareResourceVersions("100", "99"), 0);
  EXPECT_EQ(CompareResourceVersions("7", "7"), 0);
  EXPECT_LT(CompareResourceVersions("99999999999999999999999998", "99999999999999999999999999"), 0);
  // What is no number of the server's has no order.
  for (const char* odd : {"", "0", "007", "1a", "-5", "abc"}) {
    EXPECT_EQ(CompareResourceVersions(odd, "5"), 0);
    EXPECT_EQ(CompareResourceVersions("5", odd), 0);
  }
}

}  // namespace
}  // namespace seaworthy::api
