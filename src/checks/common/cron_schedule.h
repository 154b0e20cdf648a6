// Cron schedules, read and timed exactly as the CronJob controller does it: github.com/robfig/cron v3, which Velero,
// K8up, VolSync, Longhorn and others use too.
//
// So: five fields, `?` is `*`, N/step means N-max/step, 7 is not Sunday, day of month and day of week are ORed unless
// one of them is a star; a time that the clocks skip in spring is not due on that day, one that they repeat in autumn
// is due twice.
#pragma once

#include <cstdint>
#include <string_view>

#include "checks/common/time_zone.h"
#include "seaworthy/object.h"
#include "seaworthy/result.h"

namespace seaworthy::checks {

class CronSchedule {
 public:
  enum class Fields : std::uint8_t {
    kStandard,     // minute, hour, day of month, month, day of week
    kWithSeconds,  // seconds before them, and the day of week may be left out: robfig/cron v1, as CloudNativePG has it
  };
  // "TZ=Zone " or "CRON_TZ=Zone " in front, @daily and its like, and "@every 1h30m" included. Without a zone the clock
  // is UTC, as it is where controllers run. The status says what is wrong with it.
  static Result<CronSchedule> Parse(std::string_view schedule, Fields fields = Fields::kStandard);
  // Of a CronJob: spec.timeZone counts unless the schedule itself says "TZ" somewhere. Empty: unset.
  static Result<CronSchedule> OfCronJob(std::string_view schedule, std::string_view time_zone);

  // The first due time later than `after`; unset where there is none within five years ("0 0 31 2 *").
  Timestamp Next(Timestamp after) const;
  // The newest due time that is not later than `at`, or unset. What is due "@every" so often is due counted from an
  // `anchor` (the last run or the creation) and from nothing else.
  Timestamp Previous(Timestamp at, Timestamp anchor = {}) const;
  // Seconds between due times, as it mostly is from `at` on: of "0 3 * * 1-5" a day. 0 where it is never due.
  std::int64_t UsualInterval(Timestamp at) const;
  // "@every": due so often, whatever the clock says.
  bool by_interval() const { return every_ != 0; }

 private:
  CronSchedule() = default;

  bool DayMatches(std::int64_t local_days) const;
  static Status ParseDescriptor(std::string_view text, CronSchedule& schedule);

  // A bit for each value that matches; the top one where the field is a star.
  std::uint64_t second_ = 1, minute_ = 1, hour_ = 1, day_ = 0, month_ = 0, weekday_ = 0;
  std::int64_t every_ = 0;
  TimeZone zone_;
};

}  // namespace seaworthy::checks
