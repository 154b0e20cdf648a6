#include "score/evidence.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <tuple>

#include "support/canonical_json.h"
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

// As text: JSON readers lose digits of a number of 64 bits.
std::string HexText(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

std::uint64_t ParseHex(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return code == std::errc() && end == text.data() + text.size() ? value : 0;
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
    return std::tuple(a.what, a.container.view(), a.revision.view()) < std::tuple(b.what, b.container.view(), b.revision.view());
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

std::string FormatEvidence(const SubjectEvidence& evidence, const WorkloadRecord& record) {
  std::string out = "{";
  if (record.delivery) {
    Member(out, "delivery");
    out += '{';
    if (record.delivery->apply) {
      Member(out, "apply");
      out += "true";
    }
    Text(out, "manager", record.delivery->manager);
    Text(out, "subresource", record.delivery->subresource);
    Text(out, "template", HexText(record.delivery->template_hash));
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
      if (check->shown == Verdict::kWarn || check->shown == Verdict::kFail) Text(out, "severity", SeverityName(check->severity));
      Text(out, "verdict", VerdictName(check->shown));
      out += '}';
    }
    out += '}';
  }
  Number(out, "changed", evidence.changed_at.seconds);
  Text(out, "changedBy", evidence.changed_by);
  if (evidence.judged != 0) Text(out, "judged", HexText(evidence.judged));
  if (!hidden.empty()) {
    Member(out, "last");
    out += '{';
    for (const CheckEvidence* check : hidden) Text(out, check->check, VerdictName(check->last));
    out += '}';
  }
  Number(out, "managed", evidence.manager_seen.seconds);
  if (record.restarts && !record.restarts->incidents.empty()) Incidents(out, record.restarts->incidents);
  out += '}';
  return out == "{}" ? std::string() : out;
}

ParsedEvidence ParseEvidence(std::string_view text, TextPool& pool) {
  ParsedEvidence parsed;
  support::Tree tree;
  if (text.empty() || !support::ParseJson(text, tree).ok()) return parsed;
  const support::Node& root = tree.root();
  for (const support::Node& check : root["held"]) {
    CheckEvidence one;
    one.check = check.key();
    const auto verdict = ParseVerdict(check["verdict"].text());
    if (!verdict) continue;
    one.shown = *verdict;
    one.decided = true;
    one.message = check["message"].text();
    one.container = check["container"].text();
    one.path = check["path"].text();
    one.severity = ParseSeverity(check["severity"].text()).value_or(Severity::kInfo);
    parsed.subject.checks.push_back(std::move(one));
  }
  parsed.subject.judged = ParseHex(root["judged"].text());
  parsed.subject.changed_at.seconds = root["changed"].Int().value_or(0);
  parsed.subject.changed_by = root["changedBy"].text();
  parsed.subject.manager_seen.seconds = root["managed"].Int().value_or(0);
  for (const support::Node& last : root["last"]) {
    const auto verdict = ParseVerdict(last.text());
    if (!verdict || !IsDecided(*verdict)) continue;
    CheckEvidence one;
    one.check = last.key();
    one.last = *verdict;
    parsed.subject.checks.push_back(std::move(one));
  }
  parsed.incidents = ParseIncidents(root["incidents"], pool);
  if (const support::Node& delivery = root["delivery"]; delivery.present()) {
    parsed.delivery = DeliveryEvidence{pool.Intern(delivery["manager"].text()), pool.Intern(delivery["subresource"].text()),
                                       delivery["apply"].Bool().value_or(false), {delivery["time"].Int().value_or(0)},
                                       ParseHex(delivery["template"].text())};
  }
  return parsed;
}

void AddAudited(SubjectEvidence& evidence, const AuditObject& audit, std::string_view subject) {
  const auto known = [&](std::string_view check) -> CheckEvidence& {
    const auto found = std::find_if(evidence.checks.begin(), evidence.checks.end(), [&](const CheckEvidence& one) { return one.check == check; });
    if (found != evidence.checks.end()) return *found;
    CheckEvidence& one = evidence.checks.emplace_back();
    one.check = check;
    return one;
  };
  for (const AuditedFinding& finding : audit.findings) {
    const auto verdict = ParseVerdict(finding.verdict);
    if (finding.subject != subject || !verdict) continue;
    CheckEvidence& one = known(finding.check);
    if (!one.decided) one.shown = *verdict;
    if (IsDecided(*verdict)) one.last = *verdict;
    if (one.shown == *verdict) one.since = finding.since;
  }
  // Of what else than the audit's own subject passed, its list does not tell.
  if (!subject.empty()) return;
  for (std::string_view rest = audit.passed; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    known(rest.substr(0, comma)).last = Verdict::kPass;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  for (const AuditedTransition& transition : audit.transitions) {
    const auto from = ParseVerdict(transition.from), to = ParseVerdict(transition.to);
    const auto cause = ParseCause(transition.cause);
    if (!from || !to || !cause) continue;
    evidence.transitions.push_back({transition.check.str(), *from, *to, transition.when, *cause, transition.generation, transition.manager.str()});
  }
}

}  // namespace seaworthy::score
