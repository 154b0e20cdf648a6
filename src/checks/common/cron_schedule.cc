#include "checks/common/cron_schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace seaworthy::checks {
namespace {

constexpr std::int64_t kMinute = 60, kHour = 3'600, kDay = 86'400;
constexpr std::uint64_t kStar = std::uint64_t{1} << 63;

struct Bounds {
  std::int64_t min, max;
  std::string_view names;  // three letters each, the first stands for `min`
};
constexpr Bounds kSeconds = {0, 59, ""}, kMinutes = {0, 59, ""}, kHours = {0, 23, ""}, kDays = {1, 31, ""},
                 kMonths = {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"}, kWeekdays = {0, 6, "sunmontuewedthufrisat"};

Status Wrong(std::string what) { return {Code::kInvalidArgument, std::move(what)}; }

std::string Quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// The parts between separators, empty ones too (strings.Split).
std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = Trim(text); !text.empty(); text = Trim(text)) {
    const auto* end = std::find_if(text.begin(), text.end(), IsSpace);
    words.push_back(text.substr(0, static_cast<std::size_t>(end - text.begin())));
    text.remove_prefix(words.back().size());
  }
  return words;
}

// strconv.Atoi, of what is not negative.
Result<std::int64_t> Number(std::string_view text) {
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '-')
    return Wrong(Quoted(text) + " is not a number");
  return value;
}

Result<std::int64_t> NumberOrName(std::string_view text, const Bounds& bounds) {
  if (text.size() == 3 && !bounds.names.empty()) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (std::size_t i = 0; i < bounds.names.size(); i += 3) {
      if (bounds.names.substr(i, 3) == lower) return bounds.min + static_cast<std::int64_t>(i / 3);
    }
  }
  return Number(text);
}

Result<std::uint64_t> ParseRange(std::string_view text, const Bounds& bounds) {
  const std::vector<std::string_view> with_step = Split(text, '/');
  const std::vector<std::string_view> ends = Split(with_step[0], '-');
  std::int64_t start = bounds.min, end = bounds.max, step = 1;
  std::uint64_t star = 0;
  if (ends[0] == "*" || ends[0] == "?") {
    star = kStar;
  } else {
    const Result<std::int64_t> first = NumberOrName(ends[0], bounds);
    if (!first.ok()) return first.status();
    start = end = *first;
    if (ends.size() > 2) return Wrong("too many hyphens in " + Quoted(text));
    if (ends.size() == 2) {
      const Result<std::int64_t> second = NumberOrName(ends[1], bounds);
      if (!second.ok()) return second.status();
      end = *second;
    }
  }
  if (with_step.size() > 2) return Wrong("too many slashes in " + Quoted(text));
  if (with_step.size() == 2) {
    const Result<std::int64_t> given = Number(with_step[1]);
    if (!given.ok()) return given.status();
    step = *given;
    if (ends.size() == 1) end = bounds.max;
    if (step > 1) star = 0;
  }
  if (start < bounds.min || end > bounds.max) {
    return Wrong(Quoted(text) + " is outside of " + std::to_string(bounds.min) + "-" + std::to_string(bounds.max));
  }
  if (start > end) return Wrong(Quoted(text) + " ends before it begins");
  if (step == 0) return Wrong(Quoted(text) + " has a step of 0");
  std::uint64_t bits = star;
  for (std::int64_t value = start; value <= end; value += step) {
    bits |= std::uint64_t{1} << value;
    if (step > end) break;
  }
  return bits;
}

Result<std::uint64_t> ParseField(std::string_view text, const Bounds& bounds) {
  std::uint64_t bits = 0;
  for (const std::string_view part : Split(text, ',')) {
    if (part.empty()) continue;
    const Result<std::uint64_t> range = ParseRange(part, bounds);
    if (!range.ok()) return range.status();
    bits |= *range;
  }
  return bits;
}

// Go's time.ParseDuration, in whole seconds and at least one (cron.Every).
std::optional<std::int64_t> ParseEvery(std::string_view text) {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  constexpr Unit kUnits[] = {{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"μs", 1e-6},
                             {"ms", 1e-3}, {"s", 1},     {"m", 60},    {"h", 3600}};
  constexpr double kMost = 9.2e9;  // an int64 of nanoseconds
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text == "0") return 1;
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double value = 0, scale = 1;
    bool digits = false, point = false;
    while (!text.empty() && ((text.front() >= '0' && text.front() <= '9') || (text.front() == '.' && !point))) {
      if (text.front() == '.') {
        point = true;
      } else {
        digits = true;
        if (point) scale /= 10;
        value = point ? value + (text.front() - '0') * scale : value * 10 + (text.front() - '0');
      }
      text.remove_prefix(1);
    }
    if (!digits) return std::nullopt;
    const Unit* unit = nullptr;
    const auto* end = std::find_if(text.begin(), text.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
    const std::string_view name = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    for (const Unit& known : kUnits) {
      if (known.name == name) unit = &known;
    }
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(name.size());
    total += value * unit->seconds;
    if (total > kMost) return std::nullopt;
  }
  // A sum of tenths must not fall short of the second that it makes.
  return negative ? 1 : std::max<std::int64_t>(1, static_cast<std::int64_t>(total + 1e-9));
}

std::int64_t FloorDiv(std::int64_t value, std::int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

std::chrono::year_month_day DateOf(std::int64_t days) {
  return std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(days)));
}
int Year(std::int64_t days) { return int{DateOf(days).year()}; }
unsigned Month(std::int64_t days) { return unsigned{DateOf(days).month()}; }
unsigned DayOfMonth(std::int64_t days) { return unsigned{DateOf(days).day()}; }

// A moment and its local clock, moved about as Go's time.Time is.
class Moment {
 public:
  Moment(std::int64_t time, const TimeZone& zone) : zone_(zone) { Set(time); }

  std::int64_t time() const { return time_; }
  std::int64_t days() const { return FloorDiv(local_, kDay); }
  std::int64_t hour() const { return SecondOfDay() / kHour; }
  std::int64_t minute() const { return SecondOfDay() / kMinute % 60; }
  std::int64_t second() const { return SecondOfDay() % 60; }

  void Add(std::int64_t seconds) { Set(time_ + seconds); }
  // time.Date: what the clock shows becomes a moment. Where clocks jump there are two answers or none; this is Go's.
  void SetClock(std::int64_t local) {
    const TimeZone::Period guess = PeriodOf(local);
    const std::int64_t utc = local - guess.offset;
    Set(local - (utc < guess.start || utc >= guess.end ? zone_.OffsetAt(utc) : guess.offset));
  }
  void ToMidnight() { SetClock(days() * kDay); }
  void ToMonthsFirst() { SetClock((days() - DayOfMonth(days()) + 1) * kDay); }
  void ToFullHour() { SetClock(days() * kDay + hour() * kHour); }
  // time.AddDate: the clock stays, the date moves; the 31st of a short month flows over into the next.
  void AddDays(std::int64_t count) { SetClock(local_ + count * kDay); }
  void AddMonth() {
    const std::chrono::year_month_day date = DateOf(days());
    const std::chrono::year_month next = date.year() / date.month() + std::chrono::months(1);
    const std::int64_t first = std::chrono::sys_days(next / std::chrono::day(1)).time_since_epoch().count();
    SetClock((first + unsigned{date.day()} - 1) * kDay + SecondOfDay());
  }

 private:
  std::int64_t SecondOfDay() const { return local_ - days() * kDay; }
  void Set(std::int64_t time) {
    time_ = time;
    period_ = PeriodOf(time);
    local_ = time + period_.offset;
  }
  // Nearly always the one that we are in.
  TimeZone::Period PeriodOf(std::int64_t time) const {
    return time >= period_.start && time < period_.end ? period_ : zone_.At(time);
  }

  const TimeZone& zone_;
  TimeZone::Period period_{0, 0, 0};
  std::int64_t time_ = 0, local_ = 0;
};

bool Has(std::uint64_t bits, std::int64_t value) { return (bits >> value & 1) != 0; }

}  // namespace

Status CronSchedule::ParseDescriptor(std::string_view text, CronSchedule& schedule) {
  constexpr std::string_view kEvery = "@every ";
  if (text.starts_with(kEvery)) {
    const std::optional<std::int64_t> every = ParseEvery(text.substr(kEvery.size()));
    if (!every) return Wrong(Quoted(text) + " has no duration that can be read");
    schedule.every_ = *every;
    return Status::Ok();
  }
  struct Named {
    std::string_view name, fields;
  };
  constexpr Named kNamed[] = {{"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
                              {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
                              {"@hourly", "0 * * * *"}};
  for (const Named& named : kNamed) {
    if (named.name != text) continue;
    const TimeZone zone = schedule.zone_;
    schedule = *Parse(named.fields);
    schedule.zone_ = zone;
    return Status::Ok();
  }
  return Wrong(Quoted(text) + " is no schedule that is known");
}

Result<CronSchedule> CronSchedule::Parse(std::string_view text, Fields fields) {
  CronSchedule schedule;
  if (text.empty()) return Wrong("the schedule is empty");
  if (text.starts_with("TZ=") || text.starts_with("CRON_TZ=")) {
    const std::size_t space = text.find(' '), equals = text.find('=');
    if (space == std::string_view::npos) return Wrong("nothing follows the time zone");
    const std::string_view name = text.substr(equals + 1, space - equals - 1);
    const std::optional<TimeZone> zone = name == "Local" ? TimeZone() : TimeZone::Find(name);
    if (!zone) return Wrong("the time zone " + Quoted(name) + " is unknown");
    schedule.zone_ = *zone;
    text = Trim(text.substr(space));
  }
  if (text.starts_with('@')) {
    if (Status status = ParseDescriptor(text, schedule); !status.ok()) return status;
    return schedule;
  }
  const std::vector<std::string_view> words = Words(text);
  const bool seconds = fields == Fields::kWithSeconds;
  const std::size_t least = 5, most = seconds ? 6 : 5;
  if (words.size() < least || words.size() > most) {
    return Wrong("it has " + std::to_string(words.size()) + " fields, wanted " + (seconds ? "5 or 6" : "5"));
  }
  std::uint64_t* const all[] = {&schedule.second_, &schedule.minute_, &schedule.hour_,
                                &schedule.day_,    &schedule.month_,  &schedule.weekday_};
  constexpr const Bounds* kBounds[] = {&kSeconds, &kMinutes, &kHours, &kDays, &kMonths, &kWeekdays};
  const std::size_t first = seconds ? 0 : 1;
  for (std::size_t i = first; i < std::size(all); ++i) {
    const std::size_t word = i - first;
    const Result<std::uint64_t> bits = ParseField(word < words.size() ? words[word] : "*", *kBounds[i]);
    if (!bits.ok()) return bits.status();
    *all[i] = *bits;
  }
  return schedule;
}

Result<CronSchedule> CronSchedule::OfCronJob(std::string_view text, std::string_view time_zone) {
  Result<CronSchedule> schedule = Parse(text);
  if (!schedule.ok() || time_zone.empty() || text.find("TZ") != std::string_view::npos) return schedule;
  const std::optional<TimeZone> zone = TimeZone::Find(time_zone);
  if (!zone) return Wrong("the time zone " + Quoted(time_zone) + " is unknown");
  schedule->zone_ = *zone;
  return schedule;
}

bool CronSchedule::DayMatches(std::int64_t days) const {
  const bool day = Has(day_, DayOfMonth(days));
  const bool weekday =
      Has(weekday_, unsigned{std::chrono::weekday(std::chrono::sys_days(std::chrono::days(days))).c_encoding()});
  return ((day_ | weekday_) & kStar) != 0 ? day && weekday : day || weekday;
}

// SpecSchedule.Next step by step, so that it is alike where clocks jump, too.
Timestamp CronSchedule::Next(Timestamp after) const {
  if (every_ != 0) return {after.seconds + every_};
  Moment t(after.seconds + 1, zone_);
  bool added = false;
  const int last_year = Year(t.days()) + 5;
  while (true) {
    if (Year(t.days()) > last_year) return {};
    bool wrapped = false;
    while (!wrapped && !Has(month_, Month(t.days()))) {
      if (!added) t.ToMonthsFirst();
      added = true;
      t.AddMonth();
      wrapped = Month(t.days()) == 1;
    }
    while (!wrapped && !DayMatches(t.days())) {
      if (!added) t.ToMidnight();
      added = true;
      t.AddDays(1);
      // Midnight may not exist, or come twice.
      if (const std::int64_t hour = t.hour(); hour != 0) t.Add((hour > 12 ? 24 - hour : -hour) * kHour);
      wrapped = DayOfMonth(t.days()) == 1;
    }
    while (!wrapped && !Has(hour_, t.hour())) {
      if (!added) t.ToFullHour();
      added = true;
      t.Add(kHour);
      wrapped = t.hour() == 0;
    }
    while (!wrapped && !Has(minute_, t.minute())) {
      if (!added) t.Add(t.time() >= 0 ? -(t.time() % kMinute) : 0);
      added = true;
      t.Add(kMinute);
      wrapped = t.minute() == 0;
    }
    while (!wrapped && !Has(second_, t.second())) {
      added = true;
      t.Add(1);
      wrapped = t.second() == 0;
    }
    if (!wrapped) return {t.time()};
  }
}

Timestamp CronSchedule::Previous(Timestamp at, Timestamp anchor) const {
  if (every_ != 0) {
    if (!anchor.set() || at.seconds < anchor.seconds + every_) return {};
    return {anchor.seconds + (at.seconds - anchor.seconds) / every_ * every_};
  }
  constexpr std::int64_t kFarthest = 5 * 366 * kDay;
  // The first due time after `from`, where that is not after `at`.
  const auto due_after = [&](std::int64_t from) {
    const Timestamp due = Next({from});
    return due <= at ? due : Timestamp();
  };
  const Timestamp next = Next(at);
  const Timestamp one_more = next.set() ? Next(next) : Timestamp();
  Timestamp found;
  for (std::int64_t window = one_more.set() ? one_more.seconds - next.seconds : kHour; !found.set(); window *= 2) {
    found = due_after(at.seconds - std::min(window, kFarthest));
    if (window >= kFarthest) break;
  }
  if (!found.set() || !due_after(found.seconds).set()) return found;
  // Something is due after `low` and nothing after `high`.
  std::int64_t low = found.seconds, high = at.seconds;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (due_after(middle).set() ? low : high) = middle;
  }
  return due_after(low);
}

std::int64_t CronSchedule::UsualInterval(Timestamp at) const {
  if (every_ != 0) return every_;
  std::array<std::int64_t, 8> gaps{};
  std::size_t count = 0;
  Timestamp due = Next(at);
  while (due.set() && count < gaps.size()) {
    const Timestamp next = Next(due);
    if (!next.set()) break;
    gaps[count++] = next.seconds - due.seconds;
    due = next;
  }
  if (count == 0) return 0;
  // The most frequent one; of several the shortest.
  std::sort(gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(count));
  std::int64_t usual = gaps[0];
  std::size_t most = 0;
  for (std::size_t i = 0; i < count;) {
    std::size_t same = 1;
    while (i + same < count && gaps[i + same] == gaps[i]) ++same;
    if (same > most) {
      most = same;
      usual = gaps[i];
    }
    i += same;
  }
  return usual;
}

}  // namespace seaworthy::checks
