#include "cache/command_words.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/json.h"

namespace seaworthy::cache {
namespace {

std::vector<std::string> Texts(const std::vector<Word>& words) {
  std::vector<std::string> texts;
  for (const Word& word : words) texts.push_back(word.text);
  return texts;
}

std::vector<Word> Command(std::string_view json) {
  static support::Tree tree;
  const Status status = support::ParseJson(json, tree);
  EXPECT_TRUE(status.ok()) << status.message();
  return CommandWords(tree.root()["command"], tree.root()["args"]);
}

TEST(CommandWords, SplitsLikeAShell) {
  using Strings = std::vector<std::string>;
  EXPECT_EQ(Texts(SplitWords("a 'b c' \"d \\\" e\" f\\ g")), (Strings{"a", "b c", "d \" e", "f g"}));
  EXPECT_EQ(Texts(SplitWords("x=$(cat /a b) y=`c d` z")), (Strings{"x=$(cat /a b)", "y=`c d`", "z"}));
  EXPECT_EQ(Texts(SplitWords("a;b&&c|d\ne # f g\nh")), (Strings{"a", "b", "c", "d", "e", "h"}));
  EXPECT_EQ(Texts(SplitWords("'open and \"never closed")), (Strings{"open and \"never closed"}));
  EXPECT_EQ(Texts(SplitWords("\"\" ''")), (Strings{"", ""}));
  EXPECT_TRUE(SplitWords(" \t\n;").empty());
  EXPECT_EQ(Texts(SplitWords("a$(")), (Strings{"a$("}));
  EXPECT_EQ(Texts(SplitWords("a\\")), (Strings{"a\\"}));
}

TEST(CommandWords, KnowsWhereAWordStands) {
  const std::vector<Word> words = Command(R"({"command":["sh","-c"],"args":["one; two three"]})");
  ASSERT_EQ(words.size(), 5U);
  EXPECT_FALSE(words[0].in_args);
  EXPECT_EQ(words[1].index, 1U);
  EXPECT_TRUE(words[4].in_args);
  EXPECT_EQ(words[4].index, 0U);
  EXPECT_TRUE(words[0].begins);
  EXPECT_FALSE(words[1].begins);
  EXPECT_TRUE(words[2].begins);
  EXPECT_TRUE(words[3].begins);
  EXPECT_FALSE(words[4].begins);
}

TEST(CommandWords, IsBounded) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "a ";
  EXPECT_LE(SplitWords(text).size(), kMaxWords);
  EXPECT_LE(SplitWords(std::string(1'000'000, '\'')).size(), kMaxWords);
  EXPECT_LE(SplitWords(std::string(1'000'000, '(')).size(), kMaxWords);
}

TEST(FollowsFile, SeesATailOfALog) {
  EXPECT_TRUE(FollowsFile(Command(R"({"command":["tail","-f","/var/log/app.log"]})")));
  EXPECT_TRUE(FollowsFile(Command(R"({"command":["/bin/sh","-c","tail -n+1 -F /logs/*.log"]})")));
  EXPECT_TRUE(FollowsFile(Command(R"({"command":["/usr/bin/tail"],"args":["-n","100","--follow=name","/logs/a"]})")));
  EXPECT_TRUE(FollowsFile(Command(R"({"args":["sh","-c","touch /l/a && exec tail -qF /l/a"]})")));
  EXPECT_TRUE(FollowsFile(Command(R"({"command":["busybox","tail","-n5","-f","app.log"]})")));
}

TEST(FollowsFile, IsNotFooled) {
  EXPECT_FALSE(FollowsFile(Command(R"({"command":["tail","-f","/dev/null"]})")));
  EXPECT_FALSE(FollowsFile(Command(R"({"command":["sh","-c","server & tail -f /proc/1/fd/1"]})")));
  EXPECT_FALSE(FollowsFile(Command(R"({"command":["tail","-n","5","/var/log/app.log"]})")));
  EXPECT_FALSE(FollowsFile(Command(R"({"command":["sh","-c","tail -f; ls /var/log"]})")));
  EXPECT_FALSE(FollowsFile(Command(R"({"command":["server","--follow","/var/log/app.log"]})")));
  EXPECT_FALSE(FollowsFile({}));
}

TEST(SleepSeconds, ReadsHowLongAHookWaits) {
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["sleep","15"]})")), 15);
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["/bin/sleep","2m"]})")), 120);
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["/bin/sh","-c","sleep 15; nginx -s quit"]})")), 15);
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["sh","-c","nginx -s quit && sleep 5 && sleep 0.5"]})")), 6);
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["sh","-c","echo bye; exec sleep 40"]})")), 40);
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["/usr/bin/env","sleep","40"]})")), 40);
}

TEST(SleepSeconds, DoesNotGuess) {
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["sh","-c","sleep $DELAY"]})")), -1);
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["sh","-c","while pgrep app; do sleep 1; done"]})")), -1);
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["sh","-c","echo sleep 5"]})")), -1);
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["sleep"]})")), -1);
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["sleep","-5"]})")), -1);
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["sleep","1e9"]})")), -1);
  EXPECT_EQ(SleepSeconds(Command(R"({"command":["/stop.sh"]})")), -1);
}

}  // namespace
}  // namespace seaworthy::cache
