// An object from YAML as a test writes it.
#pragma once

#include <string_view>

#include "seaworthy/object_decoder.h"

namespace seaworthy::testing {

// By its apiVersion and kind. Null after a failure, which is reported.
ObjectPtr Decoded(const ObjectDecoder& decoder, std::string_view yaml);

}  // namespace seaworthy::testing
