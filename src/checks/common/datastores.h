// Datastores and their exporters, by image.
#pragma once

#include <cstdint>

#include "checks/common/datastore_images.h"
#include "seaworthy/check.h"

namespace seaworthy::checks {

struct SeenDatastore {
  const Datastore* datastore = nullptr;  // nullptr: none is known
  const Container* container = nullptr;
};
// The first main container that runs one.
SeenDatastore FindDatastore(const PodSpec& spec);
// Of the workload's template.
const SeenDatastore& FindDatastore(const Context& context);

// Whether the container's image is an exporter for this datastore.
bool Exports(const Container& container, const Datastore& datastore);

// For Check::bears_on_all: which datastore a main container of the workload is an exporter for, 1 for the first of
// kDatastores; 0, none, or it is at 0 on purpose.
std::uint8_t ExporterFor(const Workload& workload);

}  // namespace seaworthy::checks
