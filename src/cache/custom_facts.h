// What of an object stays for custom checks (include/seaworthy/custom.h).
#pragma once

#include "seaworthy/custom.h"
#include "support/json.h"

namespace seaworthy::cache {

// Judges the object by the rules about its kind, and keeps its text where one of them reads the namespace as well.
void AttachCustomFacts(const CustomRules& rules, const support::Node& node, Object& object);

// The object as JSON without managedFields. Values of environment variables, commands and their arguments, what was
// last applied, and annotations that look like credentials are replaced by a mark; an expression that reads one gets an
// error.
std::string KeptJson(const support::Node& node);

}  // namespace seaworthy::cache
