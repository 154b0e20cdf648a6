// One check on one subject, with the gates that every check has in common: applicability, precondition, sources.
#pragma once

#include "seaworthy/check.h"
#include "seaworthy/snapshot.h"

namespace seaworthy::score {

SubjectType TypeOf(const SubjectRef& ref);
// Points the context at the subject.
void Bind(Context& context, const SubjectRef& ref, Tier tier);
// What is seen now: neither held back nor waived nor attested. REQUIRES: the context is bound to a subject of the check's type.
Outcome RunCheck(const Check& check, Context& context, const Snapshot& snapshot);

}  // namespace seaworthy::score
