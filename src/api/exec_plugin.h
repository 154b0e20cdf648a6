// Credential plugins of a kubeconfig (client.authentication.k8s.io/v1 and v1beta1 ExecCredential): a program that
// prints a token or a client certificate. Cloud providers' kubeconfigs consist of little else.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "seaworthy/clock.h"
#include "seaworthy/result.h"

namespace seaworthy::api {

struct ExecSpec {
  std::string api_version;  // client.authentication.k8s.io/v1 or /v1beta1
  std::string command;      // with a "/": a path; without: looked up in PATH
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;
  std::string install_hint;
  std::string cluster_info;  // JSON of spec.cluster, where provideClusterInfo asks for it
};

struct ExecCredential {
  std::string token;
  std::string client_certificate, client_key;  // PEM
  std::optional<WallTime> expires;
};

// Runs the plugin to its end: no shell, no terminal (spec.interactive is false, stdin is empty), none of our sockets,
// and killed with all it started after `limit` or once `stop` turns true. Blocks; to be called on a thread of its own.
// No message contains what it printed on stdout.
Result<ExecCredential> RunExecPlugin(const ExecSpec& spec, Duration limit, const std::atomic<bool>& stop);

// Exposed for tests: what a plugin prints.
Result<ExecCredential> ParseExecCredential(const std::string& output, const std::string& api_version);

// RFC 3339 with any offset: "2026-11-24T20:00:00Z".
std::optional<WallTime> ParseRfc3339(std::string_view text);

}  // namespace seaworthy::api
