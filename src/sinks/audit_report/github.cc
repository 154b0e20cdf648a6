#include "sinks/audit_report/github.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "sinks/audit_report/subjects.h"
#include "support/escape.h"

namespace seaworthy::sinks::audit_report {
namespace {

void AppendEscaped(std::string_view text, bool property, std::string& out) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '%': escaped += "%25"; break;
      case '\r': escaped += "%0D"; break;
      case '\n': escaped += "%0A"; break;
      case ':': escaped += property ? "%3A" : ":"; break;
      case ',': escaped += property ? "%2C" : ","; break;
      default: escaped += c;
    }
  }
  // What else steers a terminal would steer that of whoever reads the log.
  out += support::StripTerminal(escaped);
}

// One that is worth showing, and where it comes in the order.
struct Ranked {
  Severity severity;
  std::size_t at;  // among all: keeps the order of the report
  Annotation annotation;
};

// The gravest, no matter how many come.
class Gravest {
 public:
  void Add(Severity severity, Annotation annotation) {
    ++seen_;
    items_.push_back({severity, seen_, std::move(annotation)});
    if (items_.size() >= 4 * kMostAnnotations) Cut();
  }
  std::vector<Ranked>& Cut() {
    std::sort(items_.begin(), items_.end(), [](const Ranked& a, const Ranked& b) {
      return std::pair(b.severity, a.at) < std::pair(a.severity, b.at);
    });
    if (items_.size() > kMostAnnotations) items_.resize(kMostAnnotations);
    return items_;
  }
  std::size_t seen() const { return seen_; }

 private:
  std::vector<Ranked> items_;
  std::size_t seen_ = 0;
};

}  // namespace

std::string AnnotationCommand(const Annotation& annotation) {
  std::string out = "::" + std::string(annotation.level);
  char separator = ' ';
  const auto property = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += separator;
    separator = ',';
    out += name;
    out += '=';
    AppendEscaped(value, true, out);
  };
  property("file", annotation.file);
  if (annotation.line != 0 && !annotation.file.empty()) property("line", std::to_string(annotation.line));
  property("title", annotation.title);
  out += "::";
  AppendEscaped(annotation.message, false, out);
  return out + "\n";
}

void WriteGithub(const ReportSource& source, const ReportOptions& options, const Write& write) {
  Gravest errors, warnings;
  for (const InputError& error : options.errors) {
    ReportOptions one;
    one.files = {error.file};
    one.folder = options.folder;
    errors.Add(Severity::kCount, {"error", FilePath(one, {0, 0}), error.line, "cannot be audited", error.message});
  }
  EachSubject(source, [&](const Subject& subject, const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
      if (!IsBad(finding, options.least)) continue;
      const bool own = subject.source.set();
      const SourceRef& place = own ? subject.source : subject.near;
      const bool fail = finding.verdict == Verdict::kFail;
      Annotation annotation{
          fail ? "error" : "warning", FilePath(options, place), own ? LineOf(options, place, finding) : place.line,
          std::string(finding.check->id) + " (" + std::string(SeverityName(finding.severity)) + ")",
          subject.Ref() + ": " + std::string(finding.message) + "\nFix: " + std::string(finding.check->fix)};
      (fail ? errors : warnings).Add(finding.severity, std::move(annotation));
    }
  });
  for (Gravest* list : {&errors, &warnings}) {
    for (const Ranked& one : list->Cut()) write(AnnotationCommand(one.annotation));
  }
  const std::size_t left = errors.seen() - errors.Cut().size() + warnings.seen() - warnings.Cut().size();
  if (left == 0) return;
  write(AnnotationCommand({"notice", "", 0, "seaworthy",
                           std::to_string(left) +
                               " more findings are not annotated: GitHub shows ten errors and ten warnings a step. "
                               "-o text, -o markdown and -o sarif have them."}));
}

}  // namespace seaworthy::sinks::audit_report
