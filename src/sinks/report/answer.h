// What the API server answers to the writer: what to do about it, and the object that it holds now. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/objects.h"
#include "seaworthy/transport.h"
#include "sinks/report/render.h"
#include "support/json.h"
#include "support/sip_hash.h"

namespace seaworthy::sinks::report {

enum class Answer : std::uint8_t {
  kOk,           // done
  kConflict,     // read again, redo
  kNotFound,     // it is not there
  kRejected,     // never again with this content
  kTooLarge,     // once more with less
  kForbidden,    // backoff of minutes: somebody has to grant it
  kTerminating,  // the namespace goes: forget it
  kThrottled,    // wait as told
  kFailed,       // backoff
  kUnknown,      // no answer: it may have worked; read before sending it again
};
Answer Classify(const Result<HttpResponse>& result);

// An audit object as the server has it.
struct Observation {
  Uid uid;
  std::string resource_version;
  support::Hash128 hash;  // of .status
  List<OwnerRef> owners;
  Conditions conditions;
};
Observation FromWatch(const AuditObject& object, std::span<const Condition> conditions);
// nullopt: not such an object. `tree` is scratch. The owners have uids only.
std::optional<Observation> FromBody(std::string_view body, Kind kind, support::Tree& tree);

// Larger means newer, for versions of one object: a number for all servers of today, 0 where it is none.
std::uint64_t VersionNumber(std::string_view resource_version);

}  // namespace seaworthy::sinks::report
