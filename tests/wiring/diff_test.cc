// `seaworthy diff`, as pipelines call it.
#include "wiring/testing/scan_rig.h"

namespace seaworthy::wiring {
namespace {

using nlohmann::json;
using testing::BadPod;
using testing::Ended;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kGoodCronJob;
using ::testing::StartsWith;

class DiffCommandTest : public testing::ScanTest {
 protected:
  DiffCommandTest() {
    Write("good/job.yaml", kGoodCronJob);
    std::string worse(kGoodCronJob);
    worse.replace(worse.find("image: registry.example/cleanup:1.4.2"), 37, "image: registry.example/cleanup:latest");
    Write("worse/job.yaml", worse);
    Write("old.json", Scan({"good", "-o", "json"}).out);
    Write("new.json", Scan({"worse", "-o", "json"}).out);
  }
  Ended Diff(std::vector<std::string> arguments, std::string_view input = {}) {
    arguments.insert(arguments.begin(), "diff");
    return Run(std::move(arguments), input);
  }
};

TEST_F(DiffCommandTest, ExitsWithOneOnARegressionOfTheBar) {
  const Ended ended = Diff({"old.json", "new.json"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.out, HasSubstr("shop/CronJob/cleanup  image-tag: "));
  EXPECT_THAT(ended.out, HasSubstr("(worse/job.yaml:22, was pass)"));
  EXPECT_EQ(ended.err, "seaworthy diff: 1 regression of severity high or above\n");
  EXPECT_EQ(Diff({"old.json", "new.json", "--fail-on", "critical"}).code, 0);
}

TEST_F(DiffCommandTest, ExitsWithZeroWhenItGotBetterOrStayed) {
  const Ended better = Diff({"new.json", "old.json"});
  EXPECT_EQ(better.code, 0) << better.out;
  EXPECT_THAT(better.out, HasSubstr("better (1)"));
  EXPECT_THAT(better.err, IsEmpty());
  EXPECT_EQ(Diff({"old.json", "old.json", "--fail-on", "info"}).code, 0);
}

TEST_F(DiffCommandTest, ReadsStandardInputAndFolders) {
  EXPECT_EQ(Diff({"-", "new.json"}, Read(folder_ + "/old.json")).code, 1);
  EXPECT_EQ(Diff({"good", "worse"}).out, Diff({"old.json", "new.json"}).out);
  EXPECT_EQ(Diff({"-", "-"}).code, 2);
}

TEST_F(DiffCommandTest, WritesEveryFormat) {
  const Ended ended =
      Diff({"old.json", "new.json", "-o", "github", "-o", "markdown=c.md", "-o", "json=d.json", "-o", "text=d.txt"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(
      ended.out,
      StartsWith("::error file=worse/job.yaml,line=22,title=worse%3A image-tag (high)::shop/CronJob/cleanup: "));
  EXPECT_THAT(Read(folder_ + "/c.md"), HasSubstr("### Worse"));
  EXPECT_EQ(json::parse(Read(folder_ + "/d.json"))["kind"], "AuditDiff");
}

TEST_F(DiffCommandTest, InputThatIsNoReportIsExitTwo) {
  Write("broken.yaml", "a: [");
  Write("empty/none.txt", "");
  for (const auto& [path, message] :
       std::vector<std::pair<std::string, std::string>>{{"missing.json", "No such file or directory"},
                                                        {"good/job.yaml", "not a JSON object"},
                                                        {"empty", "no workload was found in it"}}) {
    const Ended ended = Diff({"old.json", path});
    EXPECT_EQ(ended.code, 2) << path;
    EXPECT_THAT(ended.err, StartsWith("seaworthy diff: " + path + ": "));
    EXPECT_THAT(ended.err, HasSubstr(message));
    EXPECT_THAT(ended.out, IsEmpty());
  }
  EXPECT_EQ(Diff({"old.json"}).code, 2);
  EXPECT_EQ(Diff({"old.json", "new.json", "-o", "sarif"}).code, 2);
  EXPECT_EQ(Diff({"old.json", "new.json", "--fail-on", "bad"}).code, 2);
}

TEST_F(DiffCommandTest, WhatIsEnormousIsReadInBoundedMemory) {
  std::string text = Read(folder_ + "/new.json");
  Write("deep.json", std::string(5'000'000, '['));
  EXPECT_EQ(Diff({"old.json", "deep.json"}).code, 2);
  text.replace(text.find("\"workloads\":[\n"), 14, "\"workloads\":[\n" + std::string(5'000'000, '{'));
  Write("deep.json", text);
  EXPECT_EQ(Diff({"old.json", "deep.json"}).code, 2);
}

}  // namespace
}  // namespace seaworthy::wiring
