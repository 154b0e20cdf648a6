// How many times longer than elsewhere a test waits before it takes something for hung: sanitizers slow programs down,
// ThreadSanitizer by ten times and more.
#pragma once

namespace seaworthy::testing {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr int kPatience = 10;
#else
inline constexpr int kPatience = 1;
#endif

}  // namespace seaworthy::testing
