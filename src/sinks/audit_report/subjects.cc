#include "sinks/audit_report/subjects.h"

#include <algorithm>
#include <filesystem>
#include <unordered_map>

namespace seaworthy::sinks::audit_report {
namespace {

bool IsPlainWord(std::string_view word) {
  if (word.empty() || word.front() == '-') return false;
  return std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == '/' || c == ':';
  });
}

void AppendQuoted(std::string_view word, std::string& out) {
  out += '\'';
  for (const char c : word) {
    if (c == '\'') {
      out += R"('\'')";
    } else {
      out += c;
    }
  }
  out += '\'';
}

std::string ShellWord(std::string_view word) {
  if (IsPlainWord(word)) return std::string(word);
  std::string out;
  AppendQuoted(word, out);
  return out;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

}  // namespace

std::string Subject::Ref() const {
  if (type == SubjectType::kCluster) return "Cluster";
  std::string ref;
  if (!namespace_.empty() && type != SubjectType::kNamespace) ref = std::string(namespace_) + "/";
  return ref + std::string(kind) + "/" + std::string(name);
}

void EachSubject(const ReportSource& source,
                 const std::function<void(const Subject&, const std::vector<Finding>&)>& each) {
  std::unordered_map<std::string, SourceRef> first;  // of the workloads of a namespace
  for (const std::uint32_t id : source.WorkloadIds()) {
    const WorkloadReport report = source.ReportOf(id);
    Subject subject;
    subject.id = report.subject;
    subject.namespace_ = report.namespace_;
    subject.kind = report.kind;
    subject.name = report.name;
    subject.api_version = report.api_version;
    subject.summary = &report.summary;
    subject.workload = &report;
    subject.source = subject.near = report.source;
    if (report.source.set()) first.try_emplace(std::string(report.namespace_), report.source);
    each(subject, report.findings);
  }
  for (const NamespaceReport& ns : source.Namespaces()) {
    const auto beside = first.find(std::string(ns.name));
    const SourceRef near = beside == first.end() ? SourceRef() : beside->second;
    Subject subject;
    subject.type = SubjectType::kNamespace;
    subject.id = ns.subject;
    subject.namespace_ = subject.name = ns.name;
    subject.kind = "Namespace";
    subject.api_version = "v1";
    subject.summary = &ns.roll_up.summary;
    subject.source = ns.source;
    subject.near = ns.source.set() ? ns.source : near;
    each(subject, ns.findings);
    for (const BudgetFindings& budget : ns.budgets) {
      Subject about;
      about.type = SubjectType::kBudget;
      about.id = ns.subject;
      about.namespace_ = ns.name;
      about.kind = "PodDisruptionBudget";
      about.api_version = "policy/v1";
      about.name = budget.name;
      about.source = budget.source;
      about.near = budget.source.set() ? budget.source : near;
      each(about, budget.findings);
    }
  }
  for (const NodeReport& node : source.Nodes()) {
    Subject subject;
    subject.type = SubjectType::kNode;
    subject.id = node.subject;
    subject.kind = "Node";
    subject.api_version = "v1";
    subject.name = node.name;
    subject.source = subject.near = node.source;
    each(subject, node.findings);
  }
  const ClusterReport cluster = source.Cluster();
  Subject subject;
  subject.type = SubjectType::kCluster;
  subject.id = kClusterSubject;
  subject.kind = "Cluster";
  subject.summary = &cluster.roll_up.summary;
  each(subject, cluster.findings);
}

bool GraverThan(const Finding& a, const Finding& b) {
  if (a.verdict != b.verdict) return a.verdict == Verdict::kFail;
  return a.severity > b.severity;
}

std::string FilePath(const ReportOptions& options, const SourceRef& place) {
  if (!place.set() || static_cast<std::size_t>(place.file) >= options.files.size()) return {};
  const std::string& file = options.files[static_cast<std::size_t>(place.file)];
  if (file.empty() || file == "-") return {};
  std::filesystem::path path = std::filesystem::path(file).lexically_normal();
  if (path.is_absolute() && !options.folder.empty()) {
    const std::filesystem::path relative =
        path.lexically_relative(std::filesystem::path(options.folder).lexically_normal());
    if (!relative.empty() && *relative.begin() != "..") path = relative;
  }
  return path.generic_string();
}

std::uint32_t LineOf(const ReportOptions& options, const SourceRef& object, const Finding& finding) {
  if (!object.set()) return 0;
  const std::uint32_t line = options.line_of ? options.line_of(object, finding.path) : 0;
  return line != 0 ? line : object.line;
}

std::string PatchCommand(const Subject& subject, std::string_view patch) {
  std::string resource = Lower(subject.kind);
  // With its group: other groups may have a kind of that name.
  if (const std::size_t slash = subject.api_version.find('/'); slash != std::string_view::npos) {
    resource += "." + std::string(subject.api_version.substr(0, slash));
  }
  std::string command = "kubectl patch " + ShellWord(resource) + " " + ShellWord(subject.name);
  if (!subject.namespace_.empty() && subject.type != SubjectType::kNamespace)
    command += " -n " + ShellWord(subject.namespace_);
  command += " --type strategic -p ";
  AppendQuoted(patch, command);
  return command;
}

}  // namespace seaworthy::sinks::audit_report
