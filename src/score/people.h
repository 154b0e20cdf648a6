// What there is to answer to people: how each AuditPolicy, Attestation and Waiver was understood, and how many subjects
// it is about.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "score/custom.h"
#include "score/policy.h"
#include "seaworthy/check.h"
#include "seaworthy/policy.h"
#include "seaworthy/snapshot.h"

namespace seaworthy::score {

// About one object. Views and pointers live as long as the snapshot's objects.
struct PersonReport {
  const Object* object = nullptr;
  StatusHash seen;                      // what its status was when it was read
  std::string_view state;               // Valid, Expired, Invalid
  std::string message;                  // why it is invalid, naming the field
  std::int64_t matched = 0;             // subjects that it is about; 0 for policies and for what is not valid
  Timestamp ends;                       // of a valid attestation or waiver
  std::vector<std::string> overridden;  // of a policy: what later ones set otherwise
  // Of a policy: its custom checks whose expression fails, and for how many subjects, rounded down to 1, 2, 5,
  // 10, 20...
  std::vector<std::pair<std::string, std::int64_t>> errors;
};

// In proportion to people's objects times workloads: not for every change.
std::vector<PersonReport> PeopleReports(const Snapshot& snapshot, const Policy& policy,
                                        std::span<const Check* const> checks, std::int64_t now_seconds,
                                        const CustomErrorCounts& errors = {});

}  // namespace seaworthy::score
