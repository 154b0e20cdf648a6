// Dates in messages.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "seaworthy/object.h"

namespace seaworthy::checks {

// "2026-11-24", UTC.
inline std::string DateOf(Timestamp time) {
  const std::chrono::year_month_day day(
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(time.seconds))));
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()));
  return text;
}

}  // namespace seaworthy::checks
