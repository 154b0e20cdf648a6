// The decoder: one parsed JSON object in, its typed projection out (include/seaworthy/object_decoder.h).
//
// A missing field is a value ("unset"). A field of the wrong type is unset, too, unless the object would then say
// something else than was written (metadata.name, spec.template, spec.replicas, a container): that is an error which
// names object and field. Quantities that do not parse set ResourceAmounts::invalid. Nothing of a credential survives:
// see credentials_fact.h.
#pragma once

#include <memory>

#include "seaworthy/object_decoder.h"
#include "seaworthy/text.h"

namespace seaworthy::cache {

// The pool must outlive the decoder and all that it decoded. Equal pod specs of live objects (those without line
// numbers) are decoded once and held once; the decoder keeps only weak references to them.
std::unique_ptr<ObjectDecoder> MakeDecoder(TextPool& pool);

}  // namespace seaworthy::cache
