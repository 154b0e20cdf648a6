// Timestamps as the API server writes them: metav1.Time (RFC 3339, seconds) and metav1.MicroTime.
#pragma once

#include <string_view>

#include "seaworthy/object.h"

namespace seaworthy::cache {

// Unset for what does not parse, and for Go's zero time (year 1). Years before 1870 and after 2070 are clamped: a
// tenant chooses some of these (creationTimestamp of a hand-made object, lastTransitionTime), and arithmetic on them
// must not overflow.
Timestamp ParseTimestamp(std::string_view text);

}  // namespace seaworthy::cache
