// Where the API server is and how we prove who we are: from the pod's service account or from a kubeconfig.
//
// One CredentialSource serves all requests of a transport. It is thread-safe: requests ask for the token on the API
// executor, new connections for the TLS part on the library's thread. Nothing here ever blocks for longer than a small
// file takes to read; what takes longer (an exec plugin) runs on a thread of the source's own, behind Refresh.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/clock.h"
#include "seaworthy/result.h"

namespace seaworthy::api {

struct ServerAddress {
  std::string host;  // a name, or an IP address without brackets
  std::uint16_t port = 443;
  std::string base_path;  // what a gateway put before the API's own paths ("/k8s/clusters/c-1"); mostly empty
  std::string tls_name;   // the name that the certificate must have, where it is not `host`
  bool plain = false;     // http: never the API server, and no credential goes there (endpoint.h)

  bool IsIpV4() const;
  bool IsIpV6() const;
  std::string Authority() const;  // "host:port", "[::1]:port": for messages
};

// "https://host[:port][/base]". Plain http, user names, queries and fragments are refused: no code path sends a token
// in clear.
Result<ServerAddress> ParseServerUrl(std::string_view url);

// PEM texts. The CA is all that is trusted.
struct TlsIdentity {
  std::string ca;
  std::string client_certificate;  // empty: none
  std::string client_key;
};

struct Credential {
  std::string bearer;  // empty: none, or none yet
  // Not (or no longer) usable: ask Refresh first. `bearer` is the last that was good.
  bool needs_refresh = false;
  std::string problem;  // why there is no good one, for messages
};

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  virtual const ServerAddress& server() const = 0;
  // Read anew for each connection, so that a rotated CA or certificate is picked up (client-go 1.36
  // ClientsAllowCARotation).
  virtual Result<TlsIdentity> Tls() = 0;
  virtual Credential Current() = 0;
  // After a 401, or when Current says so: obtains a credential now. `done(changed)` comes exactly once, on any thread,
  // perhaps before this returns. Calls made while one runs share its outcome.
  virtual void Refresh(std::function<void(bool changed)> done) = 0;
  // For logs: "service account", "kubeconfig /root/.kube/config, context dev".
  virtual std::string Describe() const = 0;
};

// A token that something else keeps fresh in a file: the kubelet replaces it at 80 % of its life. It is read again once
// a minute and on Refresh; a read that fails, or gives nothing or more than 16 KiB, leaves the last good one in place
// (RELIABILITY.md 3.1).
class TokenFile {
 public:
  static constexpr Duration kReadEvery = std::chrono::seconds(60);
  static constexpr std::size_t kMaxSize = 16 * 1024;

  TokenFile(std::string path, const Clock* clock) : path_(std::move(path)), clock_(clock) {}

  Credential Current();
  bool Refresh();  // true when the token changed

 private:
  bool ReadLocked();

  const std::string path_;
  const Clock* const clock_;
  std::mutex mutex_;
  std::string token_;
  std::string problem_;
  std::optional<MonoTime> read_at_;
};

struct InClusterPaths {
  std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount";
  // Of the environment; taken as they are when set.
  std::string host, port;
};

// True when this process looks like a pod's: the environment names the API server.
bool InCluster();

// From KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT and the service account's folder. Not having a token or CA yet
// is an error: it will not come by itself, the pod has automountServiceAccountToken: false.
Result<std::shared_ptr<CredentialSource>> MakeInClusterCredentials(const Clock* clock, InClusterPaths paths = {});

// A file as a whole, at most `max_size` bytes of it.
Result<std::string> ReadSmallFile(const std::string& path, std::size_t max_size);

}  // namespace seaworthy::api
