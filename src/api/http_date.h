// The two time headers that matter: Date (clock skew) and Retry-After (how long to stay away). Own functions over fixed
// formats: strptime reads the locale, and std::get_time accepts half of a date.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "seaworthy/clock.h"

namespace seaworthy::api {

// No server can send us away for longer than this.
inline constexpr Duration kRetryAfterCap = std::chrono::seconds(120);

// RFC 9110 IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT"; the two obsolete forms are not sent by any API server and are
// refused.
std::optional<WallTime> ParseHttpDate(std::string_view text);

// Whole seconds, or an HTTP date that is compared with `now` (the response's own Date if it had one: our clock may be
// wrong). Dates of the past give zero.
std::optional<Duration> ParseRetryAfter(std::string_view text, WallTime now);

}  // namespace seaworthy::api
