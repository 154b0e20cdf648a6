// `seaworthy scan`: manifests, or a live cluster once, through the same core as the operator.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/trust_store.h"
#include "support/escape.h"
#include "wiring/commands.h"
#include "wiring/live_cluster.h"
#include "wiring/offline_audit.h"
#include "wiring/scan_outputs.h"

namespace seaworthy::wiring {
namespace {

using sinks::audit_report::InputError;

// File names, and what they hold, come from strangers: nothing of them may steer a terminal.
void Say(const std::string& text) {
  std::fprintf(stderr, "seaworthy scan: %s\n", support::StripTerminal(text).c_str());
}

std::string Place(const std::string& file, std::uint32_t line) {
  const std::string name = file == "-" ? "standard input" : file;
  return line == 0 ? name : name + ":" + std::to_string(line);
}

std::string Counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// What decides about the exit code is shown, however mild it is.
Severity Least(const ScanArguments& arguments) { return std::min(arguments.fail_on, Severity::kLow); }

// kExitFindings, having said why, or kExitOk.
int HoldAgainstTheBar(const ReportSource& source, const ScanArguments& arguments) {
  std::size_t failing = 0;
  const auto count = [&](const std::vector<Finding>& findings) {
    failing += static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
      return finding.verdict == Verdict::kFail && finding.severity >= arguments.fail_on;
    }));
  };
  std::size_t low = 0;
  for (const std::uint32_t id : source.WorkloadIds()) {
    const WorkloadReport report = source.ReportOf(id);
    count(report.findings);
    const std::optional<int> score = report.summary.shown();
    if (arguments.min_score && score && *score < *arguments.min_score) ++low;
  }
  for (const NamespaceReport& ns : source.Namespaces()) {
    count(ns.findings);
    for (const BudgetFindings& budget : ns.budgets) count(budget.findings);
  }
  for (const NodeReport& node : source.Nodes()) count(node.findings);
  count(source.Cluster().findings);
  if (failing != 0) {
    Say(Counted(failing, "failing check") + " of severity " + std::string(SeverityName(arguments.fail_on)) +
        (arguments.fail_on == Severity::kCritical ? "" : " or above"));
  }
  if (low != 0) Say(Counted(low, "workload") + " with a score under " + std::to_string(*arguments.min_score));
  return failing != 0 || low != 0 ? kExitFindings : kExitOk;
}

int ScanManifests(const ScanArguments& arguments, const std::vector<ScanOutput>& outputs) {
  LoadOptions options;
  options.lines = true;
  const WallTime now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const OfflineAudit audit(arguments.paths, arguments.default_namespace, options, now);
  const LoadedManifests& loaded = audit.loaded();
  ScanReport report;
  report.source = &audit.engine();
  report.files = loaded.files;
  report.least = Least(arguments);
  report.line_of = [&](const SourceRef& object, std::string_view path) { return loaded.lines.LineOf(object, path); };
  for (const LoadError& error : loaded.errors) {
    Say(Place(error.file, error.line) + ": " + error.message);
    report.errors.push_back({error.file, error.line, error.message});
  }
  for (const LoadNote& note : loaded.notes) {
    const std::string place = Place(note.file, note.line);
    Say("note: " + (note.count == 1
                        ? place + ": " + note.message
                        : note.message + " (" + std::to_string(note.count) + " times, first: " + place + ")"));
  }
  if (audit.engine().WorkloadIds().empty()) {
    const std::string why = loaded.files.empty() ? "no file to audit was found (*.yaml, *.yml, *.json)"
                                                 : "no workload was found in " + Counted(loaded.files.size(), "file");
    Say(why + ": nothing was audited");
    report.errors.push_back({"", 0, why + ": nothing was audited"});
  }
  if (const int code = WriteScanOutputs(outputs, report); code != kExitOk) return code;
  const int code = HoldAgainstTheBar(*report.source, arguments);
  return report.errors.empty() ? code : kExitUsage;
}

int ScanCluster(const ScanArguments& arguments, const std::vector<ScanOutput>& outputs) {
  api::IsolateTrustStore();
  Result<std::unique_ptr<LiveCluster>> connected =
      LiveCluster::Connect({arguments.kubeconfig, arguments.context, {}, {}});
  if (!connected.ok()) {
    std::fprintf(stderr, "seaworthy scan: %s\n", connected.status().message().c_str());
    return kExitInternal;
  }
  LiveCluster& live = **connected;
  std::promise<void> ready;
  LiveCluster::RunOn(live.core_loop, [&] { live.core->on_ready = [&] { ready.set_value(); }; });
  live.Start();
  if (ready.get_future().wait_for(std::chrono::seconds(120)) != std::future_status::ready) {
    std::fprintf(stderr, "seaworthy scan: %s did not answer within 120 s\n", live.credentials->Describe().c_str());
    live.Stop();
    return kExitInternal;
  }
  int code = kExitOk;
  LiveCluster::RunOn(live.core_loop, [&] {
    ScanReport report;
    report.source = &live.core->engine();
    report.least = Least(arguments);
    code = WriteScanOutputs(outputs, report);
    if (code == kExitOk) code = HoldAgainstTheBar(*report.source, arguments);
  });
  live.Stop();
  return code;
}

}  // namespace

int ScanCommand(const ScanArguments& arguments) {
  const std::optional<std::vector<ScanOutput>> outputs = ParseScanOutputs(arguments.outputs);
  if (!outputs) return kExitUsage;
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes must not take the other outputs and the exit code with it
  if (arguments.cluster && !arguments.paths.empty()) {
    Say("either files or --cluster, not both");
    return kExitUsage;
  }
  if (arguments.cluster) return ScanCluster(arguments, *outputs);
  if (arguments.paths.empty()) {
    Say("nothing to scan: name files or folders, - for standard input, or --cluster");
    return kExitUsage;
  }
  return ScanManifests(arguments, *outputs);
}

}  // namespace seaworthy::wiring
