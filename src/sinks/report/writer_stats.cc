#include "sinks/report/writer_stats.h"

namespace seaworthy::sinks::report {

std::string_view WriteResultName(WriteResult result) {
  constexpr std::string_view kNames[] = {"created",   "updated",   "deleted",   "conflict",
                                         "rejected",  "too_large", "forbidden", "namespace_terminating",
                                         "not_found", "throttled", "failed",    "unknown"};
  static_assert(sizeof kNames / sizeof kNames[0] == kWriteResults);
  return kNames[static_cast<std::size_t>(result)];
}

}  // namespace seaworthy::sinks::report
