// The subcommands of the one binary. Each returns the process's exit code; the codes of `scan` are a contract
// (DESIGN.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::wiring {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFindings = 1;  // at or above the bar
inline constexpr int kExitUsage = 2;     // bad usage, unreadable or empty input
inline constexpr int kExitInternal = 3;  // internal or cluster error

struct ScanArguments {
  std::vector<std::string> paths;
  std::vector<std::string> outputs;  // FORMAT or FORMAT=FILE; none: text
  Severity fail_on = Severity::kCritical;
  std::optional<int> min_score;
  std::vector<std::string> policies;  // files with AuditPolicies
  std::string default_namespace;      // --namespace
  bool cluster = false;
  std::string kubeconfig, context;
};
int ScanCommand(const ScanArguments& arguments);

struct DiffArguments {
  std::string before, after;         // reports in JSON, folders of manifests, or - for standard input
  std::vector<std::string> outputs;  // as ScanArguments::outputs
  Severity fail_on = Severity::kHigh;
};
int DiffCommand(const DiffArguments& arguments);

struct ChecksArguments {
  std::string id;  // empty: all
  std::string format = "text";
};
int ChecksCommand(const ChecksArguments& arguments);

// The generated reference pages: "checks", "metrics", or "crd" of the file with the CustomResourceDefinitions.
int DocsCommand(const std::string& page, const std::string& file);

int VersionCommand();

// "seaworthy 0.1.0"
std::string GeneratedBy();

}  // namespace seaworthy::wiring
