// Where people write down who owns something. Data for owner-declared.
//
// Source: CHECKLIST "owner-declared", and the annotations of Ambassador Labs' a8r.io convention; looked through on
// 2026-11-20. A key that ends in "/owner" or "/team" counts as well, whatever the company's domain before it.
#pragma once

#include <string_view>

namespace seaworthy::checks {

inline constexpr std::string_view kOwnerKeys[] = {"seaworthy.dev/owner", "app.kubernetes.io/owner", "owner", "team",
                                                  "a8r.io/owner"};
inline constexpr std::string_view kOwnerKeyEnds[] = {"/owner", "/team"};

}  // namespace seaworthy::checks
