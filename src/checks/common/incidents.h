// What ended containers and pods of a workload not long ago: as their statuses show it, and as the watch has seen it of
// those that are gone.
#pragma once

#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

struct Incident {
  Text container;  // empty: the pod as a whole
  Timestamp time;
};
// Of the current revision (of a CronJob: of any), at most `seconds` old; the newest of each container, by name. Kinds:
// kPod.
std::vector<Incident> RecentIncidents(const Context& context, RestartEvidence::Incident::What what,
                                      std::int64_t seconds);

// When the last of them will be too old.
Timestamp ForgottenAt(const std::vector<Incident>& incidents, std::int64_t seconds);

}  // namespace seaworthy::checks
