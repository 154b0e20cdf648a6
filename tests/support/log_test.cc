#include "support/log.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/escape.h"
#include "support/manual_loop.h"

namespace seaworthy::support::log {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class LogTest : public ::testing::Test {
 protected:
  void Start(Format format = Format::kJson, Level level = Level::kInfo) {
    Configure({.format = format,
               .level = level,
               .writer = [this](std::string_view line) { lines_.emplace_back(line); },
               .clock = &clock_});
  }
  void TearDown() override { Configure({}); }

  // The only line, as JSON.
  nlohmann::json Line() {
    if (lines_.size() != 1) return "not one line";
    return nlohmann::json::parse(lines_[0], nullptr, false);
  }

  ManualClock clock_;
  std::vector<std::string> lines_;
};

TEST_F(LogTest, WritesOneJsonObjectALine) {
  Start();
  const std::string reason = "410 Gone";
  Info("watch ended", {{"kind", "Deployment"},
                       {"reason", reason},
                       {"attempt", 3},
                       {"bytes", std::uint64_t{18446744073709551615U}},
                       {"ratio", 0.5},
                       {"again", true},
                       {"took", 1500ms},
                       {"big", -9'000'000'000LL}});
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_THAT(lines_[0], EndsWith("}\n"));
  const nlohmann::json line = Line();
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["msg"], "watch ended");
  EXPECT_EQ(line["kind"], "Deployment");
  EXPECT_EQ(line["reason"], "410 Gone");
  EXPECT_EQ(line["attempt"], 3);
  EXPECT_EQ(line["bytes"], 18446744073709551615U);
  EXPECT_EQ(line["ratio"], 0.5);
  EXPECT_EQ(line["again"], true);
  EXPECT_EQ(line["took"], 1.5);
  EXPECT_EQ(line["big"], -9'000'000'000LL);
  EXPECT_THAT(line["ts"].get<std::string>(),
              MatchesRegex("20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\\.[0-9][0-9][0-9]Z"));
  EXPECT_EQ(line.begin().key(), "again");
}

TEST_F(LogTest, KeepsToItsLevel) {
  Start(Format::kJson, Level::kWarning);
  Debug("a");
  Info("b");
  EXPECT_FALSE(Limited(Level::kInfo, "c", "key"));
  EXPECT_THAT(lines_, IsEmpty());
  EXPECT_FALSE(Enabled(Level::kInfo));
  EXPECT_TRUE(Enabled(Level::kError));
  Warning("d");
  Error("e");
  ASSERT_EQ(lines_.size(), 2U);
  EXPECT_EQ(nlohmann::json::parse(lines_[0])["level"], "warning");
  EXPECT_EQ(nlohmann::json::parse(lines_[1])["level"], "error");
}

TEST_F(LogTest, CutsLongValues) {
  Start();
  Info(std::string(5000, 'm'),
       {{"v", std::string(100'000, 'x')}, {"u", std::string("\xC3\xA9") + std::string(1000, '\xA9')}});
  const nlohmann::json line = Line();
  EXPECT_EQ(line["v"].get<std::string>(), std::string(253, 'x') + "...");
  EXPECT_EQ(line["msg"].get<std::string>().size(), kMessageBytes);
}

TEST_F(LogTest, IsJsonWhateverItIsGiven) {
  Start();
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string hostile;
    for (auto n = random() % 40; n != 0; --n) hostile += static_cast<char>(random());
    if (i % 3 == 0) hostile += "\"}\n{\"level\":\"error\",\"msg\":\"forged\"}\n\x1b[2J\xE2\x80\xAE\xE2\x80\xA8{0}%s%v";
    lines_.clear();
    Info(hostile, {{hostile, hostile}, {"b", hostile}});
    ASSERT_EQ(lines_.size(), 1U);
    const std::string& text = lines_[0];
    ASSERT_EQ(text.find('\n'), text.size() - 1) << text;
    ASSERT_EQ(StripTerminal(text), text.substr(0, text.size() - 1));
    const nlohmann::json line = nlohmann::json::parse(text, nullptr, false);
    ASSERT_TRUE(line.is_object()) << text;
    if (IsUtf8(hostile) && hostile.size() < kFieldBytes) {
      ASSERT_EQ(line["b"].get<std::string>(), hostile);
    }
  }
}

TEST_F(LogTest, WritesNoInvalidNumber) {
  Start();
  Info("x", {{"nan", std::numeric_limits<double>::quiet_NaN()},
             {"inf", std::numeric_limits<float>::infinity()},
             {"tiny", 5e-324},
             {"msg", "y"},
             {"ts", 1}});
  const nlohmann::json line = Line();
  EXPECT_TRUE(line["nan"].is_null());
  EXPECT_TRUE(line["inf"].is_null());
  EXPECT_EQ(line["tiny"], 5e-324);
  EXPECT_EQ(line["msg"], "x");
  EXPECT_EQ(line["msg_"], "y");
  EXPECT_EQ(line["ts_"], 1);
}

TEST_F(LogTest, WritesTextForTerminals) {
  Start(Format::kText);
  Warning("watch ended", {{"kind", "Deployment"},
                          {"reason", "too old"},
                          {"n", 3},
                          {"empty", ""},
                          {"esc", "\x1b[31m"},
                          {"uml", "\xC3\xBC"}});
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_THAT(lines_[0], HasSubstr("Z warning watch ended kind=Deployment reason=\"too old\" n=3 empty=\"\" "
                                   "esc=\"\\u001b[31m\" uml=\xC3\xBC\n"));
}

TEST_F(LogTest, LimitsRepeatedLinesAndCountsThem) {
  Start();
  EXPECT_TRUE(Limited(Level::kWarning, "unreadable", "Pod", {{"kind", "Pod"}}));
  EXPECT_TRUE(Limited(Level::kWarning, "unreadable", "Node", {{"kind", "Node"}}));
  EXPECT_TRUE(Limited(Level::kWarning, "denied", "Pod"));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Limited(Level::kWarning, "unreadable", "Pod", {{"kind", "Pod"}}));
  EXPECT_EQ(lines_.size(), 3U);
  clock_.Advance(kLimitedEvery - 1ms);
  EXPECT_FALSE(Limited(Level::kWarning, "unreadable", "Pod", {{"kind", "Pod"}}));
  clock_.Advance(1ms);
  lines_.clear();
  EXPECT_TRUE(Limited(Level::kWarning, "unreadable", "Pod", {{"kind", "Pod"}}));
  EXPECT_EQ(Line()["suppressed"], 6);
  EXPECT_EQ(Line()["kind"], "Pod");
  clock_.Advance(kLimitedEvery);
  lines_.clear();
  EXPECT_TRUE(Limited(Level::kWarning, "unreadable", "Pod"));
  EXPECT_FALSE(Line().contains("suppressed"));
}

TEST_F(LogTest, RemembersABoundedNumberOfKeys) {
  Start();
  int written = 0;
  for (int i = 0; i < 100'000; ++i) written += Limited(Level::kInfo, "x", "key-" + std::to_string(i)) ? 1 : 0;
  EXPECT_LE(written, static_cast<int>(kLimitedPairs) + 1);
  clock_.Advance(kLimitedEvery);
  EXPECT_TRUE(Limited(Level::kInfo, "x", "another"));
}

TEST_F(LogTest, TakesLinesFromManyThreads) {
  Start();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 500; ++i) {
        Info("x", {{"thread", t}, {"i", i}});
        Limited(Level::kInfo, "limited", std::to_string(i % 7));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lines_.size(), 2007U);
  for (const std::string& line : lines_) ASSERT_FALSE(nlohmann::json::parse(line, nullptr, false).is_discarded());
}

TEST(LogDefault, GoesToStderrAsJson) {
  Configure({});
  ::testing::internal::CaptureStderr();
  Info("hello", {{"a", 1}});
  const std::string text = ::testing::internal::GetCapturedStderr();
  const nlohmann::json line = nlohmann::json::parse(text, nullptr, false);
  EXPECT_EQ(line["msg"], "hello");
}

}  // namespace
}  // namespace seaworthy::support::log
