#include "sinks/metrics/collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "sinks/metrics/self_metrics.h"
#include "sinks/testing/reports.h"
#include "support/escape.h"

namespace seaworthy::sinks::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace sinks::testing;

const std::string kGolden = SEAWORTHY_SOURCE_DIR "/tests/sinks/metrics/golden.txt";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void FillSmallWorld(Collector& collector) {
  collector.SetLeader(true);
  collector.SetInitialAuditComplete(true);
  collector.SetLastEvaluation(WallTime(std::chrono::milliseconds(1'795'521'600'250)));
  collector.Publish(Web());
  collector.Publish(Nightly());
  collector.Publish(Shop());
  collector.Publish(BadNode());
  collector.Publish(TheCluster());
  collector.CountRegression(1, kReadinessProbe, "workload", WallTime(std::chrono::seconds(1'795'000'000)));
  collector.CountManualChange(1);
  collector.SetExpiry(MetricId::kAttestationExpiry, "shop", "load-test-2026-10",
                      WallTime(std::chrono::seconds(1'800'000'000)));
  collector.SetExpiry(MetricId::kWaiverExpiry, "", "injected-sidecars", WallTime(std::chrono::seconds(1'800'000'001)));
}

void FillOperator(OperatorMetrics& metrics) {
  WatchStats watch;
  watch.kind = Kind::kPod;
  watch.phase = "watch";
  watch.relists = {{"gone", 1}};
  watch.restarts = {{"eof", 7}};
  watch.events = {{"modified", 1234}};
  watch.objects = 42;
  watch.last_progress = WallTime(std::chrono::seconds(1'795'521'600));
  watch.resident_bytes = 12'345;
  watch.divergences = 0;
  metrics.SetWatches(std::span(&watch, 1));
  report::WriterStats reports;
  reports.results[static_cast<std::size_t>(report::WriteResult::kCreated)] = 3;
  reports.rate = 20;
  metrics.SetReports(reports);
  metrics.SetLeader("seaworthy", true);
  metrics.ObserveChangeToMetric(std::chrono::milliseconds(3));
  metrics.CountQueueAdds("evaluation", 5);
  metrics.SetQueueDepth("evaluation", 2);
  metrics.ObserveQueued("evaluation", std::chrono::microseconds(20));
  metrics.ObserveWork("evaluation", std::chrono::microseconds(30));
  metrics.CountRequest("GET", 200, "10.96.0.1:443", std::chrono::milliseconds(4));
}

// The families of a page, in order, with their series.
std::vector<std::pair<std::string, std::vector<std::string>>> Families(const std::string& page) {
  std::vector<std::pair<std::string, std::vector<std::string>>> families;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      families.emplace_back(line.substr(7, line.find(' ', 7) - 7), std::vector<std::string>());
    } else if (!line.starts_with("#")) {
      EXPECT_FALSE(families.empty()) << line;
      EXPECT_TRUE(line.starts_with(families.back().first)) << line << " stands in the family " << families.back().first;
      families.back().second.push_back(line.substr(0, line.rfind(' ')));
    }
  }
  return families;
}

std::string WholePage() {
  Collector collector;
  FillSmallWorld(collector);
  OperatorMetrics metrics("0.1.0", "abc");
  FillOperator(metrics);
  std::string page = collector.Text();
  metrics.AppendTo(page);
  return page;
}

TEST(Collector, PrintsTheGoldenPage) {
  Collector collector;
  FillSmallWorld(collector);
  std::string text = collector.Text();
  // The size of our own structures is no contract.
  const std::size_t at = text.find("\nseaworthy_metrics_resident_bytes ");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string::npos, "\nseaworthy_metrics_resident_bytes 4096\n");
  if (std::getenv("SEAWORTHY_REFRESH") != nullptr) std::ofstream(kGolden) << text;
  EXPECT_EQ(text, ReadFile(kGolden)) << "SEAWORTHY_REFRESH=1 writes it anew";
}

TEST(Collector, PageSatisfiesPromtool) {
  const char* given = std::getenv("SEAWORTHY_PROMTOOL");
  const std::string promtool = given != nullptr ? given : "promtool";
  if (std::system((promtool + " --version >/dev/null 2>&1").c_str()) != 0) {
    ASSERT_EQ(std::getenv("CI"), nullptr) << "no promtool: ./dev provides it";
    GTEST_SKIP() << "no promtool on PATH and none in SEAWORTHY_PROMTOOL";
  }
  const std::string path = ::testing::TempDir() + "/seaworthy_page.txt";
  std::ofstream(path) << WholePage();
  EXPECT_EQ(std::system((promtool + " check metrics <" + path).c_str()), 0);
}

TEST(Collector, ExportsExactlyTheTable) {
  std::set<std::string> emitted, listed;
  for (const auto& [name, series] : Families(WholePage()))
    EXPECT_TRUE(emitted.insert(name).second) << name << " is there twice";
  for (const Metric& metric : MetricTable()) listed.emplace(metric.name);
  EXPECT_EQ(emitted, listed);
}

TEST(Collector, SeriesHaveTheLabelsOfTheTableAndAreUnique) {
  std::set<std::string> seen;
  for (const auto& [name, series] : Families(WholePage())) {
    const Metric* metric = FindMetric(name);
    ASSERT_NE(metric, nullptr) << name;
    ASSERT_FALSE(series.empty()) << name;
    for (const std::string& one : series) {
      EXPECT_TRUE(seen.insert(one).second) << one;
      std::string labels;
      for (std::size_t at = one.find('{'); at != std::string::npos && at + 1 < one.size();) {
        const std::size_t equals = one.find("=\"", at);
        if (equals == std::string::npos) break;
        const std::string label = one.substr(at + 1, equals - at - 1);
        if (label != "le") labels += (labels.empty() ? "" : ",") + label;
        at = one.find('"', equals + 2) + 1;
        if (at >= one.size() || one[at] != ',') break;
      }
      EXPECT_EQ(labels, metric->labels) << one;
    }
  }
}

TEST(MetricTable, NamesFollowTheConventions) {
  for (const Metric& metric : MetricTable()) {
    EXPECT_EQ(metric.type == MetricType::kCounter, metric.name.ends_with("_total")) << metric.name;
    EXPECT_TRUE(metric.help.ends_with(".")) << metric.name;
    EXPECT_EQ(metric.help.find_first_of("\\\n"), std::string_view::npos) << metric.name;
    EXPECT_TRUE(metric.help.find(metric.name) == std::string_view::npos) << metric.name;
  }
}

TEST(Collector, HidesTheAuditUntilItLeads) {
  Collector collector;
  FillSmallWorld(collector);
  collector.SetLeader(false);
  for (const auto& [name, series] : Families(collector.Text()))
    EXPECT_EQ(FindMetric(name)->exporter, Exporter::kEveryReplica) << name;
  collector.SetLeader(true);
  EXPECT_THAT(
      collector.Text(),
      HasSubstr("seaworthy_workload_score{namespace=\"shop\",workload=\"web\",workload_type=\"deployment\"} 71\n"));
}

TEST(Collector, RemovalLeavesNoSeries) {
  Collector collector;
  FillSmallWorld(collector);
  collector.SetExpiry(MetricId::kAttestationExpiry, "shop", "load-test-2026-10", std::nullopt);
  collector.SetExpiry(MetricId::kWaiverExpiry, "", "injected-sidecars", std::nullopt);
  const std::size_t before = Collector().resident_bytes();
  for (const std::uint32_t subject : {1U, 2U, 10U, 20U, 99U}) collector.Remove(subject);
  const std::string text = collector.Text();
  EXPECT_THAT(text, Not(HasSubstr("shop")));
  EXPECT_THAT(text, Not(HasSubstr("node=")));
  // The cluster's own: its score, two sections, the hash, one finding.
  EXPECT_EQ(collector.series(), 5u);
  EXPECT_LT(collector.resident_bytes(), before + 2000);
}

TEST(Collector, KeepsCountersOverPublicationsAndDropsThemWithTheSubject) {
  Collector collector;
  FillSmallWorld(collector);
  collector.Publish(Web());
  collector.CountRegression(1, kReadinessProbe, "workload", WallTime(std::chrono::seconds(1'795'000'009)));
  EXPECT_THAT(collector.Text(), HasSubstr("check=\"readiness-probe\",cause=\"workload\"} 2\n"));
  EXPECT_THAT(collector.Text(), HasSubstr("check=\"readiness-probe\",cause=\"workload\"} 1795000009\n"));
  collector.Remove(1);
  collector.Publish(Web());
  EXPECT_THAT(collector.Text(), Not(HasSubstr("seaworthy_regressions_total{")));
}

TEST(Collector, HostileTextCannotBreakThePage) {
  Collector collector;
  collector.SetLeader(true);
  WorkloadReport report = Web();
  report.name = "a\"} 1\nfake_series{x=\"\\";
  report.namespace_ = "n\xff\xfe";
  report.kind = "De\nployment";
  const std::string owner = std::string("line\nfeed \x1b[31m \"quote\" \\ ") + "\xe2\x80\xae" + std::string(300, 'x');
  report.owner = owner;
  collector.Publish(report);
  const std::string text = collector.Text();
  EXPECT_TRUE(support::IsUtf8(text));
  EXPECT_THAT(text, HasSubstr(R"(workload="a\"} 1\nfake_series{x=\"\\",workload_type="de\nployment"} 71)"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
  EXPECT_THAT(text, Not(HasSubstr(std::string(64, 'x'))));
  for (const auto& [name, series] : Families(text)) EXPECT_NE(FindMetric(name), nullptr) << name;
}

TEST(Collector, ShowsASecondSubjectOfOneNameOnlyOnceTheFirstIsGone) {
  Collector collector;
  collector.SetLeader(true);
  collector.Publish(Workload(1, "db", "Cluster", "main", {}, 50));
  collector.Publish(Workload(2, "db", "Cluster", "main", {}, 60));
  EXPECT_THAT(collector.Text(), HasSubstr("workload_type=\"cluster\"} 50\n"));
  EXPECT_THAT(collector.Text(), Not(HasSubstr("workload_type=\"cluster\"} 60\n")));
  collector.Publish(Workload(2, "db", "Cluster", "main", {}, 61));
  collector.Remove(1);
  EXPECT_THAT(collector.Text(), HasSubstr("workload_type=\"cluster\"} 61\n"));
  EXPECT_EQ(collector.series(), 4u);
}

TEST(Collector, ReadyIsOrderedFalseUnknownTrue) {
  Collector collector;
  collector.SetLeader(true);
  WorkloadReport report = Nightly();
  const std::map<Ready, std::string> wanted = {{Ready::kFalse, "0"}, {Ready::kUnknown, "0.5"}, {Ready::kTrue, "1"}};
  for (const auto& [ready, value] : wanted) {
    report.ready = ready;
    collector.Publish(report);
    EXPECT_THAT(
        collector.Text(),
        HasSubstr(
            "seaworthy_workload_production_ready{namespace=\"shop\",workload=\"nightly\",workload_type=\"cronjob\"} " +
            value + "\n"));
  }
}

TEST(Collector, OmitsScoresThatAreNotThere) {
  Collector collector;
  collector.SetLeader(true);
  WorkloadReport report = Nightly();
  report.summary.score.reset();
  collector.Publish(report);
  EXPECT_THAT(collector.Text(), Not(HasSubstr("seaworthy_workload_score")));
  EXPECT_THAT(collector.Text(), HasSubstr("seaworthy_workload_info{"));
}

TEST(Collector, CheckSeriesCanBeSwitchedOff) {
  Collector collector({.check_series = false});
  FillSmallWorld(collector);
  EXPECT_THAT(collector.Text(), Not(HasSubstr("\nseaworthy_check_failing{")));
  EXPECT_THAT(collector.Text(), HasSubstr("seaworthy_series_dropped{family=\"seaworthy_check_failing\"} 0\n"));
}

TEST(Collector, CapDropsTheMildestCheckSeriesFirst) {
  Collector full;
  FillSmallWorld(full);
  const std::size_t all = full.series();
  const auto lines = [](const Collector& collector) {
    std::size_t count = 0;
    for (const auto& [name, series] : Families(collector.Text())) {
      if (FindMetric(name)->exporter == Exporter::kLeader && name != "seaworthy_series_dropped") count += series.size();
    }
    return count;
  };
  EXPECT_EQ(lines(full), all);
  Collector tight({.series_cap = all - 1});
  FillSmallWorld(tight);
  // low: the quota of the namespace and the orphan; then medium, ...
  EXPECT_EQ(lines(tight), all - 2);
  EXPECT_THAT(tight.Text(), HasSubstr("seaworthy_series_dropped{family=\"seaworthy_check_failing\"} 2\n"));
  EXPECT_THAT(tight.Text(), HasSubstr("\nseaworthy_check_failing{namespace=\"shop\",workload=\"web\""));
  for (std::size_t cap = 0; cap <= all; ++cap) {
    Collector collector({.series_cap = cap});
    FillSmallWorld(collector);
    EXPECT_LE(lines(collector), std::max<std::size_t>(cap, 14)) << cap;  // 14: what no workload and no check brings
  }
}

TEST(Collector, ScrapesWhileItIsWrittenTo) {
  Collector collector;
  collector.SetLeader(true);
  std::atomic<bool> stop = false;
  std::thread scraper([&] {
    while (!stop) Families(collector.Text());
  });
  for (int round = 0; round < 200; ++round) {
    for (std::uint32_t subject = 0; subject < 20; ++subject) {
      const std::string name = "w" + std::to_string(subject);
      collector.Publish(
          Workload(subject, "shop", "Deployment", name, {Found(kReadinessProbe, Verdict::kFail)}, round % 100));
      if (round % 7 == 0) collector.Remove(subject);
    }
  }
  stop = true;
  scraper.join();
  EXPECT_EQ(collector.series(), 20u * 6);
}

TEST(OperatorMetrics, ReadsItsProcess) {
  OperatorMetrics metrics("0.1.0", "abc");
  std::string page;
  metrics.AppendTo(page);
  EXPECT_THAT(page, HasSubstr("seaworthy_build_info{commit=\"abc\",version=\"0.1.0\"} 1"));
  EXPECT_THAT(page, Not(HasSubstr("process_resident_memory_bytes 0\n")));
  EXPECT_THAT(page, Not(HasSubstr("process_open_fds 0\n")));
  EXPECT_THAT(page, Not(HasSubstr("process_start_time_seconds 0\n")));
}

TEST(OperatorMetrics, KeepsThePageUtf8) {
  OperatorMetrics metrics("0.1.0", "abc");
  metrics.CountRequest("GET", 0, "ho\xff\"st", std::nullopt);
  std::string page;
  metrics.AppendTo(page);
  EXPECT_TRUE(support::IsUtf8(page));
  EXPECT_THAT(page, HasSubstr("code=\"<error>\""));
}

}  // namespace
}  // namespace seaworthy::sinks::metrics
