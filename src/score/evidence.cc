#include "score/evidence.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

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
  std::vector<const CheckEvidence*> held;
  for (const CheckEvidence& check : evidence.checks) {
    if (check.decided) held.push_back(&check);
  }
  std::sort(held.begin(), held.end(), [](const auto* a, const auto* b) { return a->check < b->check; });
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
  if (const support::Node& delivery = root["delivery"]; delivery.present()) {
    parsed.delivery = DeliveryEvidence{pool.Intern(delivery["manager"].text()), pool.Intern(delivery["subresource"].text()),
                                       delivery["apply"].Bool().value_or(false), {delivery["time"].Int().value_or(0)},
                                       ParseHex(delivery["template"].text())};
  }
  return parsed;
}

void AddSince(SubjectEvidence& evidence, std::span<const AuditedFinding> findings, std::string_view subject) {
  for (const AuditedFinding& finding : findings) {
    if (finding.subject != subject || !finding.since.set()) continue;
    const auto verdict = ParseVerdict(finding.verdict);
    if (!verdict) continue;
    auto known = std::find_if(evidence.checks.begin(), evidence.checks.end(), [&](const CheckEvidence& one) { return one.check == finding.check.view(); });
    if (known == evidence.checks.end()) {
      evidence.checks.push_back({});
      known = std::prev(evidence.checks.end());
      known->check = finding.check.str();
      known->shown = *verdict;
    }
    if (known->shown == *verdict) known->since = finding.since;
  }
}

}  // namespace seaworthy::score
