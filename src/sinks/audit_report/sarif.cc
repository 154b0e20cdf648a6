#include "sinks/audit_report/sarif.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sinks/audit_report/subjects.h"
#include "support/hash.h"
#include "support/hex.h"
#include "support/json_writer.h"

namespace seaworthy::sinks::audit_report {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

// A warn is one level milder than a fail of the same severity.
std::string_view Level(Severity severity, Verdict verdict) {
  const bool fail = verdict == Verdict::kFail;
  if (severity >= Severity::kHigh) return fail ? "error" : "warning";
  return severity == Severity::kMedium && fail ? "warning" : "note";
}

// What GitHub orders alerts of security by.
std::string_view SecuritySeverity(Severity severity) {
  switch (severity) {
    case Severity::kCritical: return "9.5";
    case Severity::kHigh: return "8.0";
    case Severity::kMedium: return "5.5";
    default: return "2.0";
  }
}

// A path as a URI reference: what RFC 3986 does not allow in a path is percent-encoded.
std::string Uri(std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~/!$&'()*+,;=@";
  std::string uri;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       kPlain.find(c) != std::string_view::npos;
    if (plain) {
      uri += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      uri += '%';
      uri += kHex[byte >> 4];
      uri += kHex[byte & 15];
    }
  }
  return uri;
}

class Sarif {
 public:
  Sarif(const ReportSource& source, const ReportOptions& options, const Write& write)
      : source_(source), options_(options), write_(write), json_(out_), checks_(options.catalogue) {
    for (const Check* check : checks_) numbers_.emplace(check, numbers_.size());
  }

  void All() {
    json_.Open('{');
    json_.Member("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_.Member("version", "2.1.0");
    json_.Key("runs"), json_.Open('['), json_.Open('{');
    json_.Member("columnKind", "utf16CodeUnits");
    // Where that is, the reader knows: no path of this machine gets into the file.
    json_.Object("originalUriBaseIds", [&] {
      json_.Object("SRCROOT", [&] {
        json_.Object("description", [&] { json_.Member("text", "The folder in which seaworthy scan was started."); });
      });
    });
    json_.Key("results"), json_.Open('[');
    EachSubject(source_, [&](const Subject& subject, const std::vector<Finding>& findings) {
      for (const Finding& finding : findings) {
        const bool answered = finding.verdict == Verdict::kWaived || finding.verdict == Verdict::kAttested;
        const bool had = answered && (finding.beneath == Verdict::kFail || finding.beneath == Verdict::kWarn);
        if (finding.severity >= options_.least && (had || IsBad(finding, options_.least))) Result(subject, finding);
      }
      if (out_.size() > kPiece) Flush();
    });
    json_.Close(']');
    // Last, as a custom check may only be met among the results.
    Tool();
    Invocations();
    json_.Close('}'), json_.Close(']'), json_.Close('}');
    out_ += '\n';
    Flush();
  }

 private:
  void Flush() {
    write_(out_);
    out_.clear();
  }

  void Result(const Subject& subject, const Finding& finding) {
    const auto [number, is_new] = numbers_.try_emplace(finding.check, numbers_.size());
    if (is_new) checks_.push_back(finding.check);
    const bool answered = finding.verdict == Verdict::kWaived || finding.verdict == Verdict::kAttested;
    const std::string ref = subject.Ref();
    json_.Open('{');
    json_.Member("ruleId", finding.check->id);
    json_.Member("ruleIndex", static_cast<std::int64_t>(number->second));
    json_.Member("level", Level(finding.severity, answered ? finding.beneath : finding.verdict));
    const std::string message =
        ref + ": " + std::string(finding.message.empty() ? finding.check->title : finding.message);
    json_.Object("message", [&] { json_.Member("text", message); });
    json_.Key("locations"), json_.Open('['), json_.Open('{');
    Place(subject, finding);
    json_.Key("logicalLocations"), json_.Open('['), json_.Open('{');
    json_.Member("name", subject.type == SubjectType::kCluster ? "Cluster" : subject.name);
    json_.Member("fullyQualifiedName", finding.path.empty() ? ref : ref + "/" + std::string(finding.path));
    json_.Member("kind", "resource");
    json_.Close('}'), json_.Close(']');
    json_.Close('}'), json_.Close(']');
    // GitHub reads the one name only; others read any.
    const std::string identity = std::string(finding.check->id) + '\n' + ref + '\n' + std::string(finding.container);
    const std::string fingerprint = support::Hex(support::Hash64(identity));
    json_.Object("partialFingerprints", [&] {
      json_.Member("primaryLocationLineHash", fingerprint + ":1");
      json_.Member("seaworthyFinding/v1", fingerprint);
    });
    if (answered) {
      json_.Key("suppressions"), json_.Open('['), json_.Open('{');
      json_.Member("kind", "external");
      json_.Member("status", "accepted");
      json_.Member("justification",
                   std::string(finding.exemption) + (finding.until.set() ? " until " + FormatTime(finding.until) : ""));
      json_.Close('}'), json_.Close(']');
    }
    json_.Object("properties", [&] {
      json_.Member("severity", SeverityName(finding.severity));
      json_.Member("verdict", VerdictName(finding.verdict));
      if (answered) return;
      const std::string patch = source_.Patch(subject.id, *finding.check);
      if (!patch.empty()) json_.Member("fixCommand", PatchCommand(subject, patch));
    });
    json_.Close('}');
  }

  void Place(const Subject& subject, const Finding& finding) {
    const bool own = subject.source.set();
    const SourceRef& place = own ? subject.source : subject.near;
    const std::string path = FilePath(options_, place);
    if (path.empty()) return;
    json_.Object("physicalLocation", [&] {
      Artifact(path);
      const std::uint32_t line = own ? LineOf(options_, place, finding) : place.line;
      if (line != 0) json_.Object("region", [&] { json_.Member("startLine", static_cast<std::int64_t>(line)); });
    });
  }
  void Artifact(const std::string& path) {
    json_.Object("artifactLocation", [&] {
      const bool absolute = path.starts_with('/');
      json_.Member("uri", (absolute ? "file://" : "") + Uri(path));
      if (!absolute) json_.Member("uriBaseId", "SRCROOT");
    });
  }

  void Tool() {
    json_.Key("tool"), json_.Open('{'), json_.Key("driver"), json_.Open('{');
    json_.Member("name", "Seaworthy");
    json_.Member("version", options_.version);
    json_.Member("semanticVersion", options_.version);
    json_.Key("rules"), json_.Open('[');
    for (const Check* check : checks_) Rule(*check);
    json_.Close(']');
    json_.Close('}'), json_.Close('}');
  }

  void Rule(const Check& check) {
    const auto text = [&](std::string_view key, std::string_view value) {
      json_.Object(key, [&] { json_.Member("text", value); });
    };
    const std::string id(check.id), fix(check.fix), rule(check.rule), why(check.why);
    json_.Open('{');
    json_.Member("id", check.id);
    json_.Member("name", RuleName(check.id));
    text("shortDescription", Sentence(check.title.empty() ? check.id : check.title));
    text("fullDescription", Sentence(check.why.empty() ? check.id : check.why));
    json_.Object("help", [&] {
      json_.Member("text", fix + (rule.empty() ? "" : " Rule: " + rule) + " (seaworthy checks " + id + ")");
      json_.Key("markdown");
      std::string markdown =
          "**Fix.** " + fix + "\n\n**Why.** " + why + "\n\n**Rule.** " + rule + "\n\n`seaworthy checks " + id + "`";
      support::AppendJsonString(quoted_, markdown);
      json_.Raw(quoted_);
      quoted_.clear();
    });
    json_.Object("defaultConfiguration", [&] { json_.Member("level", Level(check.severity, Verdict::kFail)); });
    json_.Object("properties", [&] {
      const std::string_view level = Level(check.severity, Verdict::kFail);
      json_.Key("tags"), json_.Open('[');
      json_.Text("kubernetes");
      json_.Text(SectionName(check.section));
      json_.Close(']');
      json_.Member("severity", SeverityName(check.severity));
      json_.Member("problem.severity", level == "note" ? "recommendation" : level);
      json_.Member("precision", "high");
      if (check.section == Section::kSecurity) json_.Member("security-severity", SecuritySeverity(check.severity));
    });
    json_.Close('}');
  }
  static std::string Sentence(std::string_view text) {
    std::string sentence(text);
    if (!sentence.ends_with('.') && !sentence.ends_with('?') && !sentence.ends_with('!')) sentence += '.';
    return sentence;
  }
  // "ReadinessProbe": SARIF wants a name that reads as one.
  static std::string RuleName(std::string_view id) {
    std::string name;
    bool upper = true;
    for (const char c : id) {
      if (c == '-') {
        upper = true;
        continue;
      }
      name += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      upper = false;
    }
    // A name that is the id over again says nothing to SARIF's validator.
    return id.find('-') == std::string_view::npos ? name + "Check" : name;
  }

  void Invocations() {
    json_.Key("invocations"), json_.Open('['), json_.Open('{');
    json_.Key("executionSuccessful"), json_.Raw(options_.errors.empty() ? "true" : "false");
    if (!options_.errors.empty()) {
      json_.List("toolExecutionNotifications", options_.errors, [&](const InputError& error) {
        json_.Open('{');
        json_.Member("level", "error");
        json_.Object("message", [&] {
          json_.Member("text", error.message.empty() ? std::string_view("cannot be read") : error.message);
        });
        ReportOptions one;
        one.files = {error.file};
        one.folder = options_.folder;
        if (const std::string path = FilePath(one, {0, 0}); !path.empty()) {
          json_.Key("locations"), json_.Open('['), json_.Open('{');
          json_.Object("physicalLocation", [&] {
            Artifact(path);
            if (error.line != 0)
              json_.Object("region", [&] { json_.Member("startLine", static_cast<std::int64_t>(error.line)); });
          });
          json_.Close('}'), json_.Close(']');
        }
        json_.Close('}');
      });
    }
    json_.Close('}'), json_.Close(']');
  }

  const ReportSource& source_;
  const ReportOptions& options_;
  const Write& write_;
  std::string out_, quoted_;
  support::JsonWriter json_;
  std::vector<const Check*> checks_;
  std::unordered_map<const Check*, std::size_t> numbers_;
};

}  // namespace

void WriteSarif(const ReportSource& source, const ReportOptions& options, const Write& write) {
  Sarif(source, options, write).All();
}

}  // namespace seaworthy::sinks::audit_report
