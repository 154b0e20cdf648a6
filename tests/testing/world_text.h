// All lists and joins of a Snapshot as text, so that two of them can be compared where no check looks yet.
#pragma once

#include <string>

#include "seaworthy/snapshot.h"

namespace seaworthy::testing {

// One line a record. Subject ids, addresses and what only a watch sees are left out: they depend on history.
std::string WorldText(const Snapshot& snapshot);

}  // namespace seaworthy::testing
