#include "checks/common/cron_schedule.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace seaworthy::checks {
namespace {

constexpr std::int64_t kDay = 86'400;

std::string UtcText(Timestamp time) {
  if (!time.set()) return "never";
  const auto seconds = static_cast<std::time_t>(time.seconds);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts));
}

Timestamp At(const char* text) {
  std::tm parts{};
  strptime(text, "%Y-%m-%d %H:%M:%S", &parts);
  return {timegm(&parts)};
}

// cron_schedule_cases.txt is written by robfig/cron itself (upstream/cron_cases.go): a text as Go quotes it, a moment,
// and what is due after it.
TEST(CronSchedule, AgreesWithTheLibraryOfTheCronJobController) {
  std::ifstream in(SEAWORTHY_SOURCE_DIR "/tests/checks/common/cron_schedule_cases.txt");
  std::size_t cases = 0;
  for (std::string line; std::getline(in, line); ++cases) {
    const std::size_t quote = line.rfind('"');
    std::string text = line.substr(1, quote - 1);
    for (std::size_t at; (at = text.find("\\t")) != std::string::npos;) text.replace(at, 2, "\t");
    std::istringstream rest(line.substr(quote + 1));
    Timestamp time;
    rest >> time.seconds;
    const Result<CronSchedule> schedule = CronSchedule::Parse(text);
    for (std::string wanted; rest >> wanted;) {
      if (wanted == "refused" || !schedule.ok()) {
        EXPECT_EQ(schedule.ok() ? "accepted" : "refused", wanted)
            << line << (schedule.ok() ? "" : "\n" + schedule.status().message());
        break;
      }
      time = schedule->Next(time);
      EXPECT_EQ(time.set() ? std::to_string(time.seconds) : "never", wanted) << line << "\n" << UtcText(time);
    }
    if (HasNonfatalFailure()) return;
  }
  EXPECT_GT(cases, 800u);
}

// The C library's idea of local time, by the rule itself: the table of zones is not asked.
class LocalClock {
 public:
  explicit LocalClock(const char* rule) {
    setenv("TZ", rule, 1);
    tzset();
  }
  ~LocalClock() {
    unsetenv("TZ");
    tzset();
  }
  static std::tm Of(std::int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    localtime_r(&time, &parts);
    return parts;
  }
};

// What a schedule means, said once more: a minute is due when the local clock shows what the fields ask for.
TEST(CronSchedule, IsDueWhenTheLocalClockShowsIt) {
  struct Zone {
    const char *name, *rule;
  };
  constexpr Zone kZones[] = {{"UTC", "UTC0"},
                             {"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"},
                             {"America/New_York", "EST5EDT,M3.2.0,M11.1.0"},
                             {"Australia/Sydney", "AEST-10AEDT,M10.1.0,M4.1.0/3"},
                             {"Asia/Kolkata", "IST-5:30"}};
  std::mt19937_64 random(7);
  const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  for (int run = 0; run < 150; ++run) {
    const Zone& zone = kZones[run % 5];
    const LocalClock clock(zone.rule);
    // A list of values a field, or a star.
    std::vector<std::vector<int>> wanted(5);
    std::string text;
    constexpr int kLow[] = {0, 0, 1, 1, 0}, kCount[] = {60, 24, 31, 12, 7};
    for (std::size_t i = 0; i < 5; ++i) {
      std::string field = "*";
      if (below(3) != 0 && i != 3) {
        field.clear();
        for (int n = 1 + below(4); n > 0; --n) {
          wanted[i].push_back(kLow[i] + below(kCount[i]));
          field += (field.empty() ? "" : ",") + std::to_string(wanted[i].back());
        }
      }
      text += (text.empty() ? "" : " ") + field;
    }
    const auto shows = [&](std::size_t i, int value) {
      return std::find(wanted[i].begin(), wanted[i].end(), value) != wanted[i].end();
    };
    const auto due = [&](std::int64_t time) {
      const std::tm now = LocalClock::Of(time);
      if (!wanted[0].empty() && !shows(0, now.tm_min)) return false;
      if (!wanted[1].empty() && !shows(1, now.tm_hour)) return false;
      if (wanted[2].empty() || wanted[4].empty()) {
        return (wanted[2].empty() || shows(2, now.tm_mday)) && (wanted[4].empty() || shows(4, now.tm_wday));
      }
      return shows(2, now.tm_mday) || shows(4, now.tm_wday);
    };
    const Result<CronSchedule> schedule = CronSchedule::OfCronJob(text, zone.name);
    ASSERT_TRUE(schedule.ok()) << text;
    // Days on which clocks change in one of the zones, and others.
    constexpr const char* kStarts[] = {"2026-03-07 00:00:00", "2026-03-28 12:00:00", "2026-10-24 00:00:00",
                                       "2026-10-31 12:00:00", "2026-06-15 00:00:00"};
    const std::int64_t start = At(kStarts[below(5)]).seconds;
    Timestamp next = schedule->Next({start - 1}), previous;
    for (std::int64_t time = start; time < start + 3 * kDay; time += 60) {
      if (next.seconds == time) {
        ASSERT_TRUE(due(time)) << text << " in " << zone.name << " at " << UtcText({time});
        previous = next;
        next = schedule->Next(next);
      } else {
        ASSERT_FALSE(due(time)) << text << " in " << zone.name << " at " << UtcText({time});
      }
      if (previous.set() && below(20) == 0) {
        ASSERT_EQ(schedule->Previous({time + below(60)}).seconds, previous.seconds)
            << text << " in " << zone.name << " at " << UtcText({time});
      }
    }
  }
}

TEST(CronSchedule, FindsThePreviousDueTimeHoweverLongAgoItWas) {
  const auto previous = [](const char* text, const char* at) {
    return UtcText(CronSchedule::Parse(text)->Previous(At(at)));
  };
  EXPECT_EQ(previous("0 3 * * *", "2026-11-24 12:00:00"), "2026-11-24 03:00:00");
  EXPECT_EQ(previous("0 3 * * *", "2026-11-24 03:00:00"), "2026-11-24 03:00:00");
  EXPECT_EQ(previous("0 3 * * *", "2026-11-24 02:59:59"), "2026-11-23 03:00:00");
  EXPECT_EQ(previous("0 3 * * 1-5", "2026-11-23 02:00:00"), "2026-11-20 03:00:00");  // Monday: last Friday
  EXPECT_EQ(previous("* * * 1 *", "2026-11-24 12:00:00"), "2026-01-31 23:59:00");
  EXPECT_EQ(previous("0 0 29 2 *", "2026-11-24 12:00:00"), "2024-02-29 00:00:00");
  EXPECT_EQ(previous("0 0 31 2 *", "2026-11-24 12:00:00"), "never");
  EXPECT_EQ(previous("TZ=Europe/Berlin 30 2 * * *", "2026-03-29 12:00:00"),
            "2026-03-28 01:30:00");  // it does not exist on the 29th
  EXPECT_EQ(previous("TZ=Europe/Berlin 30 2 * * *", "2026-10-25 12:00:00"), "2026-10-25 01:30:00");  // the second one
}

TEST(CronSchedule, CountsIntervalsFromTheirAnchor) {
  const CronSchedule schedule = *CronSchedule::Parse("@every 6h");
  EXPECT_TRUE(schedule.by_interval());
  EXPECT_EQ(UtcText(schedule.Previous(At("2026-11-24 12:00:00"), At("2026-11-23 01:30:00"))), "2026-11-24 07:30:00");
  EXPECT_EQ(UtcText(schedule.Previous(At("2026-11-23 07:29:59"), At("2026-11-23 01:30:00"))), "never");
  EXPECT_EQ(UtcText(schedule.Previous(At("2026-11-24 12:00:00"))), "never");
}

TEST(CronSchedule, TellsTheUsualInterval) {
  const auto usual = [](const char* text) {
    return CronSchedule::Parse(text)->UsualInterval(At("2026-11-24 12:00:00"));
  };
  EXPECT_EQ(usual("*/5 * * * *"), 300);
  EXPECT_EQ(usual("0 3 * * *"), kDay);
  EXPECT_EQ(usual("0 3 * * 1-5"), kDay);
  EXPECT_EQ(usual("0 3 * * 0"), 7 * kDay);
  EXPECT_EQ(usual("@monthly"), 31 * kDay);
  EXPECT_EQ(usual("@every 90m"), 5400);
  EXPECT_EQ(usual("0 0 31 2 *"), 0);
}

TEST(CronSchedule, TakesTheZoneOfTheCronJobUnlessTheScheduleNamesOne) {
  const auto next = [](const char* text, const char* zone) {
    return UtcText(CronSchedule::OfCronJob(text, zone)->Next(At("2026-11-24 12:00:00")));
  };
  EXPECT_EQ(next("0 3 * * *", ""), "2026-11-25 03:00:00");
  EXPECT_EQ(next("0 3 * * *", "Europe/Berlin"), "2026-11-25 02:00:00");
  EXPECT_EQ(next("CRON_TZ=Asia/Tokyo 0 3 * * *", "Europe/Berlin"), "2026-11-24 18:00:00");
  EXPECT_FALSE(CronSchedule::OfCronJob("0 3 * * *", "Europe/Atlantis").ok());
}

TEST(CronSchedule, ReadsSecondsWhereTheyAreWritten) {
  const auto next = [](const char* text) {
    return UtcText(CronSchedule::Parse(text, CronSchedule::Fields::kWithSeconds)->Next(At("2026-11-24 12:00:00")));
  };
  EXPECT_EQ(next("0 0 3 * * *"), "2026-11-25 03:00:00");
  EXPECT_EQ(next("30 15 3 * * 6"), "2026-11-28 03:15:30");
  EXPECT_EQ(next("0 0 3 * *"), "2026-11-25 03:00:00");  // the day of week may be left out
  EXPECT_FALSE(CronSchedule::Parse("0 0 3 * * *").ok());
}

TEST(TimeZone, KnowsZonesByTheirExactName) {
  EXPECT_TRUE(TimeZone::Find("Europe/Berlin"));
  EXPECT_TRUE(TimeZone::Find(""));
  EXPECT_FALSE(TimeZone::Find("europe/berlin"));
  EXPECT_FALSE(TimeZone::Find("Europe/Berlin "));
  EXPECT_FALSE(TimeZone::Find("Local"));
  EXPECT_EQ(TimeZone().OffsetAt(1'790'000'000), 0);
  EXPECT_EQ(TimeZone::Find("Europe/Dublin")->OffsetAt(At("2026-07-01 00:00:00").seconds), 3600);
  EXPECT_EQ(TimeZone::Find("Europe/Dublin")->OffsetAt(At("2026-12-01 00:00:00").seconds), 0);
}

TEST(TimeZone, PeriodsMeetWithoutAGap) {
  const TimeZone zone = *TimeZone::Find("Australia/Lord_Howe");
  std::int64_t time = At("2026-01-01 00:00:00").seconds;
  for (int i = 0; i < 10; ++i) {
    const TimeZone::Period period = zone.At(time);
    EXPECT_LE(period.start, time);
    EXPECT_GT(period.end, time);
    EXPECT_EQ(zone.At(period.end).start, period.end);
    EXPECT_NE(zone.OffsetAt(period.end), period.offset);
    time = period.end;
  }
}

}  // namespace
}  // namespace seaworthy::checks
