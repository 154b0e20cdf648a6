#include "api/kubeconfig.h"

#include <array>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/kubeconfig_source.h"
#include "support/json.h"
#include "support/yaml.h"

namespace seaworthy::api {
namespace {

using support::Node;
using support::Tree;

constexpr std::size_t kFileMaxSize = std::size_t{4} << 20;

std::string Environment(const char* name) {
  const char* value =
      std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets the environment once threads run
  return value == nullptr ? std::string() : std::string(value);
}

std::vector<std::string> DefaultFiles() {
  std::vector<std::string> files;
  const std::string list = Environment("KUBECONFIG");
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(':', begin), list.size());
    if (end > begin) files.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  if (files.empty() && list.empty()) files.push_back(Environment("HOME") + "/.kube/config");
  return files;
}

// One file, parsed. The tree's nodes are referred to by the merged view.
struct File {
  std::string path, folder;
  Tree tree;
};

// An entry of clusters, contexts or users, and the file that it stands in.
struct Entry {
  const Node* body = nullptr;
  const File* file = nullptr;
};

struct Merged {
  std::map<std::string, Entry, std::less<>> clusters, contexts, users;
  std::string current_context;
};

void AddEntries(const File& file, std::string_view list, std::string_view member,
                std::map<std::string, Entry, std::less<>>& entries) {
  for (const Node& item : file.tree.root()[list]) {
    entries.try_emplace(std::string(item["name"].text()), Entry{&item[member], &file});
  }
}

Result<std::unique_ptr<File>> Load(const std::string& path) {
  Result<std::string> text = ReadSmallFile(path, kFileMaxSize);
  if (!text.ok()) return text.status();
  auto file = std::make_unique<File>();
  file->path = path;
  const std::size_t slash = path.rfind('/');
  file->folder = slash == std::string::npos ? "." : path.substr(0, slash);
  if (Status status = support::ParseYaml(*text, file->tree); !status.ok()) {
    return Status(Code::kInvalidArgument, path + ": " + status.message());
  }
  return file;
}

std::string Absolute(const Entry& entry, std::string_view path) {
  if (path.empty() || path.front() == '/') return std::string(path);
  return entry.file->folder + "/" + std::string(path);
}

bool IsTrue(const Node& node) { return node.Bool().value_or(false); }

// REQUIRES: `inline_name` is `path_name` + "-data", as all of them are.
Result<PemSource> ReadPem(const Entry& entry, const std::string& path_name) {
  PemSource pem;
  const std::string inline_name = path_name + "-data";
  if (const std::string_view data = (*entry.body)[inline_name].text(); !data.empty()) {
    Result<std::string> decoded = DecodeBase64(data);
    if (!decoded.ok())
      return Status(Code::kInvalidArgument, entry.file->path + ": " + inline_name + ": " + decoded.status().message());
    pem.data = *std::move(decoded);
  } else {
    pem.path = Absolute(entry, (*entry.body)[path_name].text());
  }
  return pem;
}

Status ReadCluster(const Entry& entry, const std::string& name, KubeconfigContext& context) {
  const Node& cluster = *entry.body;
  const auto refuse = [&](const std::string& why) {
    return Status(Code::kInvalidArgument, entry.file->path + ": cluster " + name + ": " + why);
  };
  if (IsTrue(cluster["insecure-skip-tls-verify"])) {
    return refuse("insecure-skip-tls-verify is not supported: give the server's CA in certificate-authority instead");
  }
  if (!cluster["proxy-url"].text().empty())
    return refuse("proxy-url is not supported: give an address that is reached directly");
  Result<ServerAddress> server = ParseServerUrl(cluster["server"].text());
  if (!server.ok()) return refuse(server.status().message());
  context.server = *std::move(server);
  if (const std::string_view tls_name = cluster["tls-server-name"].text(); !tls_name.empty()) {
    // It becomes a header: only what could be a host.
    const Result<ServerAddress> as_host = ParseServerUrl("https://" + std::string(tls_name));
    if (!as_host.ok() || as_host->host.size() != tls_name.size()) return refuse("tls-server-name is not a host name");
    context.server.tls_name = as_host->host;
  }
  Result<PemSource> ca = ReadPem(entry, "certificate-authority");
  if (!ca.ok()) return ca.status();
  if (!ca->set()) {
    return refuse(
        "no certificate-authority: only the CA named there is trusted, not the system's. For a publicly signed server "
        "name the system's bundle, such as /etc/ssl/certs/ca-certificates.crt");
  }
  context.ca = *std::move(ca);
  return Status::Ok();
}

// spec.cluster of KUBERNETES_EXEC_INFO.
std::string ClusterInfo(const KubeconfigContext& context, const Node& cluster) {
  nlohmann::json info = {{"server", cluster["server"].text()}};
  if (!context.server.tls_name.empty()) info["tls-server-name"] = context.server.tls_name;
  if (!cluster["certificate-authority-data"].text().empty()) {
    info["certificate-authority-data"] = cluster["certificate-authority-data"].text();
  }
  return info.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Status ReadExec(const Entry& entry, const Node& cluster, KubeconfigContext& context) {
  const Node& exec = (*entry.body)["exec"];
  ExecSpec spec;
  spec.api_version = exec["apiVersion"].text();
  if (spec.api_version != "client.authentication.k8s.io/v1" &&
      spec.api_version != "client.authentication.k8s.io/v1beta1") {
    return Status(Code::kInvalidArgument,
                  "exec.apiVersion \"" + spec.api_version + "\" is not supported (v1 and v1beta1 are)");
  }
  spec.command = exec["command"].text();
  if (spec.command.empty()) return Status(Code::kInvalidArgument, "exec.command is empty");
  if (spec.command.find('/') != std::string::npos) spec.command = Absolute(entry, spec.command);
  if (exec["interactiveMode"].text() == "Always")
    return Status(Code::kInvalidArgument, "exec.interactiveMode Always: there is no terminal");
  for (const Node& argument : exec["args"]) spec.args.emplace_back(argument.scalar());
  for (const Node& variable : exec["env"]) spec.env.emplace_back(variable["name"].scalar(), variable["value"].scalar());
  spec.install_hint = exec["installHint"].text();
  if (IsTrue(exec["provideClusterInfo"])) spec.cluster_info = ClusterInfo(context, cluster);
  context.exec = std::move(spec);
  return Status::Ok();
}

Status ReadUser(const Entry& entry, const std::string& name, const Node& cluster, KubeconfigContext& context) {
  const Node& user = *entry.body;
  const auto refuse = [&](const std::string& why) {
    return Status(Code::kInvalidArgument, entry.file->path + ": user " + name + ": " + why);
  };
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kRefused = {{
      {"as", "impersonation is not supported"},
      {"as-uid", "impersonation is not supported"},
      {"username", "basic auth is not supported (Kubernetes removed it in 1.19)"},
      {"password", "basic auth is not supported (Kubernetes removed it in 1.19)"},
      {"auth-provider", "auth-provider is not supported (client-go removed it in 1.26): use an exec plugin"},
  }};
  for (const auto& [member, why] : kRefused) {
    if (user[member].present()) return refuse(std::string(member) + ": " + std::string(why));
  }
  Result<PemSource> certificate = ReadPem(entry, "client-certificate");
  if (!certificate.ok()) return certificate.status();
  Result<PemSource> key = ReadPem(entry, "client-key");
  if (!key.ok()) return key.status();
  if (certificate->set() != key->set()) return refuse("client-certificate and client-key go together");
  context.client_certificate = *std::move(certificate);
  context.client_key = *std::move(key);
  context.token = user["token"].text();
  context.token_file = Absolute(entry, user["tokenFile"].text());
  if (context.token.find_first_of(" \t\r\n") != std::string::npos) return refuse("the token is not one");
  if (user["exec"].is_object()) {
    if (Status status = ReadExec(entry, cluster, context); !status.ok()) return refuse(status.message());
  }
  return Status::Ok();
}

}  // namespace

Result<std::string> DecodeBase64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0, padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    std::uint32_t value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<std::uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<std::uint32_t>(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
      value = static_cast<std::uint32_t>(c - '0') + 52;
    } else if (c == '+') {
      value = 62;
    } else if (c == '/') {
      value = 63;
    } else if (c == '=' && count >= 2) {
      ++padding;
    } else {
      return Status(Code::kInvalidArgument, "not base64");
    }
    if (padding > 0 && c != '=') return Status(Code::kInvalidArgument, "not base64");
    bits = bits << 6 | value;
    if (++count < 4) continue;
    for (int byte = 0; byte < 3 - padding; ++byte) out += static_cast<char>(bits >> (16 - 8 * byte) & 0xff);
    bits = 0;
    count = 0;
  }
  if (count != 0) return Status(Code::kInvalidArgument, "not base64: cut off");
  return out;
}

Result<std::shared_ptr<CredentialSource>> MakeKubeconfigCredentials(const Clock* clock, KubeconfigOptions options) {
  const bool asked_for = !options.files.empty();
  if (!asked_for) options.files = DefaultFiles();
  std::vector<std::unique_ptr<File>> files;
  Merged merged;
  std::string missing;
  for (const std::string& path : options.files) {
    Result<std::unique_ptr<File>> file = Load(path);
    if (!file.ok()) {
      // As clientcmd: a file of the list may be missing, one that is there must be readable.
      if (file.status().code() != Code::kUnavailable || asked_for) return file.status();
      missing += (missing.empty() ? "" : "; ") + file.status().message();
      continue;
    }
    AddEntries(**file, "clusters", "cluster", merged.clusters);
    AddEntries(**file, "contexts", "context", merged.contexts);
    AddEntries(**file, "users", "user", merged.users);
    if (merged.current_context.empty()) merged.current_context = (*file)->tree.root()["current-context"].text();
    files.push_back(*std::move(file));
  }
  if (files.empty()) return Status(Code::kFailedPrecondition, "no kubeconfig: " + missing);
  const std::string name = options.context.empty() ? merged.current_context : options.context;
  if (name.empty())
    return Status(Code::kInvalidArgument, files.front()->path + ": no current-context is set; name one with --context");
  const auto context_entry = merged.contexts.find(name);
  if (context_entry == merged.contexts.end()) {
    return Status(Code::kInvalidArgument, files.front()->path + ": there is no context \"" + name + "\"");
  }
  const std::string cluster_name((*context_entry->second.body)["cluster"].text());
  const std::string user_name((*context_entry->second.body)["user"].text());
  const auto cluster = merged.clusters.find(cluster_name);
  if (cluster == merged.clusters.end()) {
    return Status(Code::kInvalidArgument, context_entry->second.file->path + ": context " + name +
                                              ": there is no cluster \"" + cluster_name + "\"");
  }
  KubeconfigContext context;
  context.description = "kubeconfig " + context_entry->second.file->path + ", context " + name;
  context.exec_limit = options.exec_limit;
  if (Status status = ReadCluster(cluster->second, cluster_name, context); !status.ok()) return status;
  if (!user_name.empty()) {
    const auto user = merged.users.find(user_name);
    if (user == merged.users.end()) {
      return Status(Code::kInvalidArgument, context_entry->second.file->path + ": context " + name +
                                                ": there is no user \"" + user_name + "\"");
    }
    if (Status status = ReadUser(user->second, user_name, *cluster->second.body, context); !status.ok()) return status;
  }
  return MakeContextSource(std::move(context), clock);
}

Result<std::shared_ptr<CredentialSource>> FindCredentials(const Clock* clock, KubeconfigOptions options) {
  if (options.files.empty() && options.context.empty() && InCluster()) return MakeInClusterCredentials(clock);
  return MakeKubeconfigCredentials(clock, std::move(options));
}

}  // namespace seaworthy::api
