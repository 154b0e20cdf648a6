#include "sinks/audit_report/junit.h"

#include <string>
#include <string_view>
#include <vector>

#include "sinks/audit_report/subjects.h"
#include "support/escape.h"

namespace seaworthy::sinks::audit_report {
namespace {

// XML 1.0 has no way to write most control characters and these two; EscapeHtml has replaced the former already.
std::string Xml(std::string_view text) {
  std::string out = support::EscapeHtml(text);
  for (std::size_t at = 0; (at = out.find("\xEF\xBF", at)) != std::string::npos; at += 3) {
    if (at + 2 < out.size() && (out[at + 2] == '\xBE' || out[at + 2] == '\xBF')) out[at + 2] = '\xBD';
  }
  return out;
}

void Attribute(std::string_view name, std::string_view value, std::string& out) {
  out += ' ';
  out += name;
  out += "=\"";
  out += Xml(value);
  out += '"';
}

class Junit {
 public:
  Junit(const ReportSource& source, const ReportOptions& options) : source_(source), options_(options) {}

  std::string Suite(const Subject& subject, const std::vector<Finding>& findings) const {
    int cases = 0, failures = 0, skipped = 0;
    std::string body;
    for (const Finding& finding : findings) {
      if (finding.verdict == Verdict::kNa) continue;
      ++cases;
      failures += finding.verdict == Verdict::kFail && finding.severity >= options_.least ? 1 : 0;
      skipped += finding.verdict == Verdict::kUnknown || finding.verdict == Verdict::kWaived ? 1 : 0;
      Case(subject, finding, body);
    }
    if (cases == 0) return {};
    std::string out = "  <testsuite";
    Attribute("name", subject.Ref(), out);
    out += " tests=\"" + std::to_string(cases) + "\" failures=\"" + std::to_string(failures) +
           "\" errors=\"0\" skipped=\"" + std::to_string(skipped) + "\">\n";
    return out + body + "  </testsuite>\n";
  }

  std::string Errors() const {
    if (options_.errors.empty()) return {};
    const std::string count = std::to_string(options_.errors.size());
    std::string out =
        "  <testsuite name=\"input\" tests=\"" + count + "\" failures=\"0\" errors=\"" + count + "\" skipped=\"0\">\n";
    for (const InputError& error : options_.errors) {
      out += "    <testcase";
      Attribute("name", error.file.empty() ? std::string_view("input") : error.file, out);
      Attribute("classname", "input", out);
      out += ">\n      <error";
      Attribute("message", (error.line == 0 ? "" : "line " + std::to_string(error.line) + ": ") + error.message, out);
      out += "/>\n    </testcase>\n";
    }
    return out + "  </testsuite>\n";
  }

 private:
  void Case(const Subject& subject, const Finding& finding, std::string& out) const {
    out += "    <testcase";
    Attribute("name", finding.check->id, out);
    Attribute("classname", subject.Ref(), out);
    if (const std::string file = FilePath(options_, subject.source); !file.empty()) {
      Attribute("file", file, out);
      if (const std::uint32_t line = LineOf(options_, subject.source, finding); line != 0)
        Attribute("line", std::to_string(line), out);
    }
    switch (finding.verdict) {
      case Verdict::kFail:
        if (finding.severity < options_.least) return Output("noted", subject, finding, out);
        out += ">\n      <failure";
        Attribute("message", finding.message, out);
        Attribute("type", SeverityName(finding.severity), out);
        out += ">" + Xml(Fix(subject, finding)) + "</failure>\n    </testcase>\n";
        return;
      case Verdict::kWarn: return Output("warning", subject, finding, out);
      case Verdict::kUnknown:
      case Verdict::kWaived: {
        std::string why(finding.message);
        if (finding.verdict == Verdict::kWaived)
          why = "waived by " + std::string(finding.exemption) + (why.empty() ? "" : ": " + why);
        out += ">\n      <skipped";
        Attribute("message", why, out);
        out += "/>\n    </testcase>\n";
        return;
      }
      default: out += "/>\n";
    }
  }

  void Output(std::string_view what, const Subject& subject, const Finding& finding, std::string& out) const {
    out += ">\n      <system-out>" +
           Xml(std::string(what) + " (" + std::string(SeverityName(finding.severity)) +
               "): " + std::string(finding.message) + "\n" + Fix(subject, finding)) +
           "</system-out>\n    </testcase>\n";
  }

  std::string Fix(const Subject& subject, const Finding& finding) const {
    std::string text;
    if (!finding.path.empty()) text += std::string(finding.path) + "\n";
    text += "fix: " + std::string(finding.check->fix) + "\n";
    const std::string patch = source_.Patch(subject.id, *finding.check);
    if (!patch.empty()) text += PatchCommand(subject, patch) + "\n";
    return text;
  }

  const ReportSource& source_;
  const ReportOptions& options_;
};

}  // namespace

void WriteJunit(const ReportSource& source, const ReportOptions& options, const Write& write) {
  const Junit junit(source, options);
  write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"seaworthy\">\n");
  EachSubject(source, [&](const Subject& subject, const std::vector<Finding>& findings) {
    write(junit.Suite(subject, findings));
  });
  write(junit.Errors());
  write("</testsuites>\n");
}

}  // namespace seaworthy::sinks::audit_report
