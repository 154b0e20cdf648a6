// What one context of a kubeconfig comes down to, and the CredentialSource that serves it. Private to kubeconfig.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/credentials.h"
#include "api/exec_plugin.h"
#include "seaworthy/clock.h"

namespace seaworthy::api {

// A PEM text: given in the file, or by a path that is read for each new connection.
struct PemSource {
  std::string data, path;
  bool set() const { return !data.empty() || !path.empty(); }
  Result<std::string> Read() const;
};

struct KubeconfigContext {
  std::string description;
  ServerAddress server;
  PemSource ca, client_certificate, client_key;
  std::string token;
  std::string token_file;  // takes precedence over `token` once it was read (clientcmd api/types.go)
  std::optional<ExecSpec> exec;
  Duration exec_limit{};
};

std::shared_ptr<CredentialSource> MakeContextSource(KubeconfigContext context, const Clock* clock);

}  // namespace seaworthy::api
