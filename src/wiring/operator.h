// The operator: connects the stages and serves what they make, until a signal.
#pragma once

#include "wiring/run_command.h"

namespace seaworthy::wiring {

// Returns the exit code: 0 after SIGTERM or SIGINT, 2 for unusable addresses or credentials, 3 for a fault.
int RunOperator(const RunArguments& arguments);

}  // namespace seaworthy::wiring
