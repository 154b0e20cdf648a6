#include "sinks/audit_report/report_reader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "support/escape.h"
#include "support/json.h"

namespace seaworthy::sinks::audit_report {
namespace {

using support::Node;

constexpr std::size_t kMostText = 4096;  // bytes of a name or message; those of the API are shorter

std::optional<Verdict> ParseVerdict(std::string_view name) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Verdict::kCount); ++i) {
    if (VerdictName(static_cast<Verdict>(i)) == name) return static_cast<Verdict>(i);
  }
  return std::nullopt;
}

std::string Quoted(std::string_view text) {
  return "\"" + support::StripTerminal(support::CutUtf8WithDots(text, 100)) + "\"";
}

Status Wrong(std::string message) { return {Code::kInvalidArgument, std::move(message)}; }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), whole_(support::JsonLimits{.tokens = 5'000'000}) {}

  Result<KnownReport> Read() {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    Status status = Members();
    if (!status.ok()) return At(status);
    if (Peek() != '\0' || at_ != text_.size()) return At(Wrong("something stands behind the report"));
    if (!kind_ok_ || !api_ok_)
      return Wrong(
          "not an AuditReport of audit.seaworthy.dev/v1alpha1: want what `seaworthy scan -o json` or /report.json "
          "gives");
    status = Sort();
    if (!status.ok()) return status;
    return std::move(report_);
  }

 private:
  Status At(const Status& status) const {
    return {status.code(), "line " + std::to_string(line_) + ": " + status.message()};
  }

  char Peek() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return c;
      ++at_;
    }
    return '\0';
  }
  bool Take(char wanted) {
    if (Peek() != wanted) return false;
    ++at_;
    return true;
  }
  void Pass(std::size_t size) {
    line_ += static_cast<std::uint32_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                   text_.begin() + static_cast<std::ptrdiff_t>(at_ + size), '\n'));
    at_ += size;
  }

  // One value into `tree_`: objects and arrays as they come, others by where they end.
  Status Value(support::Tree& tree) {
    const char c = Peek();
    if (c == '{' || c == '[') {
      const Result<std::size_t> size = support::ParseJsonPrefix(text_.substr(at_), tree);
      if (!size.ok()) return size.status();
      Pass(*size);
      return Status::Ok();
    }
    std::size_t end = at_;
    if (c == '"') {
      for (++end; end < text_.size() && text_[end] != '"'; ++end) end += text_[end] == '\\' ? 1 : 0;
      if (end >= text_.size()) return Wrong("the text ends inside a string");
      ++end;
    } else {
      while (end < text_.size() && std::string_view(",]} \n\r\t").find(text_[end]) == std::string_view::npos) ++end;
    }
    const Status status = support::ParseJson(text_.substr(at_, end - at_), tree);
    if (status.ok()) Pass(end - at_);
    return status;
  }

  Status Members() {
    if (!Take('{')) return Wrong("not a JSON object");
    if (Take('}')) return Status::Ok();
    std::set<std::string> seen;
    do {
      if (Peek() != '"') return Wrong("want the name of a member");
      if (Status status = Value(whole_); !status.ok()) return status;
      const std::string key(whole_.root().text());
      if (seen.size() > 1000) return Wrong("too many members");
      if (!seen.insert(key).second) return Wrong("the member " + Quoted(key) + " comes twice");
      if (!Take(':')) return Wrong("want ':' behind " + Quoted(key));
      if (Status status = Member(key); !status.ok()) return status;
    } while (Take(','));
    return Take('}') ? Status::Ok() : Wrong("want ',' or '}'");
  }

  Status Member(const std::string& key) {
    if (key == "workloads") return Elements([&](const Node& node) { return Workload(node); });
    if (key == "namespaces") return Elements([&](const Node& node) { return Namespace(node); });
    if (key == "nodes") return Elements([&](const Node& node) { return NodeItem(node); });
    if (Status status = Value(whole_); !status.ok()) return status;
    const Node& value = whole_.root();
    if (key == "kind") kind_ok_ = value.text() == "AuditReport";
    if (key == "apiVersion") api_ok_ = value.text() == "audit.seaworthy.dev/v1alpha1";
    if (key == "generatedBy") report_.generated_by = Text(value);
    if (key == "checklistHash") report_.checklist_hash = Text(value);
    if (key == "errors") report_.errors = value.size();
    if (key == "cluster") return Cluster(value);
    return Status::Ok();
  }

  template <typename Each>
  Status Elements(Each each) {
    if (!Take('[')) return Wrong("want a list");
    if (Take(']')) return Status::Ok();
    do {
      if (Peek() != '{') return Wrong("want an object");
      if (Status status = Value(item_); !status.ok()) return status;
      if (Status status = each(item_.root()); !status.ok()) return status;
    } while (Take(','));
    return Take(']') ? Status::Ok() : Wrong("want ',' or ']'");
  }

  static std::string Text(const Node& node) { return std::string(support::CutUtf8(node.text(), kMostText)); }
  static std::optional<int> Score(const Node& node) {
    const std::optional<std::int64_t> score = node.Int();
    return score && *score >= 0 && *score <= 100 ? std::optional<int>(static_cast<int>(*score)) : std::nullopt;
  }
  static std::uint32_t Line(const Node& node) {
    const std::int64_t line = node.Int().value_or(0);
    return line > 0 && line < 1'000'000'000 ? static_cast<std::uint32_t>(line) : 0;
  }

  static KnownSubject Start(std::string ref, const Node& node) {
    KnownSubject subject;
    subject.ref = std::move(ref);
    subject.score = Score(node["score"]);
    subject.grade = Text(node["grade"]).substr(0, 1);
    subject.file = Text(node["source"]["file"]);
    subject.line = Line(node["source"]["line"]);
    return subject;
  }

  Status Workload(const Node& node) {
    if (!node["kind"].is_string() || !node["name"].is_string()) return Wrong("a workload without kind and name");
    const std::string ns = Text(node["namespace"]);
    KnownSubject subject = Start((ns.empty() ? "" : ns + "/") + Text(node["kind"]) + "/" + Text(node["name"]), node);
    subject.workload = true;
    ++report_.workloads;
    for (const Node& finding : node["findings"]) {
      if (Status status = Finding(finding, subject); !status.ok()) return status;
    }
    report_.subjects.push_back(std::move(subject));
    return Status::Ok();
  }

  Status Namespace(const Node& node) {
    if (!node["name"].is_string()) return Wrong("a namespace without name");
    const std::string name = Text(node["name"]);
    std::vector<KnownSubject> subjects;
    subjects.push_back(Start("Namespace/" + name, node));
    for (const Node& finding : node["findings"]) {
      const std::string about = Text(finding["subject"]);  // a budget in it
      KnownSubject* subject = &subjects.front();
      if (!about.empty()) {
        const std::string ref = name + "/" + about;
        if (subjects.back().ref != ref) {
          subjects.emplace_back().ref = ref;
          subjects.back().file = Text(finding["file"]);
        }
        subject = &subjects.back();
      }
      if (Status status = Finding(finding, *subject); !status.ok()) return status;
    }
    for (KnownSubject& subject : subjects) report_.subjects.push_back(std::move(subject));
    return Status::Ok();
  }

  Status NodeItem(const Node& node) {
    if (!node["name"].is_string()) return Wrong("a node without name");
    KnownSubject subject = Start("Node/" + Text(node["name"]), node);
    for (const Node& finding : node["findings"]) {
      if (Status status = Finding(finding, subject); !status.ok()) return status;
    }
    report_.subjects.push_back(std::move(subject));
    return Status::Ok();
  }

  Status Cluster(const Node& node) {
    if (!node.is_object()) return Wrong("\"cluster\" is no object");
    report_.score = Score(node["score"]);
    report_.grade = Text(node["grade"]).substr(0, 1);
    KnownSubject subject;
    subject.ref = "Cluster";
    for (const Node& finding : node["findings"]) {
      if (Status status = Finding(finding, subject); !status.ok()) return status;
    }
    report_.subjects.push_back(std::move(subject));
    return Status::Ok();
  }

  Status Finding(const Node& node, KnownSubject& subject) {
    const std::optional<Verdict> verdict = ParseVerdict(node["verdict"].text());
    const std::optional<Severity> severity = ParseSeverity(node["severity"].text());
    KnownFinding finding;
    finding.check = Text(node["check"]);
    if (finding.check.empty()) return Wrong(Quoted(subject.ref) + ": a finding without a check");
    if (!verdict)
      return Wrong(Quoted(subject.ref) + ": " + Quoted(finding.check) + ": no verdict is called " +
                   Quoted(node["verdict"].text()));
    if (!severity)
      return Wrong(Quoted(subject.ref) + ": " + Quoted(finding.check) + ": no severity is called " +
                   Quoted(node["severity"].text()));
    finding.verdict = *verdict;
    finding.severity = *severity;
    if (*verdict == Verdict::kFail || *verdict == Verdict::kWarn) {
      finding.message = Text(node["message"]);
      finding.file = Text(node["file"]);
      finding.line = Line(node["line"]);
    }
    if (!checks_.contains(finding.check)) checks_.insert(finding.check);
    subject.findings.push_back(std::move(finding));
    return Status::Ok();
  }

  Status Sort() {
    std::sort(report_.subjects.begin(), report_.subjects.end(),
              [](const KnownSubject& a, const KnownSubject& b) { return a.ref < b.ref; });
    for (std::size_t i = 0; i < report_.subjects.size(); ++i) {
      KnownSubject& subject = report_.subjects[i];
      if (i > 0 && report_.subjects[i - 1].ref == subject.ref) return Wrong(Quoted(subject.ref) + " comes twice");
      std::sort(subject.findings.begin(), subject.findings.end(),
                [](const KnownFinding& a, const KnownFinding& b) { return a.check < b.check; });
      for (std::size_t k = 1; k < subject.findings.size(); ++k) {
        if (subject.findings[k - 1].check == subject.findings[k].check)
          return Wrong(Quoted(subject.ref) + ": " + Quoted(subject.findings[k].check) + " comes twice");
      }
    }
    report_.checks.assign(checks_.begin(), checks_.end());
    return Status::Ok();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  support::Tree whole_, item_;
  bool kind_ok_ = false, api_ok_ = false;
  KnownReport report_;
  std::set<std::string> checks_;
};

}  // namespace

Result<KnownReport> ReadReport(std::string_view text) { return Reader(text).Read(); }

}  // namespace seaworthy::sinks::audit_report
