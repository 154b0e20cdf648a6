// What sources ask of the World: which images run, whose logs are to be sampled. On the core loop.
#pragma once

#include <vector>

#include "cache/world.h"
#include "seaworthy/clock.h"
#include "wiring/sources/log_sampling.h"
#include "wiring/sources/registry.h"

namespace seaworthy::wiring {

// Each digest once, of containers and sidecars of the pods of current revisions.
std::vector<RunningImage> RunningImages(const cache::World& world);

// Workloads that run for long, have a pod that has been ready for a while, and no sample of their template, or one of
// too few lines.
std::vector<LogSubject> LogSubjects(const cache::World& world, WallTime now);

}  // namespace seaworthy::wiring
