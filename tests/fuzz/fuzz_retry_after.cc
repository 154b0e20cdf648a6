// The two time headers: what is read as a date is written as that date, and no server sends us away for longer than the
// cap.
#include <chrono>

#include "api/http_date.h"
#include "fuzz/fuzz.h"

namespace seaworthy {
namespace {

// Without the weekday, which says nothing.
std::string Format(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[64];
  std::snprintf(text, sizeof text, ", %02u %s %04d %02d:%02d:%02d GMT", static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

}  // namespace
}  // namespace seaworthy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  const std::string text(fuzz::Text(data, size));
  const std::optional<WallTime> date = api::ParseHttpDate(text);
  // A leap second is the next minute's first.
  if (date && text.find(":60 GMT") == std::string::npos) {
    fuzz::Require(text.find(Format(*date)) != std::string::npos, "the date that is written", Format(*date));
  }
  for (const WallTime now :
       {WallTime(std::chrono::seconds(784'111'700)), WallTime(std::chrono::hours(24 * 365 * 8000))}) {
    const std::optional<Duration> wait = api::ParseRetryAfter(text, now);
    fuzz::Require(!date || wait, "a date is a time to wait for", text);
    if (wait)
      fuzz::Require(*wait >= Duration::zero() && *wait <= api::kRetryAfterCap, "between nothing and the cap", text);
  }
  return 0;
}
