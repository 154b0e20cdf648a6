// What a report says of a workload beside its verdicts.
#pragma once

#include <cstdint>
#include <string_view>

#include "seaworthy/workload.h"

namespace seaworthy::score {

// From labels or annotations; empty where nobody is named.
std::string_view OwnerOf(const Workload& workload);
std::string_view PartOf(const Workload& workload);
// Equal: a report would say the same of both, verdicts apart. Not to be stored.
std::uint64_t IdentityOf(const Workload& workload);

}  // namespace seaworthy::score
