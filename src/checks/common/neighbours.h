// What kind of neighbour a pod is.
#pragma once

#include "seaworthy/objects.h"

namespace seaworthy::checks {

// By the images of its main containers and its label app.kubernetes.io/name.
bool IsMonitoring(const Pod& pod);
// Likewise, or by label seaworthy.dev/io-heavy: "true".
bool IsHeavy(const Pod& pod);

}  // namespace seaworthy::checks
