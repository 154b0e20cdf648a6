// Cron schedules: whatever is accepted moves forward in time, and Previous answers Next.
#include "checks/common/cron_schedule.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  constexpr std::int64_t kNow = 1'795'521'600;
  const std::string_view text = fuzz::Text(data, size);
  for (const auto fields : {checks::CronSchedule::Fields::kStandard, checks::CronSchedule::Fields::kWithSeconds}) {
    const Result<checks::CronSchedule> schedule = checks::CronSchedule::Parse(text, fields);
    if (!schedule.ok()) {
      fuzz::Require(!schedule.status().message().empty(), "a reason", text);
      continue;
    }
    Timestamp time{kNow};
    for (int i = 0; i < 3; ++i) {
      const Timestamp next = schedule->Next(time);
      if (!next.set()) break;
      fuzz::Require(next > time, "later", text);
      const Timestamp previous = schedule->Previous(next, time);
      fuzz::Require(!(previous > next), "no later than asked", text);
      time = next;
    }
    fuzz::Require(schedule->UsualInterval({kNow}) >= 0, "an interval", text);
    fuzz::Require(!(schedule->Previous({kNow}) > Timestamp{kNow}), "no later than now", text);
  }
  return 0;
}
