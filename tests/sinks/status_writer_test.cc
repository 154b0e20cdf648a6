#include "sinks/people/status_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seaworthy/policy.h"
#include "seaworthy/text.h"
#include "sinks/testing/answering_transport.h"
#include "support/canonical_json.h"
#include "support/json.h"
#include "support/manual_loop.h"

namespace seaworthy::sinks::people {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct StatusWriterTest : ::testing::Test {
  StatusWriterTest() {
    waiver.meta.name = pool.Intern("w");
    waiver.meta.namespace_ = pool.Intern("shop");
    waiver.meta.generation = 3;
    waiver.meta.resource_version = 41;
    answer.object = &waiver;
    answer.state = "Valid";
    answer.matched = 2;
    answer.ends = {1'795'521'600};
  }
  // The hash of the status that is to be written.
  static StatusHash HashOf(const std::string& status) {
    support::Tree tree;
    EXPECT_TRUE(support::ParseJson(status, tree).ok());
    EXPECT_EQ(support::CanonicalJson(tree.root()), status);
    const support::Hash128 hash = support::CanonicalHash(tree.root());
    return {hash.high, hash.low};
  }

  TextPool pool;
  Waiver waiver{Kind::kWaiver};
  Answer answer;
  support::ManualClock clock;
  support::ManualLoop loop{clock};
  bool leading = true;
  sinks::testing::AnsweringTransport api{200};
  StatusWriter writer{
      [this] { return leading; },
      [](Kind, std::string_view ns, std::string_view name) { return "/" + std::string(ns) + "/" + std::string(name); },
      api, loop, clock};
};

TEST_F(StatusWriterTest, WritesWhatDiffersAndNothingElse) {
  EXPECT_EQ(RenderStatus(answer),
            R"({"expires":"2026-11-24T12:00:00Z","matched":2,"observedGeneration":3,"state":"Valid"})");
  writer.Set(std::span(&answer, 1));
  ASSERT_EQ(api.requests.size(), 1u);
  EXPECT_EQ(api.requests[0].target, "/shop/w/status?fieldManager=seaworthy&force=true");
  EXPECT_THAT(
      api.requests[0].body,
      HasSubstr(R"("kind":"Waiver","metadata":{"name":"w","namespace":"shop","resourceVersion":"41"},"status":)"));
  answer.seen = HashOf(RenderStatus(answer));
  writer.Set(std::span(&answer, 1));
  EXPECT_EQ(api.requests.size(), 1u);
}

// The API server ignores a uid there (tests/sim/recorded), so the version is what tells one object from another of its
// name.
TEST_F(StatusWriterTest, AnswersAnObjectThatHasChangedOnceItIsSeen) {
  api.status = 409;
  writer.Set(std::span(&answer, 1));
  EXPECT_EQ(writer.stats().failed, 0u);
  EXPECT_EQ(writer.stats().written, 0u);
  api.status = 200;
  waiver.meta.resource_version = 44;
  writer.Set(std::span(&answer, 1));
  ASSERT_EQ(api.requests.size(), 2u) << "at once";
  EXPECT_THAT(api.requests[1].body, HasSubstr(R"("resourceVersion":"44")"));
  EXPECT_EQ(writer.stats().written, 1u);
}

TEST_F(StatusWriterTest, PausesAfterAFailureAndSaysTheLastWord) {
  api.status = 403;
  writer.Set(std::span(&answer, 1));
  EXPECT_EQ(api.requests.size(), 1u);
  answer.matched = 5;
  writer.Set(std::span(&answer, 1));
  EXPECT_EQ(api.requests.size(), 1u) << "not before the pause is over";
  api.status = 200;
  loop.Advance(6s);
  ASSERT_EQ(api.requests.size(), 2u);
  EXPECT_THAT(api.requests[1].body, HasSubstr("\"matched\":5"));
  EXPECT_EQ(writer.stats().failed, 1u);
  EXPECT_EQ(writer.stats().written, 1u);
}

TEST_F(StatusWriterTest, WhoLeadsNoMoreWritesNothingMore) {
  api.status = 503;
  writer.Set(std::span(&answer, 1));
  answer.matched = 5;
  writer.Set(std::span(&answer, 1));  // waits for the pause to end
  leading = false;
  loop.Advance(1min);
  EXPECT_EQ(api.requests.size(), 1u);
}

}  // namespace
}  // namespace seaworthy::sinks::people
