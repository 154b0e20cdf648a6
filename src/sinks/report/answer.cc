#include "sinks/report/answer.h"

#include <charconv>
#include <chrono>
#include <cstdio>

#include "support/canonical_json.h"

namespace seaworthy::sinks::report {
namespace {

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// "2026-11-24T12:00:00Z", the only form that we write.
Timestamp ParseTime(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (text.size() != 20 || std::sscanf(std::string(text).c_str(), "%4d-%2d-%2dT%2d:%2d:%2dZ", &year, &month, &day,
                                       &hour, &minute, &second) != 6) {
    return {};
  }
  const auto date = std::chrono::year(year) / month / day;
  if (!date.ok()) return {};
  return {std::chrono::duration_cast<std::chrono::seconds>(std::chrono::sys_days(date).time_since_epoch()).count() +
          hour * 3600 + minute * 60 + second};
}

// metav1.ConditionStatus. Anything else is as if there were none.
std::string_view Known(std::string_view status) {
  for (const std::string_view known : {"True", "False", "Unknown"}) {
    if (status == known) return known;
  }
  return {};
}

void Note(Conditions& conditions, std::string_view type, std::string_view status, Timestamp since) {
  if (type == "Evaluated") conditions.evaluated = {Known(status), since};
  if (type == "ProductionReady") conditions.ready = {Known(status), since};
}

}  // namespace

Answer Classify(const Result<HttpResponse>& result) {
  // kResourceExhausted is an answer that is longer than the transport takes: as good as none.
  if (!result.ok()) return Answer::kUnknown;
  const int status = result->head.status;
  const std::string_view body = result->body;
  if (status >= 200 && status < 300) return Answer::kOk;
  // etcd's own limit arrives as a 500.
  if (status == 413 || Contains(body, "request is too large") || Contains(body, "Request entity too large"))
    return Answer::kTooLarge;
  // So the API server calls what the schema does not have, in a server-side apply: an older CRD, as a rule.
  if (status == 500 && Contains(body, "failed to create typed patch object")) return Answer::kRejected;
  switch (status) {
    case 400: return Answer::kRejected;
    // The version is the one that was seen and the object is not: only after etcd was restored from a backup.
    case 422: return Contains(body, "metadata.uid") ? Answer::kConflict : Answer::kRejected;
    case 403:
      return Contains(body, "NamespaceTerminating") || Contains(body, "being terminated") ? Answer::kTerminating
                                                                                          : Answer::kForbidden;
    case 404: return Answer::kNotFound;
    case 409: return Answer::kConflict;
    case 429: return Answer::kThrottled;
    default: return Answer::kFailed;
  }
}

std::uint64_t VersionNumber(std::string_view resource_version) {
  std::uint64_t number = 0;
  const char* end = resource_version.data() + resource_version.size();
  const auto [at, code] = std::from_chars(resource_version.data(), end, number);
  return code == std::errc() && at == end ? number : 0;
}

Observation FromWatch(const AuditObject& object, std::span<const Condition> conditions) {
  Observation seen;
  seen.uid = object.meta.uid;
  seen.resource_version = object.resource_version;
  seen.hash = {object.status_hash_high, object.status_hash_low};
  seen.owners = object.meta.owners;
  for (const Condition& condition : conditions)
    Note(seen.conditions, condition.type, condition.status, condition.since);
  return seen;
}

std::optional<Observation> FromBody(std::string_view body, Kind kind, support::Tree& tree) {
  if (!support::ParseJson(body, tree).ok()) return std::nullopt;
  const support::Node& meta = tree.root()["metadata"];
  Observation seen;
  seen.uid = Uid::Parse(meta["uid"].text());
  seen.resource_version = std::string(meta["resourceVersion"].text());
  if (!seen.uid.set() || seen.resource_version.empty()) return std::nullopt;
  for (const support::Node& owner : meta["ownerReferences"]) {
    seen.owners.emplace_back().uid = Uid::Parse(owner["uid"].text());
  }
  if (kind == Kind::kOpenReport) {
    seen.hash = support::CanonicalHash(tree.root(), kOpenReportMembers);
    return seen;
  }
  const support::Node& status = tree.root()["status"];
  seen.hash = support::CanonicalHash(status);
  for (const support::Node& condition : status["conditions"]) {
    Note(seen.conditions, condition["type"].text(), condition["status"].text(),
         ParseTime(condition["lastTransitionTime"].text()));
  }
  return seen;
}

}  // namespace seaworthy::sinks::report
