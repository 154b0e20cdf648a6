// What the kernel says about this process: the numbers of process_*. Reads /proc/self; what cannot be read is 0.
#pragma once

#include <cstdint>

namespace seaworthy::sinks::metrics {

struct ProcessStats {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0, virtual_bytes = 0;
  std::uint64_t open_fds = 0, max_fds = 0;
  std::uint64_t threads = 0;
  double start_time = 0;  // unix time
};

ProcessStats ReadProcessStats();

}  // namespace seaworthy::sinks::metrics
