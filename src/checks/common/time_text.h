// Times and spans as messages show them.
#pragma once

#include <cstdint>
#include <string>

#include "seaworthy/object.h"

namespace seaworthy::checks {

// "2026-11-24 12:00 UTC".
std::string DateTimeText(Timestamp time);
// Rounded to one unit, so that a message does not change by the second: "45 s", "12 min", "3 h", "9 days".
std::string SpanText(std::int64_t seconds);

}  // namespace seaworthy::checks
