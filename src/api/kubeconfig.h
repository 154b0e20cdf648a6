// Credentials from kubeconfig files, as client-go's clientcmd reads them: KUBECONFIG may name several, the first to set
// a name wins, and relative paths count from the file they stand in.
//
// What cannot be honoured is refused by name instead of being left out: insecure-skip-tls-verify (no code path disables
// verification), a cluster without a CA (the system's authorities are not trusted), proxy-url, impersonation, basic
// auth, auth-provider.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "api/credentials.h"
#include "seaworthy/clock.h"
#include "seaworthy/result.h"

namespace seaworthy::api {

struct KubeconfigOptions {
  // Empty: what KUBECONFIG names, else ~/.kube/config.
  std::vector<std::string> files;
  // Empty: current-context.
  std::string context;
  // A plugin may open a browser; who waits for it longer has gone.
  Duration exec_limit = std::chrono::seconds(60);
};

Result<std::shared_ptr<CredentialSource>> MakeKubeconfigCredentials(const Clock* clock, KubeconfigOptions options = {});

// What `run` and `scan --cluster` use: a kubeconfig that was asked for (options.files or options.context), else the
// pod's service account, else the user's kubeconfig.
Result<std::shared_ptr<CredentialSource>> FindCredentials(const Clock* clock, KubeconfigOptions options = {});

// RFC 4648 with padding; line breaks are skipped.
Result<std::string> DecodeBase64(std::string_view text);

}  // namespace seaworthy::api
