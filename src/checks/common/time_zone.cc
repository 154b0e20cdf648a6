#include "checks/common/time_zone.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <limits>

#include "checks/common/time_zone_rules.h"

namespace seaworthy::checks {
namespace {

constexpr std::int64_t kDay = 86'400;

std::int64_t YearOf(std::int64_t local) {
  const std::chrono::sys_days day{std::chrono::floor<std::chrono::days>(std::chrono::seconds(local))};
  return int{std::chrono::year_month_day(day).year()};
}

// When clocks that stood at `before` are changed in that year.
std::int64_t ChangeIn(std::int64_t year, const ClockChange& change, std::int64_t before) {
  const std::chrono::year_month month(std::chrono::year(static_cast<int>(year)),
                                      std::chrono::month(static_cast<unsigned>(change.month)));
  const std::chrono::weekday weekday(static_cast<unsigned>(change.day));
  const std::chrono::sys_days day = change.week == 5
                                        ? std::chrono::sys_days(month / weekday[std::chrono::last])
                                        : std::chrono::sys_days(month / weekday[static_cast<unsigned>(change.week)]);
  return day.time_since_epoch().count() * kDay + change.seconds - before;
}

constexpr ZoneRule kUtc = {0, 0, {}, {}};

constexpr bool Sorted() {
  return std::is_sorted(std::begin(kZoneNames), std::end(kZoneNames),
                        [](const ZoneName& a, const ZoneName& b) { return a.name < b.name; });
}
static_assert(Sorted(), "found by bisection");

}  // namespace

TimeZone::TimeZone() : rule_(&kUtc) {}

std::optional<TimeZone> TimeZone::Find(std::string_view name) {
  if (name.empty()) return TimeZone();
  const auto* found =
      std::lower_bound(std::begin(kZoneNames), std::end(kZoneNames), name,
                       [](const ZoneName& zone, std::string_view wanted) { return zone.name < wanted; });
  if (found == std::end(kZoneNames) || found->name != name) return std::nullopt;
  return TimeZone(kZoneRules[found->rule]);
}

TimeZone::Period TimeZone::At(std::int64_t time) const {
  constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  const ZoneRule& rule = *rule_;
  if (rule.standard == rule.summer) return {rule.standard, -kNever, kNever};
  const std::int64_t year = YearOf(time + rule.standard);
  struct Change {
    std::int64_t at, offset;
  };
  // The year before and the year after: the period may have begun in the one and end in the other.
  std::array<Change, 6> changes;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t of = year - 1 + static_cast<std::int64_t>(i);
    changes[2 * i] = {ChangeIn(of, rule.to_summer, rule.standard), rule.summer};
    changes[2 * i + 1] = {ChangeIn(of, rule.to_standard, rule.summer), rule.standard};
    if (changes[2 * i + 1].at < changes[2 * i].at) std::swap(changes[2 * i], changes[2 * i + 1]);
  }
  std::size_t next = 1;
  while (next < changes.size() && changes[next].at <= time) ++next;
  const Change& last = changes[next - 1];
  return {last.offset, last.at, next < changes.size() ? changes[next].at : kNever};
}

}  // namespace seaworthy::checks
