#include "sinks/audit_report/html.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sinks/audit_report/page.h"
#include "sinks/audit_report/subjects.h"
#include "support/escape.h"
#include "support/json_writer.h"

namespace seaworthy::sinks::audit_report {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

// "'sha256-...'" of the text of an element.
std::string HashSource(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::array<unsigned char, 64> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
  return "'sha256-" + std::string(base64.begin(), base64.begin() + length) + "'";
}

// Texts that occur again and again - names, messages, paths, patches - stand in the page once; rows name them by
// number.
class Strings {
 public:
  Strings() { (void)Number(""); }
  std::int64_t Number(std::string_view text) {
    const auto known = numbers_.find(text);
    if (known != numbers_.end()) return known->second;
    const auto number = static_cast<std::int64_t>(texts_.size());
    numbers_.emplace(texts_.emplace_back(text), number);
    return number;
  }
  const std::deque<std::string>& texts() const { return texts_; }

 private:
  std::deque<std::string> texts_;  // never moves them: the keys are views of them
  std::unordered_map<std::string_view, std::int64_t> numbers_;
};

class Catalogue {
 public:
  explicit Catalogue(const std::vector<const Check*>& known) {
    for (const Check* check : known) (void)Number(*check);
  }
  std::int64_t Number(const Check& check) {
    const auto [at, is_new] = numbers_.try_emplace(&check, static_cast<std::int64_t>(checks_.size()));
    if (is_new) checks_.push_back(&check);
    return at->second;
  }
  const std::vector<const Check*>& checks() const { return checks_; }

 private:
  std::vector<const Check*> checks_;
  std::unordered_map<const Check*, std::int64_t> numbers_;
};

class Page {
 public:
  Page(const ReportSource& source, const ReportOptions& options, const Write& write)
      : source_(source), options_(options), write_(write), json_(out_), checks_(options.catalogue) {}

  void All() {
    const std::string title = Title();
    const std::array<std::pair<std::string_view, std::string_view>, 4> values = {
        {{"%CSP%", PagePolicy()}, {"%TITLE%", title}, {"%STYLE%", kPageCss}, {"%SCRIPT%", kPageJs}}};
    std::string_view rest = kPageHtml;
    while (!rest.empty()) {
      const std::size_t at = rest.find('%');
      out_ += rest.substr(0, at);
      if (at == std::string_view::npos) break;
      rest.remove_prefix(at);
      bool known = false;
      for (const auto& [name, value] : values) {
        if (!rest.starts_with(name)) continue;
        out_ += value;
        rest.remove_prefix(name.size());
        known = true;
        break;
      }
      constexpr std::string_view kData = "%DATA%";
      if (!known && rest.starts_with(kData)) {
        Flush();
        Data();
        FlushData();
        rest.remove_prefix(kData.size());
      } else if (!known) {
        out_ += '%';
        rest.remove_prefix(1);
      }
    }
    Flush();
  }

 private:
  void Flush() {
    if (!out_.empty()) write_(out_);
    out_.clear();
  }
  // JSON that cannot end the element around it, nor open a comment in it: in JSON these characters stand in strings
  // only.
  void FlushData() {
    std::string safe;
    safe.reserve(out_.size() + out_.size() / 16);
    for (const char c : out_) {
      switch (c) {
        case '<': safe += "\\u003c"; break;
        case '>': safe += "\\u003e"; break;
        case '&': safe += "\\u0026"; break;
        default: safe += c;
      }
    }
    if (!safe.empty()) write_(safe);
    out_.clear();
  }

  std::string Title() const {
    const std::optional<int> score = source_.Cluster().roll_up.summary.shown();
    return "Seaworthy" + (score ? " - score " + std::to_string(*score) : std::string());
  }

  void String(std::string_view text) { json_.Number(strings_.Number(text)); }
  static std::int64_t Percent(double ratio) { return static_cast<std::int64_t>(ratio * 100 + 1e-9); }
  void ScoreOrNull(const std::optional<double>& score) {
    if (score) {
      json_.Number(static_cast<std::int64_t>(*score));
    } else {
      json_.Raw("null");
    }
  }

  void Data() {
    const ClusterReport cluster = source_.Cluster();
    json_.Open('{');
    json_.Member("generatedBy", options_.generated_by);
    json_.Member("at", options_.at.set() ? FormatTime(options_.at) : std::string());
    json_.Member("checklistHash", cluster.checklist_hash);
    json_.Key("live"), json_.Raw(options_.live ? "true" : "false");
    json_.Object("cluster", [&] {
      const RollUp& roll_up = cluster.roll_up;
      json_.Key("score"), ScoreOrNull(roll_up.summary.score);
      json_.Member("grade", roll_up.summary.grade == 0 ? std::string() : std::string(1, roll_up.summary.grade));
      json_.Member("coverage", Percent(roll_up.summary.coverage));
      json_.Member("workloads", static_cast<std::int64_t>(roll_up.workloads));
      json_.Member("ready", static_cast<std::int64_t>(roll_up.ready));
    });
    json_.Key("sections"), json_.Open('[');
    for (std::size_t i = 0; i < kSectionCount; ++i) {
      json_.Open('[');
      json_.Text(SectionName(static_cast<Section>(i)));
      json_.Text(SectionTitle(static_cast<Section>(i)));
      ScoreOrNull(cluster.sections[i]);
      json_.Close(']');
    }
    json_.Close(']');
    json_.List("files", options_.files,
               [&](const std::string& file) { json_.Text(file == "-" ? "standard input" : file); });
    json_.List("errors", options_.errors, [&](const InputError& error) {
      json_.Open('[');
      json_.Text(error.file);
      json_.Number(error.line);
      json_.Text(error.message);
      json_.Close(']');
    });
    json_.Key("rows"), json_.Open('[');
    EachSubject(source_, [&](const Subject& subject, const std::vector<Finding>& findings) {
      if (subject.type == SubjectType::kWorkload || subject.type == SubjectType::kNamespace || !findings.empty())
        Row(subject, findings);
      if (out_.size() > kPiece) FlushData();
    });
    json_.Close(']');
    json_.Key("checks"), json_.Open('[');
    for (const Check* check : checks_.checks()) {
      json_.Open('[');
      json_.Text(check->id);
      json_.Text(check->title);
      json_.Number(static_cast<std::int64_t>(check->section));
      json_.Number(static_cast<std::int64_t>(check->severity));
      for (const std::string_view text : {check->rule, check->why, check->fix, check->source}) json_.Text(text);
      json_.Close(']');
    }
    json_.Close(']');
    json_.Key("strings"), json_.Open('[');
    for (const std::string& text : strings_.texts()) {
      json_.Text(text);
      if (out_.size() > kPiece) FlushData();
    }
    json_.Close(']');
    json_.Close('}');
  }

  // What page.js takes apart again.
  void Row(const Subject& subject, const std::vector<Finding>& findings) {
    json_.Open('[');
    json_.Number(static_cast<std::int64_t>(subject.type));
    String(subject.namespace_);
    String(subject.kind);
    String(subject.name);
    String(subject.api_version);
    json_.Number(subject.workload == nullptr ? 0 : static_cast<std::int64_t>(subject.workload->tier));
    const ScoreSummary* summary = subject.summary;
    json_.Number(summary == nullptr || !summary->score ? -1 : *summary->shown());
    json_.Text(summary == nullptr || summary->grade == 0 ? std::string() : std::string(1, summary->grade));
    json_.Number(summary == nullptr ? -1 : Percent(summary->coverage));
    json_.Number(subject.workload == nullptr ? 2 : static_cast<std::int64_t>(subject.workload->ready));
    json_.Number(subject.source.set() ? subject.source.file : -1);
    json_.Number(subject.source.set() ? subject.source.line : 0);
    json_.Open('[');
    for (const Finding& finding : findings) {
      const Verdict verdict = finding.verdict;
      if (verdict == Verdict::kFail || verdict == Verdict::kWarn || verdict == Verdict::kWaived ||
          verdict == Verdict::kAttested)
        Bad(subject, finding);
    }
    json_.Close(']');
    json_.Open('[');
    for (const Finding& finding : findings) {
      if (finding.verdict != Verdict::kUnknown) continue;
      json_.Number(checks_.Number(*finding.check));
      String(finding.message);
    }
    json_.Close(']');
    for (const Verdict verdict : {Verdict::kPass, Verdict::kNa}) {
      json_.Open('[');
      for (const Finding& finding : findings) {
        if (finding.verdict == verdict) json_.Number(checks_.Number(*finding.check));
      }
      json_.Close(']');
    }
    json_.Close(']');
  }

  void Bad(const Subject& subject, const Finding& finding) {
    const bool answered = finding.verdict == Verdict::kWaived || finding.verdict == Verdict::kAttested;
    json_.Open('[');
    json_.Number(checks_.Number(*finding.check));
    json_.Number(static_cast<std::int64_t>(finding.verdict));
    json_.Number(static_cast<std::int64_t>(finding.severity));
    String(finding.message);
    String(finding.path);
    json_.Number(LineOf(options_, subject.source, finding));
    String(answered ? std::string() : source_.Patch(subject.id, *finding.check));
    const bool since = options_.live && finding.since.set();
    if (answered || since) {
      String(finding.exemption);
      json_.Text(finding.until.set() ? FormatTime(finding.until) : std::string());
      json_.Number(static_cast<std::int64_t>(finding.beneath));
      json_.Number(-1);  // in the subject's own file
      json_.Text(since ? FormatTime(finding.since) : std::string());
    }
    json_.Close(']');
  }

  const ReportSource& source_;
  const ReportOptions& options_;
  const Write& write_;
  std::string out_;
  support::JsonWriter json_;
  Strings strings_;
  Catalogue checks_;
};

}  // namespace

const std::string& PagePolicy() {
  static const std::string policy = "default-src 'none'; script-src " + HashSource(kPageJs) + "; style-src " +
                                    HashSource(kPageCss) +
                                    "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'";
  return policy;
}

void WriteHtml(const ReportSource& source, const ReportOptions& options, const Write& write) {
  Page(source, options, write).All();
}

}  // namespace seaworthy::sinks::audit_report
