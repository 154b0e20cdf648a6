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
#include "score/people.h"
#include "support/escape.h"
#include "wiring/commands.h"
#include "wiring/live_cluster.h"
#include "wiring/offline_audit.h"
#include "wiring/policy_files.h"
#include "wiring/progress.h"
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

// A waiver that is thought to count and does not is worse than none.
void NameWhatDoesNotCount(const Snapshot& snapshot, const score::Engine& engine, std::int64_t now_seconds) {
  for (const auto& [name, status] : engine.policy().statuses()) {
    for (const std::string& problem : status.problems) Say("note: AuditPolicy/" + name + ": " + problem);
    for (const std::string& conflict : status.conflicts) Say("note: AuditPolicy/" + name + ": " + conflict);
  }
  for (const auto& [policy, errors] : engine.CustomErrors()) {
    for (const auto& [id, count] : errors) {
      Say("note: AuditPolicy/" + policy + ": the expression of " + id + " failed for " + Counted(count, "subject"));
    }
  }
  for (const score::PersonReport& one : score::PeopleReports(snapshot, engine.policy(), engine.checks(), now_seconds)) {
    if (one.object->kind == Kind::kAuditPolicy || one.state == "Valid") continue;
    const ObjectMeta& meta = one.object->meta;
    const std::string ns = meta.namespace_.empty() ? std::string() : meta.namespace_.str() + "/";
    Say("note: " + ns + std::string(Info(one.object->kind).name) + "/" + meta.name.str() +
        (one.state == "Expired" ? " has expired" : " does not count: " + one.message));
  }
}

int ScanManifests(const ScanArguments& arguments, const std::vector<Output>& outputs) {
  LoadOptions options;
  options.lines = true;
  const WallTime now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  ProgressCount count;
  ProgressBar bar(count);
  options.progress = &count;
  // The process ends with the command: a million pieces of memory need not be given back one by one.
  static const OfflineAudit* kept = nullptr;
  kept = new OfflineAudit(arguments.paths, arguments.default_namespace, options, now, arguments.policies);
  const OfflineAudit& audit = *kept;
  bar.Stop();
  const LoadedManifests& loaded = audit.loaded();
  ScanReport report;
  report.source = &audit.engine();
  report.files = loaded.files;
  report.least = Least(arguments);
  report.checks = audit.engine().checks();
  report.at = Timestamp{std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()};
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
  const auto now_seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  for (const LoadError& error : audit.policy_errors()) {
    Say(Place(error.file, error.line) + ": " + error.message);
    report.errors.push_back({error.file, error.line, error.message});
  }
  NameWhatDoesNotCount(audit.world(), audit.engine(), now_seconds);
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

int ScanCluster(const ScanArguments& arguments, const std::vector<Output>& outputs) {
  api::IsolateTrustStore();
  CoreOptions core;
  core.denied_is_an_answer = true;  // who looks once has the rights that they have
  Result<std::unique_ptr<LiveCluster>> connected =
      LiveCluster::Connect({arguments.kubeconfig, arguments.context, core, {}, {}});
  if (!connected.ok()) {
    std::fprintf(stderr, "seaworthy scan: %s\n", connected.status().message().c_str());
    return kExitInternal;
  }
  LiveCluster& live = **connected;
  const PolicyFiles policies = LoadPolicies(arguments.policies, *live.decoder);
  for (const LoadError& error : policies.errors) Say(Place(error.file, error.line) + ": " + error.message);
  if (!policies.errors.empty()) return kExitUsage;
  std::promise<void> ready;
  LiveCluster::RunOn(live.core_loop, [&] {
    live.core->engine().SetExtraPolicies(policies.policies);
    live.core->on_ready = [&] { ready.set_value(); };
  });
  ProgressCount count;
  count.what = "listing the cluster";
  ProgressBar bar(count);
  live.Start();
  const std::future_status status = ready.get_future().wait_for(std::chrono::seconds(120));
  bar.Stop();
  if (status != std::future_status::ready) {
    std::fprintf(stderr, "seaworthy scan: %s did not answer within 120 s\n", live.credentials->Describe().c_str());
    live.Stop();
    return kExitInternal;
  }
  int code = kExitOk;
  LiveCluster::RunOn(live.core_loop, [&] {
    ScanReport report;
    report.source = &live.core->engine();
    report.least = Least(arguments);
    report.live = true;
    report.checks = live.core->engine().checks();
    report.at =
        Timestamp{std::chrono::duration_cast<std::chrono::seconds>(live.clock.Wall().time_since_epoch()).count()};
    NameWhatDoesNotCount(
        live.core->world(), live.core->engine(),
        std::chrono::duration_cast<std::chrono::seconds>(live.clock.Wall().time_since_epoch()).count());
    code = WriteScanOutputs(outputs, report);
    if (code == kExitOk) code = HoldAgainstTheBar(*report.source, arguments);
  });
  live.Stop();
  return code;
}

}  // namespace

int ScanCommand(const ScanArguments& arguments) {
  const std::optional<std::vector<Output>> outputs = ParseScanOutputs(arguments.outputs);
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
