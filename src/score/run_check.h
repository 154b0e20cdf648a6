// One check on one subject, with the gates that every check has in common: applicability, precondition, sources.
#pragma once

#include <string_view>

#include "seaworthy/check.h"
#include "seaworthy/snapshot.h"

namespace seaworthy::score {

SubjectType TypeOf(const SubjectRef& ref);
// Points the context at the subject.
void Bind(Context& context, const SubjectRef& ref, Tier tier);
// Instead of every check of a subject whose own object is known only as it was: what is there now could not be decoded.
Outcome UnreadableSubject(std::string_view why);
// What is seen now: neither held back nor waived nor attested. REQUIRES: the context is bound to a subject of the
// check's type.
Outcome RunCheck(const Check& check, Context& context, const Snapshot& snapshot, std::span<const double> params = {});

}  // namespace seaworthy::score
