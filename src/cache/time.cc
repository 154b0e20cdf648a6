#include "cache/time.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace seaworthy::cache {
namespace {

constexpr std::int64_t kHundredYears = std::int64_t{100} * 36525 * 864;  // 365.25 days of 86,400 s

// `width` digits at `at`; -1 for anything else.
int Digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return -1;
  int value = 0;
  for (char c : text.substr(at, width)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool CharAt(std::string_view text, std::size_t at, char wanted) {
  return at < text.size() && (text[at] == wanted || (wanted == 'T' && text[at] == 't'));
}

}  // namespace

Timestamp ParseTimestamp(std::string_view text) {
  const int year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  const int hour = Digits(text, 11, 2), minute = Digits(text, 14, 2), second = Digits(text, 17, 2);
  if (!CharAt(text, 4, '-') || !CharAt(text, 7, '-') || !CharAt(text, 10, 'T') || !CharAt(text, 13, ':') ||
      !CharAt(text, 16, ':') || year < 0 || month < 0 || day < 0 || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 60) {
    return {};
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || year <= 1) return {};
  std::size_t at = 19;
  if (CharAt(text, at, '.')) {
    do ++at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9');
  }
  std::int64_t offset = 0;
  if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    offset = 0;
  } else if (at + 6 == text.size() && (text[at] == '+' || text[at] == '-') && text[at + 3] == ':') {
    const int hours = Digits(text, at + 1, 2), minutes = Digits(text, at + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return {};
    offset = (hours * 60 + minutes) * 60 * (text[at] == '-' ? -1 : 1);
  } else {
    return {};
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86'400 + hour * 3'600 + minute * 60 + second - offset;
  const std::int64_t clamped = std::clamp(seconds, -kHundredYears, kHundredYears);
  return Timestamp{clamped == 0 ? 1 : clamped};  // 0 is "absent"
}

}  // namespace seaworthy::cache
