// What the writer of audit objects has done and is in the middle of, as plain numbers for the operator's metrics.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace seaworthy::sinks::report {

// How one request ended.
enum class WriteResult : std::uint8_t {
  kCreated,
  kUpdated,
  kDeleted,
  kConflict,              // somebody else wrote in between: read again and redone
  kRejected,              // 400, 422: not tried again before the content changes
  kTooLarge,              // 413: tried once more with less detail
  kForbidden,             // 403
  kNamespaceTerminating,  // nothing is written there any more
  kNotFound,              // 404: there is nothing to write into, or it has gone
  kThrottled,             // 429
  kFailed,                // 5xx and what else no rule is for
  kUnknown,               // no answer came: read before it is sent again
  kCount,
};
inline constexpr std::size_t kWriteResults = static_cast<std::size_t>(WriteResult::kCount);
std::string_view WriteResultName(WriteResult result);  // "namespace_terminating"

struct WriterStats {
  std::array<std::uint64_t, kWriteResults> results{};
  std::uint64_t tampered = 0;  // edits and deletions by others
  std::size_t objects = 0;     // that the server holds
  std::size_t subjects = 0;    // that ought to have one
  std::size_t pending = 0;     // differ, and wait
  std::size_t in_flight = 0;
  double rate = 0;             // requests a second that are allowed now
  bool degraded = false;       // forbidden to write
  bool breaker_open = false;   // nothing is created
  bool sweep_stopped = false;  // the last sweep found too much to delete
};

}  // namespace seaworthy::sinks::report
