// From one parsed JSON object to its typed projection. Implemented by the cache (it owns the projections), used by
// whoever reads objects: the watchers and the manifest loader.
#pragma once

#include "seaworthy/custom.h"
#include "seaworthy/kind.h"
#include "seaworthy/object.h"
#include "seaworthy/result.h"

namespace seaworthy::support {
class Node;
}

namespace seaworthy {

// Thread-safe: one decoder may serve several reading threads.
class ObjectDecoder {
 public:
  virtual ~ObjectDecoder() = default;
  // kInvalidArgument: the object is not readable as `kind`; the message names object and field.
  virtual Result<ObjectPtr> Decode(Kind kind, const support::Node& node) const = 0;
  // What is decoded from now on is judged by these as well; nullptr: by none.
  virtual void Use(CustomRulesPtr rules) { static_cast<void>(rules); }
};

}  // namespace seaworthy
