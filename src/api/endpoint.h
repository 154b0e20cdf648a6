// Servers that are not the cluster's: Prometheus, container registries. Their names are looked up here and not by the
// HTTP library: that asks for all names, and for plain addresses too, on one thread of the process, so that a cluster
// whose DNS hangs would lose its lease to a registry's name.
//
// TLS is as towards the API server (tls_context.h), with the system's authorities, a file of one's own, or both. Plain
// http is spoken where the URL says so, and then no credential is ever sent.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/credentials.h"
#include "api/transport.h"

namespace seaworthy::api {

// "http://host[:port][/base]" or "https://...". Refuses what ParseServerUrl refuses, but for http.
Result<ServerAddress> ParseEndpointUrl(std::string_view url);

struct EndpointOptions {
  ServerAddress server;
  std::string ca_file;     // empty: none
  bool system_ca = true;   // the authorities that the system trusts, beside the file
  std::string token_file;  // of a bearer token; empty: none. Refused with plain http
};

// Addresses of a name, some time later and on any thread; an error where there are none.
using Resolve =
    std::function<void(const std::string& name, std::function<void(Result<std::vector<std::string>>)> done)>;
// getaddrinfo, on a thread of its own for each call.
void ResolveName(const std::string& name, std::function<void(Result<std::vector<std::string>>)> done);

// Unary calls only. Names are looked up anew when a call comes and the last answer is a minute old, or led nowhere.
Result<std::unique_ptr<Transport>> MakeEndpoint(EndpointOptions options, TransportOptions transport, Executor* executor,
                                                const Clock* clock, Resolve resolve = ResolveName);

// What the system trusts, in PEM: where SSL_CERT_FILE pointed before IsolateTrustStore, else the first of the usual
// files that is there.
Result<std::string> SystemCa();

}  // namespace seaworthy::api
