#include "checks/common/time_text.h"

#include <chrono>
#include <cstdio>

namespace seaworthy::checks {

std::string DateTimeText(Timestamp time) {
  using namespace std::chrono;
  const sys_seconds at{seconds(time.seconds)};
  const sys_days day = floor<days>(at);
  const year_month_day date(day);
  const auto minutes_of_day = static_cast<int>(duration_cast<minutes>(at - day).count());
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d UTC", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), minutes_of_day / 60,
                minutes_of_day % 60);
  return text;
}

std::string SpanText(std::int64_t seconds) {
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 120 * 60) return std::to_string(seconds / 60) + " min";
  if (seconds < 48 * 3600) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " days";
}

}  // namespace seaworthy::checks
