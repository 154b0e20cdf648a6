#include "wiring/sources/log_lines.h"

#include <gtest/gtest.h>

#include <string>

namespace seaworthy::wiring {
namespace {

TEST(LogLines, JsonObjectsAndLogfmtAreStructured) {
  for (const char* line : {
           R"({"level":"info","msg":"started","port":8080})",
           R"(  {"a":{"b":[1,2,{"c":null}]}}  )",
           "{}",
           R"(time=2026-11-24T12:00:00Z level=info msg="listening on :8080" port=8080)",
           R"(ts=1 level=error err="open \"x\": no such file")",
           "caller=main.go:12 level=info component=web ready",
           R"(level=info msg="")",
       }) {
    EXPECT_TRUE(IsStructured(line)) << line;
  }
}

TEST(LogLines, EverythingElseIsNot) {
  for (const char* line : {
           "",
           "Listening on port 8080",
           "2026-11-24 12:00:00 INFO com.example.Main - started in 3.2 s",
           "127.0.0.1 - - [24/Nov/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 200 2 \"-\" \"curl/8\"",
           "[1,2,3]",
           "\"text\"",
           "{not json}",
           R"({"level":"info"} trailing)",
           R"(prefix {"level":"info"})",
           R"({"a":1,"a":2})",
           "msg=one",
           "the value x=1 of the thing is y=2 and so on",
           "=1 =2",
           R"(level=info msg="never closed)",
           "    at com.example.Main.run(Main.java:42)",
           "E1124 12:00:00.000000       1 main.go:1] boom",
       }) {
    EXPECT_FALSE(IsStructured(line)) << line;
  }
}

TEST(LogLines, TheLastFiftyThatAreNotBlankCount) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "banner\n\n";
  for (int i = 0; i < 45; ++i) text += R"({"n":)" + std::to_string(i) + "}\r\n";
  const LineCounts counts = CountLines(text, false);
  EXPECT_EQ(counts.lines, 50);
  EXPECT_EQ(counts.structured, 45);
}

TEST(LogLines, AFirstLineThatIsCutOffIsLeftOut) {
  EXPECT_EQ(CountLines("el\":\"info\"}\n{}\n{}", true).lines, 2);
  EXPECT_EQ(CountLines("el\":\"info\"}\n{}\n{}", true).structured, 2);
  EXPECT_EQ(CountLines("one line", true).lines, 1);
  EXPECT_EQ(CountLines("", false).lines, 0);
  EXPECT_EQ(CountLines("\n\n \n", false).lines, 0);
}

}  // namespace
}  // namespace seaworthy::wiring
