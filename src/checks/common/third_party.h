// Whether a workload runs well-known software of other people.
#pragma once

#include <string_view>

#include "seaworthy/check.h"

namespace seaworthy::checks {

bool IsThirdPartyImage(std::string_view image);

// All of its main containers run such images: nobody here decides what they log or how they are built.
bool IsThirdParty(const PodSpec& spec);

}  // namespace seaworthy::checks
