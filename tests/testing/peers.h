// The other workloads as an engine without a policy sees them, worked out anew for each question.
#pragma once

#include <algorithm>

#include "checks/all_checks.h"
#include "score/policy.h"
#include "seaworthy/check.h"
#include "seaworthy/scheduling.h"

namespace seaworthy::testing {

class PlainPeers final : public Peers {
 public:
  explicit PlainPeers(const Snapshot& snapshot) : snapshot_(snapshot), policy_(checks::AllChecks()) {}

  Tier TierOf(const WorkloadRecord& record) const override { return policy_.TierOf(*record.workload, *record.ns); }
  OptInt HighestAuxiliaryPriority() const override {
    OptInt highest;
    for (const NamespaceRecord* ns : snapshot_.Namespaces()) {
      for (const WorkloadRecord* record : ns->workloads) {
        if (TierOf(*record) != Tier::kAuxiliary) continue;
        const OptInt own = PriorityOf(snapshot_, *record->workload->spec);
        if (own.has_value() && *own <= kHighestUserPriority) highest = std::max(*own, highest.value_or(*own));
      }
    }
    return highest;
  }

 private:
  const Snapshot& snapshot_;
  score::Policy policy_;
};

}  // namespace seaworthy::testing
