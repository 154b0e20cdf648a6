#include "score/evidence.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>

#include "support/canonical_json.h"
#include "support/hex.h"
#include "support/json.h"

namespace seaworthy::score {
namespace {

void Member(std::string& out, std::string_view key) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += key;
  out += "\":";
}

void Text(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  Member(out, key);
  support::AppendJsonString(out, value);
}

void Number(std::string& out, std::string_view key, std::int64_t value) {
  if (value == 0) return;
  Member(out, key);
  out += std::to_string(value);
}

std::string FormatRollout(const RolloutEvidence& rollout) {
  std::string out = "{";
  Number(out, "atStart", rollout.at_start);
  Number(out, "desired", rollout.desired);
  if (rollout.endpoints) {
    Member(out, "endpoints");
    out += "true";
  }
  Number(out, "ended", rollout.ended.seconds);
  Number(out, "lowest", rollout.lowest);
  Number(out, "lowestAt", rollout.lowest_at.seconds);
  Text(out, "revision", rollout.revision);
  Number(out, "started", rollout.started.seconds);
  Number(out, "unavailable", rollout.unavailable);
  return out + "}";
}

RolloutEvidence ParseRollout(const support::Node& node, TextPool& pool) {
  const auto count = [&](std::string_view key) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(node[key].Int().value_or(0), 0, 1'000'000));
  };
  RolloutEvidence rollout;
  rollout.at_start = count("atStart");
  rollout.desired = count("desired");
  rollout.endpoints = node["endpoints"].Bool().value_or(false);
  rollout.ended.seconds = node["ended"].Int().value_or(0);
  rollout.lowest = count("lowest");
  rollout.lowest_at.seconds = node["lowestAt"].Int().value_or(0);
  rollout.revision = pool.Intern(node["revision"].text());
  rollout.started.seconds = node["started"].Int().value_or(0);
  rollout.unavailable = count("unavailable");
  return rollout;
}

// A loss is a list of numbers, since there are ten of them: when, how many seconds until it was replaced (-1: not in
// time), the fewest others, the seconds allowed.
std::string FormatAvailability(const AvailabilityEvidence& availability, std::int64_t now_seconds) {
  std::string out = "{";
  std::string losses;
  for (const PodLoss& loss : availability.losses) {
    if (!loss.Decided(now_seconds)) continue;
    losses += (losses.empty() ? "[" : ",[") + std::to_string(loss.lost.seconds) + "," +
              std::to_string(loss.replaced.set() ? loss.replaced.seconds - loss.lost.seconds : -1) + "," +
              std::to_string(loss.others) + "," + std::to_string(loss.allowed_seconds) + "]";
  }
  if (!losses.empty()) {
    Member(out, "losses");
    out += "[" + losses + "]";
  }
  const bool fell = availability.current && availability.current->Fell();
  if (fell || availability.last) {
    Member(out, "rollout");
    out += FormatRollout(fell ? *availability.current : *availability.last);
  }
  Text(out, "stops", availability.stops);
  out += '}';
  return out == "{}" ? std::string() : out;
}

AvailabilityEvidence ParseAvailability(const support::Node& node, TextPool& pool) {
  AvailabilityEvidence availability;
  for (const support::Node& item : node["losses"]) {
    std::int64_t numbers[4] = {0, -1, 0, 0};
    std::size_t i = 0;
    for (const support::Node& number : item) {
      if (i < std::size(numbers)) numbers[i++] = number.Int().value_or(0);
    }
    if (i < std::size(numbers) || numbers[0] <= 0 || availability.losses.size() == AvailabilityEvidence::kLosses)
      continue;
    PodLoss loss;
    loss.lost.seconds = numbers[0];
    if (numbers[1] >= 0) {
      loss.replaced.seconds = numbers[0] + numbers[1];
    } else {
      loss.wanted = std::numeric_limits<std::int32_t>::max();  // one that is overdue stays so
    }
    loss.others = static_cast<std::int32_t>(std::clamp<std::int64_t>(numbers[2], 0, 1'000'000));
    loss.allowed_seconds = numbers[3];
    availability.losses.push_back(loss);
  }
  if (const support::Node& rollout = node["rollout"]; rollout.is_object())
    availability.last = ParseRollout(rollout, pool);
  for (const char letter : node["stops"].text()) {
    const bool known = letter == AvailabilityEvidence::kClean || letter == AvailabilityEvidence::kError ||
                       letter == AvailabilityEvidence::kKilled;
    if (known && availability.stops.size() < AvailabilityEvidence::kStops) availability.stops += letter;
  }
  return availability;
}

std::optional<Verdict> ParseVerdict(std::string_view name) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Verdict::kCount); ++i) {
    if (VerdictName(static_cast<Verdict>(i)) == name) return static_cast<Verdict>(i);
  }
  return std::nullopt;
}

std::optional<Cause> ParseCause(std::string_view name) {
  for (const Cause cause : {Cause::kWorkload, Cause::kEnvironment, Cause::kChecklist, Cause::kExpiry}) {
    if (CauseName(cause) == name) return cause;
  }
  return std::nullopt;
}

using Incident = RestartEvidence::Incident;

std::string_view WhatName(Incident::What what) { return what == Incident::What::kOutOfMemory ? "oom" : "storage"; }

void Incidents(std::string& out, std::vector<Incident> incidents) {
  std::sort(incidents.begin(), incidents.end(), [](const Incident& a, const Incident& b) {
    return std::tuple(a.what, a.container.view(), a.revision.view()) <
           std::tuple(b.what, b.container.view(), b.revision.view());
  });
  Member(out, "incidents");
  out += '[';
  for (const Incident& incident : incidents) {
    if (out.back() != '[') out += ',';
    out += '{';
    Text(out, "container", incident.container);
    Text(out, "revision", incident.revision);
    Number(out, "time", incident.time.seconds);
    Text(out, "what", WhatName(incident.what));
    out += '}';
  }
  out += ']';
}

std::vector<Incident> ParseIncidents(const support::Node& list, TextPool& pool) {
  std::vector<Incident> incidents;
  if (!list.is_array()) return incidents;
  for (const support::Node& node : list) {
    Incident one;
    one.time.seconds = node["time"].Int().value_or(0);
    one.container = pool.Intern(node["container"].text());
    one.revision = pool.Intern(node["revision"].text());
    if (node["what"].text() == WhatName(Incident::What::kStorageEviction)) {
      one.what = Incident::What::kStorageEviction;
    } else if (node["what"].text() != WhatName(Incident::What::kOutOfMemory)) {
      continue;
    }
    if (one.time.set() && incidents.size() < RestartEvidence::kKeptIncidents) incidents.push_back(std::move(one));
  }
  return incidents;
}

}  // namespace

std::string FormatEvidence(const SubjectEvidence& evidence, const WorkloadRecord& record, std::int64_t now_seconds) {
  std::string out = "{";
  if (record.availability != nullptr) {
    const std::string availability = FormatAvailability(*record.availability, now_seconds);
    if (!availability.empty()) {
      Member(out, "availability");
      out += availability;
    }
  }
  if (record.delivery) {
    Member(out, "delivery");
    out += '{';
    if (record.delivery->apply) {
      Member(out, "apply");
      out += "true";
    }
    Text(out, "manager", record.delivery->manager);
    if (record.delivery->restart) {
      Member(out, "restart");
      out += "true";
    }
    Text(out, "subresource", record.delivery->subresource);
    Text(out, "template", support::Hex(record.delivery->template_hash));
    Number(out, "time", record.delivery->time.seconds);
    out += '}';
  }
  // `last` is told by findings and passed checks, where the verdict that is shown is a decided one.
  std::vector<const CheckEvidence*> held, hidden;
  for (const CheckEvidence& check : evidence.checks) {
    if (check.decided) held.push_back(&check);
    if (IsDecided(check.last) && !IsDecided(check.shown)) hidden.push_back(&check);
  }
  const auto by_id = [](const auto* a, const auto* b) { return a->check < b->check; };
  std::sort(held.begin(), held.end(), by_id);
  std::sort(hidden.begin(), hidden.end(), by_id);
  if (!held.empty()) {
    Member(out, "held");
    out += '{';
    for (const CheckEvidence* check : held) {
      Member(out, check->check);
      out += '{';
      Text(out, "container", check->container);
      Text(out, "message", check->message);
      Text(out, "path", check->path);
      if (check->shown == Verdict::kWarn || check->shown == Verdict::kFail)
        Text(out, "severity", SeverityName(check->severity));
      Text(out, "verdict", VerdictName(check->shown));
      out += '}';
    }
    out += '}';
  }
  Number(out, "changed", evidence.changed_at.seconds);
  Text(out, "changedBy", evidence.changed_by);
  if (evidence.judged != 0) Text(out, "judged", support::Hex(evidence.judged));
  if (!hidden.empty()) {
    Member(out, "last");
    out += '{';
    for (const CheckEvidence* check : hidden) Text(out, check->check, VerdictName(check->last));
    out += '}';
  }
  Number(out, "managed", evidence.manager_seen.seconds);
  if (record.restarts && !record.restarts->incidents.empty()) Incidents(out, record.restarts->incidents);
  if (record.logs) {
    Member(out, "logs");
    out += "{\"containers\":{";
    for (const LogEvidence::Container& one : record.logs->containers) {
      if (out.back() != '{') out += ',';
      support::AppendJsonString(out, one.name);
      out += ":[" + std::to_string(one.lines) + "," + std::to_string(one.structured) + "]";
    }
    out += '}';
    Text(out, "template", support::Hex(record.logs->template_hash));
    out += '}';
  }
  if (record.smoke_test) {
    Member(out, "smokeTest");
    out += '{';
    Number(out, "ended", record.smoke_test->ended.seconds);
    Text(out, "job", record.smoke_test->job);
    if (record.smoke_test->passed) {
      Member(out, "passed");
      out += "true";
    }
    out += '}';
  }
  if (record.usage && !record.usage->kept.empty()) {
    Member(out, "usage");
    out += record.usage->kept;
  }
  out += '}';
  return out == "{}" ? std::string() : out;
}

namespace {

// Each check is told of once: what is on record of it in different places is of one verdict.
CheckEvidence& OfCheck(SubjectEvidence& evidence, std::string_view check) {
  const auto found = std::find_if(evidence.checks.begin(), evidence.checks.end(),
                                  [&](const CheckEvidence& one) { return one.check == check; });
  if (found != evidence.checks.end()) return *found;
  CheckEvidence& one = evidence.checks.emplace_back();
  one.check = check;
  return one;
}

}  // namespace

ParsedEvidence ParseEvidence(std::string_view text, TextPool& pool) {
  ParsedEvidence parsed;
  support::Tree tree;
  if (text.empty() || !support::ParseJson(text, tree).ok()) return parsed;
  const support::Node& root = tree.root();
  for (const support::Node& check : root["held"]) {
    const auto verdict = ParseVerdict(check["verdict"].text());
    if (!verdict) continue;
    CheckEvidence& one = OfCheck(parsed.subject, check.key());
    one.shown = *verdict;
    one.decided = true;
    one.message = check["message"].text();
    one.container = check["container"].text();
    one.path = check["path"].text();
    one.severity = ParseSeverity(check["severity"].text()).value_or(Severity::kInfo);
  }
  parsed.subject.judged = support::ParseHex(root["judged"].text());
  parsed.subject.changed_at.seconds = root["changed"].Int().value_or(0);
  parsed.subject.changed_by = root["changedBy"].text();
  parsed.subject.manager_seen.seconds = root["managed"].Int().value_or(0);
  for (const support::Node& last : root["last"]) {
    const auto verdict = ParseVerdict(last.text());
    if (!verdict || !IsDecided(*verdict)) continue;
    OfCheck(parsed.subject, last.key()).last = *verdict;
  }
  parsed.incidents = ParseIncidents(root["incidents"], pool);
  if (const support::Node& availability = root["availability"]; availability.is_object())
    parsed.availability = ParseAvailability(availability, pool);
  if (const support::Node& test = root["smokeTest"]; test.is_object()) {
    parsed.smoke_test = SmokeTestEvidence{
        pool.Intern(test["job"].text()), {test["ended"].Int().value_or(0)}, test["passed"].Bool().value_or(false)};
  }
  if (const support::Node& delivery = root["delivery"]; delivery.present()) {
    parsed.delivery =
        DeliveryEvidence{pool.Intern(delivery["manager"].text()),        pool.Intern(delivery["subresource"].text()),
                         delivery["apply"].Bool().value_or(false),       {delivery["time"].Int().value_or(0)},
                         support::ParseHex(delivery["template"].text()), delivery["restart"].Bool().value_or(false)};
  }
  if (const support::Node& logs = root["logs"]; logs.present()) {
    LogEvidence read;
    read.template_hash = support::ParseHex(logs["template"].text());
    for (const support::Node& container : logs["containers"]) {
      std::int32_t counts[2] = {0, 0};
      std::size_t at = 0;
      for (const support::Node& count : container) {
        if (at < 2)
          counts[at++] = static_cast<std::int32_t>(std::clamp<std::int64_t>(count.Int().value_or(0), 0, 1'000'000));
      }
      read.containers.push_back({pool.Intern(container.key()), counts[0], counts[1]});
    }
    parsed.logs = std::move(read);
  }
  if (UsageEvidence usage = ParseUsage(root["usage"], pool); !usage.series.empty()) parsed.usage = std::move(usage);
  return parsed;
}

void AddAudited(SubjectEvidence& evidence, const AuditObject& audit, std::string_view subject) {
  for (const AuditedFinding& finding : audit.findings) {
    const auto verdict = ParseVerdict(finding.verdict);
    if (finding.subject != subject || !verdict) continue;
    CheckEvidence& one = OfCheck(evidence, finding.check);
    if (!one.decided) one.shown = *verdict;
    if (IsDecided(*verdict)) one.last = *verdict;
    if (one.shown == *verdict) one.since = finding.since;
  }
  // Of what else than the audit's own subject passed, its list does not tell.
  if (!subject.empty()) return;
  for (std::string_view rest = audit.passed; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    OfCheck(evidence, rest.substr(0, comma)).last = Verdict::kPass;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  for (const AuditedTransition& transition : audit.transitions) {
    const auto from = ParseVerdict(transition.from), to = ParseVerdict(transition.to);
    const auto cause = ParseCause(transition.cause);
    if (!from || !to || !cause) continue;
    evidence.transitions.push_back(
        {transition.check.str(), *from, *to, transition.when, *cause, transition.generation, transition.manager.str()});
  }
}

}  // namespace seaworthy::score
