#include "wiring/scan_outputs.h"

#include <array>
#include <filesystem>
#include <system_error>

#include "sinks/audit_report/github.h"
#include "sinks/audit_report/html.h"
#include "sinks/audit_report/junit.h"
#include "sinks/audit_report/markdown.h"
#include "sinks/audit_report/sarif.h"
#include "sinks/audit_report/text.h"
#include "support/version.h"
#include "wiring/commands.h"

namespace seaworthy::wiring {
namespace {

namespace audit_report = sinks::audit_report;

constexpr std::array<std::string_view, 7> kFormats = {"text", "json", "sarif", "junit", "github", "markdown", "html"};

void WriteOne(const Output& output, const ScanReport& report, const WriteText& write) {
  if (output.format == "json") {
    audit_report::JsonOptions options;
    options.generated_by = GeneratedBy();
    options.files = report.files;
    options.errors = report.errors;
    options.line_of = report.line_of;
    return audit_report::WriteJson(*report.source, options, write);
  }
  if (output.format == "text") {
    audit_report::TextOptions options;
    options.colour = UsesColour(output);
    options.files = report.files;
    options.errors = report.errors;
    options.least = report.least;
    options.line_of = report.line_of;
    return audit_report::WriteText(*report.source, options, write);
  }
  audit_report::ReportOptions options;
  options.generated_by = GeneratedBy();
  options.version = support::Version();
  options.files = report.files;
  options.errors = report.errors;
  options.catalogue.assign(report.checks.begin(), report.checks.end());
  std::error_code ignored;  // a folder that is gone: paths stay as they were given
  options.folder = std::filesystem::current_path(ignored).string();
  options.least = report.least;
  options.live = report.live;
  options.at = report.at;
  options.line_of = report.line_of;
  if (output.format == "sarif") return audit_report::WriteSarif(*report.source, options, write);
  if (output.format == "junit") return audit_report::WriteJunit(*report.source, options, write);
  if (output.format == "github") return audit_report::WriteGithub(*report.source, options, write);
  if (output.format == "markdown") return audit_report::WriteMarkdown(*report.source, options, write);
  audit_report::WriteHtml(*report.source, options, write);
}

}  // namespace

std::optional<std::vector<Output>> ParseScanOutputs(const std::vector<std::string>& texts) {
  return ParseOutputs("scan", texts, kFormats);
}

int WriteScanOutputs(const std::vector<Output>& outputs, const ScanReport& report) {
  return WriteOutputs("scan", outputs,
                      [&](const Output& output, const WriteText& write) { WriteOne(output, report, write); });
}

}  // namespace seaworthy::wiring
