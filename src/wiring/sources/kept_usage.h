// Keeps the samples of two replicas apart from what is written: only one of them writes.
#pragma once

#include "seaworthy/usage.h"

namespace seaworthy::wiring {

// Takes over what another replica has kept: whoever writes next must not write everything again for the sake of its own
// samples.
void AdoptKept(UsageEvidence& usage, UsageEvidence kept);

}  // namespace seaworthy::wiring
