#include "support/file_limit.h"

#include <sys/resource.h>

#include <string>

namespace seaworthy::support {

Status RaiseFileLimit(std::uint64_t needed) {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return Status();  // no limit that could be read is none to complain of
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  if (limit.rlim_cur >= needed) return Status();
  return Status(Code::kFailedPrecondition, "the limit of open files is " + std::to_string(limit.rlim_cur) +
                                               ", and watches, writes and scrapes need up to " +
                                               std::to_string(needed) + " (ulimit -n, LimitNOFILE)");
}

}  // namespace seaworthy::support
