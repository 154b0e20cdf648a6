// The version and commit that this binary was built from; the numbers come in from CMake.
#pragma once

#include <string_view>

namespace seaworthy::support {

std::string_view Version();  // "0.1.0"
std::string_view Commit();   // short hash, or "unknown"

}  // namespace seaworthy::support
