// Timestamps and durations, as Go reads and writes them. There is no "now": an expression depends on nothing but its
// input.
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "support/cel/functions.h"

namespace seaworthy::support::cel {
namespace {

constexpr std::int64_t kFirst = -62135596800, kLast = 253402300799;  // the years 1 to 9999
constexpr std::int64_t kBillion = 1'000'000'000;
constexpr std::string_view kRange = "a time out of range", kConversion = "type conversion error";

bool Digits(std::string_view text, std::size_t at, std::size_t count, int& value) {
  if (at + count > text.size()) return false;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  std::from_chars(text.data() + at, text.data() + at + count, value);
  return true;
}

std::optional<Time> ReadTimestamp(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!Digits(text, 0, 4, year) || !Digits(text, 5, 2, month) || !Digits(text, 8, 2, day) ||
      !Digits(text, 11, 2, hour) || !Digits(text, 14, 2, minute) || !Digits(text, 17, 2, second)) {
    return std::nullopt;
  }
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  Time time;
  std::size_t at = 19;
  if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
    std::int32_t scale = 100'000'000;
    const std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      time.nanos += (text[at] - '0') * scale;
      scale /= 10;
    }
    if (at == first) return std::nullopt;
  }
  std::int64_t offset = 0;
  const std::string_view zone = text.substr(at);
  if (zone != "Z") {
    int hours = 0, minutes = 0;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !Digits(zone, 1, 2, hours) ||
        !Digits(zone, 4, 2, minutes)) {
      return std::nullopt;
    }
    if (hours > 24 || minutes > 60) return std::nullopt;
    offset = (hours * 60 + minutes) * 60 * (zone[0] == '-' ? -1 : 1);
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  time.seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset;
  if (time.seconds < kFirst || time.seconds > kLast) return std::nullopt;
  return time;
}

// time.ParseDuration: "1h30m", "-1.5h", "300ms".
std::optional<std::int64_t> ReadDuration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  UnsignedWide total = 0;
  constexpr UnsignedWide kMost = static_cast<UnsignedWide>(1) << 63;
  while (!text.empty()) {
    std::size_t at = 0;
    UnsignedWide whole = 0, fraction = 0, scale = 1;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      whole = whole * 10 + static_cast<unsigned>(text[at++] - '0');
      if (whole > kMost) return std::nullopt;
    }
    std::size_t digits = at;
    if (at < text.size() && text[at] == '.') {
      ++at;
      while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        if (scale < 1'000'000'000'000'000'000ULL) {
          fraction = fraction * 10 + static_cast<unsigned>(text[at] - '0');
          scale *= 10;
        }
        ++at;
        ++digits;
      }
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(at);
    std::size_t size = 0;
    while (size < text.size() && text[size] != '.' && (text[size] < '0' || text[size] > '9')) ++size;
    const std::string_view name = text.substr(0, size);
    std::int64_t unit = 0;
    for (const auto& [own, nanoseconds] : {std::pair<std::string_view, std::int64_t>{"ns", 1},
                                           {"us", 1000},
                                           {"\u00B5s", 1000},
                                           {"\u03BCs", 1000},
                                           {"ms", 1'000'000},
                                           {"s", kBillion},
                                           {"m", 60 * kBillion},
                                           {"h", 3600 * kBillion}}) {
      if (own == name) unit = nanoseconds;
    }
    if (unit == 0) return std::nullopt;
    text.remove_prefix(size);
    const auto factor = static_cast<UnsignedWide>(unit);
    total += whole * factor + fraction * factor / scale;
    if (whole * factor > kMost || total > kMost) return std::nullopt;
  }
  if (negative) return static_cast<std::int64_t>(-static_cast<Wide>(total));
  if (total >= kMost) return std::nullopt;
  return static_cast<std::int64_t>(total);
}

// Minutes east of UTC.
std::optional<int> ReadTimeZone(std::string_view text) {
  if (text.empty() || text == "UTC") return 0;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int hours = 0, minutes = 0;
  if (text.size() != 5 || text[2] != ':' || !Digits(text, 0, 2, hours) || !Digits(text, 3, 2, minutes) || hours > 14 ||
      minutes > 59)
    return std::nullopt;
  return (hours * 60 + minutes) * (negative ? -1 : 1);
}

Value Moved(Time time, std::int64_t nanoseconds) {
  const Wide nanos = static_cast<Wide>(time.seconds) * kBillion + time.nanos + nanoseconds;
  std::int64_t seconds = static_cast<std::int64_t>(nanos / kBillion);
  auto rest = static_cast<std::int32_t>(nanos % kBillion);
  if (rest < 0) {
    rest += static_cast<std::int32_t>(kBillion);
    --seconds;
  }
  return CheckedTimestamp({seconds, rest});
}

Value DurationOf(Wide nanoseconds) {
  constexpr Wide kMost = (static_cast<Wide>(1) << 63) - 1;
  if (nanoseconds > kMost || nanoseconds < -kMost - 1) return Value::Error(kRange);
  return Value::Duration(static_cast<std::int64_t>(nanoseconds));
}

struct Calendar {
  std::chrono::year_month_day date;
  std::chrono::sys_days day;
  std::int64_t second_of_day;
};
Calendar CalendarOf(std::int64_t seconds) {
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(seconds)));
  return {std::chrono::year_month_day(day), day, seconds - day.time_since_epoch().count() * 86400};
}

template <typename Field>
Value OfCalendar(const Call& call, Field field) {
  std::int64_t offset = 0;
  if (call.args.size() == 2) offset = ReadTimeZone(call.args[1].text()).value_or(0);  // the checker has seen it
  return Value::Int(field(CalendarOf(call.args[0].time.seconds + offset * 60)));
}

}  // namespace

Value CheckedTimestamp(Time time) {
  return time.seconds < kFirst || time.seconds > kLast ? Value::Error(kRange) : Value::Timestamp(time);
}
Value ParseTimestamp(std::string_view text) {
  const auto time = ReadTimestamp(text);
  return time ? Value::Timestamp(*time) : Value::Error(kConversion);
}
Value ParseDuration(std::string_view text) {
  const auto duration = ReadDuration(text);
  return duration ? Value::Duration(*duration) : Value::Error(kConversion);
}
bool IsTimestamp(std::string_view text) { return ReadTimestamp(text).has_value(); }
bool IsDuration(std::string_view text) { return ReadDuration(text).has_value(); }
bool IsTimeZone(std::string_view text) { return ReadTimeZone(text).has_value(); }

std::string TimestampText(Time time) {
  const Calendar calendar = CalendarOf(time.seconds);
  char text[64];
  const int size =
      std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(calendar.date.year()),
                    static_cast<unsigned>(calendar.date.month()), static_cast<unsigned>(calendar.date.day()),
                    static_cast<int>(calendar.second_of_day / 3600), static_cast<int>(calendar.second_of_day / 60 % 60),
                    static_cast<int>(calendar.second_of_day % 60));
  std::string shown(text, static_cast<std::size_t>(size));
  if (time.nanos != 0) {
    std::snprintf(text, sizeof text, ".%09d", time.nanos);
    shown += text;
    shown.erase(shown.find_last_not_of('0') + 1);
  }
  return shown + "Z";
}

// Seconds, with the shortest fraction that reads back.
std::string DurationText(std::int64_t nanoseconds) {
  const double seconds =
      static_cast<double>(nanoseconds / kBillion) + static_cast<double>(nanoseconds % kBillion) / 1e9;
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, seconds, std::chars_format::fixed);
  return std::string(text, end.ptr) + "s";
}

void AddTimes(FunctionTable& table) {
  table.Add("_+_", "(timestamp, duration) -> timestamp",
            [](const Call& call) { return Moved(call.args[0].time, call.args[1].number); });
  table.Add("_+_", "(duration, timestamp) -> timestamp",
            [](const Call& call) { return Moved(call.args[1].time, call.args[0].number); });
  table.Add("_+_", "(duration, duration) -> duration",
            [](const Call& call) { return DurationOf(static_cast<Wide>(call.args[0].number) + call.args[1].number); });
  table.Add("_-_", "(duration, duration) -> duration",
            [](const Call& call) { return DurationOf(static_cast<Wide>(call.args[0].number) - call.args[1].number); });
  table.Add("_-_", "(timestamp, duration) -> timestamp", [](const Call& call) {
    if (call.args[1].number == std::numeric_limits<std::int64_t>::min()) return Value::Error(kRange);
    return Moved(call.args[0].time, -call.args[1].number);
  });
  table.Add("_-_", "(timestamp, timestamp) -> duration", [](const Call& call) {
    const Time &a = call.args[0].time, &b = call.args[1].time;
    return DurationOf(static_cast<Wide>(a.seconds - b.seconds) * kBillion + (a.nanos - b.nanos));
  });

  const auto getter = [&table](std::string_view name, Function run) {
    table.Add(name, "timestamp.() -> int", run);
    table.Add(name, "timestamp.(string) -> int", run);
  };
  getter("getFullYear", [](const Call& call) {
    return OfCalendar(call, [](const Calendar& c) { return static_cast<int>(c.date.year()); });
  });
  getter("getMonth", [](const Call& call) {
    return OfCalendar(call, [](const Calendar& c) { return static_cast<unsigned>(c.date.month()) - 1; });
  });
  getter("getDate", [](const Call& call) {
    return OfCalendar(call, [](const Calendar& c) { return static_cast<unsigned>(c.date.day()); });
  });
  getter("getDayOfMonth", [](const Call& call) {
    return OfCalendar(call, [](const Calendar& c) { return static_cast<unsigned>(c.date.day()) - 1; });
  });
  getter("getDayOfWeek", [](const Call& call) {
    return OfCalendar(call, [](const Calendar& c) { return std::chrono::weekday(c.day).c_encoding(); });
  });
  getter("getDayOfYear", [](const Call& call) {
    return OfCalendar(call, [](const Calendar& c) {
      return (c.day - std::chrono::sys_days(c.date.year() / std::chrono::January / 1)).count();
    });
  });
  getter("getHours",
         [](const Call& call) { return OfCalendar(call, [](const Calendar& c) { return c.second_of_day / 3600; }); });
  getter("getMinutes", [](const Call& call) {
    return OfCalendar(call, [](const Calendar& c) { return c.second_of_day / 60 % 60; });
  });
  getter("getSeconds",
         [](const Call& call) { return OfCalendar(call, [](const Calendar& c) { return c.second_of_day % 60; }); });
  getter("getMilliseconds", [](const Call& call) { return Value::Int(call.args[0].time.nanos / 1'000'000); });
  table.Add("getHours", "duration.() -> int",
            [](const Call& call) { return Value::Int(call.args[0].number / (3600 * kBillion)); });
  table.Add("getMinutes", "duration.() -> int",
            [](const Call& call) { return Value::Int(call.args[0].number / (60 * kBillion)); });
  table.Add("getSeconds", "duration.() -> int",
            [](const Call& call) { return Value::Int(call.args[0].number / kBillion); });
  table.Add("getMilliseconds", "duration.() -> int",
            [](const Call& call) { return Value::Int(call.args[0].number / 1'000'000); });
}

}  // namespace seaworthy::support::cel
