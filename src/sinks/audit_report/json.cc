#include "sinks/audit_report/json.h"

#include <cstdio>
#include <ctime>

#include "support/escape.h"

namespace seaworthy::sinks::audit_report {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

class Writer {
 public:
  Writer(const ReportSource& source, const JsonOptions& options, const std::function<void(std::string_view)>& write)
      : source_(source), options_(options), write_(write) {}

  void Report() {
    const ClusterReport cluster = source_.Cluster();
    Raw(R"({"apiVersion":"audit.seaworthy.dev/v1alpha1","kind":"AuditReport")");
    Text("generatedBy", options_.generated_by);
    Text("checklistHash", cluster.checklist_hash);
    Raw(",\n\"cluster\":{");
    Fresh();
    RollUpFields(cluster.roll_up);
    Raw(",\"sections\":{");
    Fresh();
    for (std::size_t i = 0; i < kSectionCount; ++i) {
      if (cluster.sections[i]) Number(SectionName(static_cast<Section>(i)), static_cast<int>(*cluster.sections[i]));
    }
    Raw("}");
    fresh_ = false;
    List("findings", cluster.findings,
         [&](const Finding& finding) { FindingObject(kClusterSubject, finding, "", {}); });
    Raw("},\n\"namespaces\":[");
    Namespaces();
    Raw("],\n\"workloads\":[");
    bool first = true;
    for (const std::uint32_t id : source_.WorkloadIds()) {
      Raw(first ? "\n" : ",\n");
      first = false;
      Workload(source_.ReportOf(id));
    }
    Raw("],\n\"nodes\":[");
    first = true;
    for (const NodeReport& node : source_.Nodes()) {
      Raw(first ? "\n{" : ",\n{");
      first = false;
      Fresh();
      Text("name", node.name);
      Source(node.source);
      List("findings", node.findings,
           [&](const Finding& finding) { FindingObject(node.subject, finding, "", node.source); });
      Raw("}");
    }
    Raw("]");
    fresh_ = false;
    List("errors", options_.errors, [&](const InputError& error) {
      Raw("{");
      Fresh();
      Text("file", error.file);
      if (error.line != 0) Number("line", error.line);
      Text("message", error.message);
      Raw("}");
    });
    Raw("}\n");
    write_(out_);
  }

 private:
  void Raw(std::string_view text) {
    out_ += text;
    if (out_.size() < kPiece) return;
    write_(out_);
    out_.clear();
  }
  void Fresh() { fresh_ = true; }  // the next member is the first of its object
  void Key(std::string_view key) {
    if (!fresh_) out_ += ',';
    fresh_ = false;
    out_ += '"';
    out_ += key;
    out_ += "\":";
  }
  void Text(std::string_view key, std::string_view value) {
    Key(key);
    out_ += '"';
    support::EscapeJson(value, out_);  // file names may be any bytes
    out_ += '"';
  }
  // One of our own, with nothing to escape.
  void Word(std::string_view key, std::string_view value) {
    Key(key);
    out_ += '"';
    out_ += value;
    out_ += '"';
  }
  void Number(std::string_view key, std::int64_t value) {
    Key(key);
    out_ += std::to_string(value);
  }
  void Ratio(std::string_view key, double value) {  // two decimals, rounded down like scores
    Key(key);
    const int cents = static_cast<int>(value * 100 + 1e-9);
    char text[16];
    std::snprintf(text, sizeof text, "%d.%02d", cents / 100, cents % 100);
    out_ += text;
  }
  template <typename Items, typename Fn>
  void List(std::string_view key, const Items& items, Fn each) {
    Key(key);
    out_ += '[';
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ',';
      first = false;
      each(item);
    }
    Raw("]");
    fresh_ = false;
  }

  void Score(const ScoreSummary& summary) {
    Key("score");
    out_ += summary.score ? std::to_string(*summary.shown()) : "null";
    Key("grade");
    out_ += summary.grade != 0 ? std::string("\"") + summary.grade + "\"" : "null";
    Ratio("coverage", summary.coverage);
  }

  std::string_view File(const SourceRef& source) const {
    return source.set() && static_cast<std::size_t>(source.file) < options_.files.size()
               ? std::string_view(options_.files[static_cast<std::size_t>(source.file)])
               : std::string_view();
  }
  void Source(const SourceRef& source) {
    const std::string_view file = File(source);
    if (file.empty()) return;
    Key("source");
    Raw("{");
    Fresh();
    Text("file", file);
    if (source.line != 0) Number("line", source.line);
    Raw("}");
    fresh_ = false;
  }

  void RollUpFields(const RollUp& roll_up) {
    Score(roll_up.summary);
    Number("workloads", roll_up.workloads);
    Number("ready", roll_up.ready);
    if (!roll_up.lowest) return;
    Key("lowest");
    Raw("{");
    Fresh();
    Text("ref", roll_up.lowest->ref);
    Number("score", roll_up.lowest->score);
    Raw("}");
    fresh_ = false;
  }

  void Namespaces() {
    bool first = true;
    for (const NamespaceReport& ns : source_.Namespaces()) {
      Raw(first ? "\n{" : ",\n{");
      first = false;
      Fresh();
      Text("name", ns.name);
      RollUpFields(ns.roll_up);
      Source(ns.source);
      Key("findings");
      Raw("[");
      bool first_finding = true;
      const auto add = [&](const Finding& finding, std::string_view subject, const SourceRef& source) {
        if (!first_finding) out_ += ',';
        first_finding = false;
        FindingObject(ns.subject, finding, subject, source);
      };
      for (const Finding& finding : ns.findings) add(finding, "", ns.source);
      for (const BudgetFindings& budget : ns.budgets) {
        for (const Finding& finding : budget.findings)
          add(finding, "PodDisruptionBudget/" + budget.name, budget.source);
      }
      Raw("]}");
    }
  }

  void Workload(const WorkloadReport& report) {
    Raw("{");
    Fresh();
    Text("namespace", report.namespace_);
    Text("kind", report.kind);
    Text("name", report.name);
    Text("tier", TierName(report.tier));
    Score(report.summary);
    Key("ready");
    out_ += report.ready == Ready::kTrue ? "true" : report.ready == Ready::kFalse ? "false" : "null";
    Source(report.source);
    List("findings", report.findings,
         [&](const Finding& finding) { FindingObject(report.subject, finding, "", report.source); });
    if (!report.transitions.empty())
      List("transitions", report.transitions, [&](const Transition& one) { TransitionObject(one); });
    Raw("}");
  }

  void TransitionObject(const Transition& transition) {
    Raw("{");
    Fresh();
    Text("check", transition.check->id);
    Text("from", VerdictName(transition.from));
    Text("to", VerdictName(transition.to));
    Text("cause", CauseName(transition.cause));
    Text("when", FormatTime(transition.when));
    if (transition.generation != 0) Number("generation", transition.generation);
    if (!transition.manager.empty()) Text("manager", transition.manager);
    Raw("}");
  }

  void FindingObject(std::uint32_t subject, const Finding& finding, std::string_view about, const SourceRef& source) {
    Raw("{");
    Fresh();
    Text("check", finding.check->id);
    Word("section", SectionName(finding.check->section));
    Word("severity", SeverityName(finding.severity));
    Word("verdict", VerdictName(finding.verdict));
    if (!about.empty()) Text("subject", about);
    if (!finding.container.empty()) Text("container", finding.container);
    if (!finding.message.empty()) Text("message", finding.message);
    if (finding.verdict == Verdict::kUnknown) Word("reason", UnknownCauseName(finding.cause));
    if (!finding.path.empty()) Text("path", finding.path);
    // About something else than the object around it: that has no place of its own in this report.
    if (!about.empty() && source.set()) Text("file", File(source));
    if (source.set() && options_.line_of && finding.verdict != Verdict::kPass && finding.verdict != Verdict::kNa) {
      if (const std::uint32_t line = options_.line_of(source, finding.path); line != 0) Number("line", line);
    }
    if (finding.since.set()) Text("since", FormatTime(finding.since));
    if (finding.verdict == Verdict::kWaived || finding.verdict == Verdict::kAttested) {
      Text("found", VerdictName(finding.beneath));
      Key(finding.verdict == Verdict::kWaived ? "waiver" : "attestation");
      Raw("{");
      Fresh();
      Text("name", finding.exemption);
      if (finding.until.set()) Text("until", FormatTime(finding.until));
      Raw("}");
      fresh_ = false;
    }
    if (finding.verdict == Verdict::kFail || finding.verdict == Verdict::kWarn) {
      const std::string patch = source_.Patch(subject, *finding.check);
      Key("fix");
      Raw("{");
      Fresh();
      if (!patch.empty()) {
        Key("patch");
        out_ += patch;
      } else {
        Text("advice", finding.check->fix);
      }
      Raw("}");
      fresh_ = false;
    }
    Raw("}");
    fresh_ = false;
  }

  const ReportSource& source_;
  const JsonOptions& options_;
  const std::function<void(std::string_view)>& write_;
  std::string out_;
  bool fresh_ = false;
};

}  // namespace

std::string FormatTime(Timestamp time) {
  const std::time_t seconds = static_cast<std::time_t>(time.seconds);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text, size);
}

void WriteJson(const ReportSource& source, const JsonOptions& options,
               const std::function<void(std::string_view)>& write) {
  Writer(source, options, write).Report();
}

}  // namespace seaworthy::sinks::audit_report
