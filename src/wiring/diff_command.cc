// `seaworthy diff OLD NEW`: what got worse and what got better between two reports, or between two folders of
// manifests.
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "sinks/audit_report/diff.h"
#include "sinks/audit_report/report_reader.h"
#include "support/escape.h"
#include "wiring/commands.h"
#include "wiring/manifest_files.h"
#include "wiring/offline_audit.h"
#include "wiring/outputs.h"

namespace seaworthy::wiring {
namespace {

namespace audit_report = sinks::audit_report;

constexpr std::array<std::string_view, 4> kFormats = {"text", "json", "markdown", "github"};
constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // a report of 5,000 workloads has 100 MB

void Say(const std::string& text) {
  std::fprintf(stderr, "seaworthy diff: %s\n", support::StripTerminal(text).c_str());
}

std::string Named(const std::string& path) { return path == "-" ? "standard input" : path; }

// A folder is audited as `scan` does it.
Result<std::string> Audit(const std::string& folder) {
  LoadOptions options;
  options.lines = true;
  const WallTime now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const OfflineAudit audit({folder}, "", options, now);
  if (audit.engine().WorkloadIds().empty()) return Status(Code::kInvalidArgument, "no workload was found in it");
  if (!audit.loaded().errors.empty()) {
    const LoadError& first = audit.loaded().errors.front();
    return Status(Code::kInvalidArgument,
                  first.file + (first.line == 0 ? "" : ":" + std::to_string(first.line)) + ": " + first.message);
  }
  audit_report::JsonOptions json;
  json.generated_by = GeneratedBy();
  json.files = audit.loaded().files;
  json.line_of = [&](const SourceRef& object, std::string_view path) {
    return audit.loaded().lines.LineOf(object, path);
  };
  std::string text;
  audit_report::WriteJson(audit.engine(), json, [&](std::string_view piece) { text += piece; });
  return text;
}

std::optional<audit_report::KnownReport> Read(const std::string& path) {
  std::error_code ignored;
  const Result<std::string> text =
      std::filesystem::is_directory(path, ignored) ? Audit(path) : ReadWhole(path, kMostBytes);
  if (!text.ok()) {
    Say(Named(path) + ": " + text.status().message());
    return std::nullopt;
  }
  Result<audit_report::KnownReport> report = audit_report::ReadReport(*text);
  if (!report.ok()) {
    Say(Named(path) + ": " + report.status().message());
    return std::nullopt;
  }
  return *std::move(report);
}

}  // namespace

int DiffCommand(const DiffArguments& arguments) {
  const std::optional<std::vector<Output>> outputs = ParseOutputs("diff", arguments.outputs, kFormats);
  if (!outputs) return kExitUsage;
  std::signal(SIGPIPE, SIG_IGN);
  if (arguments.before == "-" && arguments.after == "-") {
    Say("only one of the two can be standard input");
    return kExitUsage;
  }
  const std::optional<audit_report::KnownReport> before = Read(arguments.before);
  const std::optional<audit_report::KnownReport> after = Read(arguments.after);
  if (!before || !after) return kExitUsage;
  const audit_report::Diff diff = audit_report::Compare(*before, *after);
  audit_report::DiffOptions options;
  options.generated_by = GeneratedBy();
  options.before_name = Named(arguments.before);
  options.after_name = Named(arguments.after);
  const int code = WriteOutputs("diff", *outputs, [&](const Output& output, const WriteText& write) {
    options.colour = UsesColour(output);
    if (output.format == "json") return audit_report::WriteDiffJson(diff, options, write);
    if (output.format == "markdown") return audit_report::WriteDiffMarkdown(diff, options, write);
    if (output.format == "github") return audit_report::WriteDiffGithub(diff, options, write);
    audit_report::WriteDiffText(diff, options, write);
  });
  if (code != kExitOk) return code;
  const std::size_t worse = audit_report::CountRegressions(diff, arguments.fail_on);
  if (worse == 0) return kExitOk;
  Say(std::to_string(worse) + (worse == 1 ? " regression of severity " : " regressions of severity ") +
      std::string(SeverityName(arguments.fail_on)) + (arguments.fail_on == Severity::kCritical ? "" : " or above"));
  return kExitFindings;
}

}  // namespace seaworthy::wiring
