// Findings in the order and the groups in which a status shows them. Pure, thread-safe; holds views of the findings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/report.h"

namespace seaworthy::sinks::report {

struct Item {
  const Finding* finding;
  std::string subject;  // "PodDisruptionBudget/web"; empty: the audit's own
};

// Findings as a status shows them.
struct Sorted {
  std::vector<Item> shown;  // fail, warn, waived, attested; the gravest first, then by id
  struct Group {
    UnknownCause cause;
    std::string_view message;
    std::vector<std::string_view> checks;
  };
  std::vector<Group> unknown;
  std::vector<std::string_view> passed;
  FindingCounts counts{};
};

Sorted Sort(const std::vector<Item>& items);

}  // namespace seaworthy::sinks::report
