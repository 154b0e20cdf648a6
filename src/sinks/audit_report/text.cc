#include "sinks/audit_report/text.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "support/escape.h"

namespace seaworthy::sinks::audit_report {
namespace {

constexpr std::string_view kRed = "\033[31m", kYellow = "\033[33m", kGreen = "\033[32m", kDim = "\033[2m",
                           kBold = "\033[1m", kReset = "\033[0m";

// Names and messages come from strangers: nothing of them may steer a terminal.
std::string Plain(std::string_view text) { return support::StripTerminal(text); }

// Without a file: about the input as a whole.
std::string PlaceOf(const InputError& error) {
  if (error.file.empty()) return {};
  return Plain(error.file) + (error.line != 0 ? ":" + std::to_string(error.line) : "") + ": ";
}

std::string Workloads(std::size_t count) { return std::to_string(count) + (count == 1 ? " workload" : " workloads"); }

// A check that fails: what mending it everywhere would bring.
struct Failing {
  std::size_t workloads = 0;
  int weight = 0;
};

class Writer {
 public:
  Writer(const ReportSource& source, const TextOptions& options, const std::function<void(std::string_view)>& write)
      : source_(source), options_(options), write_(write) {}

  void Report() {
    struct Row {
      int score;
      std::uint32_t id;
    };
    std::vector<Row> rows;
    std::map<std::string_view, Failing> failing;
    for (const std::uint32_t id : source_.WorkloadIds()) {
      const WorkloadReport report = source_.ReportOf(id);
      rows.push_back({report.summary.shown().value_or(101), id});
      for (const Finding& finding : report.findings) {
        if (finding.verdict != Verdict::kFail || finding.severity == Severity::kInfo) continue;
        Failing& one = failing[finding.check->id];
        ++one.workloads;
        one.weight += SeverityWeight(finding.severity);
      }
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.score < b.score; });
    for (std::size_t i = 0; i < rows.size() && i < options_.most_workloads; ++i) Workload(source_.ReportOf(rows[i].id));
    if (rows.size() > options_.most_workloads) {
      Line("... and " + std::to_string(rows.size() - options_.most_workloads) +
           " more workloads with better scores (-o json lists all)\n");
    }
    Namespaces();
    NodesAndCluster();
    Summary(rows.size(), failing);
    for (const InputError& error : options_.errors) {
      Line(Paint(kRed, "error: ") + PlaceOf(error) + Plain(error.message) + "\n");
    }
  }

 private:
  void Line(const std::string& text) { write_(text); }
  std::string Paint(std::string_view colour, const std::string& text) const {
    return options_.colour ? std::string(colour) + text + std::string(kReset) : text;
  }
  std::string ScoreText(const ScoreSummary& summary) const {
    if (!summary.score) return Paint(kDim, "  - -");
    char text[16];
    std::snprintf(text, sizeof text, "%3d %c", *summary.shown(), summary.grade);
    return Paint(summary.grade == 'A' || summary.grade == 'B'   ? kGreen
                 : summary.grade == 'F' || summary.grade == 'D' ? kRed
                                                                : kYellow,
                 text);
  }
  static std::string Coverage(const ScoreSummary& summary) {
    return std::to_string(static_cast<int>(summary.coverage * 100 + 1e-9)) + " % of the checklist decided";
  }

  // "web.yaml:12"; empty where there is no file.
  std::string Place(const SourceRef& source) const {
    if (!source.set() || static_cast<std::size_t>(source.file) >= options_.files.size()) return {};
    return Plain(options_.files[static_cast<std::size_t>(source.file)]) +
           (source.line != 0 ? ":" + std::to_string(source.line) : "");
  }

  // What is worth a person's time, and what of it first. Each with the subject it is about, where that is not the
  // heading's.
  struct Item {
    Finding finding;
    std::string about;
    SourceRef source;
  };
  void Collect(const std::vector<Finding>& findings, const std::string& about, const SourceRef& source,
               std::vector<Item>& items) const {
    for (const Finding& finding : findings) {
      const bool bad = finding.verdict == Verdict::kFail || finding.verdict == Verdict::kWarn;
      if (bad && finding.severity >= options_.least) items.push_back({finding, about, source});
    }
  }
  void Findings(std::vector<Item> items) {
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
      if (a.finding.verdict != b.finding.verdict) return a.finding.verdict == Verdict::kFail;
      return a.finding.severity > b.finding.severity;
    });
    for (const Item& item : items) {
      const Finding& finding = item.finding;
      const bool fail = finding.verdict == Verdict::kFail;
      char head[64];
      std::snprintf(head, sizeof head, "  %-4s %-8s ", fail ? "FAIL" : "warn",
                    std::string(SeverityName(finding.severity)).c_str());
      SourceRef field = item.source;
      if (field.set() && options_.line_of) field.line = options_.line_of(item.source, finding.path);
      std::string where;
      if (!item.about.empty()) {
        where = Place(field);
      } else if (field.line != item.source.line) {
        where = "line " + std::to_string(field.line);
      }
      Line(Paint(fail ? kRed : kYellow, head) + std::string(finding.check->id) + ": " +
           (item.about.empty() ? "" : Plain(item.about) + ": ") + Plain(finding.message) +
           (where.empty() ? "" : Paint(kDim, "  (" + where + ")")) + "\n");
    }
    Line("\n");
  }

  void Workload(const WorkloadReport& report) {
    std::string name(report.namespace_);
    name += (name.empty() ? "" : "/") + std::string(report.kind) + "/" + std::string(report.name);
    std::string where = Place(report.source);
    if (!where.empty()) where.insert(0, "  ");
    Line(ScoreText(report.summary) + "  " + Paint(kBold, Plain(name)) +
         Paint(kDim, where + "  (" + Coverage(report.summary) + ")") + "\n");
    std::vector<Item> items;
    Collect(report.findings, "", report.source, items);
    Findings(std::move(items));
  }

  void Namespaces() {
    for (const NamespaceReport& ns : source_.Namespaces()) {
      std::vector<Item> items;
      Collect(ns.findings, "", ns.source, items);
      for (const BudgetFindings& budget : ns.budgets)
        Collect(budget.findings, "PodDisruptionBudget/" + budget.name, budget.source, items);
      if (items.empty()) continue;
      const std::string where = Place(ns.source);
      Line(ScoreText(ns.roll_up.summary) + "  " +
           Paint(kBold, "namespace " + (ns.name.empty() ? "(none named)" : Plain(ns.name))) +
           (where.empty() ? "" : Paint(kDim, "  " + where)) + "\n");
      Findings(std::move(items));
    }
  }

  void NodesAndCluster() {
    std::vector<Item> items;
    for (const NodeReport& node : source_.Nodes())
      Collect(node.findings, "Node/" + std::string(node.name), node.source, items);
    if (!items.empty()) {
      Line(Paint(kBold, "nodes") + "\n");
      Findings(std::move(items));
    }
    items.clear();
    const ClusterReport cluster = source_.Cluster();
    Collect(cluster.findings, "", {}, items);
    if (items.empty()) return;
    Line(Paint(kBold, "cluster") + "\n");
    Findings(std::move(items));
  }

  void Summary(std::size_t workloads, const std::map<std::string_view, Failing>& failing) {
    const ClusterReport cluster = source_.Cluster();
    Line(Paint(kBold, "total") + " " + ScoreText(cluster.roll_up.summary) + "  " + Workloads(workloads) + ", " +
         Coverage(cluster.roll_up.summary) + "\n");
    if (cluster.roll_up.lowest) {
      Line("lowest " + std::to_string(cluster.roll_up.lowest->score) + "  " + Plain(cluster.roll_up.lowest->ref) +
           "\n");
    }
    if (failing.empty()) return;
    const auto most = std::max_element(failing.begin(), failing.end(),
                                       [](const auto& a, const auto& b) { return a.second.weight < b.second.weight; });
    Line("mend next: " + std::string(most->first) + " fails on " + Workloads(most->second.workloads) +
         " (seaworthy checks " + std::string(most->first) + ")\n");
  }

  const ReportSource& source_;
  const TextOptions& options_;
  const std::function<void(std::string_view)>& write_;
};

}  // namespace

void WriteText(const ReportSource& source, const TextOptions& options,
               const std::function<void(std::string_view)>& write) {
  Writer(source, options, write).Report();
}

}  // namespace seaworthy::sinks::audit_report
