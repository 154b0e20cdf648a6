// What a change of an object makes worth looking at again. Comes from the cache's indexes, goes into the evaluation's
// queue.
#pragma once

#include <cstdint>

#include "seaworthy/kind.h"

namespace seaworthy {

// "These subjects may judge differently now, as far as they read these kinds."
struct Touch {
  enum class Scope : std::uint8_t {
    kSubject,             // `subject`
    kNamespaceWorkloads,  // every workload of the namespace whose subject id is `subject`
    kWorkloads,           // every workload
    kEverything,          // all subjects: a source came, went or was denied
    kRemoved,             // `subject` is gone; the id may be used again after this
  };
  Scope scope = Scope::kSubject;
  std::uint32_t subject = 0;
  KindSet kinds;
  bool direct = false;  // the subject's own object or pods changed: before fan-outs
};

}  // namespace seaworthy
