#include "api/credentials.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace seaworthy::api {
namespace {

constexpr std::size_t kCaMaxSize = std::size_t{1} << 20;

std::string Environment(const char* name) {
  const char* value =
      std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets the environment once threads run
  return value == nullptr ? std::string() : std::string(value);
}

bool IsHostName(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  });
}

bool IsBasePath(std::string_view path) {
  if (path.find("/../") != std::string_view::npos || path.ends_with("/..") || path.find("//") != std::string_view::npos)
    return false;
  return std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~/:@=+,").find(c) != std::string_view::npos;
  });
}

Result<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    return Status(Code::kInvalidArgument, "\"" + std::string(text) + "\" is not a port");
  }
  return port;
}

bool IsAddress(int family, const std::string& host) {
  in6_addr address;
  return inet_pton(family, host.c_str(), &address) == 1;
}

class InClusterCredentials : public CredentialSource {
 public:
  InClusterCredentials(ServerAddress server, const std::string& folder, const Clock* clock)
      : server_(std::move(server)), ca_path_(folder + "/ca.crt"), token_(folder + "/token", clock) {}

  const ServerAddress& server() const override { return server_; }
  Result<TlsIdentity> Tls() override {
    Result<std::string> ca = ReadSmallFile(ca_path_, kCaMaxSize);
    if (!ca.ok()) return ca.status();
    return TlsIdentity{*std::move(ca), {}, {}};
  }
  Credential Current() override { return token_.Current(); }
  void Refresh(std::function<void(bool)> done) override { done(token_.Refresh()); }
  std::string Describe() const override { return "the pod's service account"; }

 private:
  const ServerAddress server_;
  const std::string ca_path_;
  TokenFile token_;
};

}  // namespace

bool ServerAddress::IsIpV4() const { return IsAddress(AF_INET, host); }

bool ServerAddress::IsIpV6() const { return IsAddress(AF_INET6, host); }

std::string ServerAddress::Authority() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

Result<ServerAddress> ParseServerUrl(std::string_view url) {
  const auto refuse = [&](std::string_view why) {
    return Status(Code::kInvalidArgument, "server \"" + std::string(url.substr(0, 256)) + "\": " + std::string(why));
  };
  constexpr std::string_view kScheme = "https://";
  if (url.starts_with("http://")) return refuse("plain http would send the credential in clear; use https");
  // kubectl takes "host:port" without a scheme as http, so there is no guessing here.
  if (!url.starts_with(kScheme)) return refuse("must begin with https://");
  std::string_view rest = url.substr(kScheme.size());
  const std::size_t slash = rest.find_first_of("/?#");
  std::string_view authority = rest.substr(0, slash);
  std::string_view path = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  ServerAddress server;
  server.base_path = path;
  if (!IsBasePath(path)) return refuse("only a plain path may follow the host");
  if (authority.find('@') != std::string_view::npos) return refuse("a user name in the address is not supported");
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return refuse("\"[\" without \"]\"");
    server.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    if (!server.IsIpV6()) return refuse("what stands in [] is not an IPv6 address");
  } else {
    const std::size_t colon = authority.find(':');
    server.host = authority.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
    if (!IsHostName(server.host)) return refuse("no host name");
  }
  std::transform(server.host.begin(), server.host.end(), server.host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (!port.empty()) {
    if (!port.starts_with(':')) return refuse("only a port may follow the host");
    const Result<std::uint16_t> parsed = ParsePort(port.substr(1));
    if (!parsed.ok()) return refuse(parsed.status().message());
    server.port = *parsed;
  }
  return server;
}

Result<std::string> ReadSmallFile(const std::string& path, std::size_t max_size) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return Status(Code::kUnavailable, path + ": " + std::strerror(errno));
  std::string text;
  Status status;
  struct stat info = {};
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    // A FIFO would block us, a device would never end.
    status = Status(Code::kInvalidArgument, path + ": not a regular file");
  }
  while (status.ok()) {
    const std::size_t before = text.size();
    text.resize(std::min(before + 4096, max_size + 1));
    const ssize_t got = read(file, text.data() + before, text.size() - before);
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status = Status(Code::kUnavailable, path + ": " + std::strerror(errno));
    if (got == 0) break;
    if (text.size() > max_size)
      status = Status(Code::kInvalidArgument, path + ": larger than " + std::to_string(max_size) + " bytes");
  }
  close(file);
  if (!status.ok()) return status;
  return text;
}

bool TokenFile::ReadLocked() {
  read_at_ = clock_->Now();
  Result<std::string> text = ReadSmallFile(path_, kMaxSize);
  if (!text.ok()) {
    problem_ = text.status().message();
    return false;
  }
  const std::size_t first = text->find_first_not_of(" \t\r\n");
  if (first == std::string::npos) {
    problem_ = path_ + ": empty";
    return false;
  }
  std::string token = text->substr(first, text->find_last_not_of(" \t\r\n") - first + 1);
  // It becomes a header line: a control character would end it and begin another.
  if (std::any_of(token.begin(), token.end(), [](char c) { return c <= ' ' || c > '~'; })) {
    problem_ = path_ + ": not a token";
    return false;
  }
  problem_.clear();
  const bool changed = token != token_;
  token_ = std::move(token);
  return changed;
}

Credential TokenFile::Current() {
  const std::lock_guard lock(mutex_);
  if (!read_at_ || clock_->Now() - *read_at_ >= kReadEvery) ReadLocked();
  return {token_, token_.empty(), problem_};
}

bool TokenFile::Refresh() {
  const std::lock_guard lock(mutex_);
  return ReadLocked();
}

bool InCluster() {
  return !Environment("KUBERNETES_SERVICE_HOST").empty() && !Environment("KUBERNETES_SERVICE_PORT").empty();
}

Result<std::shared_ptr<CredentialSource>> MakeInClusterCredentials(const Clock* clock, InClusterPaths paths) {
  if (paths.host.empty()) paths.host = Environment("KUBERNETES_SERVICE_HOST");
  if (paths.port.empty()) paths.port = Environment("KUBERNETES_SERVICE_PORT");
  if (paths.host.empty() || paths.port.empty()) {
    return Status(Code::kFailedPrecondition,
                  "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
  }
  const std::string host = paths.host.find(':') == std::string::npos ? paths.host : "[" + paths.host + "]";
  Result<ServerAddress> server = ParseServerUrl("https://" + host + ":" + paths.port);
  if (!server.ok()) return server.status();
  auto source = std::make_shared<InClusterCredentials>(*std::move(server), paths.folder, clock);
  if (const Credential credential = source->Current(); credential.needs_refresh) {
    return Status(Code::kFailedPrecondition,
                  "no service account token (is automountServiceAccountToken false?): " + credential.problem);
  }
  if (const Result<TlsIdentity> tls = source->Tls(); !tls.ok()) return tls.status();
  return std::shared_ptr<CredentialSource>(std::move(source));
}

}  // namespace seaworthy::api
