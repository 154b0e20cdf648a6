#include <cstdio>

#include "support/version.h"
#include "wiring/commands.h"

namespace seaworthy::wiring {

std::string GeneratedBy() { return "seaworthy " + std::string(support::Version()); }

int VersionCommand() {
  std::printf("%s (commit %s)\n", GeneratedBy().c_str(), std::string(support::Commit()).c_str());
  return kExitOk;
}

}  // namespace seaworthy::wiring
