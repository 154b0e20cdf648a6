#include "wiring/cli.h"

#include <CLI/CLI.hpp>
#include <string>

#include "wiring/commands.h"
#include "wiring/run_command.h"

namespace seaworthy::wiring {

int Main(int argc, char** argv) {
  CLI::App app{"Seaworthy audits the workloads of a Kubernetes cluster against a production-readiness checklist."};
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of all commands");

  ScanArguments scan;
  std::string fail_on = "critical";
  int min_score = -1;
  CLI::App* scan_app =
      app.add_subcommand("scan", "Audit manifests (files, folders, - for standard input), or a live cluster once");
  scan_app->add_option("PATH", scan.paths, "YAML or JSON files, folders, or -");
  scan_app
      ->add_option("-o,--output", scan.outputs,
                   "FORMAT or FORMAT=FILE, repeatable: text, json, sarif, junit, github, markdown, html")
      ->allow_extra_args(false);
  scan_app
      ->add_option("--fail-on", fail_on,
                   "Exit 1 when a check of this severity or above fails: critical, high, medium, low, info")
      ->check(CLI::IsMember({"critical", "high", "medium", "low", "info"}))
      ->capture_default_str();
  scan_app->add_option("--min-score", min_score, "Exit 1 when the lowest score of a workload is under N")
      ->check(CLI::Range(0, 100));
  scan_app
      ->add_option("--policy", scan.policies,
                   "File or folder with AuditPolicies that count beside those of the input, repeatable")
      ->allow_extra_args(false);  // what follows is the next PATH
  scan_app->add_option("-n,--namespace", scan.default_namespace, "Namespace of objects that name none");
  scan_app->add_flag("--cluster", scan.cluster, "Audit a live cluster once, through the kubeconfig");
  scan_app->add_option("--kubeconfig", scan.kubeconfig, "Kubeconfig file (default: KUBECONFIG, then ~/.kube/config)");
  scan_app->add_option("--context", scan.context, "Context of the kubeconfig");

  DiffArguments diff;
  std::string diff_fail_on = "high";
  CLI::App* diff_app = app.add_subcommand("diff", "What got worse and what got better between two reports");
  diff_app->add_option("OLD", diff.before, "A report (scan -o json, /report.json), a folder of manifests, or -")
      ->required();
  diff_app->add_option("NEW", diff.after, "Likewise")->required();
  diff_app->add_option("-o,--output", diff.outputs, "FORMAT or FORMAT=FILE, repeatable: text, json, markdown, github")
      ->allow_extra_args(false);
  diff_app
      ->add_option("--fail-on", diff_fail_on,
                   "Exit 1 on a regression of this severity or above: critical, high, medium, low, info")
      ->check(CLI::IsMember({"critical", "high", "medium", "low", "info"}))
      ->capture_default_str();

  ChecksArguments checks;
  CLI::App* checks_app = app.add_subcommand("checks", "The reference of checks: rule, why, fix");
  checks_app->add_option("ID", checks.id, "One check; default: all");
  checks_app->add_option("-o,--output", checks.format, "text, json or markdown")->capture_default_str();

  std::string page;
  CLI::App* docs_app = app.add_subcommand("docs", "Generated reference pages");
  docs_app->add_option("PAGE", page, "checks, metrics or crd")->required();
  std::string docs_file;
  docs_app->add_option("FILE", docs_file, "crd: the file with the CustomResourceDefinitions");

  CLI::App* version_app = app.add_subcommand("version", "Version and commit");

  RunArguments run;
  CLI::App* run_app = app.add_subcommand("run", "The operator: audits the cluster continuously");
  AddRunOptions(*run_app, run);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& e) {
    return app.exit(e);
  } catch (const CLI::CallForAllHelp& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    app.exit(e);
    return kExitUsage;
  }
  if (*scan_app) {
    scan.fail_on = *ParseSeverity(fail_on);
    if (min_score >= 0) scan.min_score = min_score;
    return ScanCommand(scan);
  }
  if (*diff_app) {
    diff.fail_on = *ParseSeverity(diff_fail_on);
    return DiffCommand(diff);
  }
  if (*checks_app) return ChecksCommand(checks);
  if (*docs_app) return DocsCommand(page, docs_file);
  if (*version_app) return VersionCommand();
  return RunCommand(run);
}

}  // namespace seaworthy::wiring
