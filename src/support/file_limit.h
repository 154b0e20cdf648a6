// How many files and sockets this process may have open at a time (RLIMIT_NOFILE).
#pragma once

#include <cstdint>

#include "seaworthy/result.h"

namespace seaworthy::support {

// Raises the soft limit to the hard one, as Go's programs do; kFailedPrecondition where that is below `needed`, with
// both numbers. What runs out of descriptors later can accept no connection and say nothing: better not to start.
Status RaiseFileLimit(std::uint64_t needed);

}  // namespace seaworthy::support
