#include "sinks/audit_report/markdown.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sinks/audit_report/markdown_text.h"
#include "sinks/audit_report/subjects.h"

namespace seaworthy::sinks::audit_report {
namespace {

constexpr std::size_t kWorst = 10;  // rows of the table

struct Entry {
  int score = 101;  // 101: none
  std::string row;  // of the table
  std::string text;
};

class Markdown {
 public:
  Markdown(const ReportSource& source, const ReportOptions& options) : source_(source), options_(options) {
    EachSubject(source_, [&](const Subject& subject, const std::vector<Finding>& findings) { Add(subject, findings); });
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.score < b.score; });
  }

  std::string Comment() const {
    const ClusterReport cluster = source_.Cluster();
    const ScoreSummary& summary = cluster.roll_up.summary;
    std::string out =
        "## Production readiness: " +
        (summary.score ? "**" + std::to_string(*summary.shown()) + "** (" + std::string(1, summary.grade) + ")"
                       : std::string("no score")) +
        "\n\n";
    out += "| workloads | decided | critical | high | medium | low |\n|---:|---:|---:|---:|---:|---:|\n";
    out += "| " + std::to_string(workloads_) + " | " + std::to_string(static_cast<int>(summary.coverage * 100 + 1e-9)) +
           " %";
    for (const Severity severity : {Severity::kCritical, Severity::kHigh, Severity::kMedium, Severity::kLow}) {
      out += " | " + std::to_string(failing_[static_cast<std::size_t>(severity)]);
    }
    out += " |\n\nFailing checks by severity; \"decided\" is how much of the checklist the score rests on.\n";
    if (!by_check_.empty()) {
      const auto most = std::max_element(by_check_.begin(), by_check_.end(), [](const auto& a, const auto& b) {
        return a.second.second < b.second.second;
      });
      out += "\nMend next: **" + EscapeMarkdown(most->first) + "**, which fails " + std::to_string(most->second.first) +
             (most->second.first == 1 ? " time.\n" : " times.\n");
    }
    for (const InputError& error : options_.errors) {
      if (out.size() > kCommentBytes / 4) break;
      const std::string place =
          EscapeMarkdown(error.file) + (error.line == 0 ? "" : ", line " + std::to_string(error.line)) + ": ";
      out += "\n> **error** " + (error.file.empty() ? "" : place) + EscapeMarkdown(error.message) + "\n";
    }
    if (entries_.empty()) return out + "\nNothing fails and nothing warns.\n";
    out += "\n| score | subject | failing | place |\n|---:|---|---|---|\n";
    for (std::size_t i = 0; i < entries_.size() && i < kWorst; ++i) {
      if (entries_[i].row.size() < 4000) out += entries_[i].row;
    }
    if (entries_.size() > kWorst) out += "\n... and " + std::to_string(entries_.size() - kWorst) + " more.\n";
    out += "\n";
    std::size_t left = 0;
    for (const Entry& entry : entries_) {
      if (left != 0 || out.size() + entry.text.size() > kCommentBytes) {
        ++left;
        continue;
      }
      out += entry.text;
    }
    if (left != 0)
      out += "The findings of " + std::to_string(left) +
             " more did not fit into a comment; `-o html` and `-o json` have all.\n";
    return out;
  }

 private:
  void Add(const Subject& subject, const std::vector<Finding>& findings) {
    workloads_ += subject.type == SubjectType::kWorkload ? 1 : 0;
    std::vector<Finding> bad;
    std::array<int, 5> failing{};
    for (const Finding& finding : findings) {
      if (!IsBad(finding, options_.least)) continue;
      bad.push_back(finding);
      if (finding.verdict != Verdict::kFail) continue;
      ++failing[static_cast<std::size_t>(finding.severity)];
      ++failing_[static_cast<std::size_t>(finding.severity)];
      if (finding.severity == Severity::kInfo) continue;
      auto& [times, weight] = by_check_[std::string(finding.check->id)];
      ++times;
      weight += SeverityWeight(finding.severity);
    }
    if (bad.empty()) return;
    std::stable_sort(bad.begin(), bad.end(), GraverThan);
    const std::string name = EscapeMarkdown(subject.Ref());
    std::string counts, place;
    for (const Severity severity :
         {Severity::kCritical, Severity::kHigh, Severity::kMedium, Severity::kLow, Severity::kInfo}) {
      const int count = failing[static_cast<std::size_t>(severity)];
      if (count != 0)
        counts += (counts.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(SeverityName(severity));
    }
    if (const std::string file = FilePath(options_, subject.source); !file.empty()) {
      place = EscapeMarkdown(file) + (subject.source.line == 0 ? "" : ":" + std::to_string(subject.source.line));
    }
    Entry entry;
    std::string score = "-";
    if (subject.type == SubjectType::kWorkload && subject.summary->score) {
      entry.score = *subject.summary->shown();
      score = std::to_string(entry.score) + " " + std::string(1, subject.summary->grade);
    }
    entry.row = "| " + score + " | " + name + " | " + (counts.empty() ? "none" : counts) + " | " + place + " |\n";
    entry.text = "<details><summary>" + (score == "-" ? "" : score + " &middot; ") + EscapeInSummary(subject.Ref()) +
                 " &middot; " + (counts.empty() ? "warnings only" : counts) + "</summary>\n\n";
    std::string commands;
    for (const Finding& finding : bad) {
      entry.text += std::string("- ") + (finding.verdict == Verdict::kFail ? "**FAIL**" : "warn") + " " +
                    std::string(SeverityName(finding.severity)) + " **" + EscapeMarkdown(finding.check->id) +
                    "**: " + EscapeMarkdown(finding.message);
      if (const std::uint32_t line = subject.source.set() ? LineOf(options_, subject.source, finding) : 0; line != 0)
        entry.text += " (line " + std::to_string(line) + ")";
      entry.text += "<br>" + EscapeMarkdown(finding.check->fix) + "\n";
      const std::string patch = source_.Patch(subject.id, *finding.check);
      if (!patch.empty()) commands += (commands.empty() ? "" : "\n") + PatchCommand(subject, patch);
    }
    if (!commands.empty()) entry.text += "\n" + MarkdownCode("sh", commands);
    entry.text += "\n</details>\n";
    entries_.push_back(std::move(entry));
  }

  const ReportSource& source_;
  const ReportOptions& options_;
  std::vector<Entry> entries_;
  std::array<int, 5> failing_{};
  std::map<std::string, std::pair<int, int>> by_check_;  // how often it fails, and what that weighs
  std::size_t workloads_ = 0;
};

}  // namespace

void WriteMarkdown(const ReportSource& source, const ReportOptions& options, const Write& write) {
  write(Markdown(source, options).Comment());
}

}  // namespace seaworthy::sinks::audit_report
