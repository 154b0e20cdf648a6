// The rules of our own CRDs (charts/seaworthy/files/crds.yaml) about what people write, for files that no API server
// has seen. Lengths and patterns of names are left out: an id or a name that is none is found by what it names.
#pragma once

#include <string_view>

#include "seaworthy/policy.h"
#include "support/json.h"

namespace seaworthy::cache {

// How the refusal of a field ends that is none.
inline constexpr std::string_view kNoSuchField = "there is no such field";

// Of an AuditPolicy, Attestation or Waiver of either reach: "spec.threshold: 200; want 0 to 100".
Refusals RefusedByCrd(Kind kind, const support::Node& spec);
// Whether one of them is about the field: "spec.threshold".
bool Refuses(const Refusals& refusals, std::string_view field);

// "90d", "12h": what the CRD allows. 0 for anything else.
std::int64_t DurationSeconds(std::string_view text);

}  // namespace seaworthy::cache
