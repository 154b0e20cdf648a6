// `seaworthy scan`: manifests, or a live cluster once, through the same core as the operator.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "cache/decode.h"
#include "cache/world.h"
#include "checks/all_checks.h"
#include "score/engine.h"
#include "sinks/audit_report/json.h"
#include "sinks/audit_report/text.h"
#include "wiring/commands.h"
#include "api/trust_store.h"
#include "wiring/live_cluster.h"
#include "wiring/manifests.h"

namespace seaworthy::wiring {
namespace {

namespace audit_report = sinks::audit_report;

struct Output {
  std::string format;
  std::string file;  // empty: standard output
};

// Reads "FORMAT" and "FORMAT=FILE"; says what is wrong on stderr.
bool ParseOutputs(const std::vector<std::string>& texts, std::vector<Output>& outputs) {
  for (const std::string& text : texts.empty() ? std::vector<std::string>{"text"} : texts) {
    const std::size_t equals = text.find('=');
    Output output{text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)};
    if (output.format != "text" && output.format != "json") {
      std::fprintf(stderr, "seaworthy scan: unknown output format \"%s\": text or json\n", output.format.c_str());
      return false;
    }
    outputs.push_back(std::move(output));
  }
  return true;
}

bool WriteOutputs(const std::vector<Output>& outputs, const ReportSource& source, const std::vector<std::string>& files,
                  const std::vector<audit_report::InputError>& errors) {
  for (const Output& output : outputs) {
    std::FILE* out = stdout;
    if (!output.file.empty()) out = std::fopen(output.file.c_str(), "w");
    if (out == nullptr) {
      std::fprintf(stderr, "seaworthy scan: cannot write %s\n", output.file.c_str());
      return false;
    }
    bool written = true;
    const auto write = [&](std::string_view text) { written &= std::fwrite(text.data(), 1, text.size(), out) == text.size(); };
    if (output.format == "json") {
      audit_report::JsonOptions options;
      options.generated_by = GeneratedBy();
      options.files = files;
      options.errors = errors;
      options.line_of = [](const SourceRef& ref, std::string_view) { return ref.line; };
      audit_report::WriteJson(source, options, write);
    } else {
      audit_report::TextOptions options;
      options.colour = output.file.empty() && isatty(STDOUT_FILENO) != 0;
      options.files = files;
      options.errors = errors;
      audit_report::WriteText(source, options, write);
    }
    written &= std::fflush(out) == 0;
    if (out != stdout) written &= std::fclose(out) == 0;
    if (!written) {
      std::fprintf(stderr, "seaworthy scan: writing the report failed\n");
      return false;
    }
  }
  return true;
}

bool AtOrAboveTheBar(const ReportSource& source, const ScanArguments& arguments) {
  const auto failing = [&](const std::vector<Finding>& findings) {
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
      return finding.verdict == Verdict::kFail && finding.severity >= arguments.fail_on;
    });
  };
  for (const std::uint32_t id : source.WorkloadIds()) {
    const WorkloadReport report = source.ReportOf(id);
    if (failing(report.findings)) return true;
    if (arguments.min_score && report.summary.shown() && *report.summary.shown() < *arguments.min_score) return true;
  }
  for (const NamespaceReport& ns : source.Namespaces()) {
    if (failing(ns.findings)) return true;
    for (const BudgetFindings& budget : ns.budgets) {
      if (failing(budget.findings)) return true;
    }
  }
  for (const NodeReport& node : source.Nodes()) {
    if (failing(node.findings)) return true;
  }
  return failing(source.Cluster().findings);
}

int ScanManifests(const ScanArguments& arguments, const std::vector<Output>& outputs) {
  TextPool pool;
  const std::unique_ptr<ObjectDecoder> decoder = cache::MakeDecoder(pool);
  cache::World world(cache::World::Mode::kOffline, pool);
  LoadOptions options;
  options.default_namespace = pool.Intern(arguments.default_namespace);
  LoadedManifests loaded = LoadManifests(arguments.paths, *decoder, options);
  std::vector<audit_report::InputError> errors;
  for (const LoadError& error : loaded.errors) {
    std::fprintf(stderr, "seaworthy scan: %s%s: %s\n", error.file.c_str(), error.line != 0 ? (":" + std::to_string(error.line)).c_str() : "",
                 error.message.c_str());
    errors.push_back({error.file, error.line, error.message});
  }
  for (const LoadNote& note : loaded.notes) {
    std::fprintf(stderr, "seaworthy scan: note: %s (%zu, first: %s:%u)\n", note.message.c_str(), note.count, note.file.c_str(), note.line);
  }
  for (ObjectPtr& object : loaded.objects) {
    const Kind kind = object->kind;
    world.Accept({EventType::kApply, kind, std::move(object), {}});
  }
  world.TakeTouches();
  score::Engine engine(world, checks::AllChecks(), pool, {});
  engine.TouchAll();
  const WallTime now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  while (engine.Step(now, 4096)) {
  }
  if (engine.WorkloadIds().empty()) {
    errors.push_back({"", 0, "no workload was found: nothing was audited"});
    std::fprintf(stderr, "seaworthy scan: no workload was found in the input: nothing was audited\n");
  }
  if (!WriteOutputs(outputs, engine, loaded.files, errors)) return kExitUsage;
  if (!errors.empty()) return kExitUsage;
  return AtOrAboveTheBar(engine, arguments) ? kExitFindings : kExitOk;
}

int ScanCluster(const ScanArguments& arguments, const std::vector<Output>& outputs) {
  api::IsolateTrustStore();
  Result<std::unique_ptr<LiveCluster>> connected = LiveCluster::Connect({arguments.kubeconfig, arguments.context, {}, {}});
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
    const score::Engine& engine = live.core->engine();
    if (!WriteOutputs(outputs, engine, {}, {})) {
      code = kExitUsage;
    } else if (AtOrAboveTheBar(engine, arguments)) {
      code = kExitFindings;
    }
  });
  live.Stop();
  return code;
}

}  // namespace

int ScanCommand(const ScanArguments& arguments) {
  std::vector<Output> outputs;
  if (!ParseOutputs(arguments.outputs, outputs)) return kExitUsage;
  if (arguments.cluster) return ScanCluster(arguments, outputs);
  if (arguments.paths.empty()) {
    std::fprintf(stderr, "seaworthy scan: nothing to scan: name files or folders, - for standard input, or --cluster\n");
    return kExitUsage;
  }
  return ScanManifests(arguments, outputs);
}

}  // namespace seaworthy::wiring
