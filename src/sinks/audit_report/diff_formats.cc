// A comparison as text, JSON, Markdown and annotations.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/audit_report/diff.h"
#include "sinks/audit_report/github.h"
#include "sinks/audit_report/markdown.h"
#include "sinks/audit_report/markdown_text.h"
#include "sinks/audit_report/subjects.h"
#include "support/escape.h"
#include "support/json_writer.h"

namespace seaworthy::sinks::audit_report {
namespace {

constexpr std::size_t kMostLines = 200;  // of one kind, for a person
constexpr std::string_view kRed = "\033[31m", kGreen = "\033[32m", kDim = "\033[2m", kBold = "\033[1m",
                           kReset = "\033[0m";

std::string Shown(const std::optional<int>& score, const std::string& grade) {
  return score ? std::to_string(*score) + (grade.empty() ? "" : " " + grade) : std::string("no score");
}
std::string Shown(const KnownSubject& subject) { return Shown(subject.score, subject.grade); }

std::string Place(const Change& change) {
  const std::string& file = change.finding->file.empty() ? change.subject->file : change.finding->file;
  if (file.empty()) return {};
  return file + (change.finding->line == 0 ? "" : ":" + std::to_string(change.finding->line));
}

// What it was, or is, beside what the line begins with.
std::string Turned(const Change& change) {
  if (change.is_new_subject) return "new";
  if (change.from == change.to) return "graver than before";
  return "was " + std::string(VerdictName(change.from));
}

bool SameChecklist(const Diff& diff) { return diff.before->checklist_hash == diff.after->checklist_hash; }
constexpr std::string_view kOtherChecklist =
    "The reports were made by different checklists (another version, or another policy): some of this may be no change "
    "of the workloads.";

class Text {
 public:
  Text(const Diff& diff, const DiffOptions& options, const Write& write)
      : diff_(diff), options_(options), write_(write) {}

  void All() {
    Line(Paint(kBold, "score ") + Plain(Shown(diff_.before->score, diff_.before->grade)) + " -> " +
         Plain(Shown(diff_.after->score, diff_.after->grade)) + "   workloads " +
         std::to_string(diff_.before->workloads) + " -> " + std::to_string(diff_.after->workloads));
    if (!SameChecklist(diff_)) Line(Paint(kDim, std::string(kOtherChecklist)));
    for (const auto& [name, report] :
         {std::pair(&options_.before_name, diff_.before), {&options_.after_name, diff_.after}}) {
      if (report->errors != 0)
        Line("note: " + Plain(*name) + " is not whole: " + std::to_string(report->errors) + " errors");
    }
    Changes("worse", kRed, diff_.regressions, true);
    Changes("better", kGreen, diff_.mended, false);
    Changes("answered for", kDim, diff_.answered, false);
    Changes("not told any more", kDim, diff_.unseen, false);
    Changes("by checks that are new", kDim, diff_.fresh, true);
    Subjects("new", diff_.added);
    Subjects("gone", diff_.gone);
    if (!diff_.scores.empty()) {
      Head("scores", diff_.scores.size());
      for (std::size_t i = 0; i < diff_.scores.size() && i < kMostLines; ++i) {
        const ScoreChange& one = diff_.scores[i];
        Line("  " + Plain(Shown(*one.before)) + " -> " + Plain(Shown(*one.after)) + "  " + Plain(one.after->ref));
      }
      Rest(diff_.scores.size());
    }
    if (diff_.regressions.empty()) Line("\nnothing got worse");
  }

 private:
  static std::string Plain(std::string_view text) { return support::StripTerminal(text); }
  std::string Paint(std::string_view colour, const std::string& text) const {
    return options_.colour ? std::string(colour) + text + std::string(kReset) : text;
  }
  void Line(const std::string& text) { write_(text + "\n"); }
  void Head(std::string_view name, std::size_t count) {
    Line("\n" + Paint(kBold, std::string(name)) + " (" + std::to_string(count) + ")");
  }
  void Rest(std::size_t count) {
    if (count > kMostLines) Line("  ... and " + std::to_string(count - kMostLines) + " more (-o json lists all)");
  }
  void Changes(std::string_view name, std::string_view colour, const std::vector<Change>& changes, bool now) {
    if (changes.empty()) return;
    Head(name, changes.size());
    for (std::size_t i = 0; i < changes.size() && i < kMostLines; ++i) {
      const Change& change = changes[i];
      std::string verdict(VerdictName(change.to));
      if (verdict == "fail") verdict = "FAIL";
      verdict.resize(std::max<std::size_t>(verdict.size(), 8), ' ');
      std::string severity(SeverityName(change.finding->severity));
      severity.resize(8, ' ');
      const std::string place = now ? Plain(Place(change)) : std::string();
      Line("  " + Paint(colour, verdict + " " + severity) + " " + Paint(kBold, Plain(change.subject->ref)) + "  " +
           Plain(change.finding->check) +
           (change.finding->message.empty() ? "" : ": " + Plain(change.finding->message)) +
           Paint(kDim, "  (" + (place.empty() ? "" : place + ", ") + Turned(change) + ")"));
    }
    Rest(changes.size());
  }
  void Subjects(std::string_view name, const std::vector<const KnownSubject*>& subjects) {
    if (subjects.empty()) return;
    Head(std::string(name) + " workloads", subjects.size());
    for (std::size_t i = 0; i < subjects.size() && i < kMostLines; ++i)
      Line("  " + Plain(Shown(*subjects[i])) + "  " + Plain(subjects[i]->ref));
    Rest(subjects.size());
  }

  const Diff& diff_;
  const DiffOptions& options_;
  const Write& write_;
};

class Json {
 public:
  Json(const Diff& diff, const DiffOptions& options, const Write& write)
      : diff_(diff), options_(options), write_(write), json_(out_) {}

  void All() {
    json_.Open('{');
    json_.Member("apiVersion", "audit.seaworthy.dev/v1alpha1");
    json_.Member("kind", "AuditDiff");
    json_.Member("generatedBy", options_.generated_by);
    Report("old", *diff_.before);
    Report("new", *diff_.after);
    Changes("regressions", diff_.regressions);
    Changes("mended", diff_.mended);
    Changes("answered", diff_.answered);
    Changes("unseen", diff_.unseen);
    Changes("fromNewChecks", diff_.fresh);
    Subjects("newWorkloads", diff_.added);
    Subjects("goneWorkloads", diff_.gone);
    json_.List("scores", diff_.scores, [&](const ScoreChange& change) {
      json_.Open('{');
      json_.Member("ref", change.after->ref);
      Score("from", change.before->score);
      Score("to", change.after->score);
      json_.Close('}');
      Flush();
    });
    json_.Close('}');
    out_ += '\n';
    write_(out_);
  }

 private:
  void Flush() {
    if (out_.size() < 64 * 1024) return;
    write_(out_);
    out_.clear();
  }
  void Score(std::string_view key, const std::optional<int>& score) {
    json_.Key(key);
    json_.Raw(score ? std::to_string(*score) : "null");
  }
  void Report(std::string_view key, const KnownReport& report) {
    json_.Object(key, [&] {
      json_.Member("generatedBy", report.generated_by);
      json_.Member("checklistHash", report.checklist_hash);
      Score("score", report.score);
      json_.MemberIf("grade", report.grade);
      json_.Member("workloads", static_cast<std::int64_t>(report.workloads));
      json_.Member("errors", static_cast<std::int64_t>(report.errors));
    });
  }
  void Changes(std::string_view key, const std::vector<Change>& changes) {
    json_.List(key, changes, [&](const Change& change) {
      json_.Open('{');
      json_.Member("ref", change.subject->ref);
      json_.Member("check", change.finding->check);
      json_.Member("severity", SeverityName(change.finding->severity));
      if (change.is_new_subject) {
        json_.Key("from"), json_.Raw("null");
      } else {
        json_.Member("from", VerdictName(change.from));
      }
      json_.Member("to", VerdictName(change.to));
      json_.MemberIf("message", change.finding->message);
      json_.MemberIf("file", change.finding->file.empty() ? change.subject->file : change.finding->file);
      if (change.finding->line != 0) json_.Member("line", static_cast<std::int64_t>(change.finding->line));
      json_.Close('}');
      Flush();
    });
  }
  void Subjects(std::string_view key, const std::vector<const KnownSubject*>& subjects) {
    json_.List(key, subjects, [&](const KnownSubject* subject) {
      json_.Open('{');
      json_.Member("ref", subject->ref);
      Score("score", subject->score);
      json_.Close('}');
      Flush();
    });
  }

  const Diff& diff_;
  const DiffOptions& options_;
  const Write& write_;
  std::string out_;
  support::JsonWriter json_;
};

// A part of the comment that grows line by line until it is full.
class Comment {
 public:
  void Add(const std::string& text) {
    if (left_ != 0 || out_.size() + text.size() > kCommentBytes) {
      ++left_;
    } else {
      out_ += text;
    }
  }
  std::string Finish() {
    if (left_ != 0)
      out_ += "\n... and " + std::to_string(left_) + " lines that did not fit into a comment; `-o json` has all.\n";
    return out_;
  }
  // What closes something that was opened has to come.
  void Close(std::string_view text) { out_ += text; }
  bool full() const { return left_ != 0; }

 private:
  std::string out_;
  std::size_t left_ = 0;
};

void Folded(Comment& comment, std::string_view title, const std::vector<Change>& changes) {
  if (changes.empty() || comment.full()) return;
  comment.Add("\n<details><summary>" + std::to_string(changes.size()) + " " + std::string(title) + "</summary>\n\n");
  for (const Change& change : changes) {
    comment.Add("- " + EscapeMarkdown(change.subject->ref) + " **" + EscapeMarkdown(change.finding->check) + "** (" +
                std::string(SeverityName(change.finding->severity)) + "): " + std::string(VerdictName(change.from)) +
                " to " + std::string(VerdictName(change.to)) + "\n");
  }
  comment.Close("\n</details>\n");
}

void FoldedSubjects(Comment& comment, std::string_view title, const std::vector<const KnownSubject*>& subjects) {
  if (subjects.empty() || comment.full()) return;
  comment.Add("\n<details><summary>" + std::to_string(subjects.size()) + " " + std::string(title) + "</summary>\n\n");
  for (const KnownSubject* subject : subjects)
    comment.Add("- " + EscapeMarkdown(subject->ref) + ", score " + EscapeMarkdown(Shown(*subject)) + "\n");
  comment.Close("\n</details>\n");
}

}  // namespace

void WriteDiffText(const Diff& diff, const DiffOptions& options, const Write& write) {
  Text(diff, options, write).All();
}
void WriteDiffJson(const Diff& diff, const DiffOptions& options, const Write& write) {
  Json(diff, options, write).All();
}

void WriteDiffMarkdown(const Diff& diff, const DiffOptions& options, const Write& write) {
  (void)options;
  Comment comment;
  comment.Add("## Production readiness: " + EscapeMarkdown(Shown(diff.before->score, diff.before->grade)) +
              " &rarr; **" + EscapeMarkdown(Shown(diff.after->score, diff.after->grade)) + "**\n\n");
  comment.Add("| | worse | better | new workloads | gone |\n|---|---:|---:|---:|---:|\n| count | " +
              std::to_string(diff.regressions.size()) + " | " + std::to_string(diff.mended.size()) + " | " +
              std::to_string(diff.added.size()) + " | " + std::to_string(diff.gone.size()) + " |\n");
  if (!SameChecklist(diff)) comment.Add("\n> " + std::string(kOtherChecklist) + "\n");
  if (diff.regressions.empty()) {
    comment.Add("\nNothing got worse.\n");
  } else {
    comment.Add("\n### Worse\n\n| verdict | severity | subject | check | what | place |\n|---|---|---|---|---|---|\n");
    for (const Change& change : diff.regressions) {
      comment.Add("| " + std::string(change.to == Verdict::kFail ? "**FAIL**" : "warn") + " | " +
                  std::string(SeverityName(change.finding->severity)) + " | " + EscapeMarkdown(change.subject->ref) +
                  " | " + EscapeMarkdown(change.finding->check) + " | " + EscapeMarkdown(change.finding->message) +
                  " (" + Turned(change) + ") | " + EscapeMarkdown(Place(change)) + " |\n");
    }
  }
  Folded(comment, "better", diff.mended);
  Folded(comment, "answered for by a waiver or an attestation", diff.answered);
  Folded(comment, "that cannot be told any more", diff.unseen);
  Folded(comment, "by checks that are new", diff.fresh);
  FoldedSubjects(comment, "new workloads", diff.added);
  FoldedSubjects(comment, "gone workloads", diff.gone);
  write(comment.Finish());
}

void WriteDiffGithub(const Diff& diff, const DiffOptions& options, const Write& write) {
  (void)options;
  std::size_t errors = 0, warnings = 0, left = 0;
  for (const Change& change : diff.regressions) {  // the gravest come first
    const bool fail = change.to == Verdict::kFail;
    std::size_t& count = fail ? errors : warnings;
    if (count == kMostAnnotations) {
      ++left;
      continue;
    }
    ++count;
    const std::string& file = change.finding->file.empty() ? change.subject->file : change.finding->file;
    ReportOptions place;
    place.files = {file};
    write(AnnotationCommand(
        {fail ? "error" : "warning", FilePath(place, {0, 0}), change.finding->line,
         "worse: " + change.finding->check + " (" + std::string(SeverityName(change.finding->severity)) + ")",
         change.subject->ref + ": " + change.finding->message + " (" + Turned(change) + ")"}));
  }
  if (left != 0) {
    write(AnnotationCommand(
        {"notice", "", 0, "seaworthy",
         std::to_string(left) +
             " more regressions are not annotated: GitHub shows ten errors and ten warnings a step."}));
  }
}

}  // namespace seaworthy::sinks::audit_report
