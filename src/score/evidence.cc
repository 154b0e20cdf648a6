#include "score/evidence.h"

#include <algorithm>

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

std::optional<Verdict> ParseVerdict(std::string_view name) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Verdict::kCount); ++i) {
    if (VerdictName(static_cast<Verdict>(i)) == name) return static_cast<Verdict>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string FormatEvidence(const SubjectEvidence& evidence, const WorkloadRecord& record) {
  std::string out = "{";
  std::vector<const CheckEvidence*> checks;
  for (const CheckEvidence& check : evidence.checks) {
    if (check.since.set() || check.decided) checks.push_back(&check);
  }
  std::sort(checks.begin(), checks.end(), [](const auto* a, const auto* b) { return a->check < b->check; });
  if (!checks.empty()) {
    Member(out, "checks");
    out += '{';
    for (const CheckEvidence* check : checks) {
      Member(out, check->check);
      out += '{';
      if (check->decided) {
        Member(out, "decided");
        out += "true";
      }
      Text(out, "container", check->container);
      Text(out, "message", check->message);
      Text(out, "path", check->path);
      Text(out, "severity", SeverityName(check->severity));
      Number(out, "since", check->since.seconds);
      Text(out, "verdict", VerdictName(check->shown));
      out += '}';
    }
    out += '}';
  }
  if (record.delivery) {
    Member(out, "delivery");
    out += '{';
    if (record.delivery->apply) {
      Member(out, "apply");
      out += "true";
    }
    Text(out, "manager", record.delivery->manager);
    Text(out, "subresource", record.delivery->subresource);
    Number(out, "time", record.delivery->time.seconds);
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
  for (const support::Node& check : root["checks"]) {
    CheckEvidence one;
    one.check = check.key();
    const auto verdict = ParseVerdict(check["verdict"].text());
    if (!verdict) continue;
    one.shown = *verdict;
    one.decided = check["decided"].Bool().value_or(false);
    one.message = check["message"].text();
    one.container = check["container"].text();
    one.path = check["path"].text();
    one.severity = ParseSeverity(check["severity"].text()).value_or(Severity::kInfo);
    one.since.seconds = check["since"].Int().value_or(0);
    parsed.subject.checks.push_back(std::move(one));
  }
  if (const support::Node& delivery = root["delivery"]; delivery.present()) {
    parsed.delivery = DeliveryEvidence{pool.Intern(delivery["manager"].text()), pool.Intern(delivery["subresource"].text()),
                                       delivery["apply"].Bool().value_or(false), {delivery["time"].Int().value_or(0)}};
  }
  return parsed;
}

}  // namespace seaworthy::score
