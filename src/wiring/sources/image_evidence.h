// What registries said of a workload's images, kept in its WorkloadAudit: a digest's answer never changes, and
// registries count what they are asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/world.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/watch_event.h"

namespace seaworthy::wiring {

// Adds them to the text of the evidence (a JSON object, or empty).
std::string AddImages(std::string evidence, const cache::World& world, const WorkloadRecord& record);
// As if the registries had just said so.
std::vector<WatchEvent> ReadImages(std::string_view evidence, const ObjectDecoder& decoder);

}  // namespace seaworthy::wiring
