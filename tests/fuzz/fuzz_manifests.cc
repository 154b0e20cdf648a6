// The whole of `scan`: a file is loaded, audited with all checks, and reported. The report is JSON whose lines are
// lines of the file, the text steers no terminal, and how the file is cut for reading in parallel does not show.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "fuzz/fuzz.h"
#include "sinks/audit_report/json.h"
#include "sinks/audit_report/text.h"
#include "support/escape.h"
#include "wiring/offline_audit.h"

namespace seaworthy {
namespace {

using fuzz::Require;
using nlohmann::json;
namespace audit_report = sinks::audit_report;

constexpr WallTime kNow{std::chrono::seconds(1'795'521'600)};

struct Reports {
  std::string json, text;
  std::size_t workloads = 0;
};

Reports Scan(const std::string& path, std::size_t part_bytes) {
  wiring::LoadOptions load;
  load.part_bytes = part_bytes;
  load.document_bytes = std::size_t{64} * 1024;
  load.threads = 1;
  load.lines = true;
  const wiring::OfflineAudit audit({path}, "", load, kNow);
  audit_report::JsonOptions options;
  options.generated_by = "fuzz";
  options.files = audit.loaded().files;
  for (const wiring::LoadError& error : audit.loaded().errors)
    options.errors.push_back({error.file, error.line, error.message});
  options.line_of = [&](const SourceRef& object, std::string_view field) {
    return audit.loaded().lines.LineOf(object, field);
  };
  audit_report::TextOptions text;
  text.files = options.files;
  text.errors = options.errors;
  text.least = Severity::kInfo;
  text.line_of = options.line_of;
  Reports reports;
  audit_report::WriteJson(audit.engine(), options, [&](std::string_view piece) { reports.json += piece; });
  audit_report::WriteText(audit.engine(), text, [&](std::string_view piece) { reports.text += piece; });
  reports.workloads = audit.engine().WorkloadIds().size();
  Require(audit.engine().undeclared_reads().empty(), "checks read what they say they read");
  return reports;
}

void RequireLines(const json& value, std::uint32_t last) {
  if (value.is_object() && value.contains("line")) {
    const json& line = value["line"];
    Require(line.is_number_unsigned() && line >= 1 && line <= last, "a line of the file", value.dump());
  }
  if (!value.is_structured()) return;
  for (const auto& [key, child] : value.items()) {
    if (key != "patch") RequireLines(child, last);
  }
}

}  // namespace
}  // namespace seaworthy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  const std::string_view text = fuzz::Text(data, size);
  const fuzz::MemoryFile file(text);
  const Reports whole = Scan(file.path(), std::size_t{1} << 30);
  const json report = json::parse(whole.json, nullptr, false);
  Require(report.is_object(), "the report is JSON", whole.json);
  Require(report["workloads"].size() == whole.workloads, "every workload is reported");
  // As libyaml counts: CR, NEL, LS and PS end lines, too.
  const auto breaks = std::count_if(text.begin(), text.end(), [](char c) {
    return c == '\n' || c == '\r' || c == '\x85' || c == '\xa8' || c == '\xa9';
  });
  RequireLines(report, static_cast<std::uint32_t>(breaks) + 2);
  std::string_view rest = whole.text;
  Require(support::IsUtf8(rest), "the text is UTF-8");
  while (!rest.empty()) {
    const support::Utf8Char next = support::DecodeUtf8(rest);
    Require(next.code == '\n' || !support::IsControl(next.code), "the text steers no terminal", whole.text);
    rest.remove_prefix(next.size);
  }
  const Reports parts = Scan(file.path(), 1);
  Require(parts.json == whole.json, "cut into parts it is the same", whole.json + "\n" + parts.json);
  return 0;
}
