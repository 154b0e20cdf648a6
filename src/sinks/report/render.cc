#include "sinks/report/render.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sinks/audit_report/json.h"
#include "sinks/report/sorted_findings.h"
#include "support/json.h"
#include "support/json_writer.h"

namespace seaworthy::sinks::report {
namespace {

using audit_report::FormatTime;
using support::JsonWriter;

constexpr std::size_t kHeadBytes = 1024;  // apiVersion, kind, metadata
constexpr std::size_t kMaxStatusBytes = kMaxObjectBytes - kHeadBytes;
constexpr std::size_t kCutMessageBytes = 160;

// How much is told. Each level is smaller than the one before; the last ones fit whatever the input is.
struct Detail {
  std::size_t message_bytes = kMaxMessageBytes;
  bool passed = true;
  std::size_t findings = SIZE_MAX;
  std::size_t groups = SIZE_MAX;  // of unknown findings
  bool evidence = true;
};
constexpr Detail kLevels[] = {
    {},
    {.message_bytes = kCutMessageBytes},
    {.message_bytes = kCutMessageBytes, .passed = false, .findings = 64, .groups = 32},
    {.message_bytes = kCutMessageBytes, .passed = false, .findings = 16, .groups = 8},
    {.message_bytes = 0, .passed = false, .findings = 8, .groups = 0},
    {.message_bytes = 0, .passed = false, .findings = 0, .groups = 0, .evidence = false},
};
constexpr std::size_t kReducedLevel = 3;  // where to begin once the server has refused more

// A state that goes away and comes back before it is written has not changed.
ConditionState Next(const ConditionState& before, const ConditionState& pending, std::string_view status,
                    Timestamp now) {
  if (before.status == status) return before;
  return pending.status == status ? pending : ConditionState{status, now};
}

void Condition(JsonWriter& out, std::string_view type, const ConditionState& state, std::string_view reason,
               std::string_view message) {
  out.Open('{');
  out.Member("lastTransitionTime", FormatTime(state.since));
  out.Member("message", message);
  out.Member("reason", reason);
  out.Member("status", state.status);
  out.Member("type", type);
  out.Close('}');
}

// The totals that `kubectl get` shows are there even when they are 0, and leave out what is shown but not scored
// (info). By severity only what asks for something to be done.
void Counts(JsonWriter& out, const FindingCounts& counts) {
  constexpr Verdict kByName[] = {Verdict::kAttested, Verdict::kFail,   Verdict::kNa,  Verdict::kPass,
                                 Verdict::kUnknown,  Verdict::kWaived, Verdict::kWarn};
  constexpr Severity kSeveritiesByName[] = {Severity::kCritical, Severity::kHigh, Severity::kInfo, Severity::kLow,
                                            Severity::kMedium};
  out.Object("counts", [&] {
    for (const Verdict verdict : kByName) {
      const auto& by_severity = counts[static_cast<std::size_t>(verdict)];
      int total = -by_severity[static_cast<std::size_t>(Severity::kInfo)];
      for (const int count : by_severity) total += count;
      const bool always = verdict == Verdict::kFail || verdict == Verdict::kWarn || verdict == Verdict::kUnknown ||
                          verdict == Verdict::kPass;
      if (total == 0 && !always) continue;
      out.Object(VerdictName(verdict), [&] {
        for (const Severity severity : kSeveritiesByName) {
          if (!always || verdict == Verdict::kPass) break;
          if (const int count = by_severity[static_cast<std::size_t>(severity)]; count != 0)
            out.Member(SeverityName(severity), count);
        }
        out.Member("total", total);
      });
    }
  });
}

// The field's path, the section and the fix are left to `seaworthy scan --cluster` and to the report page: they would
// double the object.
void Findings(JsonWriter& out, const Sorted& sorted, const Detail& detail) {
  const std::size_t shown = std::min(detail.findings, sorted.shown.size());
  out.List("findings", std::span(sorted.shown).first(shown), [&](const Item& item) {
    const Finding& finding = *item.finding;
    const auto exemption = [&](std::string_view key, Verdict verdict) {
      if (finding.verdict != verdict || finding.exemption.empty()) return;
      out.Object(key, [&] {
        out.Member("name", finding.exemption);
        if (finding.until.set()) out.Member("until", FormatTime(finding.until));
      });
    };
    out.Open('{');
    exemption("attestation", Verdict::kAttested);
    out.Member("check", finding.check->id);
    out.MemberIf("container", finding.container);
    if (finding.verdict == Verdict::kWaived || finding.verdict == Verdict::kAttested)
      out.Member("found", VerdictName(finding.beneath));
    if (detail.message_bytes > 0)
      out.MemberIf("message", support::CutUtf8WithDots(finding.message, detail.message_bytes));
    out.Member("severity", SeverityName(finding.severity));
    if (finding.since.set()) out.Member("since", FormatTime(finding.since));
    out.MemberIf("subject", item.subject);
    out.Member("verdict", VerdictName(finding.verdict));
    exemption("waiver", Verdict::kWaived);
    out.Close('}');
  });
}

void Passed(JsonWriter& out, const Sorted& sorted, const Detail& detail) {
  if (detail.passed) out.List("passed", sorted.passed, [&](std::string_view id) { out.Text(id); });
}

void Unknown(JsonWriter& out, const Sorted& sorted, const Detail& detail) {
  if (sorted.unknown.empty()) return;
  const std::size_t shown = std::min(detail.groups, sorted.unknown.size());
  out.List("unknown", std::span(sorted.unknown).first(shown), [&](const Sorted::Group& group) {
    out.Open('{');
    out.List("checks", group.checks, [&](std::string_view id) { out.Text(id); });
    out.MemberIf("message", support::CutUtf8WithDots(group.message, detail.message_bytes));
    out.Member("reason", UnknownCauseName(group.cause));
    out.Close('}');
  });
}

// How much of each list was left out.
void Truncated(JsonWriter& out, const Sorted& sorted, const Detail& detail, std::size_t namespaces = 0,
               std::size_t nodes = 0) {
  const std::size_t findings = sorted.shown.size() - std::min(detail.findings, sorted.shown.size());
  const std::size_t groups = sorted.unknown.size() - std::min(detail.groups, sorted.unknown.size());
  const std::size_t passed = detail.passed ? 0 : sorted.passed.size();
  if (findings + groups + passed + namespaces + nodes == 0 && detail.evidence) return;
  out.Object("truncated", [&] {
    if (!detail.evidence) out.Member("evidence", 1);
    if (findings != 0) out.Member("findings", static_cast<std::int64_t>(findings));
    if (namespaces != 0) out.Member("namespaces", static_cast<std::int64_t>(namespaces));
    if (nodes != 0) out.Member("nodes", static_cast<std::int64_t>(nodes));
    if (passed != 0) out.Member("passed", static_cast<std::int64_t>(passed));
    if (groups != 0) out.Member("unknown", static_cast<std::int64_t>(groups));
  });
}

// Renders with less and less detail until it fits.
template <typename Write>
Rendered Fit(const RenderInput& input, const Conditions& conditions, Write write) {
  Rendered rendered;
  rendered.conditions = conditions;
  for (std::size_t level = input.reduced ? kReducedLevel : 0; level < std::size(kLevels); ++level) {
    rendered.status.clear();
    JsonWriter out(rendered.status);
    out.Open('{');
    write(out, kLevels[level]);
    out.Close('}');
    if (rendered.status.size() <= kMaxStatusBytes) break;
  }
  support::SipHash hash;
  hash.Add(rendered.status);
  rendered.hash = hash.Finish();
  return rendered;
}

std::string Grade(char grade) { return grade == 0 ? std::string() : std::string(1, grade); }

std::string_view ReadyStatus(Ready ready) {
  return ready == Ready::kTrue ? "True" : ready == Ready::kFalse ? "False" : "Unknown";
}

std::string ReadyMessage(const WorkloadReport& report) {
  if (report.ready != Ready::kFalse)
    return report.ready == Ready::kUnknown ? "coverage or sources do not suffice to tell" : "";
  std::vector<std::string_view> ids;
  for (const Severity severity : {Severity::kCritical, Severity::kHigh}) {
    if (!ids.empty()) break;
    for (const Finding& finding : report.findings) {
      if (finding.verdict == Verdict::kFail && finding.severity == severity) ids.push_back(finding.check->id);
    }
  }
  constexpr std::size_t kNamed = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(ids.size(), kNamed); ++i)
    text += (i == 0 ? "failing: " : ", ") + std::string(ids[i]);
  if (ids.size() > kNamed) text += " and " + std::to_string(ids.size() - kNamed) + " more";
  return text.empty() && report.summary.score ? "the score is " + std::to_string(*report.summary.shown()) : text;
}

std::string Canonical(const std::string& json) {
  if (json.empty()) return {};
  support::Tree tree;
  if (!support::ParseJson(json, tree).ok() || !tree.root().is_object()) return {};
  return support::CanonicalJson(tree.root());
}

void RollUpTail(JsonWriter& out, const RollUp& roll_up) {
  if (!roll_up.lowest) return;
  out.Object("lowest", [&] {
    out.Member("ref", roll_up.lowest->ref);
    out.Member("score", roll_up.lowest->score);
  });
}

// Columns of `kubectl get` that no single field holds.
void Display(JsonWriter& out, const RollUp& roll_up) {
  out.Object("display", [&] {
    if (roll_up.lowest) out.Member("lowest", std::to_string(roll_up.lowest->score) + " " + roll_up.lowest->ref);
    out.Member("ready", std::to_string(roll_up.ready) + "/" + std::to_string(roll_up.workloads));
  });
}

}  // namespace

Rendered Render(const WorkloadReport& report, const RenderInput& input) {
  std::vector<Item> items;
  items.reserve(report.findings.size());
  for (const Finding& finding : report.findings) items.push_back({&finding, {}});
  const Sorted sorted = Sort(items);
  const bool evaluated = report.summary.score || report.summary.coverage > 0;
  Conditions conditions;
  conditions.evaluated = Next(input.before.evaluated, input.pending.evaluated, evaluated ? "True" : "False", input.now);
  conditions.ready = Next(input.before.ready, input.pending.ready, ReadyStatus(report.ready), input.now);
  const std::string evidence = Canonical(input.evidence);
  return Fit(input, conditions, [&](JsonWriter& out, const Detail& detail) {
    out.Key("conditions"), out.Open('[');
    Condition(out, "Evaluated", conditions.evaluated, evaluated ? "Evaluated" : "NothingDecided", "");
    Condition(out, "ProductionReady", conditions.ready, report.ready_reason.empty() ? "Evaluated" : report.ready_reason,
              ReadyMessage(report));
    out.Close(']');
    Counts(out, sorted.counts);
    out.Key("coverage"), out.Ratio(report.summary.coverage);
    if (!evidence.empty() && detail.evidence) out.Key("evidence"), out.Raw(evidence);
    Findings(out, sorted, detail);
    out.MemberIf("grade", Grade(report.summary.grade));
    Passed(out, sorted, detail);
    if (report.summary.score) out.Member("score", *report.summary.shown());
    out.Object("subject", [&] {
      out.MemberIf("apiVersion", report.api_version);
      // Not as status.observedGeneration: kubectl wait and kstatus hold that against the generation of this object, and
      // would wait for ever.
      if (report.generation != 0) out.Member("generation", report.generation);
      out.Member("kind", report.kind);
      out.Member("name", report.name);
      out.MemberIf("uid", report.uid.ToString());
    });
    out.Member("tier", TierName(report.tier));
    if (!report.transitions.empty()) {
      const auto newest = report.transitions.last(std::min(kMaxTransitions, report.transitions.size()));
      out.List("transitions", newest, [&](const Transition& transition) {
        out.Open('{');
        out.Member("cause", CauseName(transition.cause));
        out.Member("check", transition.check->id);
        out.Member("from", VerdictName(transition.from));
        if (transition.generation != 0) out.Member("generation", transition.generation);
        out.MemberIf("manager", transition.manager);
        out.Member("to", VerdictName(transition.to));
        out.Member("when", FormatTime(transition.when));
        out.Close('}');
      });
    }
    Truncated(out, sorted, detail);
    Unknown(out, sorted, detail);
    if (report.summary.unwaived_score) out.Member("unwaivedScore", static_cast<int>(*report.summary.unwaived_score));
    if (report.worst != nullptr) out.Member("worst", report.worst->id);
  });
}

Rendered Render(const NamespaceReport& report, const RenderInput& input) {
  std::vector<Item> items;
  for (const Finding& finding : report.findings) items.push_back({&finding, {}});
  for (const BudgetFindings& budget : report.budgets) {
    for (const Finding& finding : budget.findings) items.push_back({&finding, "PodDisruptionBudget/" + budget.name});
  }
  const Sorted sorted = Sort(items);
  Conditions conditions;
  conditions.evaluated = Next(input.before.evaluated, input.pending.evaluated, "True", input.now);
  const RollUp& roll_up = report.roll_up;
  return Fit(input, conditions, [&](JsonWriter& out, const Detail& detail) {
    out.Key("conditions"), out.Open('[');
    Condition(out, "Evaluated", conditions.evaluated, "Evaluated", "");
    out.Close(']');
    Counts(out, sorted.counts);
    out.Key("coverage"), out.Ratio(roll_up.summary.coverage);
    Display(out, roll_up);
    if (report.exempt) out.Key("exempt"), out.Raw("true");
    Findings(out, sorted, detail);
    out.MemberIf("grade", Grade(roll_up.summary.grade));
    RollUpTail(out, roll_up);
    Passed(out, sorted, detail);
    out.Member("ready", roll_up.ready);
    if (roll_up.summary.score) out.Member("score", *roll_up.summary.shown());
    Truncated(out, sorted, detail);
    Unknown(out, sorted, detail);
    out.Member("workloads", roll_up.workloads);
  });
}

Rendered Render(const ClusterReport& report, ClusterParts parts, const RenderInput& input) {
  std::vector<Item> items;
  for (const Finding& finding : report.findings) items.push_back({&finding, {}});
  const Sorted sorted = Sort(items);
  std::sort(parts.namespaces.begin(), parts.namespaces.end(),
            [](const auto& a, const auto& b) { return std::tie(a.score, a.name) < std::tie(b.score, b.name); });
  std::sort(parts.nodes.begin(), parts.nodes.end(),
            [](const auto& a, const auto& b) { return std::tie(b.weight, a.name) < std::tie(a.weight, b.name); });
  std::sort(parts.degraded.begin(), parts.degraded.end(),
            [](const auto& a, const auto& b) { return a.resource < b.resource; });
  Conditions conditions;
  conditions.evaluated =
      Next(input.before.evaluated, input.pending.evaluated, parts.degraded.empty() ? "True" : "False", input.now);
  const RollUp& roll_up = report.roll_up;
  return Fit(input, conditions, [&](JsonWriter& out, const Detail& detail) {
    const std::size_t worst = detail.passed ? kMaxWorst : kMaxWorst / 5;
    const auto namespaces = std::span(parts.namespaces).first(std::min(worst, parts.namespaces.size()));
    const auto nodes = std::span(parts.nodes).first(std::min(worst, parts.nodes.size()));
    out.MemberIf("checklistHash", report.checklist_hash);
    out.Key("conditions"), out.Open('[');
    std::string lacking;
    for (const DegradedSource& source : parts.degraded) lacking += (lacking.empty() ? "" : ", ") + source.resource;
    Condition(out, "Evaluated", conditions.evaluated, lacking.empty() ? "Evaluated" : "SourcesDegraded",
              support::CutUtf8WithDots(lacking, kMaxMessageBytes));
    out.Close(']');
    Counts(out, sorted.counts);
    out.Key("coverage"), out.Ratio(roll_up.summary.coverage);
    if (!parts.degraded.empty()) {
      out.List("degraded", parts.degraded, [&](const DegradedSource& source) {
        out.Open('{');
        out.Member("reason", source.reason);
        out.Member("resource", source.resource);
        out.Close('}');
      });
    }
    Display(out, roll_up);
    Findings(out, sorted, detail);
    out.MemberIf("grade", Grade(roll_up.summary.grade));
    RollUpTail(out, roll_up);
    out.List("namespaces", namespaces, [&](const NamespaceLine& line) {
      out.Open('{');
      out.MemberIf("grade", Grade(line.grade));
      out.Member("name", line.name);
      out.Member("ready", line.ready);
      out.Member("score", line.score);
      out.Member("workloads", line.workloads);
      out.Close('}');
    });
    if (!nodes.empty()) {
      out.List("nodes", nodes, [&](const NodeLine& line) {
        out.Open('{');
        out.List("failing", line.failing, [&](std::string_view id) { out.Text(id); });
        out.Member("name", line.name);
        out.Close('}');
      });
    }
    Passed(out, sorted, detail);
    out.Member("ready", roll_up.ready);
    if (roll_up.summary.score) out.Member("score", *roll_up.summary.shown());
    out.Object("sections", [&] {
      std::map<std::string_view, int> by_name;
      for (std::size_t i = 0; i < kSectionCount; ++i) {
        if (report.sections[i])
          by_name.emplace(SectionName(static_cast<Section>(i)), static_cast<int>(*report.sections[i]));
      }
      for (const auto& [name, score] : by_name) out.Member(name, score);
    });
    Truncated(out, sorted, detail, parts.namespaces.size() - namespaces.size(), parts.nodes.size() - nodes.size());
    Unknown(out, sorted, detail);
    out.Member("workloads", roll_up.workloads);
  });
}

std::string RenderObject(const ObjectHead& head, std::string_view status) {
  const KindInfo& info = Info(head.kind);
  std::string text;
  text.reserve(status.size() + kHeadBytes);
  JsonWriter out(text);
  out.Open('{');
  out.Member("apiVersion",
             std::string(info.group) + "/" + std::string(info.versions.substr(0, info.versions.find(','))));
  out.Member("kind", info.name);
  out.Object("metadata", [&] {
    if (const std::string_view selector = info.label_selector; !selector.empty()) {
      const std::size_t equals = selector.find('=');
      out.Object("labels", [&] { out.Member(selector.substr(0, equals), selector.substr(equals + 1)); });
    }
    out.Member("name", head.name);
    out.MemberIf("namespace", head.namespace_);
    if (!head.owner_uid.empty()) {
      out.Key("ownerReferences"), out.Open('['), out.Open('{');
      out.Member("apiVersion", head.owner_api_version);
      out.Key("blockOwnerDeletion"), out.Raw("false");
      out.Key("controller"), out.Raw("false");
      out.Member("kind", head.owner_kind);
      out.Member("name", head.owner_name);
      out.Member("uid", head.owner_uid);
      out.Close('}'), out.Close(']');
    }
    out.MemberIf("resourceVersion", head.resource_version);
    out.MemberIf("uid", head.uid);
  });
  if (head.kind == Kind::kOpenReport) {
    if (status.size() > 2) text += ',', text += status.substr(1, status.size() - 2);
  } else {
    out.Key("status"), out.Raw(status);
  }
  out.Close('}');
  return text;
}

}  // namespace seaworthy::sinks::report
