#include "api/http_date.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "support/trim.h"

namespace seaworthy::api {
namespace {

std::optional<int> Digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // from_chars takes a sign; a date has none.
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  return value;
}

}  // namespace

std::optional<WallTime> ParseHttpDate(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  text = support::Trim(text, support::kSpacesAndTabs);
  // "Sun, 06 Nov 1994 08:49:37 GMT": every field has its fixed place.
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
      text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const std::optional<int> day = Digits(text.substr(5, 2)), year = Digits(text.substr(12, 4)),
                           hour = Digits(text.substr(17, 2)), minute = Digits(text.substr(20, 2)),
                           second = Digits(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  // 60 is a leap second.
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

std::optional<Duration> ParseRetryAfter(std::string_view text, WallTime now) {
  text = support::Trim(text, support::kSpacesAndTabs);
  if (text.empty()) return std::nullopt;
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    // Longer than any int: still a number, and over the cap.
    const std::optional<int> seconds = Digits(text);
    return seconds ? std::min<Duration>(std::chrono::seconds(*seconds), kRetryAfterCap) : kRetryAfterCap;
  }
  const std::optional<WallTime> date = ParseHttpDate(text);
  if (!date) return std::nullopt;
  // Clamped in milliseconds: the year 9999 overflows nanoseconds.
  constexpr auto kCap = std::chrono::duration_cast<std::chrono::milliseconds>(kRetryAfterCap);
  return std::clamp(*date - now, std::chrono::milliseconds::zero(), kCap);
}

}  // namespace seaworthy::api
