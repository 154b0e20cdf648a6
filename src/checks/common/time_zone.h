// Local time by the name of an IANA time zone.
//
// From a table that is compiled in (time_zone_rules.h): checks do no I/O, and what a verdict says must not depend on
// the machine. It knows the rule that is in force today, applied to every year.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace seaworthy::checks {

struct ZoneRule;

class TimeZone {
 public:
  // UTC.
  TimeZone();
  // As Go's time.LoadLocation: "" and "UTC" are UTC, and upper and lower case count. nullopt for an unknown name.
  static std::optional<TimeZone> Find(std::string_view name);

  // A stretch of time in which clocks are not changed: from `start` up to `end`, not included (seconds since the epoch,
  // UTC).
  struct Period {
    std::int64_t offset;  // seconds east of Greenwich
    std::int64_t start, end;
  };
  Period At(std::int64_t time) const;
  std::int64_t OffsetAt(std::int64_t time) const { return At(time).offset; }

 private:
  explicit TimeZone(const ZoneRule& rule) : rule_(&rule) {}
  const ZoneRule* rule_;
};

}  // namespace seaworthy::checks
