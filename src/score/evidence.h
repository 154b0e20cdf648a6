// What a WorkloadAudit keeps so that a restart changes nothing: which decided verdicts are shown while something else
// is seen, what the watch saw. Stored as compact JSON in .status.evidence. Since when a warn or fail stands is in the
// findings themselves.
//
// Holds that are running are not in it: they begin again after a restart. They change without the report changing, and
// an object that is written for them alone would be a write for nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "score/engine.h"
#include "seaworthy/evidence.h"
#include "seaworthy/objects.h"

namespace seaworthy::score {

// Canonical: equal evidence gives equal text. Empty when there is nothing to keep. What is still being observed is left
// out: nobody will have seen all of it.
std::string FormatEvidence(const SubjectEvidence& evidence, const WorkloadRecord& record, std::int64_t now_seconds);

// Tolerant: what cannot be read is left out, for an older or newer version may have written it.
struct ParsedEvidence {
  SubjectEvidence subject;
  std::optional<DeliveryEvidence> delivery;
  std::vector<RestartEvidence::Incident> incidents;
  std::optional<AvailabilityEvidence> availability;
  std::optional<SmokeTestEvidence> smoke_test;
  std::optional<UsageEvidence> usage;
  std::optional<LogEvidence> logs;
};
ParsedEvidence ParseEvidence(std::string_view text, TextPool& pool);

// Adds what the rest of an audit object tells: which verdicts were decided last, since when findings stand, what
// changed. `subject` is empty for the object's own subject, else "PodDisruptionBudget/web".
void AddAudited(SubjectEvidence& evidence, const AuditObject& audit, std::string_view subject);

}  // namespace seaworthy::score
